"""From a definition that is known to be valid to the machine it describes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fogline.aws.states.machine.json_text import read_json
from fogline.aws.states.machine.model import (
    Catcher,
    ChoiceRule,
    ChoiceState,
    FailState,
    ItemBatcher,
    ItemReader,
    Machine,
    MapState,
    ParallelState,
    PassState,
    ProcessorMode,
    QueryLanguage,
    ResultWriter,
    Retrier,
    State,
    SucceedState,
    TaskState,
    WaitState,
)
from fogline.aws.states.machine.resources import parse_resource

Document = Mapping[str, Any]

_CLASSES: Mapping[str, type[State]] = {
    one.type: one
    for one in (
        PassState,
        TaskState,
        ChoiceState,
        WaitState,
        SucceedState,
        FailState,
        ParallelState,
        MapState,
    )
}
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_NAMES: dict[str, str] = {}


def load_machine(text: str) -> Machine:
    """The machine of a text that was accepted before: nothing is checked again."""
    return build_machine(read_json(text))


def build_machine(document: Document) -> Machine:
    """The machine that a valid document describes."""
    language = QueryLanguage(document.get("QueryLanguage", QueryLanguage.JSONPATH))
    return _machine(document, language)


def build_state(name: str, document: Document, language: QueryLanguage) -> State:
    """One state; `language` is that of the machine it stands in."""
    own = QueryLanguage(document.get("QueryLanguage", language))
    fields = _fields(document, _ELSEWHERE)
    if document["Type"] == "Map":
        fields |= _map_fields(document, language)
    elif document["Type"] == "Parallel":
        fields["branches"] = tuple(_machine(one, language) for one in document["Branches"])
    elif document["Type"] == "Choice":
        fields["choices"] = tuple(_choice_rule(one) for one in document["Choices"])
    elif document["Type"] == "Task":
        fields["resource"] = parse_resource(document["Resource"])
    if "Retry" in document:
        fields["retry"] = tuple(_retrier(one) for one in document["Retry"])
    if "Catch" in document:
        fields["catch"] = tuple(_catcher(one) for one in document["Catch"])
    return _CLASSES[document["Type"]](name=name, query_language=own, **fields)


def snake_case(name: str) -> str:
    """How the model spells a field of the language: `MaxItemsPerBatch` is `max_items_per_batch`."""
    known = _NAMES.get(name)
    if known is None:
        # Only names of the language come here, so this table cannot grow.
        known = _NAMES[name] = _CAPITAL.sub("_", name).lower()
    return known


_ELSEWHERE = frozenset(
    {
        "Type",
        "QueryLanguage",
        "End",
        "Retry",
        "Catch",
        "Choices",
        "Branches",
        "Resource",
        "ItemProcessor",
        "Iterator",
        "ItemReader",
        "ItemBatcher",
        "ResultWriter",
        "Version",
        "States",
    }
)


def _fields(document: Document, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    return {snake_case(name): value for name, value in document.items() if name not in without}


def _machine(document: Document, language: QueryLanguage) -> Machine:
    # States inside a Map or Parallel speak the language of the whole machine, not of the state around them
    # (measured with ValidateStateMachineDefinition; the specification says so too).
    return Machine(
        start_at=document["StartAt"],
        states={
            name: build_state(name, state, language) for name, state in document["States"].items()
        },
        query_language=language,
        timeout_seconds=document.get("TimeoutSeconds"),
        version=document.get("Version", "1.0"),
        comment=document.get("Comment"),
    )


def _retrier(document: Document) -> Retrier:
    fields = _fields(document, _NOTES)
    fields["error_equals"] = tuple(fields["error_equals"])
    return Retrier(**fields)


def _catcher(document: Document) -> Catcher:
    fields = _fields(document, _NOTES)
    fields["error_equals"] = tuple(fields["error_equals"])
    return Catcher(**fields)


_NOTES = frozenset({"Comment"})
_BESIDE_RULE = frozenset({"Next", "Condition", "Output", "Assign", "Comment"})


def _choice_rule(document: Document) -> ChoiceRule:
    rule = {name: value for name, value in document.items() if name not in _BESIDE_RULE}
    beside = {name: value for name, value in document.items() if name in _BESIDE_RULE - _NOTES}
    return ChoiceRule(rule=rule, **_fields(beside))


def _map_fields(document: Document, language: QueryLanguage) -> dict[str, Any]:
    processor = document.get("ItemProcessor") or document["Iterator"]
    config = processor.get("ProcessorConfig", {})
    fields: dict[str, Any] = {
        "item_processor": _machine(processor, language),
        "mode": ProcessorMode(config.get("Mode", ProcessorMode.INLINE)),
        "execution_type": config.get("ExecutionType"),
    }
    if "Parameters" in document:
        # The older name of ItemSelector; a Map has no other parameters.
        fields["item_selector"] = document["Parameters"]
    if "ItemReader" in document:
        fields["item_reader"] = ItemReader(**_object_action(document["ItemReader"]))
    if "ItemBatcher" in document:
        fields["item_batcher"] = ItemBatcher(**_fields(document["ItemBatcher"]))
    if "ResultWriter" in document:
        fields["result_writer"] = ResultWriter(**_object_action(document["ResultWriter"]))
    return fields


def _object_action(document: Document) -> dict[str, Any]:
    fields = _fields(document)
    if "resource" in fields:
        fields["resource"] = parse_resource(fields["resource"])
    return fields
