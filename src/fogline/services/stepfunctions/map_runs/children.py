"""The children of map runs: started in the order of their inputs, stopped, and started again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fogline.aws.call import Trace
from fogline.services.stepfunctions.distributed.batching import Input
from fogline.services.stepfunctions.engine.engine import Engine
from fogline.services.stepfunctions.engine.execution import Facts
from fogline.services.stepfunctions.engine.execution import Status as ExecutionStatus
from fogline.services.stepfunctions.engine.express import Express
from fogline.services.stepfunctions.engine.keeping import execution_arn, kept_facts
from fogline.services.stepfunctions.engine.promises import EXPRESS_TOPIC, promised_facts
from fogline.services.stepfunctions.executions import ExecutionRow, Executions
from fogline.services.stepfunctions.limits import Limits
from fogline.services.stepfunctions.map_runs import tables
from fogline.services.stepfunctions.map_runs.map_run import MapRun, child_id
from fogline.services.stepfunctions.map_runs.runs import TOPIC
from fogline.store.store import Tx
from fogline.world.ids import Ids

_TRACE_DIGITS = 16


class Children:
    """Starts and stops executions for map runs."""

    def __init__(
        self, engine: Engine, express: Express, executions: Executions, ids: Ids, limits: Limits
    ) -> None:
        self._engine = engine
        self._express = express
        self._executions = executions
        self._ids = ids
        self._limits = limits

    def start(
        self, tx: Tx, run: MapRun, first_index: int, inputs: Sequence[Input], now: int
    ) -> None:
        """Start a child for each of the inputs."""
        model = _facts(run, now)
        prefix = f"arn:aws:states:{run.region}:{run.account}:execution:{run.machine}:"
        trace = model.trace
        for index, given in enumerate(inputs, first_index):
            name = self._ids.uuid()
            own = Trace(trace.trace_id, self._ids.hex(_TRACE_DIGITS), trace.id)
            facts = replace(
                model, id=child_id(run.id, index), arn=prefix + name, name=name, trace=own
            )
            self._start(tx, facts, given, now)

    def _start(self, tx: Tx, facts: Facts, given: Input, now: int) -> None:
        more = {"items": given.items}
        if not facts.is_express:
            most = self._limits.standard_seconds_max
            self._engine.start(tx, facts, given.text, now, seconds_max=most, more=more)
            return
        machine = facts.machine_name
        kept = kept_facts(facts, **more, is_express=True)
        row = ExecutionRow(
            facts.id,
            facts.account,
            facts.region,
            machine,
            facts.name,
            ExecutionStatus.RUNNING,
            now,
            None,
            facts.map_run,
            kept,
            None,
            None,
        )
        self._executions.add_row(tx, row, given.text)
        self._executions.promises.add(tx, facts.id, now, promised_facts(facts), given.text)
        tx.stir(EXPRESS_TOPIC)

    def restart(self, tx: Tx, run: MapRun, executions: Sequence[str], now: int) -> None:
        """Let children that ended without success go on; Express ones begin anew."""
        most = self._limits.standard_seconds_max
        for execution in executions:
            row = self._executions.find_by_id(tx, execution)
            assert row is not None, "children are kept as long as their map run"
            if not run.facts["is_express"]:
                self._engine.redrive(tx, row, now, seconds_max=most, token="")
                continue
            arn = execution_arn(row)
            facts = replace(_facts(run, now), id=row.id, arn=arn, name=row.name)
            given = self._executions.input_of(tx, row.id)
            self._executions.save_restart(tx, row.id, row.facts, row.redrives)
            self._executions.promises.add(tx, row.id, now, promised_facts(facts), given)
            tx.stir(EXPRESS_TOPIC)

    def stop_some(self, tx: Tx, run: MapRun, limit: int, now: int) -> bool:
        """Stop some of those that run; True when there may be more to stop."""
        if run.facts["is_express"]:
            return self._stop_express(tx, run, limit, now)
        found = tables.running_children(tx, run.id, limit)
        for execution in found:
            self._engine.stop(tx, execution, None, None, now)
        return len(found) == limit

    def _stop_express(self, tx: Tx, run: MapRun, limit: int, now: int) -> bool:
        for execution in tables.promised_children(tx, run.id, limit):
            self.stop_express(tx, execution, run.arn, now)
        return False

    def stop_express(self, tx: Tx, execution: str, map_run: str, now: int) -> None:
        """Stop a child that is an Express execution. One that another node runs ends with its time."""
        if self._executions.promises.recall(tx, execution, now):
            status = ExecutionStatus.ABORTED
            self._executions.save_end(tx, execution, status, now, None, None, None)
            tables.add_news(tx, map_run, tables.News(execution, status))
            tx.stir(TOPIC)
        else:
            self._express.stop(execution)


def _facts(run: MapRun, now: int) -> Facts:
    """What all children of the map run have in common."""
    facts: Mapping[str, Any] = run.facts
    return Facts(
        id="",
        arn="",
        name="",
        account=run.account,
        region=run.region,
        machine_arn=run.machine_arn,
        machine_name=run.machine,
        is_express=facts["is_express"],
        definition=facts["definition"],
        role_arn=facts["role"],
        started_at=now,
        trace=Trace(*facts["trace"]),
        mock_case=facts["mock"],
        logging=facts["logging"],
        map_run=run.arn,
    )
