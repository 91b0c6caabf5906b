"""Stack policies: what an update may do to which resource."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.foundation import Cloudformation

_ACTIONS = ("Update:Modify", "Update:Replace", "Update:Delete", "Update:*")
_EFFECTS = ("Allow", "Deny")


def policy_text(cf: Cloudformation, call: Call, body: str | None, url: str | None) -> str:
    """The policy a request brings, by body or by URL; "" if it brings none."""
    if body is not None and url is not None:
        raise ValidationError("You cannot specify both StackPolicyURL and StackPolicyBody")
    if body is not None:
        return body
    return cf.outside(call).template(url) if url else ""


def check_policy(text: str) -> None:
    """Raises ValidationError unless `text` is a stack policy."""
    try:
        policy = json.loads(text)
    except ValueError:
        policy = None
    statements = policy.get("Statement", []) if isinstance(policy, dict) else None
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not all(_is_statement(each) for each in statements):
        raise ValidationError("Error validating stack policy: Invalid stack policy")


def _is_statement(statement: Any) -> bool:
    if not isinstance(statement, dict) or statement.get("Effect") not in _EFFECTS:
        return False
    if statement.get("Principal") != "*":
        return False
    actions = _listed(statement.get("Action", statement.get("NotAction")))
    if not actions or not all(action in _ACTIONS for action in actions):
        return False
    resources = _listed(statement.get("Resource", statement.get("NotResource")))
    return bool(resources) and all(
        each == "*" or (isinstance(each, str) and each.startswith("LogicalResourceId/"))
        for each in resources
    )


def denial(text: str, action: str, logical_id: str, type_name: str) -> str:
    """Why a policy does not let `action` be done to a resource; "" if it does.

    A policy that says nothing of a resource protects it.
    """
    policy = json.loads(text) if text else {}
    statements = policy.get("Statement") or []
    if isinstance(statements, dict):
        statements = [statements]
    if not text or not statements:
        return ""
    name = f"LogicalResourceId/{logical_id}"
    is_allowed = False
    for index, statement in enumerate(statements):
        if not _applies(statement, action, name, type_name):
            continue
        if statement["Effect"] == "Deny":
            return (
                f"Action denied by stack policy: Statement [#{index + 1}] does not allow "
                f"[{action}] for resource [{name}]"
            )
        is_allowed = True
    return (
        ""
        if is_allowed
        else f"Action not allowed by stack policy: [{action}] for resource [{name}]"
    )


def _applies(statement: Mapping[str, Any], action: str, name: str, type_name: str) -> bool:
    if "Action" in statement:
        if not _any_matches(statement["Action"], action):
            return False
    elif _any_matches(statement.get("NotAction"), action):
        return False
    if "Resource" in statement:
        if not _any_matches(statement["Resource"], name):
            return False
    elif _any_matches(statement.get("NotResource"), name):
        return False
    for operator, tests in (statement.get("Condition") or {}).items():
        wanted = _listed(tests.get("ResourceType"))
        has_wildcards = "Like" in operator
        matches = any(
            _matches(each, type_name) if has_wildcards else each == type_name for each in wanted
        )
        if matches == operator.startswith("StringNot"):
            return False
    return True


def _any_matches(patterns: Any, text: str) -> bool:
    return any(_matches(each, text) for each in _listed(patterns))


def _matches(pattern: str, text: str) -> bool:
    """True if `*` (any text) and `?` (any character) let the pattern stand for the text.

    Only the last `*` is ever tried again, which is enough, and keeps the work within the product of the lengths.
    """
    at = place = resume = 0
    star = -1
    while place < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, place
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[place]):
            at += 1
            place += 1
        elif star >= 0:
            resume += 1
            at, place = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("*")


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
