"""Expressions of the JSONPath mode: a path, or a call of an intrinsic function."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fogline.aws.jsonpath import InvalidPath, Path, PathFailed, PathNotFound, compile_path
from fogline.aws.states.failures import RUNTIME, InvalidExpression, StateFailed
from fogline.aws.states.intrinsics import Intrinsic, read_intrinsic
from fogline.aws.states.scope import Scope
from fogline.aws.states.texts import json_text

COMPILED_MAX = 2_048


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression. Safe to use from any thread."""

    text: str
    meaning: Path | Intrinsic

    @property
    def variables(self) -> set[str]:
        """The names of the variables that it reads."""
        paths = [self.meaning] if isinstance(self.meaning, Path) else self.meaning.paths
        return variables_of(paths)

    def evaluate(self, scope: Scope, field: str) -> Any:
        """Its value; `field` is whose it is, for the failure's cause. Raises StateFailed."""
        if isinstance(self.meaning, Intrinsic):
            return self.meaning.evaluate(scope)
        try:
            return scope.value(self.meaning)
        except PathNotFound:
            raise StateFailed(
                RUNTIME,
                f"The JSONPath '{self.text}' specified for the field '{field}' could not be found "
                f"in the input '{json_text(scope.input)}'",
            ) from None
        except PathFailed as failed:
            raise invalid_path(self.text, failed) from None


def variables_of(paths: Iterable[Path]) -> set[str]:
    """The names of the variables that the paths start from."""
    return {path.root for path in paths if not path.root.startswith("$")}


def invalid_path(text: str, failed: PathFailed) -> StateFailed:
    """How a state fails whose path can't be applied (recorded: INVALID_JSONPATH_IN_INPUTPATH)."""
    return StateFailed(RUNTIME, f"Invalid path '{text}' : {failed}")


@lru_cache(COMPILED_MAX)
def compile_expression(text: str) -> Expression:
    """The expression that the text spells. Raises InvalidExpression."""
    if text.lstrip().startswith("States."):
        return Expression(text, read_intrinsic(text))
    try:
        return Expression(text, compile_path(text))
    except InvalidPath as invalid:
        raise InvalidExpression(str(invalid)) from None
