"""Intrinsic functions: from a value of a template to what it means here and now.

Values pass through `evaluate` with a `Scope` that answers what names mean. Where a scope does not
know yet (a change set is planned before its resources exist) it answers `KNOWN_AFTER_APPLY`, and
everything computed from that is known after apply, too.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, Protocol

from fogline.ports.resources import text as as_text
from fogline.services.cloudformation.errors import ValidationError


class Unknown(str):
    """A value that only exists after the change is applied; shown in change sets as AWS does."""

    __slots__ = ()


class _NoValue:
    __slots__ = ()

    def __repr__(self) -> str:
        return "AWS::NoValue"


KNOWN_AFTER_APPLY = Unknown("{{changeSet:KNOWN_AFTER_APPLY}}")
NO_VALUE = _NoValue()


class Scope(Protocol):
    """What names mean where a value is evaluated."""

    def reference(self, name: str) -> Any:
        """The value of `Ref: name`; NO_VALUE and KNOWN_AFTER_APPLY are possible."""

    def attribute(self, logical_id: str, name: str) -> Any: ...

    def condition(self, name: str) -> bool: ...

    def mapping(self, name: str) -> Mapping[str, Any] | None: ...

    def imported(self, export: str) -> Any: ...

    def zones(self, region: str) -> list[str]: ...


def evaluate(value: Any, scope: Scope) -> Any:
    """`value` with every function in it replaced by what it gives. May answer NO_VALUE."""
    if isinstance(value, dict):
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            function = _FUNCTIONS.get(name)
            if function is not None:
                return function(argument, scope)
            if name.startswith("Fn::"):
                raise ValidationError(f"Template error: unsupported intrinsic function {name}")
        evaluated = {}
        for key, item in value.items():
            result = evaluate(item, scope)
            if result is not NO_VALUE:
                evaluated[key] = result
        return evaluated
    if isinstance(value, list):
        results = (evaluate(item, scope) for item in value)
        return [result for result in results if result is not NO_VALUE]
    return value


def is_known(value: Any) -> bool:
    """False if any part of `value` is only known after apply."""
    if isinstance(value, Unknown):
        return False
    if isinstance(value, dict):
        return all(is_known(item) for item in value.values())
    if isinstance(value, list):
        return all(is_known(item) for item in value)
    return True


def _ref(argument: Any, scope: Scope) -> Any:
    name = evaluate(argument, scope)
    if not isinstance(name, str):
        raise ValidationError("Template error: every Ref object must have a single String value.")
    return scope.reference(name)


_GET_ATT = (
    "Template error: every Fn::GetAtt object requires two non-empty parameters, "
    "the resource name and the resource attribute"
)


def get_att_parts(argument: Any) -> tuple[Any, Any]:
    """The two parameters of Fn::GetAtt, from a list or from `Name.Attribute`."""
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    if not isinstance(argument, list) or len(argument) < 2 or not all(argument):
        raise ValidationError(_GET_ATT)
    if len(argument) > 2:
        if not all(isinstance(part, str) for part in argument):
            raise ValidationError(_GET_ATT)
        return argument[0], ".".join(argument[1:])
    return argument[0], argument[1]


def _get_att(argument: Any, scope: Scope) -> Any:
    logical_id, name = (evaluate(part, scope) for part in get_att_parts(argument))
    if not isinstance(logical_id, str) or not isinstance(name, str):
        raise ValidationError(_GET_ATT)
    if isinstance(name, Unknown):
        return KNOWN_AFTER_APPLY
    return scope.attribute(logical_id, name)


_SUB = (
    "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. "
    "Specify a string as first argument, and an optional second argument to specify a mapping of "
    "values to replace in the string"
)
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE_NAME = re.compile(r"[A-Za-z0-9_.:]+\Z")


@lru_cache(maxsize=4096)
def sub_parts(text: str) -> tuple[tuple[bool, str], ...]:
    """The pieces of a Fn::Sub string: (is it a variable, its text)."""
    parts: list[tuple[bool, str]] = []
    end = 0
    for match in _VARIABLE.finditer(text):
        if match.start() > end:
            parts.append((False, text[end : match.start()]))
        end = match.end()
        name = match.group(1)
        if name.startswith("!"):
            parts.append((False, "${" + name[1:] + "}"))
        elif _VARIABLE_NAME.match(name):
            parts.append((True, name))
        else:
            raise ValidationError(
                "Template error: variable names in Fn::Sub syntax must contain only alphanumeric "
                "characters, underscores, periods, and colons"
            )
    if end < len(text):
        parts.append((False, text[end:]))
    return tuple(parts)


def sub_arguments(argument: Any) -> tuple[str, Mapping[str, Any]]:
    """The string and the variable map of Fn::Sub, in either of its forms."""
    if isinstance(argument, str):
        return argument, {}
    if (
        isinstance(argument, list)
        and len(argument) == 2
        and isinstance(argument[0], str)
        and isinstance(argument[1], dict)
    ):
        return argument[0], argument[1]
    if isinstance(argument, list) and len(argument) == 1 and isinstance(argument[0], str):
        return argument[0], {}
    raise ValidationError(_SUB)


def _sub(argument: Any, scope: Scope) -> Any:
    text, variables = sub_arguments(argument)
    pieces: list[str] = []
    unknown = False
    for is_variable, piece in sub_parts(text):
        if not is_variable:
            pieces.append(piece)
            continue
        value = _sub_variable(piece, variables, scope)
        unknown = unknown or isinstance(value, Unknown)
        if value is NO_VALUE or isinstance(value, dict | list):
            raise ValidationError(
                f"Template error: variable {piece} in Fn::Sub expression does not resolve to a "
                "string"
            )
        pieces.append(as_text(value))
    return KNOWN_AFTER_APPLY if unknown else "".join(pieces)


def _sub_variable(name: str, variables: Mapping[str, Any], scope: Scope) -> Any:
    if name in variables:
        return evaluate(variables[name], scope)
    if "." in name:
        logical_id, attribute = name.split(".", 1)
        return scope.attribute(logical_id, attribute)
    return scope.reference(name)


_JOIN = (
    "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and "
    "(2) a list of strings to be joined or a function that returns a list of strings (such as "
    "Fn::GetAZs) to be joined."
)


def _join(argument: Any, scope: Scope) -> Any:
    delimiter, items = _pair(argument, _JOIN)
    delimiter, items = evaluate(delimiter, scope), evaluate(items, scope)
    if isinstance(items, Unknown):
        return KNOWN_AFTER_APPLY
    if not isinstance(delimiter, str) or not isinstance(items, list):
        raise ValidationError(_JOIN)
    if any(isinstance(item, Unknown) for item in items):
        return KNOWN_AFTER_APPLY
    if any(isinstance(item, dict | list) for item in items):
        raise ValidationError(_JOIN)
    return delimiter.join(as_text(item) for item in items)


_SPLIT = (
    "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and "
    "(2) a string to be split or a function that returns a string to be split."
)


def _split(argument: Any, scope: Scope) -> Any:
    delimiter, source = _pair(argument, _SPLIT)
    delimiter, source = evaluate(delimiter, scope), evaluate(source, scope)
    if isinstance(source, Unknown):
        return KNOWN_AFTER_APPLY
    if not isinstance(delimiter, str) or not delimiter or isinstance(source, dict | list):
        raise ValidationError(_SPLIT)
    return as_text(source).split(delimiter)


_SELECT = (
    "Template error: Fn::Select requires a list argument with two elements: an integer index and "
    "a list"
)


def _select(argument: Any, scope: Scope) -> Any:
    index, items = _pair(argument, _SELECT)
    index, items = evaluate(index, scope), evaluate(items, scope)
    if isinstance(items, Unknown) or isinstance(index, Unknown):
        return KNOWN_AFTER_APPLY
    if not isinstance(items, list) or not _is_integer(index):
        raise ValidationError(_SELECT)
    place = int(index)
    if not 0 <= place < len(items):
        raise ValidationError(
            f"Template error: Fn::Select cannot select nonexistent value at index {place}"
        )
    return items[place]


def _is_integer(value: Any) -> bool:
    return not isinstance(value, bool) and re.fullmatch(r"-?\d{1,9}", str(value)) is not None


IF_LAYOUT = "Template error: Fn::If requires a list argument with three elements"


def _if(argument: Any, scope: Scope) -> Any:
    if not isinstance(argument, list) or len(argument) != 3:
        raise ValidationError(IF_LAYOUT)
    name, when_true, when_false = argument
    if not isinstance(name, str):
        raise ValidationError(f"{IF_LAYOUT} where the first element is the name of a condition")
    return evaluate(when_true if scope.condition(name) else when_false, scope)


MAP_LAYOUT = (
    "Template error: every Fn::FindInMap object requires three parameters, the map name, map key "
    "and the attribute for return value"
)


def _find_in_map(argument: Any, scope: Scope) -> Any:
    if not isinstance(argument, list) or len(argument) not in (3, 4):
        raise ValidationError(MAP_LAYOUT)
    names = [evaluate(part, scope) for part in argument[:3]]
    if any(isinstance(name, Unknown) for name in names):
        return KNOWN_AFTER_APPLY
    if any(isinstance(name, dict | list) or name is NO_VALUE for name in names):
        raise ValidationError(MAP_LAYOUT)
    map_name, top, second = (as_text(name) for name in names)
    fallback = argument[3] if len(argument) == 4 else None
    has_default = isinstance(fallback, dict) and "DefaultValue" in fallback
    found = scope.mapping(map_name)
    if found is not None and isinstance(found.get(top), dict) and second in found[top]:
        return found[top][second]
    if has_default:
        assert isinstance(fallback, dict)
        return evaluate(fallback["DefaultValue"], scope)
    if found is None:
        raise ValidationError(
            f"Template error: Mapping named '{map_name}' is not present in the 'Mappings' section "
            "of template."
        )
    raise ValidationError(f"Template error: Unable to get mapping for {map_name}::{top}::{second}")


def _import_value(argument: Any, scope: Scope) -> Any:
    name = evaluate(argument, scope)
    if isinstance(name, Unknown):
        return KNOWN_AFTER_APPLY
    if isinstance(name, dict | list) or name is NO_VALUE:
        raise ValidationError(
            "Template error: the attribute in Fn::ImportValue must be a string or a function that "
            "returns a string"
        )
    return scope.imported(as_text(name))


def _base64(argument: Any, scope: Scope) -> Any:
    value = evaluate(argument, scope)
    if isinstance(value, Unknown):
        return KNOWN_AFTER_APPLY
    if isinstance(value, dict | list) or value is NO_VALUE:
        raise ValidationError(
            "Template error: every Fn::Base64 object must have a String-typed value."
        )
    return base64.b64encode(as_text(value).encode()).decode()


_CIDR = (
    "Template error: every Fn::Cidr object requires two or three parameters: an IP block, a count "
    "and the number of subnet bits"
)


def _cidr(argument: Any, scope: Scope) -> Any:
    values = [evaluate(part, scope) for part in argument] if isinstance(argument, list) else []
    if len(values) not in (2, 3):
        raise ValidationError(_CIDR)
    if any(isinstance(value, Unknown) for value in values):
        return KNOWN_AFTER_APPLY
    if not all(_is_integer(value) for value in values[1:]):
        raise ValidationError(_CIDR)
    count = int(values[1])
    try:
        block = ipaddress.ip_network(str(values[0]), strict=False)
        bits = int(values[2]) if len(values) == 3 else (8 if block.version == 4 else 64)
        prefix = block.max_prefixlen - bits
        subnets = [str(net) for net in islice(block.subnets(new_prefix=prefix), count)]
    except ValueError:
        subnets = []
    if not 1 <= count <= 256 or len(subnets) < count:
        raise ValidationError(
            f"Template error: Fn::Cidr failed to divide {as_text(values[0])} into {count} blocks"
        )
    return subnets


def _get_azs(argument: Any, scope: Scope) -> Any:
    region = evaluate(argument, scope)
    if isinstance(region, Unknown):
        return KNOWN_AFTER_APPLY
    if not isinstance(region, str):
        raise ValidationError(
            "Template error: every Fn::GetAZs object must have a single String value."
        )
    return scope.zones(region or str(scope.reference("AWS::Region")))


def _length(argument: Any, scope: Scope) -> Any:
    value = evaluate(argument, scope)
    if isinstance(value, Unknown):
        return KNOWN_AFTER_APPLY
    if not isinstance(value, list):
        raise ValidationError("Fn::Length layout is incorrect: it must be given a list")
    return len(value)


def _to_json_string(argument: Any, scope: Scope) -> Any:
    value = evaluate(argument, scope)
    if not is_known(value):
        return KNOWN_AFTER_APPLY
    if not isinstance(value, dict | list):
        raise ValidationError(
            "Fn::ToJsonString layout is incorrect: it must be given a map or list"
        )
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _equals(argument: Any, scope: Scope) -> Any:
    if not isinstance(argument, list) or len(argument) != 2:
        raise ValidationError(
            "Template error: every Fn::Equals object requires a list of 2 string parameters."
        )
    left, right = (_comparable(evaluate(part, scope)) for part in argument)
    return left == right


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _comparable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    return value if value is NO_VALUE else as_text(value)


def _not(argument: Any, scope: Scope) -> Any:
    if not isinstance(argument, list) or len(argument) != 1:
        raise ValidationError(
            "Template error: every Fn::Not object requires one boolean parameter."
        )
    return not _truth(argument[0], scope, "Fn::Not")


def _all_of(argument: Any, scope: Scope) -> Any:
    return all(_truth(part, scope, "Fn::And") for part in _two_to_ten(argument, "Fn::And"))


def _any_of(argument: Any, scope: Scope) -> Any:
    return any(_truth(part, scope, "Fn::Or") for part in _two_to_ten(argument, "Fn::Or"))


def _two_to_ten(argument: Any, function: str) -> list[Any]:
    if not isinstance(argument, list) or not 2 <= len(argument) <= 10:
        raise ValidationError(
            f"Template error: every {function} object requires a list of at least 2 and at most 10 "
            "boolean parameters."
        )
    return argument


def _truth(part: Any, scope: Scope, function: str) -> bool:
    """A part of a condition. `Condition: Name` is a function here, and only here."""
    if isinstance(part, dict) and len(part) == 1 and isinstance(part.get("Condition"), str):
        return scope.condition(part["Condition"])
    value = evaluate(part, scope)
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise ValidationError(
        f"Template format error: Conditions can only be boolean operations on parameters and other "
        f"conditions (in {function})"
    )


def truth(definition: Any, scope: Scope) -> bool:
    """What a definition in the Conditions section gives."""
    return _truth(definition, scope, "Conditions")


def _transform(argument: Any, scope: Scope) -> Any:
    name = argument.get("Name") if isinstance(argument, dict) else None
    raise ValidationError(f"Template error: Fn::Transform {name} was not expanded before use")


def _pair(argument: Any, message: str) -> tuple[Any, Any]:
    if not isinstance(argument, list) or len(argument) != 2:
        raise ValidationError(message)
    return argument[0], argument[1]


_FUNCTIONS: dict[str, Callable[[Any, Scope], Any]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Split": _split,
    "Fn::Select": _select,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
    "Fn::ImportValue": _import_value,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::GetAZs": _get_azs,
    "Fn::Length": _length,
    "Fn::ToJsonString": _to_json_string,
    "Fn::Equals": _equals,
    "Fn::Not": _not,
    "Fn::And": _all_of,
    "Fn::Or": _any_of,
    "Fn::Transform": _transform,
}
