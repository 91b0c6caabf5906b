"""Where states lead: targets that are missing, states nothing leads to, machines without an end, names used twice.

Measured, and published with cfn-lint#4073 and #4074: a target is always called 'Next', whatever its field; a state is
unreachable when no other leads to it; a machine in which no state ends is not searched for unreachable ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fogline.aws.states.machine.diagnostic import Code, Findings
from fogline.aws.states.machine.json_text import RepeatedNames

Document = Mapping[str, Any]

_ENDS = frozenset({"Succeed", "Fail"})


def check_graph(findings: Findings, machine: Document, prefix: str = "") -> None:
    """A machine whose fields are known to be right, and those inside it."""
    _check_machine(findings, machine, prefix)
    for inner, place in every_machine(machine, prefix):
        _check_machine(findings, inner, place)


def check_names(findings: Findings, machine: Document) -> None:
    """Names of states and labels are unique in the whole machine ("States" in the specification; Label)."""
    seen: set[str] = set()
    labels: set[str] = set()
    for inner, place in [(machine, ""), *every_machine(machine)]:
        states = inner["States"]
        repeated = states.names if isinstance(states, RepeatedNames) else frozenset()
        for name, state in states.items():
            if name in seen or name in repeated:
                message = f"Duplicate State name: {name}"
                findings.add(Code.DUPLICATE_STATE_NAME, message, f"{place}/States/{name}")
            seen.add(name)
            label = state.get("Label")
            if isinstance(label, str) and label in labels:
                message = f"Duplicate Label name: {label}"
                where = f"{place}/States/{name}/Label"
                findings.add(Code.DUPLICATE_LABEL_NAME, message, where)
            elif isinstance(label, str):
                labels.add(label)


def every_machine(machine: Document, prefix: str = "") -> Iterator[tuple[Document, str]]:
    """The machines inside a machine, each with its place, outer before inner."""
    for name, state in machine["States"].items():
        place = f"{prefix}/States/{name}"
        for inner, field in _inner(state):
            yield inner, place + field
            yield from every_machine(inner, place + field)


def _inner(state: Document) -> list[tuple[Document, str]]:
    if state["Type"] == "Parallel":
        return [(one, f"/Branches[{at}]") for at, one in enumerate(state["Branches"])]
    if state["Type"] == "Map":
        field = "ItemProcessor" if "ItemProcessor" in state else "Iterator"
        return [(state[field], f"/{field}")]
    return []


def _check_machine(findings: Findings, machine: Document, prefix: str) -> None:
    states: Document = machine["States"]
    led_to = {machine["StartAt"]}
    if machine["StartAt"] not in states:
        _report_target(findings, machine["StartAt"], f"{prefix}/StartAt")
    for name, state in states.items():
        for target, field in _targets(state):
            if target not in states:
                _report_target(findings, target, f"{prefix}/States/{name}/{field}")
            if target != name:
                led_to.add(target)
    if not any(_ends(state) for state in states.values()):
        findings.add(Code.MISSING_END_STATE, "Workflow has no terminal state", None)
        return
    for name in states:
        if name not in led_to:
            message = f'State "{name}" is not reachable.'
            findings.add(Code.MISSING_TRANSITION_TARGET, message, f"{prefix}/States/{name}")


def _report_target(findings: Findings, target: str, location: str) -> None:
    message = f"Missing 'Next' target: {target}"
    findings.add(Code.MISSING_TRANSITION_TARGET, message, location)


def _targets(state: Document) -> Iterator[tuple[str, str]]:
    for index, rule in enumerate(state.get("Choices", ())):
        yield rule["Next"], f"Choices[{index}]/Next"
    if "Default" in state:
        yield state["Default"], "Default"
    if "Next" in state:
        yield state["Next"], "Next"
    for index, catcher in enumerate(state.get("Catch", ())):
        yield catcher["Next"], f"Catch[{index}]/Next"


def _ends(state: Document) -> bool:
    return state["Type"] in _ENDS or state.get("End") is True
