"""Whole numbers as intrinsic functions take them."""

from __future__ import annotations

import math

INTEGER_MIN = -(2**31)
INTEGER_MAX = 2**31 - 1


def rounded(number: int | float) -> int:
    """The nearest whole number; a half goes up, below zero too (recorded: test_math_add)."""
    return number if isinstance(number, int) else math.floor(number + 0.5)
