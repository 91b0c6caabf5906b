"""Parameters: what a template declares, what is given, and the values that follow or are refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from fogline.aws.patterns.regex import InvalidRegex
from fogline.ports.resources import text as as_text
from fogline.services.cloudformation.allowed_pattern import allowed_pattern
from fogline.services.cloudformation.dynamic_references import Lookup
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.limits import LIMITS

MASK = "****"

_SSM_VALUE = re.compile(r"AWS::SSM::Parameter::Value<(.+)>\Z")
_LIST = re.compile(r"List<(.+)>\Z")
_ELEMENT_TYPES = frozenset(
    ("String", "Number", "AWS::EC2::AvailabilityZone::Name", "AWS::EC2::Image::Id", "AWS::EC2::Instance::Id",
     "AWS::EC2::KeyPair::KeyName", "AWS::EC2::SecurityGroup::GroupName", "AWS::EC2::SecurityGroup::Id",
     "AWS::EC2::Subnet::Id", "AWS::EC2::Volume::Id", "AWS::EC2::VPC::Id", "AWS::Route53::HostedZone::Id")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter with its value."""

    name: str
    given: str
    """The value as text: what was given, what was there before, or the default."""
    value: Any
    """What Ref gives: text, or a list."""
    is_hidden: bool = False
    resolved: str | None = None
    """For parameters that name an SSM parameter: that one's value."""

    def described(self) -> dict[str, str]:
        """As DescribeStacks shows it."""
        shown = {
            "ParameterKey": self.name,
            "ParameterValue": MASK if self.is_hidden else self.given,
        }
        if self.resolved is not None:
            shown["ResolvedValue"] = MASK if self.is_hidden else self.resolved
        return shown


def kept(parameters: Mapping[str, Parameter]) -> dict[str, dict[str, Any]]:
    """Parameters as they are kept in a row."""
    return {
        name: {
            "given": each.given,
            "value": each.value,
            "is_hidden": each.is_hidden,
            "resolved": each.resolved,
        }
        for name, each in parameters.items()
    }


def restored(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Parameter]:
    """What `kept` kept."""
    return {
        name: Parameter(name, row["given"], row["value"], row["is_hidden"], row["resolved"])
        for name, row in rows.items()
    }


def resolve_parameters(
    declared: Mapping[str, Mapping[str, Any]],
    given: Sequence[Mapping[str, Any]],
    previous: Mapping[str, str] | None,
    lookup: Lookup,
) -> dict[str, Parameter]:
    """The value of every declared parameter.

    `given` is the Parameters member of a request; `previous` the texts of the stack's present parameters.
    """
    texts = _given_texts(declared, given, previous)
    missing: list[str] = []
    resolved: dict[str, Parameter] = {}
    for name, declaration in declared.items():
        text = texts.get(name)
        if text is None and "Default" in declaration:
            text = _default_text(name, declaration)
        if text is None:
            missing.append(name)
            continue
        resolved[name] = _parameter(name, declaration, text, lookup)
    if missing:
        raise ValidationError(f"Parameters: [{', '.join(missing)}] must have values")
    return resolved


def _given_texts(
    declared: Mapping[str, Mapping[str, Any]],
    given: Sequence[Mapping[str, Any]],
    previous: Mapping[str, str] | None,
) -> dict[str, str]:
    # The model lets a parameter come without its key, which is no parameter of any template.
    names = {item.get("ParameterKey") or "null" for item in given}
    unknown = sorted(name for name in names if name not in declared)
    if unknown:
        raise ValidationError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    texts: dict[str, str] = {}
    for item in given:
        name = item["ParameterKey"]
        if name in texts:
            raise ValidationError(f"Duplicate parameter key: {name}")
        if item.get("UsePreviousValue"):
            if item.get("ParameterValue") is not None:
                raise ValidationError(
                    f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true and "
                    "non empty value for a parameter"
                )
            if previous is None or name not in previous:
                raise ValidationError(
                    f"Invalid input for parameter key {name}. Cannot specify usePreviousValue as true for a parameter "
                    "key not in the previous template"
                )
            texts[name] = previous[name]
        elif item.get("ParameterValue") is not None:
            texts[name] = item["ParameterValue"]
        else:
            raise ValidationError(
                f"Invalid input for parameter key {name}. Need to specify either usePreviousValue as true or a value "
                "for the parameter"
            )
    return texts


