"""Stack policies: what an update may do to which resource."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from fogline.aws.call import Call
from fogline.aws.policy.documents import InvalidPolicy, Policy, read_policy
from fogline.aws.policy.requests import Request
from fogline.aws.policy.statements import listed
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.foundation import Cloudformation

_ACTIONS = ("Update:Modify", "Update:Replace", "Update:Delete", "Update:*")
_INVALID = "Error validating stack policy: Invalid stack policy"


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
        document = json.loads(text)
        if not isinstance(document, dict) or not _is_of_stacks(document.get("Statement", [])):
            raise ValidationError(_INVALID)
        read_policy(document, is_of_resource=True)
    except (ValueError, RecursionError):
        raise ValidationError(_INVALID) from None


def _is_of_stacks(statements: Any) -> bool:
    return isinstance(statements, dict | list) and all(
        _is_statement(each) for each in listed(statements)
    )


def _is_statement(statement: Any) -> bool:
    if not isinstance(statement, dict) or statement.get("Principal") != "*":
        return False
    actions = listed(statement.get("Action", statement.get("NotAction")))
    if not actions or not all(action in _ACTIONS for action in actions):
        return False
    resources = listed(statement.get("Resource", statement.get("NotResource")))
    return bool(resources) and all(
        each == "*" or (isinstance(each, str) and each.startswith("LogicalResourceId/"))
        for each in resources
    )


def denial(text: str, action: str, logical_id: str, type_name: str) -> str:
    """Why a policy does not let `action` be done to a resource; "" if it does.

    A policy that says nothing of a resource protects it.
    """
    try:
        statements = _read(text).statements if text else ()
    except InvalidPolicy:
        return _INVALID
    if not statements:
        return ""
    name = f"LogicalResourceId/{logical_id}"
    request = Request(action, name, keys={"resourcetype": type_name})
    is_allowed = False
    for index, statement in enumerate(statements):
        if not statement.applies(request):
            continue
        if statement.is_denial:
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


@lru_cache(64)
def _read(text: str) -> Policy:
    return read_policy(json.loads(text), is_of_resource=True)
