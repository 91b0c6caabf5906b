"""Metrics of functions: what CloudWatch is told of invocations, of events that wait for one, and of function URLs.

Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from fogline.ports.functions import Outcome
from fogline.ports.metrics import Measure, Source
from fogline.services.lambda_.names import LATEST, Reference, is_version

NAMESPACE = "AWS/Lambda"
_KEPT_MAX = 4_096

_INVOCATION = Measure("Invocations", 1, "Count")
_NO_ERROR, _ERROR = (Measure("Errors", value, "Count") for value in (0, 1))
_NO_THROTTLE, _THROTTLE = (Measure("Throttles", value, "Count") for value in (0, 1))
THROTTLED = (_THROTTLE,)
EVENT_RECEIVED = (Measure("AsyncEventsReceived", 1, "Count"),)
EVENT_DROPPED = (Measure("AsyncEventsDropped", 1, "Count"),)
DEAD_LETTER_FAILED = (Measure("DeadLetterErrors", 1, "Count"),)
DESTINATION_FAILED = (Measure("DestinationDeliveryFailures", 1, "Count"),)

_URL_REQUEST = Measure("UrlRequestCount", 1, "Count")
_NO_4XX, _4XX = (Measure("Url4xxCount", value, "Count") for value in (0, 1))
_NO_5XX, _5XX = (Measure("Url5xxCount", value, "Count") for value in (0, 1))
_URL_FINE = (_URL_REQUEST, _NO_4XX, _NO_5XX)
_URL_ENDINGS = {4: (_URL_REQUEST, _4XX, _NO_5XX), 5: (_URL_REQUEST, _NO_4XX, _5XX)}
"""By the first digit of the status."""


class Running(NamedTuple):
    """How many invocations run at a moment."""

    of_function: int
    of_account: int
    unreserved: int
    """Of the account's, those of functions without a concurrency of their own."""


class Sources(NamedTuple):
    """What the numbers of an invocation are about."""

    function: tuple[Source, ...]
    """The function, what of it was asked for, and of an alias also which version that was."""
    everything: tuple[Source, ...]
    """All of these, and all functions of the account in the region together."""
    name: tuple[Source, ...]
    """Only the function, whatever of it was asked for."""
    account: tuple[Source, ...]


@lru_cache(_KEPT_MAX)
def sources_of(reference: Reference, version: str = "") -> Sources:
    """They are made once, so that whoever collects knows them again: the same arguments mostly give the same ones."""
    account, region, qualifier = reference.account, reference.region, reference.qualifier
    name = ("FunctionName", reference.name)
    resource = ("Resource", f"{reference.name}:{qualifier}" if qualifier else reference.name)
    dimensions: list[tuple[tuple[str, str], ...]] = [(name,), (name, resource)]
    is_alias = qualifier not in ("", LATEST) and not is_version(qualifier)
    if is_alias and version:
        dimensions.append((("ExecutedVersion", version), name, resource))
    function = tuple(Source(account, region, NAMESPACE, each) for each in dimensions)
    whole = (Source(account, region, NAMESPACE),)
    return Sources(function, (*function, *whole), function[:1], whole)


def invocation(outcome: Outcome) -> Sequence[Measure]:
    """The numbers of an invocation."""
    return (
        _INVOCATION,
        _ERROR if outcome.function_error else _NO_ERROR,
        _NO_THROTTLE,
        Measure("Duration", outcome.duration_ms, "Milliseconds"),
    )


def concurrency_of_function(running: Running) -> Sequence[Measure]:
    """How many invocations of a function ran when one began."""
    return (Measure("ConcurrentExecutions", running.of_function, "Count"),)


def concurrency_of_account(running: Running) -> Sequence[Measure]:
    """How many invocations of all functions ran when one began."""
    return (
        Measure("ConcurrentExecutions", running.of_account, "Count"),
        Measure("UnreservedConcurrentExecutions", running.unreserved, "Count"),
    )


def event_age(ms: int) -> Sequence[Measure]:
    """How long an event has waited for its function."""
    return (Measure("AsyncEventAge", ms, "Milliseconds"),)


def iterator_age(ms: int) -> Sequence[Measure]:
    """How old the last record of a batch was when its function was given it."""
    return (Measure("IteratorAge", ms, "Milliseconds"),)


def url_request(status: int, latency_ms: int) -> Sequence[Measure]:
    """The numbers of a request to a function URL."""
    return (
        *_URL_ENDINGS.get(status // 100, _URL_FINE),
        Measure("UrlRequestLatency", latency_ms, "Milliseconds"),
    )
