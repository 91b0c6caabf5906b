"""Routes: which one a request takes; full matches before greedy ones, those before `$default`.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import unquote

T = TypeVar("T")

DEFAULT = "$default"
_ANY = "ANY"


@dataclass(slots=True)
class _Node(Generic[T]):
    exact: dict[str, _Node[T]] = field(default_factory=dict)
    variable: _Node[T] | None = None
    here: dict[str, tuple[T, tuple[str, ...]]] = field(default_factory=dict)
    """By method: the route that ends here, and the names of its variables."""
    greedy: dict[str, tuple[T, tuple[str, ...]]] = field(default_factory=dict)
    """By method: the route that takes all that follows."""


class Routes(Generic[T]):
    """Routes by keys such as `GET /pets/{id}`, `ANY /{proxy+}` and `$default`."""

    def __init__(self, routes: Iterable[tuple[str, T]]) -> None:
        self._root: _Node[T] = _Node()
        self._default: T | None = None
        for key, route in routes:
            if key == DEFAULT:
                self._default = route
                continue
            method, _, path = key.partition(" ")
            if path.startswith("/"):
                self._add(method, path, route)

    def _add(self, method: str, path: str, route: T) -> None:
        node = self._root
        names: list[str] = []
        for part in path[1:].split("/"):
            if part.startswith("{") and part.endswith("+}"):
                node.greedy[method] = (route, (*names, part[1:-2]))
                return
            if part.startswith("{") and part.endswith("}"):
                names.append(part[1:-1])
                if node.variable is None:
                    node.variable = _Node()
                node = node.variable
            else:
                node = node.exact.setdefault(part, _Node())
        node.here[method] = (route, tuple(names))

    def find(self, method: str, path: str) -> tuple[T, Mapping[str, str]] | None:
        """The route for a percent-encoded path, and what its variables stand for, decoded."""
        parts = path[1:].split("/") if path.startswith("/") else path.split("/")
        if "%" in path:
            parts = [unquote(part) for part in parts]
        found = _full(self._root, method, parts, 0, ())
        if found is None:
            found = _greedy(self._root, method, parts, 0, ())
        if found is not None:
            (route, names), values = found
            return route, dict(zip(names, values, strict=True))
        return (self._default, {}) if self._default is not None else None


_Found = tuple[tuple[T, tuple[str, ...]], tuple[str, ...]]


# Every node is visited at most once by each search: a part leads to one exact child and to one variable.


def _full(
    node: _Node[T], method: str, parts: list[str], at: int, values: tuple[str, ...]
) -> _Found[T] | None:
    if at == len(parts):
        found = node.here.get(method) or node.here.get(_ANY)
        return (found, values) if found is not None else None
    part = parts[at]
    child = node.exact.get(part)
    if child is not None:
        below = _full(child, method, parts, at + 1, values)
        if below is not None:
            return below
    if node.variable is not None and part:
        return _full(node.variable, method, parts, at + 1, (*values, part))
    return None


def _greedy(
    node: _Node[T], method: str, parts: list[str], at: int, values: tuple[str, ...]
) -> _Found[T] | None:
    """The deepest greedy variable wins; it may stand for nothing where the path ends in a slash (seen on AWS)."""
    if at == len(parts):
        return None
    part = parts[at]
    child = node.exact.get(part)
    if child is not None:
        below = _greedy(child, method, parts, at + 1, values)
        if below is not None:
            return below
    if node.variable is not None and part:
        below = _greedy(node.variable, method, parts, at + 1, (*values, part))
        if below is not None:
            return below
    found = node.greedy.get(method) or node.greedy.get(_ANY)
    return (found, (*values, "/".join(parts[at:]))) if found is not None else None
