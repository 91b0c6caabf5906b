"""What a Task's Resource asks for: a function, an activity, or an action of a service in one of three patterns.

Source: the developer guide, "Integrating services", "Service integration patterns" and "AWS SDK integrations".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from fogline.aws.arn import find_arn

PARSED_MAX = 4_096


class Pattern(StrEnum):
    """What a task waits for: the answer, the end of the job (in its second form with JSON output), or a token."""

    REQUEST_RESPONSE = ""
    SYNC = ".sync"
    SYNC_2 = ".sync:2"
    WAIT_FOR_TASK_TOKEN = ".waitForTaskToken"  # noqa: S105 - the name of a pattern

    @property
    def waits(self) -> bool:
        """Whether the task goes on after the answer of the service. Express machines cannot."""
        return self is not Pattern.REQUEST_RESPONSE


class Kind(StrEnum):
    FUNCTION = "function"
    ACTIVITY = "activity"
    OPTIMIZED = "optimized"
    SDK = "aws-sdk"


@dataclass(frozen=True, slots=True)
class Resource:
    """A Resource taken apart. A function is (lambda, invoke), an activity (states, activity): `arn` says which."""

    arn: str
    kind: Kind
    service: str
    action: str
    pattern: Pattern = Pattern.REQUEST_RESPONSE


class NotAResource(ValueError):
    """The text is no ARN of anything a Task can run."""


_PARTITIONS = frozenset({"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-eusc"})
_INTEGRATION = re.compile(
    r"(?:(aws-sdk):)?(?!aws-sdk:)([A-Za-z0-9_-]{1,64}):([A-Za-z0-9_]{1,128})(\.sync:2|\.sync|\.waitForTaskToken)?"
)


@lru_cache(PARSED_MAX)
def parse_resource(text: str) -> Resource:
    """The resource that the text names. Raises NotAResource; whether AWS offers it is another question."""
    arn = find_arn(text)
    if arn is None or arn.partition not in _PARTITIONS:
        raise NotAResource(text)
    if arn.service == "lambda" and arn.resource.startswith("function:"):
        return Resource(text, Kind.FUNCTION, "lambda", "invoke")
    if arn.service != "states":
        raise NotAResource(text)
    if arn.resource.startswith("activity:") and len(arn.resource) > len("activity:"):
        return Resource(text, Kind.ACTIVITY, "states", "activity")
    parts = _INTEGRATION.fullmatch(arn.resource)
    if parts is None:
        raise NotAResource(text)
    sdk, service, action, suffix = parts.groups()
    kind = Kind.SDK if sdk else Kind.OPTIMIZED
    return Resource(text, kind, service, action, Pattern(suffix or ""))
