"""Metric data: many metrics at once, and expressions over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fogline.aws import pages
from fogline.aws.call import Call
from fogline.services.cloudwatch.answering import Answers
from fogline.services.cloudwatch.errors import InvalidNextToken, ValidationError
from fogline.services.cloudwatch.labels import default_labels, filled_label, read_zone
from fogline.services.cloudwatch.math.values import Array, TimeSeries, Value
from fogline.services.cloudwatch.queries import Query, read_queries
from fogline.services.cloudwatch.reading import Reading
from fogline.services.cloudwatch.service import CloudWatch

if TYPE_CHECKING:
    from types_boto3_cloudwatch.type_defs import GetMetricDataInputTypeDef

Result = Mapping[str, Any]
Answer = tuple[str, str, list[tuple[int, float]]]
"""An id, a label and points in the order in which they are asked for."""


def get_metric_data(
    cloudwatch: CloudWatch, call: Call, request: GetMetricDataInputTypeDef
) -> Result:
    limits = cloudwatch.limits
    given: Any = request
    start, end = given["StartTime"], given["EndTime"]
    if start >= end:
        raise ValidationError(
            reason="The parameter StartTime must be less than the parameter EndTime."
        )
    queries = read_queries(call, given["MetricDataQueries"], limits)
    page_max = _read_page_size(given.get("MaxDatapoints"), limits.data_datapoints_max)
    zone = read_zone(given.get("LabelOptions"))
    first = _read_place(given.get("NextToken"))
    labels = default_labels(queries)
    cloudwatch.collector.flush()
    with cloudwatch.store.read() as tx:
        reading = Reading(cloudwatch, tx, call.now)
        known = Answers(queries, labels, reading, (start, end, call.now), limits).find()
    answers: list[Answer] = []
    is_ascending = given.get("ScanBy") == "TimestampAscending"
    for query in queries:
        if query.is_returned:
            for series in _series_of(known[query.id]):
                own = _own_label(query, known[query.id], series, labels)
                label = own if query.label is None else query.label
                points = list(series.numbers.items())
                answers.append(
                    (
                        query.id,
                        filled_label(label, own, query, series.numbers, zone),
                        points if is_ascending else points[::-1],
                    )
                )
    return _page(answers, first, page_max)


def _read_page_size(given: int | None, most: int) -> int:
    if given is None:
        return most
    if not 1 <= given <= most:
        raise ValidationError(reason=f"The parameter MaxDatapoints must be between 1 and {most}.")
    return given


def _read_place(token: str | None) -> int:
    """How many points the pages before had."""
    try:
        start = pages.page_start(token)
        if start and not (start.isascii() and start.isdigit() and len(start) < 12):
            raise InvalidNextToken()
    except pages.InvalidNextToken:
        raise InvalidNextToken() from None
    return int(start or 0)


def _series_of(value: Value) -> Sequence[TimeSeries]:
    if isinstance(value, Array):
        return value
    assert isinstance(value, TimeSeries)
    return (value,)


def _own_label(query: Query, value: Value, series: TimeSeries, labels: Mapping[str, str]) -> str:
    """What a series is called without a label: one of an array as the metric that it comes from."""
    return series.label if isinstance(value, Array) and series.label else labels[query.id]


def _page(answers: Sequence[Answer], first: int, most: int) -> Result:
    """The points from a place on, as many as a page has; answers with none of them are on the first page alone."""
    results = []
    passed, end = 0, first + most
    for number, label, points in answers:
        begin = passed
        passed += len(points)
        shown = points[max(0, first - begin) : max(0, end - begin)]
        if not shown and (points or first):
            continue
        results.append(
            {
                "Id": number,
                "Label": label,
                "Timestamps": [at for at, _ in shown],
                "Values": [value for _, value in shown],
                "StatusCode": "Complete" if passed <= end else "PartialData",
            }
        )
    answer: dict[str, Any] = {"MetricDataResults": results, "Messages": []}
    if passed > end:
        answer["NextToken"] = pages.next_token(str(end))
    return answer
