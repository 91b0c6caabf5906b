"""Targets: what is sent where, event by event or as one batch.

Functions and workflows get the batch as one JSON array; endpoints, queues, topics, buses, streams and logs get each
event alone: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from fogline.aws.batch_failures import failed_items
from fogline.aws.call import Trace
from fogline.ports.targets import Sending
from fogline.services.pipes import calls
from fogline.services.pipes.calls import failure_text
from fogline.services.pipes.definition import ENDPOINTS
from fogline.services.pipes.execution_log import ExecutionLog
from fogline.services.pipes.pipe import Pipe
from fogline.services.pipes.service import Pipes
from fogline.services.pipes.stage import Passing, StageFailed
from fogline.services.pipes.target_facts import facts_of
from fogline.services.pipes.templates import TemplateFailed, array_of
from fogline.store.store import Tx

__all__ = ["Outcome", "Planned", "failure_text", "run", "shown"]

_STAGE = "Target"
_FIRE_AND_FORGET = "FIRE_AND_FORGET"


@dataclass(frozen=True, slots=True)
class Planned:
    """Something that is sent in a transaction. `origin` is the event that it came from, None for many."""

    origin: int | None
    perform: Callable[[Tx], None]
    """Raises TargetUnavailable, then nothing was changed."""


@dataclass(frozen=True, slots=True)
class _Going:
    """An event on its last stretch: what the target gets, and what its parameters say of it."""

    passing: Passing
    text: str
    facts: dict[str, Any]


@dataclass(slots=True)
class Outcome:
    """What the target's part came to, before the transaction. `failed` are places in the batch."""

    planned: list[Planned] = field(default_factory=list)
    failed: set[int] = field(default_factory=set)
    error: str = ""

    def fail(self, origin: int, error: str) -> None:
        self.failed.add(origin)
        self.error = error

    def fail_rest(self, passing: Sequence[Passing]) -> None:
        """Let what comes after an event that failed fail with it."""
        self.failed.update(each.origin for each in passing if each.origin is not None)


def shown(log: ExecutionLog, events: Sequence[Any]) -> str:
    """Events as a log shows them, where it does."""
    return orjson.dumps(events).decode() if log.has_data else ""


async def run(
    pipes: Pipes,
    pipe: Pipe,
    passing: Sequence[Passing],
    trace: Trace,
    log: ExecutionLog,
    *,
    stops: bool,
) -> Outcome:
    """Perform what leaves the platform or runs code, and plan the rest. Raises StageFailed.

    `stops`: nothing is sent after an event that failed.
    """
    now = pipes.clock.now()
    outcome = Outcome()
    going = _transform(pipe, passing, now, log, outcome, stops)
    if not going:
        return outcome
    if pipe.target_kind in ("lambda", "states"):
        await _run_together(pipes, pipe, going, trace, log, outcome)
    elif pipe.target_kind in ENDPOINTS:
        await _call_each(pipes, pipe, going, trace, log, outcome, stops)
    else:
        outcome.planned = [
            Planned(each.passing.origin, _sending(pipes, pipe, each, trace)) for each in going
        ]
        texts = array_of([each.text for each in going]) if log.has_data else ""
        log.trace(now, "TargetInvocationStarted", awsRequest=texts)
    return outcome


def _transform(
    pipe: Pipe,
    passing: Sequence[Passing],
    now: int,
    log: ExecutionLog,
    outcome: Outcome,
    stops: bool,
) -> list[_Going]:
    """What each event becomes. One that its template or its paths do not fit fails alone."""
    going: list[_Going] = []
    for at, each in enumerate(passing):
        try:
            text = pipe.transformed(pipe.target_template, each.event, now)
            going.append(_Going(each, text, facts_of(pipe, each.event)))
        except TemplateFailed as failure:
            log.error(now, "TargetTransformationFailed", {"message": str(failure)})
            if each.origin is None:
                raise StageFailed(str(failure)) from failure
            outcome.fail(each.origin, str(failure))
            if stops:
                outcome.fail_rest(passing[at:])
                break
    return going


