"""Queries: what GetMetricData is asked, checked before anything is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fogline.aws.call import Call
from fogline.ports.metrics import Source
from fogline.services.cloudwatch.errors import ValidationError
from fogline.services.cloudwatch.limits import Limits
from fogline.services.cloudwatch.math.errors import ExpressionError
from fogline.services.cloudwatch.math.grammar import Expression, read_expression
from fogline.services.cloudwatch.periods import is_period
from fogline.services.cloudwatch.statistics import Statistic, find_statistic

_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """A statistic of a metric."""

    id: str
    label: str | None
    is_returned: bool
    source: Source
    name: str
    period: int
    stat: str
    statistic: Statistic
    unit: str | None


@dataclass(frozen=True, slots=True)
class MathQuery:
    """An expression over other queries."""

    id: str
    label: str | None
    is_returned: bool
    expression: Expression
    period: int | None


Query = MetricQuery | MathQuery


def read_queries(call: Call, given: Sequence[Mapping[str, Any]], limits: Limits) -> list[Query]:
    """The queries as they were given. Raises ValidationError with all that is wrong with them."""
    if not given:
        raise ValidationError(reason="The parameter MetricDataQueries is required.")
    if len(given) > limits.queries_max:
        raise ValidationError(
            reason="The collection MetricDataQueries must not have a size greater than"
            f" {limits.queries_max}."
        )
    queries: list[Query] = []
    reasons: list[str] = []
    for place, each in enumerate(given, 1):
        try:
            queries.append(_read(call, f"MetricDataQueries.member.{place}", each))
        except ValidationError as refusal:
            reasons.append(refusal.text)
    ids = {query.id for query in queries}
    if not reasons and len(ids) < len(queries):
        reasons.append("The values for parameter id in MetricDataQueries are not unique.")
    if not reasons:
        reasons += _unknown(queries, ids)
    if not reasons and not any(query.is_returned for query in queries):
        reasons.append("At least one of the MetricDataQueries must have ReturnData set to true.")
    if reasons:
        raise ValidationError(reason="\n".join(reasons[:_REASONS_MAX]))
    return queries


_REASONS_MAX = 20


def _read(call: Call, path: str, given: Mapping[str, Any]) -> Query:
    own = given["Id"]
    if _ID.fullmatch(own) is None:
        raise ValidationError(
            reason=f"The value {own} for parameter {path}.Id is not matching the expected pattern"
            " ^[a-z][a-zA-Z0-9_]*$."
        )
    metric, text = given.get("MetricStat"), given.get("Expression")
    if metric is None and text is None:
        raise ValidationError(
            reason=f"At least one of the parameters {path}.Expression and {path}.MetricStat must be"
            " specified."
        )
    if metric is not None and text is not None:
        raise ValidationError(
            reason=f"The parameters {path}.Expression and {path}.MetricStat are mutually exclusive"
            " and you have specified both."
        )
    is_returned = given.get("ReturnData") is not False
    if text is not None:
        return _read_math(path, given, text, is_returned)
    assert metric is not None
    return _read_metric(call, path, given, metric, is_returned)


def _read_math(path: str, given: Mapping[str, Any], text: str, is_returned: bool) -> MathQuery:
    if text.lstrip()[:6].upper() == "SELECT":
        raise ValidationError(
            reason=f"Error in expression '{given['Id']}': Fogline does not implement Metrics Insights"
            " queries yet."
        )
    period = given.get("Period")
    if period is not None:
        _check_period(f"{path}.Period", period)
    try:
        expression = read_expression(text)
    except ExpressionError as error:
        raise ValidationError(reason=f"Error in expression '{given['Id']}': {error}") from None
    return MathQuery(given["Id"], given.get("Label"), is_returned, expression, period)


def _read_metric(
    call: Call, path: str, given: Mapping[str, Any], stat: Mapping[str, Any], is_returned: bool
) -> MetricQuery:
    metric = stat["Metric"]
    for name in ("Namespace", "MetricName"):
        if not metric.get(name):
            raise ValidationError(
                reason=f"The parameter {path}.MetricStat.Metric.{name} is required."
            )
    _check_period(f"{path}.MetricStat.Period", stat["Period"])
    statistic = find_statistic(stat["Stat"])
    if statistic is None:
        raise ValidationError(
            reason=f"The value for parameter {path}.MetricStat.Stat is not a valid statistic."
        )
    # Another account's metrics are its own: nothing is linked here.
    account = given.get("AccountId") or call.account
    dimensions = tuple((each["Name"], each["Value"]) for each in metric.get("Dimensions") or ())
    return MetricQuery(
        given["Id"],
        given.get("Label"),
        is_returned,
        Source(account, call.region, metric["Namespace"], dimensions),
        metric["MetricName"],
        stat["Period"],
        stat["Stat"],
        statistic,
        stat.get("Unit"),
    )


def _check_period(path: str, period: int) -> None:
    if not is_period(period):
        raise ValidationError(
            reason=f"The parameter {path} must be 1, 5, 10, 20, 30 or a multiple of 60."
        )


def _unknown(queries: Sequence[Query], ids: set[str]) -> Iterator[str]:
    for query in queries:
        if isinstance(query, MathQuery):
            for name in sorted(query.expression.names - ids):
                yield f"Error in expression '{query.id}': There is no query with the id '{name}'."


def in_order(queries: Sequence[Query]) -> list[Query]:
    """The queries so that each follows those that its expression names. Raises ValidationError for a circle."""
    by_id = {query.id: query for query in queries}
    waiting = {
        query.id: set(query.expression.names) if isinstance(query, MathQuery) else set()
        for query in queries
    }
    users: dict[str, list[str]] = {}
    for own, names in waiting.items():
        for name in names:
            users.setdefault(name, []).append(own)
    ready = [own for own, names in waiting.items() if not names]
    for own in ready:  # grows as it goes
        for user in users.get(own, ()):
            waiting[user].discard(own)
            if not waiting[user]:
                ready.append(user)
    if len(ready) < len(queries):
        circle = sorted(set(waiting) - set(ready))
        raise ValidationError(
            reason=f"Error in expression '{circle[0]}': The expressions refer to one another in a circle."
        )
    return [by_id[own] for own in ready]
