"""What services report, by way of `ports/metrics.py`."""

from __future__ import annotations

import math

import pytest
from tests.services.cloudwatch.bench import ACCOUNT, REGION, Bench

from fogline.ports.metrics import Measure, Source
from fogline.services.cloudwatch.limits import Limits
from fogline.services.cloudwatch.operations.metrics import list_metrics

WHOLE = Source(ACCOUNT, REGION, "AWS/Lambda")
ONE = Source(ACCOUNT, REGION, "AWS/Lambda", (("FunctionName", "f"),))


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_what_is_added_is_written_a_second_after_the_first_number(bench):
    bench.add(WHOLE, Measure("Invocations", 1, "Count"))
    assert bench.stirred == ["cloudwatch-collector"]
    assert bench.collector.step(bench.clock.now()) == bench.clock.now() + 1_000
    assert bench.rows() == 0
    bench.clock.move_to(bench.clock.now() + 1_000)
    assert bench.collector.step(bench.clock.now()) is None
    assert bench.rows() == 1


def test_nothing_is_due_when_nothing_was_added(bench):
    assert bench.collector.step(bench.clock.now()) is None
    assert bench.stirred == []


def test_numbers_of_a_minute_become_one_row_for_each_source(bench):
    for duration in range(1, 101):
        bench.add((WHOLE, ONE), Measure("Duration", duration, "Milliseconds"))
    bench.collector.flush()
    assert bench.rows() == 2
    assert bench.statistic(ONE, "Duration", "p90") == [90]
    assert bench.statistic(WHOLE, "Duration", "Sum") == [5050]


def test_numbers_are_added_up_before_too_many_of_them_wait():
    bench = Bench(Limits(noted_numbers_max=10))
    for number in range(95):
        bench.add(WHOLE, Measure("Duration", number, "Milliseconds"))
    bench.collector.flush()
    assert bench.rows() == 1
    assert bench.statistic(WHOLE, "Duration", "Sum") == [sum(range(95))]
    assert bench.statistic(WHOLE, "Duration", "SampleCount") == [95]


def test_reading_writes_what_is_pending_first(bench):
    bench.add(ONE, Measure("Invocations", 1, "Count"))
    metrics = list_metrics(bench.cloudwatch, bench.call(), {})["Metrics"]
    assert metrics == [
        {
            "Namespace": "AWS/Lambda",
            "MetricName": "Invocations",
            "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
        }
    ]


def test_past_its_bound_numbers_of_new_series_are_dropped():
    bench = Bench(Limits(collected_sets_max=2))
    for name in ("One", "Two", "Three", "One"):
        bench.add(WHOLE, Measure(name, 1, "Count"))
    bench.collector.flush()
    assert bench.statistic(WHOLE, "One", "Sum") == [2]
    assert bench.statistic(WHOLE, "Two", "Sum") == [1]
    assert bench.statistic(WHOLE, "Three", "Sum") == []


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 2.0**361])
def test_numbers_that_are_none_are_left_out(bench, number):
    bench.add(WHOLE, Measure("Duration", number, "Milliseconds"), Measure("Errors", 0, "Count"))
    bench.collector.flush()
    assert bench.statistic(WHOLE, "Duration", "Sum") == []
    assert bench.statistic(WHOLE, "Errors", "Sum") == [0]


def test_a_name_that_no_store_keeps_costs_nobody_else_their_numbers(bench):
    odd = Source(ACCOUNT, REGION, "AWS/ApiGateway", (("ApiName", "a\0\ud800"),))
    bench.add(odd, Measure("Count", 1, "Count"))
    bench.add(WHOLE, Measure("Errors", 1, "Count"))
    bench.collector.flush()
    assert bench.rows() == 2


def test_what_is_pending_is_written_when_the_platform_stops(tmp_path):
    from fogline.config import read_config
    from fogline.testing.platform import LocalPlatform

    config = read_config({}, port=0, data=tmp_path, clock="manual")
    with LocalPlatform(config) as local:
        collector = local.platform.wiring.metrics
        collector.add((WHOLE,), (Measure("Errors", 1, "Count"),), local.now())
    with LocalPlatform(config) as local:
        listed = local.client("cloudwatch", ACCOUNT).list_metrics()["Metrics"]
        assert [each["MetricName"] for each in listed] == ["Errors"]
