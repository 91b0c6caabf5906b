"""The steps of a path: from the values found so far to the values that they lead to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fogline.aws.jsonpath.filters import Filter
from fogline.aws.jsonpath.work import PathFailed, PathNotFound, Work


@dataclass(frozen=True, slots=True)
class Name:
    """`.name`, `['name']`: a member of an object."""

    name: str

    def __str__(self) -> str:
        return f"['{self.name}']"


@dataclass(frozen=True, slots=True)
class Index:
    """`[0]`: an element of an array; below zero from its end, as `[(@.length-1)]` says it."""

    index: int

    def __str__(self) -> str:
        return f"[{self.index}]"


@dataclass(frozen=True, slots=True)
class Names:
    """`['a','b']`: an object of those members that are there. It may only end a path."""

    names: Sequence[str]

    def __str__(self) -> str:
        return "[" + ", ".join(f"'{name}'" for name in self.names) + "]"


@dataclass(frozen=True, slots=True)
class Length:
    """`.length()`: how many elements or members there are."""

    def __str__(self) -> str:
        return ".length()"


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`[*]`, `.*`: every element or member."""

    def __str__(self) -> str:
        return "[*]"


@dataclass(frozen=True, slots=True)
class Indexes:
    """`[0,2]`: some elements, in the order asked for."""

    indexes: Sequence[int]

    def __str__(self) -> str:
        return "[" + ",".join(map(str, self.indexes)) + "]"


@dataclass(frozen=True, slots=True)
class Slice:
    """`[1:3]`: a run of elements."""

    start: int | None
    stop: int | None

    def __str__(self) -> str:
        start, stop = (("" if end is None else str(end)) for end in (self.start, self.stop))
        return f"[{start}:{stop}]"


@dataclass(frozen=True, slots=True)
class Scan:
    """`..`: the value and all that it contains, before the step that follows."""

    def __str__(self) -> str:
        return ".."


@dataclass(frozen=True, slots=True)
class Selection:
    """`[?(...)]`: the elements that pass a filter; an object that passes stands for itself."""

    filter: Filter

    def __str__(self) -> str:
        return "[?]"


Definite = Name | Index | Names | Length
Step = Definite | Wildcard | Indexes | Slice | Scan | Selection


def is_definite(step: Step) -> bool:
    """True if the step leads from one value to at most one."""
    return isinstance(step, Definite)


def follow(steps: Sequence[Step], at: int, value: Any) -> Any:
    """The one value that the definite step `steps[at]` leads to.

    Raises PathFailed with the reason in the words of the library that AWS uses (Jayway JsonPath 2.0; the first two
    texts are recorded: INVALID_JSONPATH_IN_INPUTPATH, test_catch_states_runtime).
    """
    step = steps[at]
    if isinstance(step, Name):
        if isinstance(value, dict):
            if step.name in value:
                return value[step.name]
            if at == len(steps) - 1:
                raise PathNotFound(f"No results for path: {_spelled(steps, at + 1)}")
            raise PathNotFound(f"Missing property in path {_spelled(steps, at + 1)}")
        raise PathNotFound(f"Property {step} not found in path {_spelled(steps, at)}")
    if isinstance(step, Index):
        _require_array(steps, at, value)
        if -len(value) <= step.index < len(value):
            return value[step.index]
        raise PathNotFound(f"Index out of bounds when evaluating path {_spelled(steps, at + 1)}")
    if isinstance(step, Names):
        if at != len(steps) - 1:
            path = _spelled(steps, at + 1)
            raise PathFailed(f"Multi properties can only be used as path leafs: {path}")
        if isinstance(value, dict):
            return {name: value[name] for name in step.names if name in value}
        raise PathNotFound(f"Property {step} not found in path {_spelled(steps, at)}")
    if isinstance(step, Length) and isinstance(value, dict | list):
        return len(value)
    raise PathNotFound(f"No results for path: {_spelled(steps, at + 1)}")


def _require_array(steps: Sequence[Step], at: int, value: Any) -> None:
    if value is None:
        raise PathNotFound(f"The path {_spelled(steps, at)} is null")
    if not isinstance(value, list):
        rest = "".join(map(str, steps[at:]))
        raise PathFailed(f"Filter: {rest} can only be applied to arrays.")


def _spelled(steps: Sequence[Step], end: int) -> str:
    return "$" + "".join(map(str, steps[:end]))


def evaluate(steps: Sequence[Step], document: Any, root: Any, work: Work) -> list[Any]:
    """All values that the steps lead to, in the order of the document.

    Where something is missing on the way, a path that may name several values names none (recorded:
    test_json_path_array_wildcard_or_slice_with_no_input), and a definite one raises PathNotFound.
    """
    found = [document]
    is_single = True
    for at, step in enumerate(steps):
        work.spend(len(found))
        if isinstance(step, Definite) and is_single:
            try:
                found = [follow(steps, at, found[0])]
            except PathNotFound:
                if all(map(is_definite, steps)):
                    raise
                return []
            continue
        if isinstance(step, Definite):
            found = _followed(steps, at, found)
        else:
            if is_single and isinstance(step, Slice | Indexes):
                if found[0] is None:
                    return []
                _require_array(steps, at, found[0])
            is_single = False
            found = _spread(steps, at, found, root, work)
        if not found:
            return found
    return found


def _followed(steps: Sequence[Step], at: int, found: list[Any]) -> list[Any]:
    step = steps[at]
    if isinstance(step, Name):
        name = step.name
        return [value[name] for value in found if isinstance(value, dict) and name in value]
    reached = []
    for value in found:
        if isinstance(value, dict | list):
            try:
                reached.append(follow(steps, at, value))
            except PathNotFound:
                continue
            except PathFailed:
                if isinstance(step, Names):
                    raise
    return reached


def _spread(steps: Sequence[Step], at: int, found: list[Any], root: Any, work: Work) -> list[Any]:
    step = steps[at]
    if isinstance(step, Scan):
        return _contained(found, work)
    after_scan = at > 0 and isinstance(steps[at - 1], Scan)
    reached: list[Any] = []
    for value in found:
        known = len(reached)
        if isinstance(step, Selection):
            # A scan comes to every object by itself; as an element of its array it would pass twice.
            if isinstance(value, dict):
                candidates = [value]
            elif isinstance(value, list) and not after_scan:
                candidates = value
            else:
                continue
            reached.extend(one for one in candidates if step.filter.admits(one, root, work))
        elif isinstance(step, Wildcard) and isinstance(value, dict):
            reached.extend(value.values())
        elif isinstance(value, list):
            if isinstance(step, Slice):
                reached.extend(value[step.start : step.stop])
            elif isinstance(step, Indexes):
                size = len(value)
                reached.extend(value[index] for index in step.indexes if -size <= index < size)
            else:
                reached.extend(value)
        work.spend(len(reached) - known + 1)
    return reached


def _contained(found: list[Any], work: Work) -> list[Any]:
    """Objects and arrays with all the objects and arrays within them, each before its parts."""
    reached: list[Any] = []
    stack = [value for value in reversed(found) if isinstance(value, dict | list)]
    while stack:
        value = stack.pop()
        reached.append(value)
        parts = list(value.values()) if isinstance(value, dict) else value
        work.spend(len(parts) + 1)
        stack.extend(part for part in reversed(parts) if isinstance(part, dict | list))
    return reached
