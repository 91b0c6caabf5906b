"""What a drawing shows, as data: for programs that read instead of looking."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fogline.aws.states.drawing.graph import Terminal, graph_of
from fogline.aws.states.drawing.outcomes import ExecutionProgress, StateProgress
from fogline.aws.states.drawing.progress import Progress
from fogline.aws.states.drawing.wording import state_words
from fogline.aws.states.machine import Machine, inner_machines


def summarize(machine: Machine, progress: Progress | None = None) -> dict[str, Any]:
    """States (outer before inner) with the ways out of each and, where given, how each and the whole went."""
    states: list[dict[str, Any]] = []
    _add(machine, progress, None, states)
    document: dict[str, Any] = {"startAt": machine.start_at, "states": states}
    if progress is not None:
        document["execution"] = _execution(progress.execution)
    return document


def _add(
    machine: Machine, progress: Progress | None, inside: str | None, states: list[dict[str, Any]]
) -> None:
    ways: dict[object, list[dict[str, Any]]] = {}
    for edge in graph_of(machine, is_whole=inside is None).edges:
        to = edge.target.value if isinstance(edge.target, Terminal) else edge.target
        way: dict[str, Any] = {"to": to, "kind": edge.kind.value}
        if edge.full_label:
            way["when"] = edge.full_label
        if progress is not None:
            way["taken"] = progress.went(edge.source, edge.target, edge.kind)
        ways.setdefault(edge.source, []).append(way)
    for name, state in machine.states.items():
        one: dict[str, Any] = {"name": name, "type": state.type, "does": state_words(state)}
        if inside is not None:
            one["inside"] = inside
        one["ways"] = ways.get(name, [])
        if progress is not None:
            one["progress"] = _state(progress.of(name))
        states.append(one)
        for inner in inner_machines(state):
            _add(inner, progress, name, states)


def _execution(execution: ExecutionProgress) -> dict[str, Any]:
    return {
        "status": execution.status,
        "startedAt": execution.started_at,
        "endedAt": execution.ended_at,
        "error": execution.error,
        "cause": execution.cause,
    }


def _state(state: StateProgress) -> dict[str, Any]:
    said = {
        "status": state.status.value,
        "entered": state.entered,
        "exited": state.exited,
        "running": state.running,
        "attempts": state.attempts,
        "startedAt": state.started_at,
        "endedAt": state.ended_at,
        "duration": state.duration,
        "error": state.error,
        "cause": state.cause,
        "input": state.input,
        "output": state.output,
        "items": asdict(state.items) if state.items else None,
    }
    return {key: value for key, value in said.items() if value is not None}
