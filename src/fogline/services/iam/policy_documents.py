"""Policy documents: what IAM refuses before it keeps one.

Texts: recorded answers. What a policy allows is not judged here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fogline.aws.policy.conditions import is_operator
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
_VENDOR = re.compile(r"[a-zA-Z0-9.-]*")
_ACCOUNT = re.compile(r"[a-zA-Z0-9*?${}:.-]*")
_SECONDS = re.compile(r"-?\d{1,20}")
_DATE = re.compile(
    r"\d{1,4}(?:-(?:0?[1-9]|1[0-2])(?:-(?:0?[1-9]|[12]\d|3[01]))?)?"
    r"(?:[tT](?:\d{1,2}(?::\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?(?:[zZ]|[+-]\d{2}(?::?\d{2})?)?)?)?"
)
_LEGACY = "The policy failed legacy parsing"
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


def check_policy(text: str, *, is_inline: bool = False) -> None:
    """Raises MalformedPolicyDocument unless `text` is a policy for an identity.

    Inline policies may be of the older version, and say none: the serverless transform makes such.
    The order of the checks is AWS's, as far as documents with two faults show it.
    """
    document = _document(text, "Syntax errors in policy.")
    statements = list(_statements(document, _ELEMENTS))
    version = document.get("Version")
    if not is_inline and version in (None, "2008-10-17"):
        # Older documents may be kept, but not be the whole of a new policy.
        raise MalformedPolicyDocument("Policy document must be version 2012-10-17 or greater.")
    for statement in statements:
        _check_legacy(statement)
    _check_sids(statements)
    for statement in statements:
        for resource in _names(statement, "Resource"):
            _check_resource(resource)
        _check_names(statement, "Action", "actions", _check_action)
        _check_names(statement, "Resource", "resources", lambda resource: None)


def check_trust_policy(text: str) -> None:
    """Raises MalformedPolicyDocument unless `text` can say who may assume a role."""
    document = _document(text, "This policy contains invalid Json")
    statements = list(_statements(document, _TRUST_ELEMENTS))
    _check_sids(statements)
    for statement in statements:
        _check_legacy(statement)
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
    if not document.keys() <= _TOP or not isinstance(document.get("Id", ""), str):
        raise MalformedPolicyDocument()
    if "Statement" not in document:
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
    effect = statement.get("Effect")
    if not isinstance(effect, str) or effect.lower() not in ("allow", "deny"):
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
        isinstance(block, dict)
        and (not block or is_operator(operator))
        and all(_is_condition_value(each) for each in block.values())
        for operator, block in value.items()
    )


def _is_condition_value(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return all(isinstance(each, str | bool | int | float) for each in values)


def _check_legacy(statement: Statement) -> None:
    """What only an older parser of AWS's finds."""
    if statement["Effect"] not in ("Allow", "Deny"):
        raise MalformedPolicyDocument(_LEGACY)
    for operator, block in statement.get("Condition", {}).items():
        if "date" not in operator.lower():
            continue
        for value in block.values():
            for each in value if isinstance(value, list) else [value]:
                if not _is_date(str(each)):
                    raise MalformedPolicyDocument(_LEGACY)


def _is_date(text: str) -> bool:
    if "${" in text:
        return True
    if _SECONDS.fullmatch(text):
        return -(2**63) <= int(text) < 2**63
    return _DATE.fullmatch(text) is not None


def _check_sids(statements: list[Statement]) -> None:
    sids = [statement["Sid"] for statement in statements if statement.get("Sid")]
    if len(set(sids)) < len(sids):
        raise MalformedPolicyDocument("Statement IDs (SID) in a single policy must be unique.")


def _names(statement: Statement, name: str) -> list[str]:
    given = statement.get(name, statement.get(f"Not{name}", []))
    return [given] if isinstance(given, str) else list(given)


def _check_names(
    statement: Statement, name: str, plural: str, check: Callable[[str], None]
) -> None:
    names = _names(statement, name)
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
    if ":" not in resource:
        raise MalformedPolicyDocument(f'Resource {resource} must be in ARN format or "*".')
    # What is missing at the end counts as a wildcard, and what is at the front does not count at all.
    parts = ["arn", *resource.split(":", 5)[1:]]
    parts += ["*"] * (6 - len(parts))
    _, partition, vendor, region, account, path = parts
    if partition not in _PARTITIONS:
        raise MalformedPolicyDocument(
            f'Partition "{partition}" is not valid for resource "{":".join(parts)}".'
        )
    if not vendor or _ACCOUNT.fullmatch(account) is None:
        raise MalformedPolicyDocument(_LEGACY)
    if "*" in vendor or "?" in vendor:
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
    elif vendor in _NO_REGION and region not in ("", "*") and not account:
        raise MalformedPolicyDocument(f"Resource {resource} can not contain region information.")
