"""What APIs of every kind report about themselves: under which dimensions, and the numbers that they share."""

from __future__ import annotations

from functools import lru_cache

from fogline.ports.metrics import Measure, Source

NAMESPACE = "AWS/ApiGateway"
_KEPT_MAX = 4_096

COUNT = Measure("Count", 1, "Count")


@lru_cache(_KEPT_MAX)
def sources_of(
    account: str,
    region: str,
    api: tuple[str, str],
    stage: str,
    detail: tuple[tuple[str, str], ...] = (),
) -> tuple[Source, ...]:
    """The API, its stage, and the method or route of the stage that `detail` names, if it is told in detail.

    They are made once, so that whoever collects knows them again: the same arguments mostly give the same tuple.
    """
    sources = (
        Source(account, region, NAMESPACE, (api,)),
        Source(account, region, NAMESPACE, (api, ("Stage", stage))),
    )
    if not detail:
        return sources
    dimensions = sorted((api, *detail, ("Stage", stage)))
    return (*sources, Source(account, region, NAMESPACE, tuple(dimensions)))


@lru_cache(_KEPT_MAX)
def latency(ms: int) -> Measure:
    """From the request to the answer."""
    return Measure("Latency", ms, "Milliseconds")


@lru_cache(_KEPT_MAX)
def integration_latency(ms: int) -> Measure:
    """From what an integration is asked to what it answers."""
    return Measure("IntegrationLatency", ms, "Milliseconds")
