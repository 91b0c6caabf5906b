"""The fields of a state that speaks JSONata: `Arguments`, `Output`, `Assign`, and whatever an expression may give.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.jsonata import (
    MISSING,
    EvaluationFailed,
    Expression,
    Template,
    UnsupportedResult,
    is_expression,
)
from fogline.aws.states.failures import QUERY_EVALUATION_ERROR, StateFailed
from fogline.aws.states.machine.model import ABSENT, Catcher, State
from fogline.aws.states.texts import json_text
from fogline.services.stepfunctions.engine.view import View

_SHOWN_CHARACTERS_MAX = 1_000


class QueryFailed(StateFailed):
    """An expression has no value that the field can take.

    `location` is the field, with its place in it, or "".
    """

    def __init__(self, cause: str, location: str) -> None:
        super().__init__(QUERY_EVALUATION_ERROR, cause)
        self.location = location


class Field:
    """A field whose value holds expressions. `kind` is the JSON type that it must give, "" for any."""

    __slots__ = ("_kind", "_template", "_text", "name")

    def __init__(self, name: str, value: Any, kind: str = "") -> None:
        self.name = name
        self._kind = kind
        self._text = value[2:-2].strip() if is_expression(value) else ""
        self._template = Template(value)

    def value(self, view: View, **states: Any) -> Any:
        """What the field says. `states` are further members of `$states` (`result`, `errorOutput`).

        Raises QueryFailed.
        """
        template = self._template
        if template.is_constant:
            value = template.evaluate(_never, self.name)
        else:
            variables = {
                **view.variables,
                "states": {"input": view.input, "context": view.context, **states},
            }

            def evaluate(expression: Expression, place: str) -> Any:
                return _evaluate(expression, place, variables, view)

            value = template.evaluate(evaluate, self.name)
        if self._kind and _kind_of(value) != self._kind:
            self._refuse(value)
        return value

    def _refuse(self, value: Any) -> None:
        shown = json_text(value)[:_SHOWN_CHARACTERS_MAX]
        raise QueryFailed(
            f"The JSONata expression '{self._text}' specified for the field '{self.name}' returned an "
            f"unexpected result type. Expected '{self._kind}', but was '{_kind_of(value)}' "
            f"for value: {shown}",
            self.name,
        )


def _never(expression: Expression, place: str) -> Any:
    raise AssertionError("a constant holds no expression")


def _evaluate(expression: Expression, place: str, variables: Mapping[str, Any], view: View) -> Any:
    ids = view.ids
    try:
        value = expression.evaluate(
            variables,
            now=view.now,
            next_chance=ids.fraction,
            new_id=ids.uuid,
            purse=view.purse,
        )
    except UnsupportedResult:
        raise QueryFailed(
            f"The JSONata expression '{expression.text}' specified for the field '{place}' "
            "returned an unsupported result type.",
            place,
        ) from None
    except EvaluationFailed as failed:
        raise QueryFailed(
            f"The JSONata expression '{expression.text}' specified for the field '{place}' "
            f"threw an error during evaluation. {failed}",
            place,
        ) from None
    if value is MISSING:
        raise QueryFailed(
            f"The JSONata expression '{expression.text}' specified for the field '{place}' "
            "returned nothing (undefined).",
            place,
        )
    return value


def _kind_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def field(name: str, value: Any, kind: str = "") -> Field | None:
    """The field of a definition, or None where it is absent."""
    if value is ABSENT or value is None:
        return None
    return Field(name, value, kind)


class JsonataFields:
    """What a state makes of its input and of its result."""

    __slots__ = ("_arguments", "_assign", "_output", "is_plain")

    def __init__(self, state: State) -> None:
        self._arguments = field("Arguments", getattr(state, "arguments", ABSENT))
        self._output = _output_field(getattr(state, "output", ABSENT))
        self._assign = field("Assign", getattr(state, "assign", None))
        self.is_plain = self._output is None and self._assign is None

    def effective_input(self, view: View) -> Any:
        return view.input

    def task_input(self, view: View) -> Any:
        """What the state works with. Raises QueryFailed."""
        return view.input if self._arguments is None else self._arguments.value(view)

    def output(self, view: View, result: Any) -> Any:
        """What the state passes on. Raises QueryFailed."""
        return result if self._output is None else self._output.value(view, result=result)

    def assigned(self, view: View, result: Any) -> dict[str, Any] | None:
        """The variables that the state sets. Raises QueryFailed."""
        if self._assign is None:
            return None
        assigned: dict[str, Any] = self._assign.value(view, result=result)
        return assigned


class JsonataCatch:
    """What a `Catch` passes on, and sets."""

    __slots__ = ("_assign", "_output")

    def __init__(self, catcher: Catcher) -> None:
        self._output = _output_field(catcher.output)
        self._assign = field("Assign", catcher.assign)

    def output(self, view: View, error_output: Any) -> Any:
        if self._output is None:
            return error_output
        return self._output.value(view, errorOutput=error_output)

    def assigned(self, view: View, error_output: Any) -> dict[str, Any] | None:
        if self._assign is None:
            return None
        assigned: dict[str, Any] = self._assign.value(view, errorOutput=error_output)
        return assigned


class JsonataRule:
    """What a choice rule passes on, and sets."""

    __slots__ = ("_assign", "_output", "has_output")

    def __init__(self, output: Any, assign: Any) -> None:
        self._output = _output_field(output)
        self._assign = field("Assign", assign)
        self.has_output = self._output is not None

    def output(self, view: View, result: Any) -> Any:
        return result if self._output is None else self._output.value(view)

    def assigned(self, view: View, result: Any) -> dict[str, Any] | None:
        if self._assign is None:
            return None
        assigned: dict[str, Any] = self._assign.value(view)
        return assigned


def _output_field(output: Any) -> Field | None:
    # null is an output, too (recorded: test_base_output_any_non_dict).
    return None if output is ABSENT else Field("Output", output)
