"""Requests in a service's own protocol, as users' API integrations spell them: answered by the gateway's codecs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fogline.aws.call import Call


@dataclass(slots=True)
class AwsRequest:
    """An HTTP request for a service, before it is signed.

    `service` is the name in its addresses and signatures (`dynamodb`, `states`). Where `action` is given, the request
    is what the service's protocol makes of that and of the body; else path, query and headers say what is asked.
    """

    service: str
    action: str = ""
    method: str = "POST"
    path: str = "/"
    query: Sequence[tuple[str, str]] = ()
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    subdomain: str = ""
    """What stands before the service's name in its host: a bucket."""


@dataclass(frozen=True, slots=True)
class AwsAnswer:
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


class NoSuchService(Exception):
    """No service is called so, or it has no such action."""


class AwsRequests(Protocol):
    async def send(self, request: AwsRequest, cause: Call, body_bytes_max: int) -> AwsAnswer:
        """Perform a request for the caller that `cause` names, in its region; returns after the commit.

        Raises NoSuchService. An answer is cut off after `body_bytes_max` bytes.
        """
