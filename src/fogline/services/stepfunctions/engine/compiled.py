"""A definition, compiled: every state by its name, with its fields ready to be evaluated."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

from fogline.aws.jsonata import is_expression
from fogline.aws.jsonpath import compile_path
from fogline.aws.states.choices import compile_choice_rule
from fogline.aws.states.expressions import compile_expression
from fogline.aws.states.machine import load_machine
from fogline.aws.states.machine.model import (
    ABSENT,
    Catcher,
    ChoiceState,
    FailState,
    Machine,
    MapState,
    ParallelState,
    PassState,
    QueryLanguage,
    Retrier,
    State,
    TaskState,
    WaitState,
)
from fogline.aws.states.payload_templates import compile_template
from fogline.services.stepfunctions.engine import numbers
from fogline.services.stepfunctions.engine.jsonata_fields import (
    Field,
    JsonataCatch,
    JsonataFields,
    JsonataRule,
    field,
)
from fogline.services.stepfunctions.engine.jsonpath_fields import (
    JsonPathAssignment,
    JsonPathCatch,
    JsonPathFields,
)
from fogline.services.stepfunctions.engine.numbers import Read
from fogline.services.stepfunctions.engine.view import View

_COMPILED_MAX = 512

Test = Callable[[View], bool]


class Catch(Protocol):
    """What a state makes of an error that it catches."""

    def output(self, view: View, error_output: Any) -> Any: ...

    def assigned(self, view: View, error_output: Any) -> dict[str, Any] | None: ...


class CompiledState:
    """One state. What only some types have is None in the others."""

    __slots__ = (
        "catches",
        "credentials",
        "entered_type",
        "exited_type",
        "fields",
        "heartbeat_seconds",
        "item_selector",
        "items",
        "language",
        "max_concurrency",
        "model",
        "name",
        "next",
        "passes_through",
        "rules",
        "say_cause",
        "say_error",
        "starts",
        "timeout_seconds",
        "tolerated_count",
        "tolerated_percentage",
        "type",
        "uses_context",
        "wait_until",
    )

    def __init__(self, model: State) -> None:
        self.model = model
        self.name = model.name
        self.type = model.type
        self.next = model.next
        self.language = model.query_language
        self.entered_type = f"{model.type}StateEntered"
        self.exited_type = f"{model.type}StateExited"
        is_jsonata = self.is_jsonata
        self.fields = JsonataFields(model) if is_jsonata else JsonPathFields(model)
        text = repr(model)
        self.uses_context = "$$" in text or "$states" in text
        self.catches: tuple[tuple[Catcher, Catch], ...] = tuple(
            (one, _catch(one, is_jsonata)) for one in getattr(model, "catch", ())
        )
        self.starts: tuple[str, ...] = ()
        self.passes_through = (
            isinstance(model, PassState)
            and self.fields.is_plain
            and model.result is ABSENT
            and (is_jsonata or model.result_path == "$")
        )
        """True for a Pass whose output is its input."""
        self.rules: tuple[tuple[Test, str, Any], ...] = ()
        self.say_error: Callable[[View], str | None] = _nothing
        self.say_cause: Callable[[View], str | None] = _nothing
        self.wait_until: Callable[[View], int] | None = None
        self.timeout_seconds: Read | None = None
        self.heartbeat_seconds: Read | None = None
        self.max_concurrency: Read | None = None
        self.tolerated_count: Read | None = None
        self.tolerated_percentage: Read | None = None
        self.items: Read | None = None
        self.item_selector: Read | None = None
        self.credentials: Read | None = None
        self._compile_own()

    @property
    def is_jsonata(self) -> bool:
        return self.language is QueryLanguage.JSONATA

    @property
    def retry(self) -> tuple[Retrier, ...]:
        """What is tried again."""
        return getattr(self.model, "retry", ())

    def _compile_own(self) -> None:
        model = self.model
        if isinstance(model, ChoiceState):
            self.rules = tuple(_rules(model))
        elif isinstance(model, FailState):
            self.say_error = _words("Error", model.error, model.error_path)
            self.say_cause = _words("Cause", model.cause, model.cause_path)
        elif isinstance(model, WaitState):
            from fogline.services.stepfunctions.engine.waiting import wait_until

            self.wait_until = wait_until(model)
        elif isinstance(model, TaskState):
            self.timeout_seconds = numbers.seconds(
                "TimeoutSeconds", model.timeout_seconds, model.timeout_seconds_path
            )
            self.heartbeat_seconds = numbers.seconds(
                "HeartbeatSeconds", model.heartbeat_seconds, model.heartbeat_seconds_path
            )
            self.credentials = _value("Credentials", model.credentials, self.is_jsonata)
        elif isinstance(model, ParallelState):
            self.starts = tuple(branch.start_at for branch in model.branches)
        elif isinstance(model, MapState):
            self._compile_map(model)

    def _compile_map(self, model: MapState) -> None:
        self.starts = (model.item_processor.start_at,)
        self.items = _items(model, self.is_jsonata)
        self.item_selector = _value("ItemSelector", model.item_selector, self.is_jsonata)
        self.max_concurrency = numbers.integer(
            "MaxConcurrency", model.max_concurrency, model.max_concurrency_path
        )
        self.tolerated_count = numbers.integer(
            "ToleratedFailureCount",
            model.tolerated_failure_count,
            model.tolerated_failure_count_path,
        )
        self.tolerated_percentage = numbers.percentage(
            "ToleratedFailurePercentage",
            model.tolerated_failure_percentage,
            model.tolerated_failure_percentage_path,
        )


class CompiledMachine:
    """A whole machine. Names are unique in it, so that each state is found by its name wherever it stands."""

    __slots__ = ("model", "start_at", "states", "timeout_seconds")

    def __init__(self, model: Machine) -> None:
        self.model = model
        self.start_at = model.start_at
        self.timeout_seconds = model.timeout_seconds
        self.states = {state.name: CompiledState(state) for state in model.every_state()}


@lru_cache(_COMPILED_MAX)
def compile_machine(definition: str) -> CompiledMachine:
    """The machine of a definition that was accepted when its state machine was made."""
    return CompiledMachine(load_machine(definition))


# ---- parts


def _nothing(view: View) -> str | None:
    return None


def _catch(catcher: Catcher, is_jsonata: bool) -> JsonataCatch | JsonPathCatch:
    return JsonataCatch(catcher) if is_jsonata else JsonPathCatch(catcher)


def _rules(model: ChoiceState) -> list[tuple[Test, str, Any]]:
    rules: list[tuple[Test, str, Any]] = []
    for index, one in enumerate(model.choices):
        if model.query_language is QueryLanguage.JSONATA:
            condition = Field(f"Choices[{index}]/Condition", one.condition, "boolean")
            rules.append((condition.value, one.next, JsonataRule(one.output, one.assign)))
        else:
            rule = compile_choice_rule(one.rule)
            holds: Test = lambda view, rule=rule: rule.holds(view.scope)  # type: ignore[misc]  # noqa: E731
            rules.append((holds, one.next, JsonPathAssignment(one.assign)))
    return rules


def _words(name: str, literal: str | None, path: str | None) -> Callable[[View], str | None]:
    """`Error` and `Cause` of a Fail state."""
    if path is not None:
        expression = compile_expression(path)
        return lambda view: _text(expression.evaluate(view.scope, f"{name}Path"))
    if literal is None:
        return _nothing
    if is_expression(literal):
        return Field(name, literal, "string").value
    return lambda view: literal


def _text(value: Any) -> str | None:
    from fogline.aws.states.texts import json_text

    return value if value is None or isinstance(value, str) else json_text(value)


def _value(name: str, template: Any, is_jsonata: bool) -> Callable[[View], Any] | None:
    """A template of either language: it gives its value for a view."""
    if template is ABSENT or template is None:
        return None
    if is_jsonata:
        return Field(name, template).value
    compiled = compile_template(template)
    return lambda view: compiled.apply(view.scope)


def _items(model: MapState, is_jsonata: bool) -> Any:
    if is_jsonata:
        items = field("Items", model.items, "array")
        return None if items is None else items.value
    if model.items_path is None:
        return None
    path = compile_path(model.items_path)
    from fogline.aws.states.paths import read_path

    return lambda view: read_path(path, view.scope)
