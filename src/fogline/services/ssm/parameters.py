"""Parameters: what a new version is made of, how versions are shown, and which of them is meant."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from fogline.aws.call import Call
from fogline.aws.errors import NotImplementedByFogline
from fogline.aws.patterns.regex import InvalidRegex, Regex
from fogline.services.ssm.errors import (
    HierarchyTypeMismatchException,
    InvalidAllowedPatternException,
    ParameterPatternMismatchException,
    ParameterVersionNotFound,
    ValidationException,
)
from fogline.services.ssm.limits import Limits
from fogline.services.ssm.names import Asked, arn_of
from fogline.store.documents import Document

_DATA_TYPES = ("text", "aws:ec2:image", "aws:ssm:integration")
_DEFAULT_KEY = "alias/aws/ssm"


def next_version(
    call: Call, request: Mapping[str, Any], before: Document | None, limits: Limits
) -> dict[str, Any]:
    """The version that a PutParameter makes, after the one before it, if any."""
    kind = request.get("Type") or (before["type"] if before else None)
    if kind is None:
        raise ValidationException("A parameter type is required when you create a parameter.")
    if before is not None and kind != before["type"]:
        raise HierarchyTypeMismatchException()
    if request.get("Policies"):
        raise NotImplementedByFogline(service="ssm", operation="parameter policies")
    data_type = request.get("DataType") or "text"
    if data_type not in _DATA_TYPES:
        raise ValidationException(
            f"The following data type is not supported: {data_type} "
            "(Data type names are all lowercase.)"
        )
    value = request["Value"]
    _check_allowed(value, request.get("AllowedPattern") or "")
    version = {
        "type": kind,
        "value": value,
        "version": before["version"] + 1 if before else 1,
        "modified_at": call.now,
        "modified_by": call.principal.arn,
        "description": request.get("Description"),
        "allowed_pattern": request.get("AllowedPattern") or None,
        "tier": _tier(request.get("Tier"), before, value, limits),
        "data_type": data_type,
        "labels": [],
    }
    if kind == "SecureString":
        version["key_id"] = request.get("KeyId") or (before or {}).get("key_id") or _DEFAULT_KEY
    return version


def _tier(asked: str | None, before: Document | None, value: str, limits: Limits) -> str:
    was_advanced = before is not None and before["tier"] == "Advanced"
    if not value:
        raise ValidationException(
            "1 validation error detected: Value '' at 'value' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1"
        )
    if asked == "Standard" and was_advanced:
        raise ValidationException(
            "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from "
            "the advanced-parameter tier to the standard-parameter tier. If necessary, you can "
            "delete the advanced parameter and recreate it as a standard parameter."
        )
    is_large = len(value.encode("utf-8", "replace")) > limits.standard_value_max
    tier = "Standard"
    if asked == "Advanced" or was_advanced or (asked == "Intelligent-Tiering" and is_large):
        tier = "Advanced"
    if tier == "Standard" and is_large:
        raise ValidationException(
            "Standard tier parameters support a maximum parameter value of "
            f"{limits.standard_value_max} characters. To create a larger parameter value, upgrade "
            "the parameter to use the advanced-parameter tier. For more information, see "
            "https://docs.aws.amazon.com/systems-manager/latest/userguide/"
            "parameter-store-advanced-parameters.html"
        )
    if len(value.encode("utf-8", "replace")) > limits.advanced_value_max:
        raise ValidationException(
            "Advanced tier parameters support a maximum parameter value of "
            f"{limits.advanced_value_max} characters."
        )
    return tier


def _check_allowed(value: str, pattern: str) -> None:
    if not pattern:
        return
    try:
        regex = Regex(pattern)
    except InvalidRegex as error:
        raise InvalidAllowedPatternException(pattern=pattern, reason=error) from None
    if not regex.found_in(value):
        raise ParameterPatternMismatchException(pattern=pattern)


def selected(asked: Asked, versions: Sequence[Document], selector: str) -> Document:
    """The version that `:3` or `:label` means."""
    wanted = selector[1:]
    for version in versions:
        if wanted.isdecimal():
            if version["version"] == int(wanted):
                return version
        elif wanted in version["labels"]:
            return version
    kind = "version" if wanted.isdecimal() else "label"
    raise ParameterVersionNotFound(wanted=f"{kind} {wanted}", name=asked.shown)


# ---- as answers show them


def shown(call: Call, asked: Asked, version: Document, is_decrypted: bool) -> dict[str, Any]:
    """A `Parameter`."""
    result = {
        "Name": asked.shown,
        "Type": version["type"],
        "Value": value_of(asked.key, version, is_decrypted),
        "Version": version["version"],
        "LastModifiedDate": version["modified_at"],
        "ARN": arn_of(call, asked.key),
        "DataType": version["data_type"],
    }
    if asked.selector:
        result["Selector"] = asked.selector
    return result


def described(call: Call, key: str, version: Document) -> dict[str, Any]:
    """A `ParameterMetadata`."""
    result = {
        "Name": key,
        "ARN": arn_of(call, key),
        "Type": version["type"],
        "LastModifiedDate": version["modified_at"],
        "LastModifiedUser": version["modified_by"],
        "Version": version["version"],
        "Tier": version["tier"],
        "Policies": [],
        "DataType": version["data_type"],
    }
    for member, name in (
        ("KeyId", "key_id"),
        ("Description", "description"),
        ("AllowedPattern", "allowed_pattern"),
    ):
        if version.get(name) is not None:
            result[member] = version[name]
    return result


def value_of(key: str, version: Document, is_decrypted: bool) -> str:
    """The value, sealed where it is a secret and nobody asked to see it.

    What is shown instead stands for the ciphertext: the same for the same version, and nothing
    that the value could be read from.
    """
    if version["type"] != "SecureString" or is_decrypted:
        return str(version["value"])
    facts = f"{key}\n{version['version']}\n{version['modified_at']}\n{version['value']}"
    digest = hashlib.shake_256(facts.encode("utf-8", "replace")).digest(120)
    return b64encode(b"\x01\x02\x02\x00\x78" + digest).decode()
