"""Enrichment: a batch is handed to a function, a workflow or an endpoint, whose answer goes on in its place.

https://docs.aws.amazon.com/eventbridge/latest/userguide/pipes-enrichment.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fogline.aws.call import Trace
from fogline.services.pipes import calls
from fogline.services.pipes.definition import ENDPOINTS
from fogline.services.pipes.execution_log import ExecutionLog
from fogline.services.pipes.pipe import Pipe
from fogline.services.pipes.service import Pipes
from fogline.services.pipes.stage import Passing, StageFailed
from fogline.services.pipes.templates import TemplateFailed, array_of

_STAGE = "Enrichment"


async def enrich(
    pipes: Pipes, pipe: Pipe, passing: Sequence[Passing], trace: Trace, log: ExecutionLog
) -> list[Passing]:
    """What goes on to the target; nothing where the answer is empty. Raises StageFailed."""
    now = pipes.clock.now
    log.info(now(), "EnrichmentStageEntered")
    try:
        texts = [pipe.transformed(pipe.enrichment_template, each.event, now()) for each in passing]
    except TemplateFailed as failure:
        log.error(now(), "EnrichmentTransformationFailed", {"message": str(failure)})
        raise StageFailed(str(failure)) from failure
    try:
        events = await _ask(pipes, pipe, passing, texts, trace, log)
    except StageFailed as failure:
        error = {"message": str(failure), "awsService": pipe.enrichment_kind}
        log.error(now(), "EnrichmentInvocationFailed", error)
        log.error(now(), "EnrichmentStageFailed", error)
        raise
    log.info(now(), "EnrichmentStageSucceeded")
    return _traced_back(pipe, passing, events)


async def _ask(
    pipes: Pipes,
    pipe: Pipe,
    passing: Sequence[Passing],
    texts: list[str],
    trace: Trace,
    log: ExecutionLog,
) -> list[Any]:
    now, arn = pipes.clock.now, pipe.enrichment
    if pipe.enrichment_kind in ENDPOINTS:
        answers: list[Any] = []
        for each, text in zip(passing, texts, strict=True):
            parameters = pipe.http_parameters(pipe.enrichment_parameters, each.event)
            log.trace(now(), "EnrichmentInvocationStarted", awsRequest=text)
            answer = await calls.call_endpoint(pipes, pipe, arn, text, parameters, trace, _STAGE)
            log.trace(
                now(),
                "EnrichmentInvocationSucceeded",
                awsResponse=answer.decode("utf-8", "replace"),
            )
            answers += _events_of(calls.read_answer(answer))
        return answers
    payload = array_of(texts)
    log.trace(now(), "EnrichmentInvocationStarted", awsRequest=payload)
    ask = calls.invoke_function if pipe.enrichment_kind == "lambda" else calls.run_workflow
    answer = await ask(pipes, pipe, arn, payload, trace, _STAGE)
    log.trace(now(), "EnrichmentInvocationSucceeded", awsResponse=answer.decode("utf-8", "replace"))
    return _events_of(calls.read_answer(answer))


def _events_of(answer: Any) -> list[Any]:
    """An array is a batch; nothing, an empty text, object or array ends the execution."""
    if isinstance(answer, list):
        return answer
    return [] if answer is None or answer in ("", {}) else [answer]


def _traced_back(pipe: Pipe, passing: Sequence[Passing], events: list[Any]) -> list[Passing]:
    """The events that go on, each with its place in the batch where all of them still say what they were."""
    places = {pipe.identifier(each.event): each.origin for each in passing}
    identifiers = [pipe.identifier(event) for event in events]
    if all(identifier in places and identifier for identifier in identifiers):
        return [
            Passing(event, places[identifier])
            for event, identifier in zip(events, identifiers, strict=True)
        ]
    return [Passing(event, None) for event in events]
