"""The tree of an expression."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, eq=False)
class Slot:
    """The place where `%` finds the parent it asked for."""

    label: str
    level: int = 1


@dataclass(slots=True, eq=False)
class Tree:
    kind: str
    position: int
    value: Any = None
    left: Tree | None = None
    right: Tree | None = None
    other: Tree | None = None
    """The third part of a condition or a transform."""
    parts: list[Tree] = field(default_factory=list)
    """Steps of a path, items, arguments, parameters, expressions of a block."""
    pairs: list[tuple[Tree, Tree]] = field(default_factory=list)
    stages: list[Tree] = field(default_factory=list)
    """Filters (and `#` bindings) of a step."""
    group: list[tuple[Tree, Tree]] | None = None
    keeps_array: bool = False
    is_constructor: bool = False
    """An array constructor that begins or ends a path, or such a path's block."""
    focus: str = ""
    index: str = ""
    is_tuple: bool = False
    ancestors: list[Slot] = field(default_factory=list)
    slot: Slot | None = None
    seeking: list[Slot] = field(default_factory=list)
    signature: Any = None
