"""Numbers that a definition names in one of three ways: as they are, by a path, or by an expression."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fogline.aws.jsonata import is_expression
from fogline.aws.jsonpath import compile_path
from fogline.aws.states.failures import RUNTIME, StateFailed
from fogline.aws.states.machine.model import ABSENT
from fogline.aws.states.path_values import read_integer, read_percentage, read_seconds
from fogline.services.stepfunctions.engine.jsonata_fields import Field, QueryFailed
from fogline.services.stepfunctions.engine.view import View

Read = Callable[[View], Any]


def seconds(name: str, literal: Any, path: str | None, maximum: int = 99_999_999) -> Read | None:
    """`TimeoutSeconds`, `HeartbeatSeconds`: whole seconds, at least one. None where the field is absent."""
    if path is not None:
        compiled = compile_path(path)
        return lambda view: read_seconds(compiled, view.scope, f"{name}Path")
    return _number(name, literal, 1, maximum)


def integer(name: str, literal: Any, path: str | None, least: int = 0) -> Read | None:
    """`MaxConcurrency`, `ToleratedFailureCount` and the like: a whole number."""
    if path is not None:
        compiled = compile_path(path)

        def read(view: View) -> int:
            value = read_integer(compiled, view.scope, f"{name}Path")
            if value < least:
                raise StateFailed(RUNTIME, f"{name} cannot be negative.")
            return value

        return read
    return _number(name, literal, least, 2**31 - 1)


def percentage(name: str, literal: Any, path: str | None) -> Read | None:
    """`ToleratedFailurePercentage`: from 0 to 100."""
    if path is not None:
        compiled = compile_path(path)
        return lambda view: read_percentage(compiled, view.scope)
    if literal is None or literal is ABSENT:
        return None
    if not is_expression(literal):
        return lambda view: float(literal)
    field = Field(name, literal, "number")

    def read(view: View) -> float:
        value = field.value(view)
        if not 0 <= value <= 100:
            raise StateFailed(RUNTIME, f"{name} must be between 0 and 100.")
        return float(value)

    return read


def _number(name: str, literal: Any, least: int, most: int) -> Read | None:
    if literal is None or literal is ABSENT:
        return None
    if not is_expression(literal):
        return lambda view: literal
    field = Field(name, literal, "number")
    text = literal[2:-2].strip()

    def read(view: View) -> int:
        value = field.value(view)
        if value != int(value) or not least <= value <= most:
            raise QueryFailed(
                f"The JSONata expression '{text}' specified for the field '{name}' returned a value "
                f"that is not an integer from {least} to {most}: {value}",
                name,
            )
        return int(value)

    return read
