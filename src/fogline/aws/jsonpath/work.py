"""How much one evaluation of a path may do, and how it fails."""

from __future__ import annotations

from typing import Any

WORK_MAX = 1_000_000
"""Values that one evaluation may look at: a payload of 256 KiB holds at most 131,072 of them."""
_CHARACTERS_PER_VALUE = 16


class PathFailed(Exception):
    """A path has no value in this document; `str()` is the reason in the words of AWS's library."""


class PathNotFound(PathFailed):
    """Nothing stands where a definite path points."""


class Work:
    """What is left of the work that one evaluation, or all of those for one state, may do."""

    __slots__ = ("_left",)

    def __init__(self, left: int = WORK_MAX) -> None:
        self._left = left

    @property
    def is_used_up(self) -> bool:
        return self._left < 0

    @property
    def left(self) -> int:
        return self._left

    def spend(self, amount: int) -> None:
        """Raises PathFailed when nothing is left."""
        self._left -= amount
        if self._left < 0:
            raise PathFailed("It takes more work than one state may do")

    def weigh(self, value: Any) -> None:
        """Spend what it would take to write the value out. Raises PathFailed when that is more than is left.

        A value that is contained twice counts twice: what takes little memory may be very long when written.
        """
        stack = [iter((value,))]
        while stack:
            for part in stack[-1]:
                if isinstance(part, str):
                    self.spend(1 + len(part) // _CHARACTERS_PER_VALUE)
                elif isinstance(part, dict):
                    self.spend(1 + sum(map(len, part)) // _CHARACTERS_PER_VALUE)
                    stack.append(iter(part.values()))
                    break
                elif isinstance(part, list):
                    self.spend(1)
                    stack.append(iter(part))
                    break
                else:
                    self._left -= 1
            else:
                stack.pop()
                self.spend(0)