def _sending(pipes: Pipes, pipe: Pipe, going: _Going, trace: Trace) -> Callable[[Tx], None]:
    sending = Sending(pipe.target, going.text, trace, pipes.clock.now(), facts=going.facts)
    return lambda tx: pipes.targets.send(tx, sending)


# ---- functions and workflows


async def _run_together(
    pipes: Pipes,
    pipe: Pipe,
    going: Sequence[_Going],
    trace: Trace,
    log: ExecutionLog,
    outcome: Outcome,
) -> None:
    now, payload = pipes.clock.now, array_of([each.text for each in going])
    is_function = pipe.target_kind == "lambda"
    member = "LambdaFunctionParameters" if is_function else "StepFunctionStateMachineParameters"
    how = (pipe.target_parameters.get(member) or {}).get("InvocationType")
    log.trace(now(), "TargetInvocationStarted", awsRequest=payload)
    if how == _FIRE_AND_FORGET:
        sending = Sending(pipe.target, payload, trace, now())
        outcome.planned = [Planned(None, lambda tx: pipes.targets.send(tx, sending))]
        return
    try:
        ask = calls.invoke_function if is_function else calls.run_workflow
        answer = await ask(pipes, pipe, pipe.target, payload, trace, _STAGE)
    except StageFailed as failure:
        error = {"message": str(failure), "awsService": pipe.target_kind}
        log.error(now(), "TargetInvocationFailed", error)
        raise
    log.trace(now(), "TargetInvocationSucceeded", awsResponse=answer.decode("utf-8", "replace"))
    _read_failures(pipes, pipe, going, answer, log, outcome)


def _read_failures(
    pipes: Pipes,
    pipe: Pipe,
    going: Sequence[_Going],
    answer: bytes,
    log: ExecutionLog,
    outcome: Outcome,
) -> None:
    """The events that the target says have failed. Raises StageFailed where it names one that it was not given."""
    places = {
        identifier: each.passing.origin
        for each in going
        if (identifier := pipe.identifier(each.passing.event)) is not None
    }
    failed = failed_items(answer, places)
    if failed is not None and not failed:
        return
    text = failure_text(_STAGE, pipe.target_kind, "The target reported failed items.")
    origins = {places[identifier] for identifier in failed or ()}
    is_partial = bool(origins) and None not in origins
    step = "TargetInvocationPartiallyFailed" if is_partial else "TargetInvocationFailed"
    log.error(pipes.clock.now(), step, {"message": text, "awsService": pipe.target_kind})
    if not is_partial:
        raise StageFailed(text)
    for origin in origins:
        if origin is not None:
            outcome.fail(origin, text)


# ---- endpoints


async def _call_each(
    pipes: Pipes,
    pipe: Pipe,
    going: Sequence[_Going],
    trace: Trace,
    log: ExecutionLog,
    outcome: Outcome,
    stops: bool,
) -> None:
    now = pipes.clock.now
    for at, each in enumerate(going):
        log.trace(now(), "TargetInvocationStarted", awsRequest=each.text)
        own = pipe.http_parameters(pipe.target_parameters, each.passing.event)
        try:
            answer = await calls.call_endpoint(
                pipes, pipe, pipe.target, each.text, own, trace, _STAGE
            )
        except StageFailed as failure:
            error = {"message": str(failure), "awsService": pipe.target_kind}
            log.error(now(), "TargetInvocationFailed", error)
            if each.passing.origin is None or len(going) == 1:
                raise
            outcome.fail(each.passing.origin, str(failure))
            if stops:
                outcome.fail_rest([later.passing for later in going[at:]])
                return
        else:
            text = answer.decode("utf-8", "replace")
            log.trace(now(), "TargetInvocationSucceeded", awsResponse=text)
