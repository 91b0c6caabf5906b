"""Context objects that a test brings along: which members they may have, and in AWS's words which not.

Recorded: test_state_context_object_validation_failures.
"""

from __future__ import annotations

from typing import Any

from fogline.aws.errors import ValidationException
from fogline.services.stepfunctions.state_testing.texts import find_object

_STRING, _NUMBER, _ANY = "a string", "a number", ""
_MEMBERS: dict[str, dict[str, str]] = {
    "Execution": {
        "Id": _STRING,
        "Input": _ANY,
        "Name": _STRING,
        "RedriveCount": _NUMBER,
        "RedriveTime": _STRING,
        "RoleArn": _STRING,
        "StartTime": _STRING,
    },
    "State": {"EnteredTime": _STRING, "Name": _STRING, "RetryCount": _NUMBER},
    "StateMachine": {"Id": _STRING, "Name": _STRING},
    "Task": {"Token": _STRING},
}
_MAP = "'Map' field is not supported when mocking a Context object"


def read_context(text: str) -> dict[str, Any]:
    """The context object. Raises ValidationException."""
    context = find_object(text)
    if context is None:
        raise _refused("It must be a JSON object")
    for name, value in context.items():
        if name == "Map":
            raise _refused(_MAP)
        members = _MEMBERS.get(name)
        if members is None:
            raise _refused(f"Field '{name}' is not allowed")
        if not isinstance(value, dict):
            raise _refused(f"{name} must be an object")
        _check_members(name, value, members)
    return context


def _check_members(name: str, value: dict[str, Any], members: dict[str, str]) -> None:
    for member, each in value.items():
        if member not in members:
            raise _refused(f"Field '{member}' is not allowed")
        kind = members[member]
        if (kind is _STRING and not isinstance(each, str)) or (
            kind is _NUMBER and (isinstance(each, bool) or not isinstance(each, int | float))
        ):
            raise _refused(f"{name}.{member} must be {kind}")


def _refused(reason: str) -> ValidationException:
    return ValidationException(f"Invalid Context object provided: {reason}")
