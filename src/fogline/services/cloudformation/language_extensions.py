"""AWS::LanguageExtensions: loops, and functions in places where plain templates want literals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fogline.ports.resources import text as as_text
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.intrinsics import Unknown, evaluate, is_known
from fogline.services.cloudformation.limits import LIMITS
from fogline.services.cloudformation.parameter_scope import ParameterScope

LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
_LOOP = "Fn::ForEach::"
_LOOPS_DEPTH_MAX = 5
_EARLY = frozenset(("Fn::FindInMap", "Fn::Length", "Fn::Sub", "Fn::ToJsonString"))
"""Functions that are replaced by what they give, where that is known without any resource."""
_POLICIES = ("DeletionPolicy", "UpdateReplacePolicy")
_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]")


def extend(document: Mapping[str, Any], scope: ParameterScope) -> dict[str, Any]:
    """`document` with its loops unrolled and what can be known early made literal."""
    bound = _Bound(LIMITS.processed_values_max)
    looped = _unroll(document, scope, {}, 0, bound)
    extended: dict[str, Any] = {}
    for section, members in looped.items():
        if section in ("Resources", "Outputs") and isinstance(members, dict):
            members = {name: _literals(member, scope) for name, member in members.items()}
        extended[section] = members
    return extended


class _Bound:
    """Counts the values made, so that nested loops cannot fill the memory."""

    def __init__(self, most: int) -> None:
        self._left = most

    def count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _failed("Fn::ForEach makes the template too large.")


def _failed(text: str) -> ValidationError:
    return ValidationError(f"Transform {LANGUAGE_EXTENSIONS} failed with: {text}")


def _unroll(
    value: Any, scope: ParameterScope, names: Mapping[str, str], depth: int, bound: _Bound
) -> Any:
    bound.count()
    if isinstance(value, list):
        return [_unroll(item, scope, names, depth, bound) for item in value]
    if isinstance(value, str):
        return _replaced(value, names) if names else value
    if not isinstance(value, dict):
        return value
    referred = value.get("Ref") if len(value) == 1 else None
    if isinstance(referred, str) and referred in names:
        return names[referred]
    unrolled: dict[str, Any] = {}
    for key, item in value.items():
        if not key.startswith(_LOOP):
            unrolled[_replaced(key, names) if names else key] = _unroll(
                item, scope, names, depth, bound
            )
            continue
        for made, body in _turns(key, item, scope, names, depth, bound):
            if made in unrolled or made in value:
                raise _failed(f"Fn::ForEach {key[len(_LOOP) :]} makes the key {made} twice.")
            unrolled[made] = body
    return unrolled


def _turns(
    key: str, loop: Any, scope: ParameterScope, names: Mapping[str, str], depth: int, bound: _Bound
) -> list[tuple[str, Any]]:
    if depth >= _LOOPS_DEPTH_MAX:
        raise _failed("Fn::ForEach loops are nested too deeply.")
    if (
        not isinstance(loop, list)
        or len(loop) != 3
        or not isinstance(loop[0], str)
        or not isinstance(loop[2], dict)
    ):
        raise _failed(
            f"{key} layout is incorrect: it needs an identifier, a collection and a body."
        )
    identifier, collection, body = loop
    items = evaluate(_unroll(collection, scope, names, depth, bound), scope)
    if not isinstance(items, list) or not is_known(items):
        raise _failed(f"{key} layout is incorrect: its collection must be a list known beforehand.")
    made = []
    for item in items:
        inner = {**names, identifier: as_text(item)}
        made.extend(_unroll(body, scope, inner, depth + 1, bound).items())
    return made


def _replaced(text: str, names: Mapping[str, str]) -> str:
    """`${Name}` and `&{Name}` replaced; the second drops what may not stand in a logical id."""
    for name, value in names.items():
        text = text.replace("${" + name + "}", value)
        text = text.replace("&{" + name + "}", _NOT_ALPHANUMERIC.sub("", value))
    return text


def _literals(member: Any, scope: ParameterScope) -> Any:
    """A resource or output in which names given by functions are literal names."""
    if not isinstance(member, dict):
        return member
    literal = {key: _literal_names(item, scope) for key, item in member.items()}
    for policy in _POLICIES:
        if isinstance(literal.get(policy), dict):
            literal[policy] = evaluate(literal[policy], scope)
    return literal


def _literal_names(value: Any, scope: ParameterScope) -> Any:
    if isinstance(value, list):
        return [_literal_names(item, scope) for item in value]
    if not isinstance(value, dict):
        return value
    literal = {key: _literal_names(item, scope) for key, item in value.items()}
    if len(literal) == 1:
        if isinstance(literal.get("Ref"), dict):
            return {"Ref": _name(literal["Ref"], scope)}
        parts = literal.get("Fn::GetAtt")
        if isinstance(parts, list):
            return {"Fn::GetAtt": [_name(part, scope) for part in parts]}
        if _EARLY.issuperset(literal):
            early = evaluate(literal, scope)
            return early if is_known(early) else literal
    return literal


def _name(value: Any, scope: ParameterScope) -> Any:
    if isinstance(value, str):
        return value
    name = evaluate(value, scope)
    if not isinstance(name, str) or isinstance(name, Unknown):
        raise _failed("a name given by a function must be a string known beforehand.")
    return name
