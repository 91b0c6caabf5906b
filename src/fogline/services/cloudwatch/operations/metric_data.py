"""Metric data: many metrics at once, and expressions over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
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
Answer = tuple[Query, Value, TimeSeries]
"""One series of what a query comes to."""


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
    answers = _answers(queries, known, limits.returned_series_max)

    def told(answer: Answer) -> str:
        query, value, series = answer
        own = _own_label(query, value, series, labels)
        label = own if query.label is None else query.label
        return filled_label(label, own, query, series.numbers, zone)

    is_ascending = given.get("ScanBy") == "TimestampAscending"
    return _page(answers, told, first, page_max, is_ascending=is_ascending)


def _answers(
    queries: Sequence[Query], known: Mapping[str, Value], series_max: int
) -> Sequence[Answer]:
    answers: list[Answer] = []
    for query in queries:
        if query.is_returned:
            value = known[query.id]
            all_series = _series_of(value)
            if len(answers) + len(all_series) > series_max:
                raise ValidationError(
                    reason=f"The queries return more than {series_max} time series."
                )
            answers += [(query, value, series) for series in all_series]
    return answers


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


def _page(
    answers: Sequence[Answer],
    told: Callable[[Answer], str],
    first: int,
    most: int,
    *,
    is_ascending: bool,
) -> Result:
    """The points from a place on, as many as a page has; answers with none of them are on the first page alone.

    Only what the page shows is made: many queries may come to the same long series.
    """
    results = []
    passed, end = 0, first + most
    for answer in answers:
        query, _, series = answer
        begin = passed
        passed += len(series.numbers)
        skipped, until = max(0, first - begin), end - begin
        is_shown = skipped < min(len(series.numbers), until)
        if not is_shown and (series.numbers or first):
            continue
        numbers = series.numbers
        shown = list(islice(numbers if is_ascending else reversed(numbers), skipped, max(0, until)))
        results.append(
            {
                "Id": query.id,
                "Label": told(answer),
                "Timestamps": shown,
                "Values": [numbers[at] for at in shown],
                "StatusCode": "Complete" if passed <= end else "PartialData",
            }
        )
    page: dict[str, Any] = {"MetricDataResults": results, "Messages": []}
    if passed > end:
        page["NextToken"] = pages.next_token(str(end))
    return page
