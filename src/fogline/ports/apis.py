"""Calls of APIs that users have here, by the ARN of a method: answered by whatever serves the API.

For who sends events to them (rules, pipes): https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-gateway-target.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from fogline.aws.call import Trace
from fogline.background.outgoing import Answer
from fogline.ports.http import InnerCaller


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call. `arn` is `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{method}/{path}`.

    `http_parameters` are a target's HttpParameters (`PathParameterValues` for each `*` of the path, `HeaderParameters`,
    `QueryStringParameters`), {} for none. `source_arn` names what calls: a rule, a pipe.
    """

    arn: str
    body: bytes
    http_parameters: Mapping[str, Any]
    caller: InnerCaller
    source_arn: str
    trace: Trace
    timeout_seconds: float


class InvokedApis(Protocol):
    """Makes such calls. All of it belongs to the event loop's thread."""

    async def call(self, call: ApiCall) -> Answer:
        """One attempt and its answer, whatever its status: 403 where there is no such API or stage.

        Raises CallRefused (`ports/api_destinations.py`) for what can be no request, and OutgoingFailed when there was
        no answer in time.
        """
