"""Path tree: which resource of an API a path leads to; exact parts before variables, those before greedy ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Node(Generic[T]):
    exact: dict[str, _Node[T]] = field(default_factory=dict)
    variable: tuple[str, _Node[T]] | None = None
    greedy: tuple[str, T] | None = None
    value: T | None = None


class PathTree(Generic[T]):
    """Values by paths such as `/pets/{id}` and `/{proxy+}`. A slash at the end of a path says nothing."""

    def __init__(self, values: Iterable[tuple[str, T]]) -> None:
        self._root: _Node[T] = _Node()
        for path, value in values:
            self._add(path, value)

    def _add(self, path: str, value: T) -> None:
        node = self._root
        for part in path.strip("/").split("/"):
            if not part:
                continue
            if part.startswith("{") and part.endswith("+}"):
                node.greedy = (part[1:-2], value)
                return
            if part.startswith("{") and part.endswith("}"):
                if node.variable is None:
                    node.variable = (part[1:-1], _Node())
                node = node.variable[1]
            else:
                node = node.exact.setdefault(part, _Node())
        node.value = value

    def find(self, parts: list[str]) -> tuple[T, Mapping[str, str]] | None:
        """The value for the parts of a path, and what its variables stand for."""
        has_slash = bool(parts) and not parts[-1]
        return _find(self._root, parts[:-1] if has_slash else parts, 0, has_slash)


def _find(
    node: _Node[T], parts: list[str], at: int, has_slash: bool
) -> tuple[T, dict[str, str]] | None:
    # Every node is visited at most once: a part leads to one exact child and to one variable.
    if at == len(parts):
        return (node.value, {}) if node.value is not None else None
    part = parts[at]
    child = node.exact.get(part)
    if child is not None:
        found = _find(child, parts, at + 1, has_slash)
        if found is not None:
            return found
    if node.variable is not None and part:
        name, below = node.variable
        found = _find(below, parts, at + 1, has_slash)
        if found is not None:
            found[1][name] = part
            return found
    if node.greedy is not None:
        name, value = node.greedy
        return value, {name: "/".join(parts[at:]) + ("/" if has_slash else "")}
    return None
