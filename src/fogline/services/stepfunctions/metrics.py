"""Metrics of executions: what CloudWatch is told of their starts and ends.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from fogline.ports.metrics import Measure, Metrics, Source
from fogline.services.stepfunctions.engine.execution import Facts, Run, Status
from fogline.store.store import Tx

_NAMESPACE = "AWS/States"
_KEPT_MAX = 1_024

_NAMES = {
    Status.SUCCEEDED: "ExecutionsSucceeded",
    Status.FAILED: "ExecutionsFailed",
    Status.ABORTED: "ExecutionsAborted",
    Status.TIMED_OUT: "ExecutionsTimedOut",
}
_STARTED = (Measure("ExecutionsStarted", 1, "Count"),)
_REDRIVEN = (Measure("RedrivenExecutions", 1, "Count"),)
# Every end tells also which ends it was not: so their average is a rate.
_ENDINGS = {
    status: tuple(Measure(name, int(each == status), "Count") for each, name in _NAMES.items())
    for status in _NAMES
}
_REDRIVEN_ENDINGS = {
    status: Measure(f"Redriven{name}", 1, "Count") for status, name in _NAMES.items()
}


class ExecutionMetrics:
    """Reports what executions do (answers `Watcher`)."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def began(self, tx: Tx, run: Run, input_text: str, now: int) -> None:
        self.start(run.facts, now)

    def went(self, tx: Tx, run: Run, events: Sequence[Mapping[str, Any]], now: int) -> None:
        if run.has_ended:
            self.end(run, now)

    def start(self, facts: Facts, now: int) -> None:
        """An execution begins, or begins again."""
        self._metrics.add(sources(facts), _REDRIVEN if facts.redrive_count else _STARTED, now)

    def end(self, run: Run, now: int) -> None:
        """An execution has ended."""
        self._metrics.add(sources(run.facts), measures(run.facts, run.status, now), now)


def sources(facts: Facts) -> tuple[Source, ...]:
    """What the numbers of an execution are about: its state machine, and the version and alias it was started by."""
    return _sources(
        facts.account, facts.region, facts.machine_arn, facts.version_arn, facts.alias_arn
    )


@lru_cache(_KEPT_MAX)
def _sources(
    account: str, region: str, machine: str, version_arn: str, alias_arn: str
) -> tuple[Source, ...]:
    """They are made once, so that whoever collects knows them again."""
    of_machine = ("StateMachineArn", machine)
    dimensions: list[tuple[tuple[str, str], ...]] = [(of_machine,)]
    for name, arn in (("Version", version_arn), ("Alias", alias_arn)):
        if arn:
            dimensions.append(tuple(sorted((of_machine, (name, arn.rpartition(":")[2])))))
    return tuple(Source(account, region, _NAMESPACE, each) for each in dimensions)


def measures(facts: Facts, status: str, ended_at: int) -> Sequence[Measure]:
    """The numbers of an execution that has ended."""
    took = Measure("ExecutionTime", ended_at - facts.started_at, "Milliseconds")
    if facts.redrive_count:
        return (*_ENDINGS[status], _REDRIVEN_ENDINGS[status], took)
    return (*_ENDINGS[status], took)
