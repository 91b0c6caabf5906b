"""From the text of a definition to what AWS says of it: read, shape, then names and ways.

Each stage speaks only if the one before it found no error, since it relies on it. A `location` and the order of
findings follow AWS where that was recorded or measured; AWS promises neither.
"""

from __future__ import annotations

from typing import Any, Literal

from fogline.aws.states.machine.build import build_machine
from fogline.aws.states.machine.diagnostic import (
    Code,
    DefinitionRefused,
    Diagnostic,
    Findings,
)
from fogline.aws.states.machine.graph import check_graph, check_names
from fogline.aws.states.machine.json_text import InvalidJson, read_json
from fogline.aws.states.machine.limits import (
    DEFINITION_BYTES_MAX,
    JSON_DEPTH_MAX,
    SECONDS_MAX,
    STATE_NAME_CHARS_MAX,
    STATES_DEPTH_MAX,
)
from fogline.aws.states.machine.map_rules import processor_config, runs_express
from fogline.aws.states.machine.model import Machine, QueryLanguage
from fogline.aws.states.machine.shapes import Shape, is_foreign
from fogline.aws.states.machine.state_rules import check_state
from fogline.aws.states.machine.values import (
    Setting,
    integer,
    mapping,
    one_of,
    plain,
    text,
)

MachineType = Literal["STANDARD", "EXPRESS"]

_PLACES = {"StartAt": text, "States": mapping, "Comment": text}
_WHOLE = Shape(
    {
        **_PLACES,
        "Version": one_of("1.0"),
        "TimeoutSeconds": plain(integer(1, SECONDS_MAX)),
        "QueryLanguage": one_of(*QueryLanguage),
    },
    required=("StartAt", "States"),
)
_BRANCH = Shape(_PLACES, required=("StartAt", "States"))
_PROCESSOR = Shape({**_PLACES, "ProcessorConfig": processor_config}, required=("StartAt", "States"))


def diagnose(definition: str, kind: MachineType = "STANDARD") -> list[Diagnostic]:
    """All findings, at most one of each severity more than AWS lists. No error among them: it can be created."""
    findings, _ = _examine(definition, kind)
    return findings.found


def parse_machine(definition: str, kind: MachineType = "STANDARD") -> Machine:
    """The machine that a definition describes. Raises DefinitionRefused."""
    findings, document = _examine(definition, kind)
    if findings.has_errors:
        raise DefinitionRefused(findings.found)
    return build_machine(document)


def diagnose_state(definition: str) -> list[Diagnostic]:
    """The findings of a state alone, as TestState is given one; where it leads is not looked at."""
    findings = Findings()
    document = _read(findings, definition)
    if not findings.has_errors:
        own = document.get("QueryLanguage", QueryLanguage.JSONPATH)
        language = QueryLanguage.JSONATA if own == QueryLanguage.JSONATA else QueryLanguage.JSONPATH
        setting = Setting(findings, language, language)
        _check_state(setting, document, "", 0)
    return findings.found


def _examine(definition: str, kind: MachineType) -> tuple[Findings, Any]:
    findings = Findings()
    document = _read(findings, definition)
    if not findings.has_errors:
        _check_machine(findings, document, kind == "EXPRESS")
    if not findings.has_errors:
        check_names(findings, document)
        check_graph(findings, document)
    return findings, document


def _read(findings: Findings, definition: str) -> Any:
    """The definition as an object; of anything else the one finding is that it is none."""
    document: Any = None
    too_deep = "The definition is nested too deeply"
    if len(definition) > DEFINITION_BYTES_MAX or len(definition.encode(errors="replace")) > (
        DEFINITION_BYTES_MAX
    ):
        message = f"The definition exceeds {DEFINITION_BYTES_MAX} bytes"
        findings.add(Code.SCHEMA_VALIDATION_FAILED, message, None)
        return None
    if definition.strip():
        try:
            document = read_json(definition)
            if _is_deeper(document, JSON_DEPTH_MAX):
                findings.add(Code.TOO_DEEPLY_NESTED, too_deep, None)
                return None
        except InvalidJson as invalid:
            findings.add(Code.INVALID_JSON_DESCRIPTION, str(invalid), invalid.location)
            return None
        except RecursionError:
            findings.add(Code.TOO_DEEPLY_NESTED, too_deep, None)
            return None
    if not isinstance(document, dict):
        # Recorded, for a blank text and without a location.
        message = "Definition must be a valid JSON object"
        findings.add(Code.SCHEMA_VALIDATION_FAILED, message, None)
    return document


def _is_deeper(value: Any, depth_max: int) -> bool:
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(depth_max):
        level = [
            member
            for one in level
            for member in (one.values() if isinstance(one, dict) else one)
            if isinstance(member, (dict, list))
        ]
    return bool(level)


def _check_machine(findings: Findings, document: dict[str, Any], is_express: bool) -> None:
    written = document.get("QueryLanguage", QueryLanguage.JSONPATH)
    is_jsonpath = written == QueryLanguage.JSONPATH
    language = QueryLanguage.JSONPATH if is_jsonpath else QueryLanguage.JSONATA
    setting = Setting(findings, language, language, is_express)
    _check_states(setting, _WHOLE, document, "", 0)


def _check_states(setting: Setting, shape: Shape, machine: Any, prefix: str, depth: int) -> None:
    """A machine at any depth: its own fields, its states, and the machines inside them."""
    shape(setting, machine, prefix)
    states = machine.get("States") if isinstance(machine, dict) else None
    if not isinstance(states, dict):
        return
    if not states:
        setting.findings.schema("Object must have at least 1 properties", f"{prefix}/States")
    if depth > STATES_DEPTH_MAX:
        message = "The states are too deeply nested"
        setting.findings.add(Code.TOO_DEEPLY_NESTED, message, prefix)
        return
    for name, state in states.items():
        location = f"{prefix}/States/{name}"
        if not name or len(name) > STATE_NAME_CHARS_MAX:
            message = f"State name must have 1 to {STATE_NAME_CHARS_MAX} characters"
            setting.findings.add(Code.INVALID_STATE_NAME, message, location)
        _check_state(setting, state, location, depth)


def _check_state(setting: Setting, state: Any, location: str, depth: int) -> None:
    check_state(setting, state, location)
    if not isinstance(state, dict):
        return
    if state.get("Type") == "Parallel" and "Branches" in state:
        inner = setting.running_as(setting.is_express)
        branches = state["Branches"]
        if not isinstance(branches, list):
            setting.findings.schema("Expected value of type Array", f"{location}/Branches")
            return
        for index, branch in enumerate(branches):
            _check_states(inner, _BRANCH, branch, f"{location}/Branches[{index}]", depth + 1)
    elif state.get("Type") == "Map":
        inner = setting.running_as(runs_express(setting, state))
        for field in ("ItemProcessor", "Iterator"):
            if field in state and not is_foreign(field, setting.language):
                _check_states(inner, _PROCESSOR, state[field], f"{location}/{field}", depth + 1)
