"""Calls of HTTP endpoints with the authorization that a connection holds: answered by EventBridge.

For whoever needs the answer at once (a pipe's enrichment, a state that calls an HTTP endpoint). Deliveries that need
no answer go through `ports/targets.py`, where the ARN of an API destination is a target as any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fogline.aws.call import Trace
from fogline.background.outgoing import Answer


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One request that is to leave: all that goes over the wire, but what the client itself adds."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""


class CallRefused(Exception):
    """The call was not made: no such destination or connection, no authorization to be had, or too many calls.

    `code` is one of EventBridge's (`ERROR_CODE`). `is_lasting` says that to try again would not help; `retry_at` (ms)
    says when it may, where that is known.
    """

    def __init__(
        self, reason: str, *, code: str, is_lasting: bool = False, retry_at: int | None = None
    ) -> None:
        super().__init__(reason)
        self.code = code
        self.is_lasting = is_lasting
        self.retry_at = retry_at


class ApiDestinations(Protocol):
    """Makes HTTP calls. All of it belongs to the event loop's thread."""

    async def call(
        self, arn: str, body: bytes, http_parameters: Mapping[str, Any], trace: Trace
    ) -> Answer:
        """One attempt to call an API destination, and its answer, whatever its status.

        `http_parameters` are a target's HttpParameters (`PathParameterValues`, `HeaderParameters`,
        `QueryStringParameters`), {} for none. An expired token is renewed before; one that the endpoint refuses (401,
        407) is renewed, and the call made once more. Raises CallRefused, also when the destination's rate limit is
        reached, and OutgoingFailed when there was no answer.
        """

    async def authorize(
        self, connection_arn: str, call: HttpCall, *, renew: bool = False
    ) -> HttpCall:
        """The call with its connection's header, query and body parameters, and its authorization.

        `renew` says that the token it was given before has been refused. Raises CallRefused.
        """
