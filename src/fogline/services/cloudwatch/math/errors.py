"""What is wrong with an expression."""

from __future__ import annotations


class ExpressionError(Exception):
    """An expression that can't be read or carried out; its text says why."""
