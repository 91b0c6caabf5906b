"""From the text of a template, YAML or JSON, to plain dicts, lists and scalars; nothing more.

Short tags (`!Ref`) become their long form. YAML aliases are refused, as AWS refuses them, and so
no text can grow when it is read. No object is ever constructed from a tag.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.limits import LIMITS

_FUNCTIONS = (
    "And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap", "ForEach",
    "GetAZs", "GetAtt", "If", "ImportValue", "Join", "Length", "Not", "Or", "RefAll", "Select", "Split", "Sub",
    "ToJsonString", "Transform", "ValueOf", "ValueOfAll",
)  # fmt: skip
_LONG_NAMES = {f"!{name}": f"Fn::{name}" for name in _FUNCTIONS} | {
    "!Ref": "Ref",
    "!Condition": "Condition",
}

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9_]*)\Z")
_HEXADECIMAL = re.compile(r"[-+]?0x[0-9a-fA-F_]+\Z")
_FLOAT = re.compile(
    r"[-+]?([0-9][0-9_]*)?\.[0-9_]*([eE][-+][0-9]+)?\Z|[-+]?[0-9]+[eE][-+]?[0-9]+\Z"
)
_WORDS: dict[str, bool | None] = {
    variant: meaning
    for word, meaning in (
        ("yes", True), ("on", True), ("true", True), ("no", False), ("off", False),
        ("false", False), ("null", None),
    )
    for variant in (word, word.capitalize(), word.upper())
} | {"~": None, "": None}  # fmt: skip
_NUMBER_CHARACTERS_MAX = 100
_WHOLE_MAX = 1 << 63
_CORE_TAG = "tag:yaml.org,2002:"


def read_document(text: str, bytes_max: int = LIMITS.template_url_bytes_max) -> dict[str, Any]:
    """The template that `text` spells, not yet looked at: any dict will do."""
    if len(text) > bytes_max or len(text.encode()) > bytes_max:
        raise ValidationError(f"Template may not exceed {bytes_max} bytes in size.")
    document = _read_json(text) if text.lstrip().startswith("{") else _read_yaml(text)
    if not isinstance(document, dict):
        raise ValidationError("Template format error: unsupported structure.")
    return document


def read_fragment(text: str) -> Any:
    """A part of a template (an included file), which may be any value."""
    return _read_json(text) if text.lstrip().startswith(("{", "[")) else _read_yaml(text)


def _read_json(text: str) -> Any:
    try:
        document = json.loads(
            text, parse_constant=_refuse_constant, parse_int=_number, parse_float=_number
        )
    except json.JSONDecodeError as error:
        where = f"(line {error.lineno}, column {error.colno})"
        raise ValidationError(f"Template format error: JSON not well-formed. {where}") from None
    except (RecursionError, ValueError):
        raise ValidationError("Template format error: JSON not well-formed.") from None
    _check_depth(document, LIMITS.template_depth_max)
    return document


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _check_depth(value: Any, left: int) -> None:
    if left < 0:
        raise ValidationError("Template format error: the template is nested too deeply.")
    if isinstance(value, dict):
        for item in value.values():
            _check_depth(item, left - 1)
    elif isinstance(value, list):
        for item in value:
            _check_depth(item, left - 1)


def _read_yaml(text: str) -> Any:
    try:
        events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return _Builder(events).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise ValidationError(f"Template format error: YAML not well-formed.{where}") from None
    except (yaml.YAMLError, RecursionError):
        raise ValidationError("Template format error: YAML not well-formed.") from None


class _Builder:
    """Builds values from the parser's events, without nodes, constructors or aliases."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events

    def document(self) -> Any:
        value: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _malformed(event)
                value = self._value(next(self._events), LIMITS.template_depth_max)
        return value

    def _value(self, event: Any, depth: int) -> Any:
        if isinstance(event, yaml.AliasEvent):
            raise ValidationError(
                "Template error: YAML aliases are not allowed in CloudFormation templates"
            )
        if depth < 0:
            raise ValidationError("Template format error: the template is nested too deeply.")
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = []
            while not isinstance(event_inside := next(self._events), yaml.SequenceEndEvent):
                value.append(self._value(event_inside, depth - 1))
        else:
            value = {}
            while not isinstance(event_inside := next(self._events), yaml.MappingEndEvent):
                # A key that appears twice keeps its last value, as on AWS.
                key = _key(event_inside)
                value[key] = self._value(next(self._events), depth - 1)
        return self._tagged(event, value)

    def _tagged(self, event: Any, value: Any) -> Any:
        tag = event.tag
        if tag is None or tag == "!" or tag.startswith(_CORE_TAG):
            return value
        name = _LONG_NAMES.get(tag)
        if name is None:
            raise _malformed(event)
        if name == "Fn::GetAtt" and isinstance(value, str):
            return {name: value.split(".", 1)}
        return {name: value}


def _key(event: Any) -> str:
    if not isinstance(event, yaml.ScalarEvent):
        raise _malformed(event)
    return str(event.value)


def _scalar(event: Any) -> Any:
    """The value of a scalar. Dates stay text, and so do base-60 numbers (`12:30`).

    Whole numbers with a leading zero stay text, too: what looks octal is always an account number.
    """
    text: str = event.value
    tag = event.tag
    if tag is not None and tag.startswith(_CORE_TAG):
        return _core(event, tag[len(_CORE_TAG) :])
    if not event.implicit[0] or tag is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "-+.0123456789":
        return _number(text)
    return text


def _number(text: str) -> Any:
    """A number, or the text itself where a number could not be kept exactly (past 64 bits, infinite)."""
    if len(text) > _NUMBER_CHARACTERS_MAX:
        return text
    value: int | float
    if _INTEGER.match(text):
        value = int(text.replace("_", ""))
    elif _HEXADECIMAL.match(text):
        value = int(text.replace("_", ""), 16)
    elif _FLOAT.match(text) and any(character.isdigit() for character in text):
        value = float(text.replace("_", ""))
    else:
        return text
    return value if -_WHOLE_MAX <= value < _WHOLE_MAX else text


def _core(event: Any, kind: str) -> Any:
    text: str = event.value
    if kind == "str":
        return text
    plain = _WORDS[text] if text in _WORDS else _number(text) if text else text
    wanted: Any = {"int": int, "float": (int, float), "bool": bool, "null": type(None)}.get(kind)
    if wanted is None or not isinstance(plain, wanted):
        raise _malformed(event)
    return plain


def _malformed(event: Any) -> ValidationError:
    mark = event.start_mark
    where = f"(line {mark.line + 1}, column {mark.column + 1})"
    return ValidationError(f"Template format error: YAML not well-formed. {where}")
