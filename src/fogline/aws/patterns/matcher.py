"""One matcher for many patterns: what an event costs follows the event and what it matches, not how many wait for it.

Each alternative of a pattern is anchored at the one field where the fewest others lie under the same value. An event's
values lead to the alternatives anchored there, and only those are asked in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fogline.aws.patterns.fields import fields_of
from fogline.aws.patterns.path_index import ANY, PathIndex, Place, places_of
from fogline.aws.patterns.pattern import Alternative, Pattern, is_met


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """One alternative of one pattern. `path` is where it is anchored, "" when it may match an event without fields."""

    order: int
    name: str
    alternative: Alternative
    path: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    pattern: Pattern
    entries: tuple[_Entry, ...]


class Matcher:
    """Patterns by name. For one thread at a time."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._indexes: dict[str, PathIndex[_Entry]] = {}
        self._anywhere: dict[_Entry, None] = {}
        # How many patterns need each field, and each step on the way to one.
        self._paths: dict[str, int] = {}
        self._branches: dict[str, int] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, name: str, pattern: Pattern) -> None:
        """Match `pattern` under that name from now on, in place of the one it had."""
        self.remove(name)
        self._next += 1
        order = self._next
        entries = tuple(
            self._anchored(order, name, alternative) for alternative in pattern.alternatives
        )
        self._kept[name] = _Kept(pattern, entries)
        _count(self._paths, pattern.paths, 1)
        _count(self._branches, pattern.branches, 1)

    def remove(self, name: str) -> None:
        """Match that name no more, if it was there."""
        kept = self._kept.pop(name, None)
        if kept is None:
            return
        for entry in kept.entries:
            if not entry.path:
                del self._anywhere[entry]
                continue
            index = self._indexes[entry.path]
            index.remove(entry.places, entry)
            if not index:
                del self._indexes[entry.path]
        _count(self._paths, kept.pattern.paths, -1)
        _count(self._branches, kept.pattern.branches, -1)

    def find(self, event: Mapping[str, Any]) -> list[str]:
        """The names of the patterns that the event matches, in the order in which they were put."""
        fields = fields_of(event, self._paths.keys(), self._branches.keys())
        matched: dict[int, str] = {}
        for entry in self._anywhere:
            if entry.order not in matched and is_met(entry.alternative, fields):
                matched[entry.order] = entry.name
        indexes = self._indexes
        refused: set[_Entry] = set()
        for path, values in fields.items():
            index = indexes.get(path)
            if index is None:
                continue
            for value, _ in values:
                for entry in index.candidates(value):
                    if entry.order in matched or entry in refused:
                        continue
                    if is_met(entry.alternative, fields):
                        matched[entry.order] = entry.name
                    else:
                        refused.add(entry)
        if len(matched) < 2:
            return list(matched.values())
        return [matched[order] for order in sorted(matched)]

    def _anchored(self, order: int, name: str, alternative: Alternative) -> _Entry:
        # What may be absent leads nowhere from an event that lacks it.
        choices = [
            (path, tuple(places_of(condition)))
            for path, condition in alternative.items()
            if not condition.allows_absence
        ]
        if not choices:
            entry = _Entry(order, name, alternative, "", ())
            self._anywhere[entry] = None
            return entry
        path, places = min(choices, key=lambda choice: self._weight(*choice))
        entry = _Entry(order, name, alternative, path, places)
        self._indexes.setdefault(path, PathIndex()).add(places, entry)
        return entry

    def _weight(self, path: str, places: tuple[Place, ...]) -> tuple[int, bool]:
        """How much a value at `path` finds besides; nearly every value leads to what has no value of its own."""
        index = self._indexes.get(path)
        crowd = index.crowd(places) if index is not None else 0
        return crowd, any(kind == ANY for kind, _ in places)


def _count(counts: dict[str, int], names: frozenset[str], by: int) -> None:
    for name in names:
        count = counts.get(name, 0) + by
        if count:
            counts[name] = count
        else:
            counts.pop(name, None)
