"""Names, wildcards and descendants: what one step finds in one value."""

from __future__ import annotations

from typing import Any

from fogline.aws.jsonata.values import MISSING, Frame, Node, Run, Sequence, unwrapped


def compile_name(name: str) -> Node:
    def found(item: Any, frame: Frame) -> Any:
        if type(item) is dict:
            return item.get(name, MISSING)
        if isinstance(item, list):
            return unwrapped(lookup(item, name, frame.run))
        return MISSING

    return found


def lookup(item: Any, name: str, run: Run) -> Any:
    """What the name means in an object, or in each object of a list."""
    if type(item) is dict:
        return item.get(name, MISSING)
    if not isinstance(item, list):
        return MISSING
    run.charge(len(item))
    found = Sequence()
    for each in item:
        value = lookup(each, name, run)
        if isinstance(value, list):
            found.extend(value)
            run.charge(len(value))
        elif value is not MISSING:
            found.append(value)
    return found


def wildcard(item: Any, frame: Frame) -> Any:
    if type(item) is Sequence and item.is_wrapper and item:
        item = item[0]
    found = Sequence()
    if type(item) is dict or isinstance(item, list):
        for value in item.values() if type(item) is dict else item:
            if isinstance(value, list):
                _flatten(value, found, frame.run)
            else:
                found.append(value)
        frame.run.charge(1 + len(found))
    return unwrapped(found)


def _flatten(value: Any, found: list[Any], run: Run) -> None:
    run.charge()
    if isinstance(value, list):
        for each in value:
            _flatten(each, found, run)
    else:
        found.append(value)


def descendants(item: Any, frame: Frame) -> Any:
    if item is MISSING:
        return MISSING
    found = Sequence()
    _descend(item, found, frame.run)
    return unwrapped(found)


def _descend(item: Any, found: list[Any], run: Run) -> None:
    run.charge()
    if isinstance(item, list):
        for each in item:
            _descend(each, found, run)
        return
    found.append(item)
    if type(item) is dict:
        for each in item.values():
            _descend(each, found, run)
