"""Calls of HTTP endpoints with the authorization that a connection holds: answered by EventBridge.

For whoever needs the answer at once (a pipe's enrichment, a state that invokes an HTTP endpoint). Deliveries that need no
answer go through `ports/targets.py`, where the ARN of an API destination is a target as any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from fogline.aws.call import Trace
from fogline.background.outgoing import Answer


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One request that is to leave: all that goes over the wire, but the headers the client itself adds."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""


class NotAuthorized(Exception):
    """A connection or an API destination is missing, or the connection has no authorization to give.

    `code` is one of EventBridge's (`ERROR_CODE`): to try again helps only when `is_lasting` is false.
    """

    def __init__(
        self, reason: str, *, code: str = "SDK_CLIENT_ERROR", is_lasting: bool = True
    ) -> None:
        super().__init__(reason)
        self.code = code
        self.is_lasting = is_lasting


class ApiDestinations(Protocol):
    """Makes HTTP calls. All of it belongs to the event loop's thread."""

    async def call(
        self, arn: str, body: bytes, http_parameters: Mapping[str, Any], trace: Trace
    ) -> Answer:
        """One attempt to call an API destination, and its answer, whatever its status.

        `http_parameters` are a target's HttpParameters (`PathParameterValues`, `HeaderParameters`,
        `QueryStringParameters`), {} for none. An expired OAuth token is renewed, also when the endpoint answers 401
        or 407; then the call is made once more. The destination's rate limit holds: waits for a place at most as
        long as a call may take. Raises NotAuthorized, and OutgoingFailed when there was no answer.
        """

    async def authorize(
        self, connection_arn: str, call: HttpCall, *, renew: bool = False
    ) -> HttpCall:
        """The call with the connection's headers, query and body parameters and its authorization.

        `renew` says that the token used before was refused. Raises NotAuthorized.
        """
