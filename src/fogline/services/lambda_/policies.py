"""Statements of resource policies, as Lambda writes them from the parts it is given."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fogline.aws.arn import find_arn
from fogline.aws.policy.statements import account_principal
from fogline.services.lambda_.errors import InvalidParameterValueException

# The member of the request, the operator and the key of the condition.
_CONDITIONS = (
    ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
    ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
    ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
    ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
    ("InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"),
    ("SourceArn", "ArnLike", "AWS:SourceArn"),
)


def function_statement(resource: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """The statement that AddPermission asks for. Raises InvalidParameterValueException."""
    statement: dict[str, Any] = {
        "Sid": request["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(request["Principal"]),
        "Action": request["Action"],
        "Resource": resource,
    }
    condition: dict[str, dict[str, str]] = {}
    for member, operator, key in _CONDITIONS:
        value = request.get(member)
        if value:
            text = "true" if value is True else str(value)
            condition.setdefault(operator, {})[key] = text
    if condition:
        statement["Condition"] = condition
    return statement


def layer_statement(resource: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """The statement that AddLayerVersionPermission asks for."""
    statement: dict[str, Any] = {
        "Sid": request["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(request["Principal"]),
        "Action": request["Action"],
        "Resource": resource,
    }
    if request.get("OrganizationId"):
        statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": request["OrganizationId"]}}
    return statement


def _principal(text: str) -> str | dict[str, str]:
    if text == "*":
        return text
    if text.isascii() and text.isdigit() and len(text) == 12:
        return {"AWS": account_principal(text)}
    if find_arn(text) is not None:
        return {"AWS": text}
    if "." in text and " " not in text:
        return {"Service": text}
    raise InvalidParameterValueException(
        "The provided principal was invalid. Please check the principal and try again."
    )


def policy_text(statements: Sequence[Mapping[str, Any]]) -> str:
    """The whole policy."""
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
    return json.dumps(policy, separators=(",", ":"))
