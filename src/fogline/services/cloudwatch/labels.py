"""Labels of time series: those AWS makes up, and those with something filled in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from fogline.services.cloudwatch.errors import ValidationError
from fogline.services.cloudwatch.math.values import Numbers
from fogline.services.cloudwatch.queries import MetricQuery, Query
from fogline.world.clock import SECOND

LABEL_CHARACTERS_MAX = 1_024

_FILLED = re.compile(r"\$\{(?:PROP\('([^']{1,300})'\)|([A-Z_]{3,40}))\}")
_ZONE = re.compile(r"([+-])([0-9]{2})([0-9]{2})")


def default_labels(queries: Sequence[Query]) -> Mapping[str, str]:
    """For each query: the metric's name, and whatever tells it apart from the others."""
    metrics = [query for query in queries if isinstance(query, MetricQuery)]
    differing = _differing_dimensions(metrics)
    parts: list[Callable[[MetricQuery], str]] = [
        lambda query: query.source.namespace,
        lambda query: " ".join(
            value for name, value in query.source.dimensions if name in differing
        ),
        lambda query: query.name,
        lambda query: query.stat,
        lambda query: str(query.period),
    ]
    told = [part for part in parts if len({part(query) for query in metrics}) > 1]
    labels = {query.id: query.id for query in queries}
    for query in metrics:
        shown = [part(query) for part in parts if part in told or part is parts[2]]
        labels[query.id] = " ".join(each for each in shown if each)
    return labels


def _differing_dimensions(metrics: Sequence[MetricQuery]) -> set[str]:
    """The dimensions that not all metrics have, or not with the same value."""
    counts = Counter(pair for query in metrics for pair in set(query.source.dimensions))
    return {name for (name, _), count in counts.items() if count < len(metrics)}


def filled_label(label: str, own: str, query: Query, numbers: Numbers, zone: timezone) -> str:
    """The label with what `${...}` stands for in it; what stands for nothing is left as it is."""
    if "${" not in label:
        return label

    @lru_cache
    def figure(name: str) -> str | None:
        return _figure(name, own, numbers, zone)

    def fill(found: re.Match[str]) -> str:
        told = _property(found[1], query) if found[1] else figure(found[2])
        return found[0] if told is None else told

    return _FILLED.sub(fill, label[:LABEL_CHARACTERS_MAX])


def read_zone(options: Mapping[str, str] | None) -> timezone:
    """The time zone that labels tell time in. Raises ValidationError."""
    text = (options or {}).get("Timezone")
    if not text:
        return UTC
    found = _ZONE.fullmatch(text)
    if found is None or int(found[2]) > 14 or int(found[3]) > 59:
        raise ValidationError(
            reason="The parameter LabelOptions.Timezone must be an offset such as +0130."
        )
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(-offset if found[1] == "-" else offset)


def _property(name: str, query: Query) -> str | None:
    if not isinstance(query, MetricQuery):
        return None
    properties = {
        "AccountId": query.source.account,
        "MetricName": query.name,
        "Namespace": query.source.namespace,
        "Period": str(query.period),
        "Region": query.source.region,
        "Stat": query.stat,
        **{f"Dim.{dimension}": value for dimension, value in query.source.dimensions},
    }
    return properties.get(name)


def _figure(name: str, own: str, numbers: Numbers, zone: timezone) -> str | None:
    if name == "LABEL":
        return own
    if name == "DATAPOINT_COUNT":
        return str(len(numbers))
    if name not in _FIGURES:
        return None
    return _FIGURES[name](numbers, zone) if numbers else "--"


def _number(value: float) -> str:
    return f"{value:.10g}"


def _time(at: int, zone: timezone) -> str:
    try:
        told = datetime.fromtimestamp(at / SECOND, zone)
    except (OverflowError, ValueError):  # in that zone it is past the last year there is
        told = datetime.fromtimestamp(at / SECOND, UTC)
    return told.strftime("%Y-%m-%dT%H:%M:%S%z")


def _place(numbers: Numbers, which: str) -> int:
    """When the first, last, least or greatest number was."""
    if which in ("FIRST", "LAST"):
        return next(iter(numbers)) if which == "FIRST" else next(reversed(numbers))
    return (min if which == "MIN" else max)(numbers, key=numbers.__getitem__)


def _of(which: str) -> Callable[[Numbers, timezone], str]:
    return lambda numbers, zone: _number(numbers[_place(numbers, which)])


def _time_of(which: str) -> Callable[[Numbers, timezone], str]:
    return lambda numbers, zone: _time(_place(numbers, which), zone)


def _range(
    told: Callable[[str], Callable[[Numbers, timezone], str]], one: str, other: str
) -> Callable[[Numbers, timezone], str]:
    first, second = told(one), told(other)
    return lambda numbers, zone: f"{first(numbers, zone)} - {second(numbers, zone)}"


_FIGURES: Mapping[str, Callable[[Numbers, timezone], str]] = {
    "AVG": lambda numbers, zone: _number(sum(numbers.values()) / len(numbers)),
    "SUM": lambda numbers, zone: _number(sum(numbers.values())),
    **{which: _of(which) for which in ("FIRST", "LAST", "MIN", "MAX")},
    **{f"{which}_TIME": _time_of(which) for which in ("FIRST", "LAST", "MIN", "MAX")},
    "FIRST_LAST_RANGE": _range(_of, "FIRST", "LAST"),
    "FIRST_LAST_TIME_RANGE": _range(_time_of, "FIRST", "LAST"),
    "MIN_MAX_RANGE": _range(_of, "MIN", "MAX"),
    "MIN_MAX_TIME_RANGE": _range(_time_of, "MIN", "MAX"),
}
