"""How much one evaluation of a path may do, and how it fails."""

from __future__ import annotations

from typing import Any

WORK_MAX = 500_000
"""Values that one evaluation may look at: a payload of 256 KiB holds at most 131,072 of them."""
MATCHED_WEIGHT_MAX = 4_000_000
"""What all matches may weigh together; deep scans match a value and its parts."""
_VALUE_WEIGHT = 8


class PathFailed(Exception):
    """A path has no value in this document; `str()` is the reason in the words of AWS's library."""


class PathNotFound(PathFailed):
    """Nothing stands where a definite path points."""


class Work:
    """What is left of the work that one evaluation may do."""

    __slots__ = ("_left",)

    def __init__(self, left: int = WORK_MAX) -> None:
        self._left = left

    def spend(self, amount: int) -> None:
        """Raises PathFailed when nothing is left."""
        self._left -= amount
        if self._left < 0:
            raise PathFailed(f"The path looks at more than {WORK_MAX} values")


def is_heavier(values: list[Any], weight_max: int) -> bool:
    """True if the values weigh more: one for each character, eight for each value.

    A value that is contained twice counts twice: what takes little memory may be very long when it is written out.
    """
    weight = 0
    stack = [iter(values)]
    while stack:
        for value in stack[-1]:
            weight += _VALUE_WEIGHT
            if isinstance(value, str):
                weight += len(value)
            elif isinstance(value, dict):
                weight += sum(map(len, value))
                stack.append(iter(value.values()))
                break
            elif isinstance(value, list):
                stack.append(iter(value))
                break
            if weight > weight_max:
                return True
        else:
            stack.pop()
        if weight > weight_max:
            return True
    return False
