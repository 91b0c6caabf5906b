"""Notices: the default bus hears when a Standard execution begins and ends.

https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import orjson

from fogline.aws.arn import make_arn
from fogline.ports.targets import Sending, Targets, TargetUnavailable
from fogline.services.stepfunctions.engine.execution import Run, Status
from fogline.store.store import Tx

_DETAIL_TYPE = "Step Functions Execution Status Change"
_DATA_BYTES_MAX = 248 * 1_024
"""Of an input and an output together, escaped; what is longer is left out."""
_REDRIVABLE = frozenset({Status.FAILED, Status.ABORTED, Status.TIMED_OUT})

IsHeard = Callable[[Tx, str, str], bool]
"""Whether anybody listens to the default bus of an account in a region."""


class Notices:
    """Tells of executions (answers `Watcher`). Where nobody listens, it costs one look."""

    def __init__(self, targets: Targets, is_heard: IsHeard) -> None:
        self._targets = targets
        self._is_heard = is_heard

    def began(self, tx: Tx, run: Run, input_text: str, now: int) -> None:
        self._tell(tx, run, now)

    def went(self, tx: Tx, run: Run, events: Sequence[Mapping[str, Any]], now: int) -> None:
        if run.has_ended:
            self._tell(tx, run, now)

    def _tell(self, tx: Tx, run: Run, now: int) -> None:
        facts = run.facts
        if not self._is_heard(tx, facts.account, facts.region):
            return
        bus = make_arn("events", facts.region, facts.account, "event-bus/default")
        told = {"Source": "aws.states", "DetailType": _DETAIL_TYPE, "Resources": [facts.arn]}
        detail = orjson.dumps(make_detail(run)).decode()
        with suppress(TargetUnavailable):
            self._targets.send(tx, Sending(bus, detail, facts.trace, now, facts=told))


def make_detail(run: Run) -> dict[str, Any]:
    """What an event says of the execution, as it is now."""
    facts = run.facts
    input: str | None = run.input_text
    output = run.output_text
    output_bytes = _escaped(output)
    has_output = output_bytes <= _DATA_BYTES_MAX
    has_input = _escaped(input) + (output_bytes if has_output else 0) <= _DATA_BYTES_MAX
    can_redrive = run.status in _REDRIVABLE
    return {
        "executionArn": facts.arn,
        "stateMachineArn": facts.machine_arn,
        "stateMachineVersionArn": facts.version_arn or None,
        "stateMachineAliasArn": facts.alias_arn or None,
        "name": facts.name,
        "status": run.status,
        "startDate": facts.started_at,
        "stopDate": run.ended_at,
        "input": input if has_input else None,
        "inputDetails": {"included": has_input},
        "output": output if has_output else None,
        "outputDetails": None if output is None else {"included": has_output},
        "error": run.error,
        "cause": run.cause,
        "redriveCount": facts.redrive_count,
        "redriveDate": facts.redriven_at,
        "redriveStatus": "REDRIVABLE" if can_redrive else "NOT_REDRIVABLE",
        "redriveStatusReason": None
        if can_redrive
        else f"Execution is {run.status} and cannot be redriven",
    }


def _escaped(text: str | None) -> int:
    """How long the text is as a JSON string."""
    return 0 if text is None else len(orjson.dumps(text))
