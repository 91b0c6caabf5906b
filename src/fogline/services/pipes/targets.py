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
from fogline.aws.errors import AwsError
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.pipes import calls
from fogline.services.pipes.calls import failure_text
from fogline.services.pipes.execution_log import ExecutionLog
from fogline.services.pipes.pipe import Pipe
from fogline.services.pipes.service import Pipes
from fogline.services.pipes.stage import Passing, StageFailed
from fogline.services.pipes.target_facts import facts_of
from fogline.services.pipes.templates import array_of
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


@dataclass(slots=True)
class Outcome:
    """What the target's part came to, before the transaction."""

    planned: list[Planned] = field(default_factory=list)
    failed: set[int] = field(default_factory=set)
    failed_all: bool = False
    error: str = ""


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
    """Perform what leaves the platform or runs code, and plan the rest. Raises StageFailed, TemplateFailed.

    `stops`: nothing is sent after an event that failed.
    """
    now = pipes.clock.now
    texts = [pipe.transformed(pipe.target_template, each.event, now()) for each in passing]
    if pipe.target_kind in ("lambda", "states"):
        return await _run_together(pipes, pipe, passing, texts, trace, log)
    if pipe.target_kind == "events/api-destination":
        return await _call_each(pipes, pipe, passing, texts, trace, log, stops)
    planned = [
        Planned(each.origin, _sending(pipes, pipe, each, text, trace))
        for each, text in zip(passing, texts, strict=True)
    ]
    log.trace(now(), "TargetInvocationStarted", awsRequest=array_of(texts) if log.has_data else "")
    return Outcome(planned)


def _sending(
    pipes: Pipes, pipe: Pipe, passing: Passing, text: str, trace: Trace
) -> Callable[[Tx], None]:
    facts = facts_of(pipe, passing.event)
    sending = Sending(pipe.target, text, trace, pipes.clock.now(), facts=facts)
    return lambda tx: pipes.targets.send(tx, sending)


# ---- functions and workflows


async def _run_together(
    pipes: Pipes,
    pipe: Pipe,
    passing: Sequence[Passing],
    texts: list[str],
    trace: Trace,
    log: ExecutionLog,
) -> Outcome:
    now, payload = pipes.clock.now, array_of(texts)
    is_function = pipe.target_kind == "lambda"
    member = "LambdaFunctionParameters" if is_function else "StepFunctionStateMachineParameters"
    how = (pipe.target_parameters.get(member) or {}).get("InvocationType")
    log.trace(now(), "TargetInvocationStarted", awsRequest=payload)
    if how == _FIRE_AND_FORGET:
        if is_function:
            sending = Sending(pipe.target, payload, trace, now())
            return Outcome([Planned(None, lambda tx: pipes.targets.send(tx, sending))])
        return Outcome([Planned(None, lambda tx: _start_workflow(pipes, pipe, payload, trace))])
    try:
        ask = calls.invoke_function if is_function else calls.run_workflow
        answer = await ask(pipes, pipe, pipe.target, payload, trace, _STAGE)
    except StageFailed as failure:
        error = {"message": str(failure), "awsService": pipe.target_kind}
        log.error(now(), "TargetInvocationFailed", error)
        raise
    log.trace(now(), "TargetInvocationSucceeded", awsResponse=answer.decode("utf-8", "replace"))
    return _read_failures(pipes, pipe, passing, answer, log)


def _start_workflow(pipes: Pipes, pipe: Pipe, payload: str, trace: Trace) -> None:
    if not pipes.api.has("stepfunctions", "StartExecution"):
        raise TargetUnavailable("Fogline does not implement stepfunctions StartExecution yet.")
    request = {"stateMachineArn": pipe.target, "input": payload}
    try:
        cause = calls.cause_of(pipes, pipe, pipe.target, trace)
        pipes.api.call("stepfunctions", "StartExecution", request, cause)
    except AwsError as refused:
        raise TargetUnavailable(refused.text) from refused


def _read_failures(
    pipes: Pipes, pipe: Pipe, passing: Sequence[Passing], answer: bytes, log: ExecutionLog
) -> Outcome:
    """The events that the target says have failed; all, where it names one that it was not given."""
    places = {
        identifier: each.origin
        for each in passing
        if (identifier := pipe.identifier(each.event)) is not None
    }
    failed = failed_items(answer, places)
    if failed is not None and not failed:
        return Outcome()
    log.error(
        pipes.clock.now(),
        "TargetInvocationFailed" if failed is None else "TargetInvocationPartiallyFailed",
        {"message": "The target reported failed items.", "awsService": pipe.target_kind},
    )
    error = failure_text(_STAGE, pipe.target_kind, "The target reported failed items.")
    origins = {places[identifier] for identifier in failed or ()}
    if failed is None or None in origins:
        return Outcome(failed_all=True, error=error)
    return Outcome(failed={origin for origin in origins if origin is not None}, error=error)


# ---- endpoints


async def _call_each(
    pipes: Pipes,
    pipe: Pipe,
    passing: Sequence[Passing],
    texts: list[str],
    trace: Trace,
    log: ExecutionLog,
    stops: bool,
) -> Outcome:
    now, outcome = pipes.clock.now, Outcome()
    parameters = pipe.target_parameters.get("HttpParameters") or {}
    for place, (each, text) in enumerate(zip(passing, texts, strict=True)):
        log.trace(now(), "TargetInvocationStarted", awsRequest=text)
        try:
            answer = await calls.call_endpoint(
                pipes, pipe.target, text, pipe.resolved(parameters, each.event), trace, _STAGE
            )
        except StageFailed as failure:
            error = {"message": str(failure), "awsService": pipe.target_kind}
            log.error(now(), "TargetInvocationFailed", error)
            if each.origin is None or len(passing) == 1:
                raise
            outcome.error = str(failure)
            outcome.failed.add(each.origin)
            if stops:
                rest = [later.origin for later in passing[place:]]
                outcome.failed.update(origin for origin in rest if origin is not None)
                return outcome
        else:
            text = answer.decode("utf-8", "replace")
            log.trace(now(), "TargetInvocationSucceeded", awsResponse=text)
    return outcome
