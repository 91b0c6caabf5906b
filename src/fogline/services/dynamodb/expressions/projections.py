"""Projections: the part of an item that a list of paths names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from fogline.services.dynamodb.expressions.nodes import Path
from fogline.services.dynamodb.values import Item, Value

Project: TypeAlias = Callable[[Mapping[str, Value]], Item]
_Tree: TypeAlias = "dict[str | int, Any]"


def projection_of(paths: Iterable[Path]) -> Project:
    """What takes from an item the values at `paths`, each within its map or list.

    Elements of a list keep their order and lose their gaps.
    """
    paths = tuple(paths)
    if all(len(path) == 1 for path in paths):
        names = tuple(str(path[0]) for path in paths)
        return lambda item: {name: item[name] for name in names if name in item}
    tree: _Tree = {}
    for path in paths:
        branch = tree
        for part in path[:-1]:
            branch = branch.setdefault(part, {})
        branch[path[-1]] = None

    def project(item: Mapping[str, Value]) -> Item:
        return _members(item, tree)

    return project


def _members(members: Mapping[str, Value], tree: _Tree) -> Item:
    found: Item = {}
    for name, below in tree.items():
        value = members.get(str(name))
        part = None if value is None else _part(value, below)
        if part is not None:
            found[str(name)] = part
    return found


def _part(value: Value, tree: _Tree | None) -> Value | None:
    if tree is None:
        return value
    if "M" in value and isinstance(next(iter(tree)), str):
        members = _members(value["M"], tree)
        return {"M": members} if members else None
    if "L" in value and isinstance(next(iter(tree)), int):
        elements = value["L"]
        kept = [
            part
            for position in sorted(tree, key=int)
            if int(position) < len(elements)
            and (part := _part(elements[int(position)], tree[position])) is not None
        ]
        return {"L": kept} if kept else None
    return None