def _default_text(name: str, declaration: Mapping[str, Any]) -> str:
    default = declaration["Default"]
    if isinstance(default, dict | list) or default is None:
        raise ValidationError(
            f"Template format error: Every Default member must be a string. (parameter {name})"
        )
    return as_text(default)


def _parameter(name: str, declaration: Mapping[str, Any], text: str, lookup: Lookup) -> Parameter:
    if len(text.encode()) > LIMITS.parameter_value_bytes_max:
        raise ValidationError(
            f"Parameter '{name}' must not exceed {LIMITS.parameter_value_bytes_max} bytes"
        )
    kind = str(declaration["Type"])
    is_hidden = as_text(declaration.get("NoEcho", False)).lower() == "true"
    ssm = _SSM_VALUE.match(kind)
    if ssm is None:
        value = _value(name, kind, text, declaration)
        return Parameter(name, text, value, is_hidden)
    _check(name, text, declaration)
    found = lookup.parameter(text)
    if found is None:
        raise ValidationError(
            f"Unable to fetch parameters [{text}] from parameter store for this account."
        )
    return Parameter(name, text, _value(name, ssm.group(1), found, {}), is_hidden, found)


def _value(name: str, kind: str, text: str, declaration: Mapping[str, Any]) -> Any:
    if kind == "CommaDelimitedList":
        return _list(name, "String", text, declaration)
    inner = _LIST.match(kind)
    if inner is not None:
        if inner.group(1) not in _ELEMENT_TYPES:
            raise ValidationError(f"Template format error: Unrecognized parameter type: {kind}")
        return _list(name, inner.group(1), text, declaration)
    if kind not in _ELEMENT_TYPES and kind != "AWS::SSM::Parameter::Name":
        raise ValidationError(f"Template format error: Unrecognized parameter type: {kind}")
    _check_element(name, kind, text, declaration)
    return text


def _list(name: str, element: str, text: str, declaration: Mapping[str, Any]) -> list[str]:
    items = [item.strip() for item in text.split(",")] if text else []
    for item in items:
        _check_element(name, element, item, declaration)
    return items


def _check_element(name: str, kind: str, text: str, declaration: Mapping[str, Any]) -> None:
    if kind == "Number":
        number = _number(text)
        if number is None:
            raise ValidationError(f"Parameter '{name}' must be a number")
        low, high = _number(declaration.get("MinValue")), _number(declaration.get("MaxValue"))
        if low is not None and number < low:
            raise _refused(name, declaration, f"must be a number not less than {low}")
        if high is not None and number > high:
            raise _refused(name, declaration, f"must be a number not greater than {high}")
    _check(name, text, declaration)


def _check(name: str, text: str, declaration: Mapping[str, Any]) -> None:
    allowed = declaration.get("AllowedValues")
    if isinstance(allowed, list) and text not in [as_text(item) for item in allowed]:
        raise _refused(name, declaration, "must be one of AllowedValues")
    pattern = declaration.get("AllowedPattern")
    if isinstance(pattern, str) and not _matches(name, pattern, text):
        raise _refused(name, declaration, f"must match pattern {pattern}")
    shortest, longest = _number(declaration.get("MinLength")), _number(declaration.get("MaxLength"))
    if shortest is not None and len(text) < shortest:
        raise _refused(name, declaration, f"must contain at least {shortest} characters")
    if longest is not None and len(text) > longest:
        raise _refused(name, declaration, f"must contain at most {longest} characters")


def _matches(name: str, pattern: str, text: str) -> bool:
    try:
        return allowed_pattern(pattern).matches(text)
    except InvalidRegex as refusal:
        raise ValidationError(
            f"Parameter '{name}': AllowedPattern {pattern} cannot be matched by Fogline: {refusal}"
        ) from None


def _refused(name: str, declaration: Mapping[str, Any], rule: str) -> ValidationError:
    described = declaration.get("ConstraintDescription")
    if isinstance(described, str) and described:
        return ValidationError(f"Parameter '{name}' failed to satisfy constraint: {described}")
    return ValidationError(f"Parameter '{name}' {rule}")


def _number(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool | dict | list):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
