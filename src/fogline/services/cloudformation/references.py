"""What a value refers to: names, attributes, conditions and mappings, found without evaluating it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.intrinsics import (
    IF_LAYOUT,
    MAP_LAYOUT,
    get_att_parts,
    sub_arguments,
    sub_parts,
)


class References:
    """The names a value refers to, found without evaluating it."""

    __slots__ = ("attributes", "conditions", "mappings", "names", "sub_attributes")

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.sub_attributes: set[tuple[str, str]] = set()
        self.conditions: set[str] = set()
        self.mappings: set[str] = set()

    def resources(self) -> set[str]:
        """Every name that may be a resource."""
        names = set(self.names)
        names.update(logical_id for logical_id, _ in self.attributes | self.sub_attributes)
        return names


def references(
    value: Any, condition: Callable[[str], bool] | None = None, into: References | None = None
) -> References:
    """What `value` refers to; with `condition`, only in those branches of Fn::If that are taken."""
    found = into or References()
    if isinstance(value, list):
        for item in value:
            references(item, condition, found)
    elif isinstance(value, dict):
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            special = _REFERENCES.get(name)
            if special is not None:
                special(argument, condition, found)
                return found
        for item in value.values():
            references(item, condition, found)
    return found


_Condition = Callable[[str], bool] | None


def _ref_references(argument: Any, condition: _Condition, found: References) -> None:
    if isinstance(argument, str):
        found.names.add(argument)
    else:
        references(argument, condition, found)


def _get_att_references(argument: Any, condition: _Condition, found: References) -> None:
    logical_id, name = get_att_parts(argument)
    if isinstance(logical_id, str):
        found.attributes.add((logical_id, name if isinstance(name, str) else ""))
    references([logical_id, name], condition, found)


def _sub_references(argument: Any, condition: _Condition, found: References) -> None:
    text, variables = sub_arguments(argument)
    for is_variable, piece in sub_parts(text):
        if not is_variable or piece in variables:
            continue
        if "." in piece:
            logical_id, name = piece.split(".", 1)
            found.sub_attributes.add((logical_id, name))
        else:
            found.names.add(piece)
    references(list(variables.values()), condition, found)


def _if_references(argument: Any, condition: _Condition, found: References) -> None:
    if not isinstance(argument, list) or len(argument) != 3 or not isinstance(argument[0], str):
        raise ValidationError(IF_LAYOUT)
    found.conditions.add(argument[0])
    if condition is None:
        references(argument[1:], condition, found)
    else:
        references(argument[1 if condition(argument[0]) else 2], condition, found)


def _map_references(argument: Any, condition: _Condition, found: References) -> None:
    if not isinstance(argument, list) or len(argument) not in (3, 4):
        raise ValidationError(MAP_LAYOUT)
    if isinstance(argument[0], str):
        found.mappings.add(argument[0])
    references(argument, condition, found)


_REFERENCES: dict[str, Callable[[Any, _Condition, References], None]] = {
    "Ref": _ref_references,
    "Fn::GetAtt": _get_att_references,
    "Fn::Sub": _sub_references,
    "Fn::If": _if_references,
    "Fn::FindInMap": _map_references,
}
