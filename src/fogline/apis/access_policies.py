"""Access policies: whether a document that an authorizer returned lets a caller invoke a method.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

_STATEMENTS_MAX = 1_000
_ACTION = "execute-api:invoke"


class Decision(Enum):
    ALLOWED = "allowed"
    DENIED = "denied"
    """By a statement that says so."""
    NOT_ALLOWED = "not allowed"


class InvalidPolicy(ValueError):
    """The document is no policy, or says what is not understood here."""


def decide(policy: Any, arn: str) -> Decision:
    """What the policy says of invoking the method of that ARN. Raises InvalidPolicy."""
    if not isinstance(policy, Mapping):
        raise InvalidPolicy("the policy is no object")
    decision = Decision.NOT_ALLOWED
    for statement in _listed(policy.get("Statement"))[:_STATEMENTS_MAX]:
        if not isinstance(statement, Mapping) or statement.get("Effect") not in ("Allow", "Deny"):
            raise InvalidPolicy("a statement has no effect")
        if not _applies(statement, arn):
            continue
        if statement.get("Condition"):
            raise InvalidPolicy("Fogline does not evaluate conditions of authorizers' policies yet")
        if statement["Effect"] == "Deny":
            return Decision.DENIED
        decision = Decision.ALLOWED
    return decision


def _applies(statement: Mapping[str, Any], arn: str) -> bool:
    return _names(statement, "Action", _ACTION, folded=True) and _names(statement, "Resource", arn)


def _names(statement: Mapping[str, Any], member: str, wanted: str, *, folded: bool = False) -> bool:
    for name, is_meant in ((member, True), (f"Not{member}", False)):
        if name in statement:
            patterns = _listed(statement[name])
            if not all(isinstance(each, str) for each in patterns):
                raise InvalidPolicy(f"{name} is no text")
            return is_meant == any(
                is_like(each.lower() if folded else each, wanted) for each in patterns
            )
    raise InvalidPolicy(f"a statement has no {member}")


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def is_like(pattern: str, text: str) -> bool:
    """True if the text is like a pattern with `*` and `?`; takes no longer than their lengths multiplied."""
    at = place = 0
    star = mark = -1
    while at < len(text):
        if place < len(pattern) and pattern[place] == "*":
            star, mark = place, at
            place += 1
        elif place < len(pattern) and pattern[place] in ("?", text[at]):
            place += 1
            at += 1
        elif star >= 0:
            mark += 1
            place, at = star + 1, mark
        else:
            return False
    return all(letter == "*" for letter in pattern[place:])
