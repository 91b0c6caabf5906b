"""GetMetricStatistics."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.services.cloudwatch.conftest import NAMESPACE


def test_get_metric_statistics_tells_all_five_of_a_minute(numbers):
    numbers.put("Latency", *range(10), Unit="Milliseconds")
    (told,) = numbers.statistics("Latency", "Average", "Sum", "Minimum", "Maximum", "SampleCount")
    del told["Timestamp"]
    assert told == {
        "Average": 4.5,
        "Sum": 45,
        "Minimum": 0,
        "Maximum": 9,
        "SampleCount": 10,
        "Unit": "Milliseconds",
    }


def test_extended_statistics_know_how_numbers_were_spread(numbers):
    numbers.put("Latency", *range(1, 101))
    (told,) = numbers.statistics("Latency", "p50", "p99", "p99.9", "tm90", "PR(:20)", "tc(90:)")
    assert told["ExtendedStatistics"] == {
        "p50": 50,
        "p99": 99,
        "p99.9": 100,
        "tm90": 45.5,
        "PR(:20)": 20,
        "tc(90:)": 10,
    }


def test_nothing_is_known_of_the_spread_of_a_statistic_set(numbers):
    given = {"SampleCount": 2, "Sum": 30, "Minimum": 10, "Maximum": 20}
    numbers.put("Latency", StatisticValues=given)
    assert numbers.statistics("Latency", "p50") == []


def test_a_statistic_set_of_equal_numbers_tells_percentiles(numbers):
    given = {"SampleCount": 3, "Sum": 30, "Minimum": 10, "Maximum": 10}
    numbers.put("Latency", StatisticValues=given)
    (told,) = numbers.statistics("Latency", "p90")
    assert told["ExtendedStatistics"] == {"p90": 10}


def test_each_unit_has_datapoints_of_its_own(numbers):
    numbers.put("Latency", 1, Unit="Seconds")
    numbers.put("Latency", 5, Unit="Milliseconds")
    told = numbers.statistics("Latency", "Sum")
    assert sorted((each["Unit"], each["Sum"]) for each in told) == [
        ("Milliseconds", 5),
        ("Seconds", 1),
    ]
    (told,) = numbers.statistics("Latency", "Sum", Unit="Seconds")
    assert told["Sum"] == 1


def test_periods_begin_where_the_time_range_begins(numbers):
    start = numbers.now() - timedelta(minutes=30)
    for minutes in (0, 4, 5, 9, 10):
        numbers.put("Orders", 1, Timestamp=start + timedelta(minutes=minutes))
    told = numbers.statistics("Orders", "Sum", StartTime=start, EndTime=numbers.now(), Period=300)
    assert [(each["Timestamp"], each["Sum"]) for each in told] == [
        (start, 2),
        (start + timedelta(minutes=5), 2),
        (start + timedelta(minutes=10), 1),
    ]


def test_the_end_is_not_part_of_the_range(numbers):
    numbers.put("Orders", 1)
    assert numbers.statistics("Orders", "Sum", EndTime=numbers.now()) == []


def test_metrics_of_high_resolution_are_told_by_the_second(numbers):
    for seconds in (0, 1, 2):
        numbers.put(
            "Orders", 1, StorageResolution=1, Timestamp=numbers.now() + timedelta(seconds=seconds)
        )
    span = {"StartTime": numbers.now(), "EndTime": numbers.now() + timedelta(minutes=1)}
    assert len(numbers.statistics("Orders", "Sum", Period=1, **span)) == 3
    assert [each["Sum"] for each in numbers.statistics("Orders", "Sum", Period=60, **span)] == [3]


def test_an_unknown_metric_has_no_datapoints(cloudwatch, numbers):
    answer = cloudwatch.get_metric_statistics(
        Namespace="Nothing", MetricName="None", Period=60, Statistics=["Sum"], **numbers.span()
    )
    assert (answer["Label"], answer["Datapoints"]) == ("None", [])


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        (
            {"days": 0},
            "InvalidParameterValue",
            "The parameter StartTime must be less than the parameter EndTime.",
        ),
        (
            {"Period": 1},
            "InvalidParameterCombination",
            "You have requested up to 86400 datapoints, which exceeds the limit of 1440. You may"
            " reduce the datapoints requested by increasing Period, or decreasing the time range.",
        ),
        (
            {"Period": 61},
            "InvalidParameterValue",
            "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
        ),
        (
            {"Statistics": None},
            "InvalidParameterCombination",
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        ),
        (
            {"ExtendedStatistics": ["p99"]},
            "InvalidParameterCombination",
            "The parameters Statistics and ExtendedStatistics are mutually exclusive and you have"
            " specified both.",
        ),
        (
            {"Statistics": None, "ExtendedStatistics": ["p101"]},
            "InvalidParameterValue",
            "The value p101 for parameter ExtendedStatistics.member.1 is invalid.",
        ),
    ],
)
def test_a_request_must_make_sense(numbers, cloudwatch, refusal, changes, code, message):
    days = timedelta(days=changes.pop("days", 1))
    asked = {"Period": 60, "Statistics": ["Sum"], **changes}
    refused = refusal(
        cloudwatch.get_metric_statistics,
        Namespace=NAMESPACE,
        MetricName="Orders",
        StartTime=numbers.now(),
        EndTime=numbers.now() + days,
        **{name: value for name, value in asked.items() if value is not None},
    )
    assert refused == (code, message)


def test_1440_datapoints_may_be_asked_for(numbers):
    span = {"StartTime": numbers.now(), "EndTime": numbers.now() + timedelta(days=1)}
    assert numbers.statistics("Orders", "Sum", **span) == []
