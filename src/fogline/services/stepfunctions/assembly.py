"""How Step Functions is put together."""

from __future__ import annotations

from dataclasses import replace

from fogline.background.lineage import Lineage
from fogline.background.supervisor import Run
from fogline.ports.api import Api
from fogline.ports.metrics import Metrics
from fogline.ports.service import Service
from fogline.services.stepfunctions.distributed.limits import MapRunLimits
from fogline.services.stepfunctions.engine.engine import Engine
from fogline.services.stepfunctions.engine.express import Express
from fogline.services.stepfunctions.engine.interpreter import Interpreter
from fogline.services.stepfunctions.engine.performing import NeverAtOnce
from fogline.services.stepfunctions.engine.watching import Watchers
from fogline.services.stepfunctions.execution_logs import ExecutionLogs
from fogline.services.stepfunctions.executions import Executions
from fogline.services.stepfunctions.limits import Limits
from fogline.services.stepfunctions.loops import Forgetting
from fogline.services.stepfunctions.machines import Machines
from fogline.services.stepfunctions.map_runs.beginning import MapRunBeginning, NoMapRuns
from fogline.services.stepfunctions.map_runs.children import Children
from fogline.services.stepfunctions.map_runs.loop import MapRunLoop
from fogline.services.stepfunctions.map_runs.runs import MapRuns
from fogline.services.stepfunctions.map_runs.works import Works
from fogline.services.stepfunctions.metrics import ExecutionMetrics
from fogline.services.stepfunctions.mock_file import MockFile
from fogline.services.stepfunctions.notices import Notices
from fogline.services.stepfunctions.service import OPERATIONS, StepFunctions
from fogline.services.stepfunctions.tasks.integrations import Integrations
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids


def make_stepfunctions(
    *,
    store: Store,
    clock: Clock,
    ids: Ids,
    api: Api,
    lineage: Lineage,
    run: Run,
    performing: Integrations,
    logs: ExecutionLogs,
    notices: Notices,
    metrics: Metrics,
    mocks: MockFile,
    limits: Limits | None = None,
) -> StepFunctions:
    """What the operations of Step Functions stand on."""
    limits = limits or Limits()
    executions = Executions(store)
    map_run_limits = MapRunLimits()
    beginning = MapRunBeginning(ids, map_run_limits)
    interpreter = Interpreter(ids, limits, performing, beginning, mocks)
    watchers = Watchers()
    watchers.add(logs)
    watchers.add(notices)
    reports = ExecutionMetrics(metrics)
    watchers.add(reports)
    engine = Engine(store, executions, interpreter, performing, watchers, clock, lineage, run)
    express = Express(
        store,
        executions,
        _express_interpreter(store, ids, limits, performing, mocks),
        performing,
        logs,
        reports,
        clock,
        lineage,
        run,
        limits,
    )
    map_runs = MapRuns(executions, ids)
    engine.begin_map_run, engine.stop_map_run = map_runs.begin, map_runs.stop
    engine.redrive_map_runs = map_runs.redrive
    engine.map_run_ended = express.map_run_ended = map_runs.child_ended
    works = Works(store, engine, api, clock, ids, limits, map_run_limits)
    children = Children(engine, express, executions, ids, limits)
    return StepFunctions(
        store,
        Machines(store),
        clock,
        ids,
        api,
        limits,
        executions,
        engine,
        express,
        mocks,
        performing,
        MapRunLoop(store, children, works, run, limits.retained_ms),
    )


def _express_interpreter(
    store: Store, ids: Ids, limits: Limits, performing: Integrations, mocks: MockFile
) -> Interpreter:
    return Interpreter(
        ids,
        replace(limits, history_events_max=limits.express_events_max),
        NeverAtOnce(performing) if store.is_shared else performing,
        NoMapRuns(),
        mocks,
    )


def make_service(stepfunctions: StepFunctions) -> Service:
    """Step Functions as the platform takes it in."""
    return Service(
        name="stepfunctions",
        package="fogline.services.stepfunctions",
        stands_on=stepfunctions,
        operations=OPERATIONS,
        loops=(
            stepfunctions.engine,
            stepfunctions.express,
            stepfunctions.map_runs,
            Forgetting(stepfunctions.store, stepfunctions.executions, stepfunctions.limits),
        ),
    )
