"""Executions: a batch of events on its way through the enrichment to the target.

First everything that waits for others (`perform`: functions, HTTP), without a transaction; then, in the transaction
that removes the events from their source, what stays inside the platform (`settle`). So nothing is lost when the
process dies in between, and what is sent to queues, topics, buses and logs is sent once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fogline.aws.call import Trace
from fogline.ports.targets import TargetUnavailable
from fogline.services.pipes import targets
from fogline.services.pipes.calls import trace_of
from fogline.services.pipes.enrichment import enrich
from fogline.services.pipes.execution_log import ExecutionLog
from fogline.services.pipes.pipe import Pipe
from fogline.services.pipes.service import Pipes
from fogline.services.pipes.stage import Passing, StageFailed
from fogline.store.store import Tx


@dataclass(slots=True)
class Execution:
    """One batch and what has become of it. `failed` are places in the batch."""

    pipe: Pipe
    events: Sequence[dict[str, Any]]
    trace: Trace
    started_at: int
    log: ExecutionLog
    keeps_order: bool
    """True for streams and FIFO queues: nothing after an event that failed may overtake it."""
    sendings: list[targets.Planned] = field(default_factory=list)
    failed: set[int] = field(default_factory=set)
    is_throttled: bool = False
    error: str = ""

    def fail_all(self) -> None:
        self.failed = set(range(len(self.events)))
        self.sendings = []


def begin(
    pipes: Pipes,
    pipe: Pipe,
    events: Sequence[dict[str, Any]],
    cause: Trace | None,
    *,
    keeps_order: bool,
) -> Execution:
    """A new execution; `cause` is the chain that the batch belongs to, if it belongs to one."""
    now = pipes.clock.now()
    log = ExecutionLog(pipe.log, pipe.arn, pipes.ids.uuid(), pipes.limits.log_field_characters_max)
    trace = trace_of(pipes, cause, now)
    return Execution(pipe, events, trace, now, log, keeps_order)


async def perform(pipes: Pipes, execution: Execution) -> None:
    """Run the enrichment and plan or perform the target's part."""
    pipe, log, now = execution.pipe, execution.log, pipes.clock.now
    log.info(now(), "ExecutionStarted", targets.shown(log, execution.events))
    passing = [Passing(event, origin) for origin, event in enumerate(execution.events)]
    try:
        if pipe.enrichment:
            passing = await enrich(pipes, execution.pipe, passing, execution.trace, log)
        if not passing:
            log.info(now(), "TargetStageSkipped")
            return
        log.info(now(), "TargetStageEntered", targets.shown(log, [each.event for each in passing]))
        outcome = await targets.run(
            pipes, pipe, passing, execution.trace, log, stops=execution.keeps_order
        )
    except StageFailed as failure:
        execution.error = str(failure)
        execution.is_throttled = failure.is_throttled
        execution.fail_all()
        return
    execution.sendings = outcome.planned
    execution.failed = outcome.failed
    execution.error = outcome.error


def settle(pipes: Pipes, tx: Tx, execution: Execution, now: int) -> set[int]:
    """Send what was planned, and write the log. Returns the places of the events that failed."""
    pipe, log = execution.pipe, execution.log
    try:
        # Where it can't be told which events a failure belongs to, none may have been sent.
        with pipes.store.write() as attempt:
            _send(pipes, attempt, execution, now)
    except StageFailed as failure:
        execution.error = str(failure)
        execution.fail_all()
    failed = execution.failed
    if not failed:
        log.info(now, "ExecutionSucceeded")
    elif len(failed) == len(execution.events):
        step = "ExecutionThrottled" if execution.is_throttled else "ExecutionFailed"
        log.error(now, step, {"message": execution.error})
    else:
        log.error(now, "ExecutionPartiallyFailed", {"message": execution.error})
    log.write(tx, pipes.logs, pipe.name)
    return failed


def _send(pipes: Pipes, tx: Tx, execution: Execution, now: int) -> None:
    pipe, log = execution.pipe, execution.log
    for planned in execution.sendings:
        if planned.origin in execution.failed:
            continue
        try:
            with pipes.store.write() as one:
                planned.perform(one)
        except TargetUnavailable as gone:
            text = targets.failure_text("Target", pipe.target_kind, str(gone))
            error = {"message": text, "awsService": pipe.target_kind}
            log.error(now, "TargetInvocationFailed", error)
            if planned.origin is None:
                raise StageFailed(text) from gone
            execution.error = text
            execution.failed.add(planned.origin)
            if execution.keeps_order:
                execution.failed.update(range(planned.origin, len(execution.events)))
                return
    if execution.sendings and not execution.failed:
        log.info(now, "TargetStageSucceeded")


def record(pipes: Pipes, execution: Execution) -> None:
    """Record the execution in the chain of what caused what."""
    pipe = execution.pipe
    pipes.lineage.work(
        execution.trace,
        "pipe",
        pipe.name,
        pipe.account,
        pipe.region,
        execution.started_at,
        pipes.clock.now(),
        execution.error if execution.failed else "",
    )
