"""GetMetricData."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest


def values(results) -> list[list[float]]:
    return [each["Values"] for each in results]


def test_get_metric_data_tells_one_statistic_of_each_metric(numbers):
    numbers.put("Orders", 1, 2)
    numbers.put("Returns", 5)
    results = numbers.data(numbers.query("m1", "Orders"), numbers.query("m2", "Returns", "Maximum"))
    assert [(each["Id"], each["Values"], each["StatusCode"]) for each in results] == [
        ("m1", [3], "Complete"),
        ("m2", [5], "Complete"),
    ]


def test_without_dimensions_the_metric_without_dimensions_is_meant(numbers):
    numbers.put("Orders", 1, Dimensions=[{"Name": "Country", "Value": "CH"}])
    assert values(numbers.data(numbers.query("m1", "Orders"))) == [[]]


def test_numbers_of_another_unit_are_left_out_where_one_is_named(numbers):
    numbers.put("Latency", 1, Unit="Seconds")
    numbers.put("Latency", 5, Unit="Milliseconds")
    assert values(numbers.data(numbers.query("m1", "Latency", Unit="Seconds"))) == [[1]]
    assert values(numbers.data(numbers.query("m1", "Latency"))) == [[6]]


def test_newest_points_come_first_unless_asked_otherwise(numbers):
    numbers.put("Orders", 1, Timestamp=numbers.now() - timedelta(minutes=5))
    numbers.put("Orders", 2)
    query = numbers.query("m1", "Orders")
    assert values(numbers.data(query, ScanBy="TimestampDescending")) == [[2, 1]]
    assert values(numbers.data(query, ScanBy="TimestampAscending")) == [[1, 2]]


def test_pages_hold_as_many_points_as_were_asked_for(numbers, cloudwatch):
    for minutes in range(5):
        numbers.put("Orders", minutes, Timestamp=numbers.now() + timedelta(minutes=minutes))
    request = {
        "MetricDataQueries": [
            numbers.query("m1", "Orders"),
            numbers.query("m2", "Orders", "Average"),
        ],
        "MaxDatapoints": 3,
        "ScanBy": "TimestampAscending",
        **numbers.span(),
    }
    pages, token = [], {}
    while True:
        page = cloudwatch.get_metric_data(**request, **token)
        pages.append(
            [(each["Id"], each["Values"], each["StatusCode"]) for each in page["MetricDataResults"]]
        )
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert pages == [
        [("m1", [0, 1, 2], "PartialData")],
        [("m1", [3, 4], "Complete"), ("m2", [0], "PartialData")],
        [("m2", [1, 2, 3], "PartialData")],
        [("m2", [4], "Complete")],
    ]


@pytest.mark.parametrize(
    ("queries", "labels"),
    [
        (
            [("Orders", "Sum", 60), ("Orders", "Minimum", 30)],
            ["Orders Sum 60", "Orders Minimum 30"],
        ),
        ([("Orders", "Sum", 60), ("Orders", "Minimum", 60)], ["Orders Sum", "Orders Minimum"]),
        ([("Orders", "Sum", 60), ("Orders", "Sum", 30)], ["Orders 60", "Orders 30"]),
        ([("Orders", "Sum", 60), ("Returns", "Sum", 60)], ["Orders", "Returns"]),
    ],
)
def test_labels_tell_what_differs_between_metrics(numbers, queries, labels):
    asked = [
        numbers.query(f"m{place}", name, stat, Period=period)
        for place, (name, stat, period) in enumerate(queries)
    ]
    assert [each["Label"] for each in numbers.data(*asked)] == labels


def test_labels_tell_the_dimensions_that_differ(numbers):
    shop = {"Name": "Shop", "Value": "old"}
    asked = [
        numbers.query(
            f"m{place}", "Orders", Dimensions=[shop, {"Name": "Country", "Value": country}]
        )
        for place, country in enumerate(("CH", "LI"))
    ]
    assert [each["Label"] for each in numbers.data(*asked)] == ["CH Orders", "LI Orders"]


def test_labels_are_filled_in(numbers):
    numbers.put("Orders", 7, Dimensions=[{"Name": "Country", "Value": "CH"}])
    query = numbers.query("m1", "Orders", Dimensions=[{"Name": "Country", "Value": "CH"}])
    label = "${PROP('Dim.Country')} ${PROP('Stat')}: ${MAX} of ${DATAPOINT_COUNT} ${NONSENSE}"
    (result,) = numbers.data({**query, "Label": label})
    assert result["Label"] == "CH Sum: 7 of 1 ${NONSENSE}"


def test_expressions_stand_on_metrics_that_need_not_be_returned(numbers):
    numbers.put("Errors", 1)
    numbers.put("Invocations", 4)
    results = numbers.data(
        numbers.query("errors", "Errors", ReturnData=False),
        numbers.query("all", "Invocations", ReturnData=False),
        {"Id": "rate", "Expression": "100 * errors / all", "Label": "Error rate"},
    )
    assert [(each["Id"], each["Label"], each["Values"]) for each in results] == [
        ("rate", "Error rate", [25])
    ]


def test_expressions_stand_on_expressions_in_any_order(numbers):
    numbers.put("Orders", 4)
    results = numbers.data(
        {"Id": "e2", "Expression": "e1 + 1"},
        {"Id": "e1", "Expression": "m1 * 10"},
        numbers.query("m1", "Orders"),
    )
    assert values(results) == [[41], [40], [4]]


def test_fill_puts_a_number_wherever_there_is_none(numbers):
    numbers.put("Orders", 4)
    span = {
        "StartTime": numbers.now() - timedelta(minutes=2),
        "EndTime": numbers.now() + timedelta(minutes=1),
    }
    results = numbers.data(
        numbers.query("m1", "Orders", ReturnData=False),
        {"Id": "e1", "Expression": "FILL(m1, 0)"},
        **span,
    )
    assert values(results) == [[0, 0, 4]]


def test_an_array_is_answered_series_by_series(numbers):
    numbers.put("Orders", 4)
    numbers.put("Returns", 1)
    results = numbers.data(
        numbers.query("m1", "Orders", ReturnData=False),
        numbers.query("m2", "Returns", ReturnData=False),
        {"Id": "e1", "Expression": "METRICS() * 2"},
        {"Id": "e2", "Expression": "SUM(METRICS())"},
    )
    assert [(each["Id"], each["Label"], each["Values"]) for each in results] == [
        ("e1", "Orders", [8]),
        ("e1", "Returns", [2]),
        ("e2", "e2", [5]),
    ]


METRIC = {"Metric": {"Namespace": "Shop", "MetricName": "Orders"}, "Period": 60, "Stat": "Sum"}
AT = "MetricDataQueries.member.1"


@pytest.mark.parametrize(
    ("queries", "message"),
    [
        ([], "The parameter MetricDataQueries is required."),
        (
            [{"Id": f"m{number}", "MetricStat": METRIC} for number in range(501)],
            "The collection MetricDataQueries must not have a size greater than 500.",
        ),
        (
            [{"Id": "M1", "MetricStat": METRIC}],
            f"The value M1 for parameter {AT}.Id is not matching the expected pattern"
            " ^[a-z][a-zA-Z0-9_]*$.",
        ),
        (
            [{"Id": "m1", "MetricStat": METRIC}] * 2,
            "The values for parameter id in MetricDataQueries are not unique.",
        ),
        (
            [{"Id": "m1", "MetricStat": METRIC, "ReturnData": False}],
            "At least one of the MetricDataQueries must have ReturnData set to true.",
        ),
        (
            [{"Id": "m1"}],
            f"At least one of the parameters {AT}.Expression and {AT}.MetricStat must be specified.",
        ),
        (
            [{"Id": "m1", "MetricStat": METRIC, "Expression": "1"}],
            f"The parameters {AT}.Expression and {AT}.MetricStat are mutually exclusive and you have"
            " specified both.",
        ),
        (
            [{"Id": "m1", "MetricStat": {**METRIC, "Stat": "Most"}}],
            f"The value for parameter {AT}.MetricStat.Stat is not a valid statistic.",
        ),
        (
            [{"Id": "m1", "MetricStat": {**METRIC, "Period": 45}}],
            f"The parameter {AT}.MetricStat.Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
        ),
        (
            [{"Id": "e1", "Expression": "m1 +"}],
            "Error in expression 'e1': It ends too early.",
        ),
        (
            [{"Id": "e1", "Expression": "m1 + 1"}],
            "Error in expression 'e1': There is no query with the id 'm1'.",
        ),
        (
            [{"Id": "e1", "Expression": "e2"}, {"Id": "e2", "Expression": "e1"}],
            "Error in expression 'e1': The expressions refer to one another in a circle.",
        ),
        (
            [{"Id": "e1", "Expression": "SEARCH('{Shop}', 'Sum')"}],
            "Error in expression 'e1': Fogline does not implement the function SEARCH yet.",
        ),
        (
            [{"Id": "e1", "Expression": "SELECT AVG(Orders) FROM Shop"}],
            "Error in expression 'e1': Fogline does not implement Metrics Insights queries yet.",
        ),
        (
            [{"Id": "e1", "Expression": "1 + 1"}],
            "Error in expression 'e1': It comes to a single value, and must come to a time series or"
            " an array of time series.",
        ),
    ],
)
def test_queries_must_make_sense(numbers, cloudwatch, refusal, queries, message):
    refused = refusal(cloudwatch.get_metric_data, MetricDataQueries=queries, **numbers.span())
    assert refused == ("ValidationError", message)


def test_a_range_ends_after_it_begins(numbers, cloudwatch, refusal):
    span = {"StartTime": numbers.now(), "EndTime": numbers.now()}
    query = numbers.query("m1", "Orders")
    refused = refusal(cloudwatch.get_metric_data, MetricDataQueries=[query], **span)
    assert refused.message == "The parameter StartTime must be less than the parameter EndTime."


def test_a_token_that_nobody_gave_is_refused(numbers, cloudwatch, refusal):
    query = numbers.query("m1", "Orders")
    refused = refusal(
        cloudwatch.get_metric_data, MetricDataQueries=[query], NextToken="?", **numbers.span()
    )
    assert refused.code == "InvalidNextToken"


@pytest.mark.parametrize("most", [0, 100_801])
def test_a_page_has_a_bound(numbers, cloudwatch, refusal, most):
    query = numbers.query("m1", "Orders")
    refused = refusal(
        cloudwatch.get_metric_data, MetricDataQueries=[query], MaxDatapoints=most, **numbers.span()
    )
    assert refused.message == "The parameter MaxDatapoints must be between 1 and 100800."


def test_an_expression_that_would_take_too_long_is_refused(numbers, cloudwatch, refusal):
    queries = [
        {"Id": f"e{number}", "Expression": "FILL(m1, 0) * " * 100 + "1"} for number in range(40)
    ]
    span = {"StartTime": numbers.now() - timedelta(days=14), "EndTime": numbers.now()}
    refused = refusal(
        cloudwatch.get_metric_data,
        MetricDataQueries=[*queries, numbers.query("m1", "Orders")],
        **span,
    )
    assert refused.message.endswith("It takes too much work. Decrease the time range.")


def test_expressions_that_repeat_a_long_series_are_answered_page_by_page(numbers):
    long = {"Id": "e0", "Expression": "TIME_SERIES(1)", "Label": "${SUM} ${SUM}"}
    again = [{"Id": f"e{number}", "Expression": "e0"} for number in range(1, 500)]
    tracemalloc.start()
    results = numbers.data(long, *again, **numbers.span(minutes=10_000), MaxDatapoints=1_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [(each["Label"], len(each["Values"])) for each in results] == [("20000 20000", 1_000)]
    assert peak < 64_000_000


def test_no_more_series_are_returned_than_anybody_looks_at(numbers, refusal):
    empty = {"Id": "e0", "Expression": "METRICS()", "ReturnData": False}
    metrics = [numbers.query(f"m{number}", "Nothing") for number in range(400)]
    many = {"Id": "e1", "Expression": "[" + ",".join(["e0"] * 20) + "]"}
    refused = refusal(
        numbers.client.get_metric_data, MetricDataQueries=[empty, many, *metrics], **numbers.span()
    )
    assert refused == ("ValidationError", "The queries return more than 5000 time series.")


def test_the_end_of_time_is_told_in_utc_where_the_zone_has_it_no_more(numbers):
    end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    (told,) = numbers.data(
        {"Id": "e1", "Expression": "TIME_SERIES(1)", "Label": "${LAST_TIME}"},
        StartTime=end - timedelta(minutes=5),
        EndTime=end,
        LabelOptions={"Timezone": "+1000"},
    )
    assert told["Label"] == "9999-12-31T23:59:00+0000"
