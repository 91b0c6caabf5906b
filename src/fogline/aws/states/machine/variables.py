"""Which variables each state reads, as DescribeStateMachine lists them (recorded: `variableReferences`).

That a variable is assigned before it is read is not asked: AWS takes such machines, and the state that reads fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.states.machine.expressions import (
    variables_in_jsonata,
    variables_in_path,
    variables_in_template,
)
from fogline.aws.states.machine.graph import every_machine
from fogline.aws.states.machine.json_text import read_json
from fogline.aws.states.machine.model import QueryLanguage

_TEMPLATES = frozenset(
    {
        "Parameters",
        "ItemSelector",
        "ResultSelector",
        "Assign",
        "Credentials",
        "BatchInput",
    }
)
_NESTED = frozenset({"ItemReader", "ReaderConfig", "ItemBatcher", "ResultWriter"})
_INNER_MACHINES = frozenset({"Branches", "ItemProcessor", "Iterator"})
_LISTS = frozenset({"Choices", "Catch", "And", "Or"})


def variable_references(definition: str) -> dict[str, list[str]]:
    """The names of the variables by the state that reads them, both sorted; states that read none are left out.

    The definition is known to be valid. States of branches and processors stand beside the others.
    """
    machine = read_json(definition)
    language = machine.get("QueryLanguage", QueryLanguage.JSONPATH)
    found: dict[str, list[str]] = {}
    for part in (machine, *(inner for inner, _ in every_machine(machine))):
        for name, state in part["States"].items():
            variables = _read_by(state, state.get("QueryLanguage", language))
            if variables:
                found[name] = sorted(variables)
    return dict(sorted(found.items()))


def _read_by(state: Mapping[str, Any], language: str) -> frozenset[str]:
    own = {name: value for name, value in state.items() if name not in _INNER_MACHINES}
    if language == QueryLanguage.JSONATA:
        return variables_in_jsonata(own)
    return _read_by_fields(own)


def _read_by_fields(fields: Mapping[str, Any]) -> frozenset[str]:
    return frozenset[str]().union(*(_read_by_field(name, one) for name, one in fields.items()))


def _read_by_field(name: str, value: Any) -> frozenset[str]:
    if name in _TEMPLATES:
        return variables_in_template(value)
    if name.endswith("Path") or name == "Variable":
        return variables_in_path(value)
    if name in _NESTED or name == "Not":
        return _read_by_fields(value)
    if name in _LISTS:
        return frozenset[str]().union(*(_read_by_fields(one) for one in value))
    return frozenset()
