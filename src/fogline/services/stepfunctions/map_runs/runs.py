"""Map runs as the engine meets them: kept when a state begins one, told of its children's ends, and stopped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fogline.aws.states.machine import read_json
from fogline.aws.states.machine.model import MapState
from fogline.aws.states.texts import json_text
from fogline.services.stepfunctions.distributed.batching import Input
from fogline.services.stepfunctions.distributed.items import add_chunks, chunks_of
from fogline.services.stepfunctions.engine.execution import Run
from fogline.services.stepfunctions.engine.map_states import BegunMapRun, RedrivenMapRun
from fogline.services.stepfunctions.executions import Executions
from fogline.services.stepfunctions.map_runs import tables
from fogline.services.stepfunctions.map_runs.map_run import MapRun, Phase, Status
from fogline.store.store import Tx
from fogline.world.ids import Ids

TOPIC = "map-runs"
"""Stirred when there is something to be done for a map run."""
_CHANCE_DIGITS = 16
_ATTEMPT_DIGITS = 24
_UNSUCCESSFUL = (Status.FAILED, Status.ABORTED)


class MapRuns:
    """What `Engine` and `Express` are to call, in their transactions."""

    def __init__(self, executions: Executions, ids: Ids) -> None:
        self._executions = executions
        self._ids = ids

    def begin(self, tx: Tx, run: Run, begun: BegunMapRun, now: int) -> None:
        """Keep a map run that a state has begun, with its inputs if they are known."""
        facts, state = run.facts, run.machine.states[begun.state]
        assert isinstance(state.model, MapState), "only Maps have map runs"
        text = self._executions.definitions.text(tx, facts.definition)
        map_run = MapRun(
            id=f"{self._ids.ordered(now):016x}{self._ids.hex(_CHANCE_DIGITS)}",
            arn=begun.arn,
            account=facts.account,
            region=facts.region,
            execution=facts.id,
            branch=begun.branch,
            attempt=begun.attempt,
            status=Status.RUNNING,
            phase=Phase.READING if begun.inputs is None else Phase.RUNNING,
            due_at=now,
            started_at=now,
            stopped_at=None,
            redrives=0,
            redriven_at=None,
            error=None,
            cause=None,
            settings=begun.settings,
            facts={
                "state": begun.state,
                "execution_arn": facts.arn,
                "definition": self._executions.definitions.keep(
                    tx, processor_text(text, begun.state)
                ),
                "is_express": state.model.execution_type == "EXPRESS",
                "role": facts.role_arn,
                "trace": list(facts.trace),
                "mock": facts.mock_case,
                "logging": facts.logging,
            },
        )
        if begun.failure is not None:
            map_run.fail(begun.failure.error, begun.failure.cause)
            map_run.phase = Phase.WRITING
        elif begun.inputs is not None:
            self._add_inputs(tx, map_run, begun.inputs)
        tables.add(tx, map_run)
        tx.stir(TOPIC)

    def _add_inputs(self, tx: Tx, map_run: MapRun, inputs: Sequence[Input]) -> None:
        add_chunks(tx, map_run.id, chunks_of(inputs))
        map_run.executions.total = len(inputs)
        map_run.items.total = sum(given.items for given in inputs)

    def child_ended(self, tx: Tx, run: Run, now: int) -> None:
        """A child came to its end."""
        tables.add_news(tx, run.facts.map_run, tables.News(run.facts.id, run.status))
        tx.stir(TOPIC)

    def redrive(self, tx: Tx, run: Run, now: int) -> dict[int, RedrivenMapRun]:
        """Let the map runs go on that had not succeeded; by the branches that began them last."""
        redriven: dict[int, RedrivenMapRun] = {}
        for branch, arn in tables.last_of_branches(tx, run.facts.id).items():
            waiting = run.branch(branch)
            map_run = None if waiting is None else tables.hold(tx, arn)
            if map_run is None or waiting is None or waiting.state != map_run.facts["state"]:
                continue
            if map_run.phase == Phase.ENDED and map_run.status in _UNSUCCESSFUL:
                if not map_run.is_resumable:
                    continue
                map_run.resume(self._ids.hex(_ATTEMPT_DIGITS), now)
                tables.save(tx, map_run)
                redriven[branch] = RedrivenMapRun(arn, map_run.redrives, map_run.attempt)
                tx.stir(TOPIC)
        return redriven

    def stop(self, tx: Tx, arn: str, now: int) -> None:
        """Nobody waits for the map run any more: it ends, and its children are stopped."""
        map_run = tables.hold(tx, arn)
        if map_run is None or map_run.status != Status.RUNNING:
            return
        map_run.status, map_run.stopped_at = Status.ABORTED, now
        map_run.phase, map_run.due_at = Phase.STOPPING, now
        tables.save(tx, map_run)
        tx.stir(TOPIC)


def processor_text(definition: str, state: str) -> str:
    """The machine of a Map's children: its processor, in the language of the machine around it."""
    machine = read_json(definition)
    found = _find_state(machine, state)
    assert found is not None, "the state stands in its machine"
    processor = found.get("ItemProcessor") or found["Iterator"]
    own = {name: value for name, value in processor.items() if name != "ProcessorConfig"}
    if "QueryLanguage" in machine:
        own["QueryLanguage"] = machine["QueryLanguage"]
    return json_text(own)


def _find_state(machine: dict[str, Any], name: str) -> dict[str, Any] | None:
    states: dict[str, dict[str, Any]] = machine["States"]
    if name in states:
        return states[name]
    for state in states.values():
        processor = state.get("ItemProcessor") or state.get("Iterator")
        for inner in (*state.get("Branches", ()), *([processor] if processor else [])):
            found = _find_state(inner, name)
            if found is not None:
                return found
    return None
