"""Document paths: reading what they name, and refusing two that touch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fogline.services.dynamodb.errors import ValidationException
from fogline.services.dynamodb.expressions.nodes import Path, spelled
from fogline.services.dynamodb.values import Value

Read = Callable[[Mapping[str, Value]], Value | None]


def reader(path: Path) -> Read:
    """What finds the value at `path` in an item, or None where there is none."""
    first = path[0]
    assert isinstance(first, str), "a path begins with an attribute's name"
    if len(path) == 1:
        return lambda item: item.get(first)
    rest = path[1:]

    def read(item: Mapping[str, Value]) -> Value | None:
        value = item.get(first)
        for part in rest:
            if value is None:
                return None
            value = child(value, part)
        return value

    return read


def child(value: Value, part: str | int) -> Value | None:
    """The value one step below, or None."""
    found: Value | None = None
    if isinstance(part, int):
        elements = value.get("L")
        if elements is not None and part < len(elements):
            found = elements[part]
    else:
        members = value.get("M")
        if members is not None:
            found = members.get(part)
    return found


def refuse_touching(kind: str, paths: Iterable[Path]) -> None:
    """Refuse two paths where one lies within the other, or that take one value for map and list."""
    root: dict[str | int, Any] = {}
    for path in paths:
        tree = root
        for depth, part in enumerate(path, start=1):
            if tree and isinstance(next(iter(tree)), int) is not isinstance(part, int):
                raise _touching(kind, "conflict", _any_below(tree, path[: depth - 1]), path)
            following = tree.get(part)
            if following is None and part in tree:
                raise _touching(kind, "overlap", path[:depth], path)
            if depth == len(path):
                if following is not None:
                    raise _touching(kind, "overlap", _any_below(following, path), path)
                tree[part] = None
            elif following is None:
                tree[part] = tree = {}
            else:
                tree = following


def _any_below(tree: dict[str | int, Any] | None, path: Path) -> Path:
    while tree:
        part, tree = next(iter(tree.items()))
        path = (*path, part)
    return path


def _touching(kind: str, how: str, one: Path, two: Path) -> ValidationException:
    return ValidationException(
        f"Invalid {kind}: Two document paths {how} with each other; must remove or rewrite one of "
        f"these paths; path one: {spelled(one)}, path two: {spelled(two)}"
    )
