"""Policy documents: what IAM refuses before it keeps one.

Texts: recorded answers. What a policy allows is not judged here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fogline.services.iam.errors import MalformedPolicyDocument

Statement = Mapping[str, Any]

_VERSIONS = ("2012-10-17", "2008-10-17")
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-eusc", "*")
_TOP = frozenset(("Version", "Id", "Statement"))
_ELEMENTS = frozenset(
    ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
)
_TRUST_ELEMENTS = _ELEMENTS | {"Principal", "NotPrincipal"}
_SID = re.compile(r"[A-Za-z0-9]*")
_VENDOR = re.compile(r"[a-zA-Z0-9-]*")
_IAM_ROOTS = (
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
)
_NO_REGION = ("s3",)


def check_policy(text: str) -> None:
    """Raises MalformedPolicyDocument unless `text` is a policy for an identity."""
    document = _document(text, "Syntax errors in policy.")
    statements = list(_statements(document, _ELEMENTS))
    version = document.get("Version")
    if version is None or version == "2008-10-17":
        # Older documents may be kept, but not be the whole of a new policy.
        raise MalformedPolicyDocument("Policy document must be version 2012-10-17 or greater.")
    _check_sids(statements)
    for statement in statements:
        _check_names(statement, "Action", "actions", _check_action)
        _check_names(statement, "Resource", "resources", _check_resource)


def check_trust_policy(text: str) -> None:
    """Raises MalformedPolicyDocument unless `text` can say who may assume a role."""
    document = _document(text, "This policy contains invalid Json")
    statements = list(_statements(document, _TRUST_ELEMENTS))
    _check_sids(statements)
    for statement in statements:
        if "Resource" in statement or "NotResource" in statement:
            raise MalformedPolicyDocument("Has prohibited field Resource")
        if "Principal" not in statement and "NotPrincipal" not in statement:
            raise MalformedPolicyDocument("Missing required field Principal")
        _check_names(statement, "Action", "actions", _check_trust_action)


def _document(text: str, complaint: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise MalformedPolicyDocument(complaint) from None
    if not isinstance(document, dict):
        raise MalformedPolicyDocument()
    return document


def _statements(document: Mapping[str, Any], elements: frozenset[str]) -> Iterator[Statement]:
    if not document.keys() <= _TOP or "Statement" not in document:
        raise MalformedPolicyDocument()
    if "Version" in document and document["Version"] not in _VERSIONS:
        raise MalformedPolicyDocument()
    given = document["Statement"]
    statements = given if isinstance(given, list) else [given]
    if not statements:
        raise MalformedPolicyDocument()
    for statement in statements:
        _check_shape(statement, elements)
        yield statement


def _check_shape(statement: Any, elements: frozenset[str]) -> None:
    if not isinstance(statement, dict) or not statement.keys() <= elements:
        raise MalformedPolicyDocument()
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise MalformedPolicyDocument()
    for one, other in (("Action", "NotAction"), ("Resource", "NotResource")):
        if one in statement and other in statement:
            raise MalformedPolicyDocument()
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if name in statement and not _is_names(statement[name]):
            raise MalformedPolicyDocument()
    sid = statement.get("Sid", "")
    if not isinstance(sid, str) or _SID.fullmatch(sid) is None:
        raise MalformedPolicyDocument()
    if not _is_condition(statement.get("Condition", {})):
        raise MalformedPolicyDocument()


def _is_names(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(each, str) for each in value)
    )


def _is_condition(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(block, dict) and all(_is_condition_value(each) for each in block.values())
        for block in value.values()
    )


def _is_condition_value(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return all(isinstance(each, str | bool | int | float) for each in values)


def _check_sids(statements: list[Statement]) -> None:
    sids = [statement["Sid"] for statement in statements if statement.get("Sid")]
    if len(set(sids)) < len(sids):
        raise MalformedPolicyDocument("Statement IDs (SID) in a single policy must be unique.")


def _check_names(
    statement: Statement, name: str, plural: str, check: Callable[[str], None]
) -> None:
    given = statement.get(name, statement.get(f"Not{name}"))
    names = [given] if isinstance(given, str) else given
    if not names:
        raise MalformedPolicyDocument(f"Policy statement must contain {plural}.")
    for each in names:
        check(each)


def _check_action(action: str) -> None:
    if action == "*":
        return
    vendor, colon, name = action.partition(":")
    if not colon or (not name and not vendor):
        raise MalformedPolicyDocument(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
        )
    if _VENDOR.fullmatch(vendor) is None:
        raise MalformedPolicyDocument(f"Vendor {vendor} is not valid")
    if ":" in name:
        raise MalformedPolicyDocument("Actions/Condition can contain only one colon.")


def _check_trust_action(action: str) -> None:
    if action != "*" and not action.lower().startswith("sts:"):
        raise MalformedPolicyDocument("AssumeRole policy may only specify STS AssumeRole actions.")


def _check_resource(resource: str) -> None:
    if resource == "*":
        return
    parts = resource.split(":", 5)
    if (parts[0] != "arn" and parts[0] != "*") or len(parts) < 2:
        raise MalformedPolicyDocument(f'Resource {resource} must be in ARN format or "*".')
    if parts[1] not in _PARTITIONS:
        raise MalformedPolicyDocument(
            f'Partition "{parts[1]}" is not valid for resource "{":".join(parts + ["*"] * (6 - len(parts)))}".'
        )
    if len(parts) < 6:
        raise MalformedPolicyDocument("The policy failed legacy parsing")
    vendor, region, path = parts[2], parts[3], parts[5]
    if ("*" in vendor or "?" in vendor) and vendor != "*":
        raise MalformedPolicyDocument(
            "Resource vendor must be fully qualified and cannot contain regexes."
        )
    if vendor == "iam":
        if region and region != "*":
            raise MalformedPolicyDocument(
                f"IAM resource {resource} cannot contain region information."
            )
        if path not in ("*", "root") and not path.startswith((*_IAM_ROOTS, "*")):
            raise MalformedPolicyDocument(
                'IAM resource path must either be "*", root, or start with '
                + ", ".join(_IAM_ROOTS)
                + "."
            )
    elif vendor in _NO_REGION and region and region != "*":
        raise MalformedPolicyDocument(f"Resource {resource} can not contain region information.")
