"""Paths, compiled: what they name in a document, and how a reference path sets it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fogline.aws.jsonpath.filters import MISSING
from fogline.aws.jsonpath.steps import (
    Index,
    Indexes,
    Name,
    Scan,
    Step,
    evaluate,
    follow,
    is_definite,
)
from fogline.aws.jsonpath.work import PathFailed, PathNotFound, Work

__all__ = ["InvalidPath", "Path", "PathFailed", "PathNotFound", "ReferencePath"]


class InvalidPath(ValueError):
    """The text is no path; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Path:
    """A path. Safe to use from any thread."""

    text: str
    root: str
    """What it starts from: `$` the input, `$$` the context object, else the variable of that name."""
    steps: tuple[Step, ...]
    is_definite: bool = field(init=False)
    _names: tuple[str, ...] | None = field(init=False, repr=False, compare=False)
    _may_repeat: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = tuple(step.name for step in self.steps if isinstance(step, Name))
        set_ = object.__setattr__
        set_(self, "is_definite", all(map(is_definite, self.steps)))
        set_(self, "_names", names if len(names) == len(self.steps) else None)
        set_(self, "_may_repeat", any(isinstance(step, Scan | Indexes) for step in self.steps))

    def find(self, document: Any, work: Work | None = None) -> list[Any]:
        """Every value that it names, in the document's order; empty if there is none.

        Raises PathFailed where the path can't be applied to this document or would take too much work.
        """
        try:
            value = self.value(document, work)
        except PathNotFound:
            return []
        return [value] if self.is_definite else value

    def value(self, document: Any, work: Work | None = None) -> Any:
        """What AWS takes it for: the value of a definite path, the list of values of any other.

        `work` is what it may do, where several evaluations share it.
        Raises PathNotFound where a definite path names nothing, PathFailed as `find` does.
        """
        if self._names is not None:
            # Nearly every path is of this kind.
            value = document
            for name in self._names:
                if not isinstance(value, dict):
                    break
                value = value.get(name, MISSING)
            else:
                if value is not MISSING:
                    return value
        if self.is_definite:
            value = document
            for at in range(len(self.steps)):
                value = follow(self.steps, at, value)
            return value
        work = work or Work()
        found = evaluate(self.steps, document, document, work)
        if self._may_repeat:
            work.weigh(found)
        return found


@dataclass(frozen=True, slots=True)
class ReferencePath:
    """A path that can only name one place: `$.a.b[0]`, `$['a b']`.

    https://states-language.net/spec.html#ref-paths
    """

    path: Path

    @property
    def text(self) -> str:
        return self.path.text

    def set(self, document: Any, value: Any) -> Any:
        """A new document with the value in this place; objects on the way are made where nothing is.

        The document itself is left as it is; what the path does not touch is shared by both. Raises PathFailed
        where something is in the way: a scalar, or an array without that element.
        """
        return _with(document, self.path.steps, 0, value)


def _with(document: Any, steps: Sequence[Step], at: int, value: Any) -> Any:
    if at == len(steps):
        return value
    step = steps[at]
    if isinstance(step, Name):
        if document is MISSING:
            return {step.name: _with(MISSING, steps, at + 1, value)}
        if isinstance(document, dict):
            changed = dict(document)
            changed[step.name] = _with(document.get(step.name, MISSING), steps, at + 1, value)
            return changed
    elif isinstance(document, list) and isinstance(step, Index) and step.index < len(document):
        elements = list(document)
        elements[step.index] = _with(document[step.index], steps, at + 1, value)
        return elements
    place = "$" + "".join(map(str, steps[:at]))
    raise PathFailed(f"{step} can't be set in {place}")
