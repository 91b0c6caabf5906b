"""How rows become few, and old."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from tests.services.cloudwatch.bench import ACCOUNT, REGION, Bench

from fogline.ports.metrics import Measure, Source
from fogline.services.cloudwatch.errors import ValidationError
from fogline.services.cloudwatch.limits import Limits
from fogline.services.cloudwatch.operations.metrics import list_metrics, put_metric_data
from fogline.store.postgres import PostgresStore
from fogline.store.sqlite import SqliteStore
from fogline.store.store import Store
from fogline.world.clock import DAY, HOUR, MINUTE, SECOND, ManualClock

SHOP = Source(ACCOUNT, REGION, "Shop")


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    made: Store
    if request.param == "sqlite":
        made = SqliteStore(None)
    else:
        made = PostgresStore(request.getfixturevalue("postgres_url"))
    yield made
    made.close()


@pytest.fixture
def bench(store: Store) -> Bench:
    # The beginning of an hour, and of a day.
    return Bench(store=store, clock=ManualClock(1_767_225_600_000))


def put(bench: Bench, *values: float, **datum: object) -> None:
    data = [{"MetricName": "Orders", "Value": value, **datum} for value in values]
    put_metric_data(bench.cloudwatch, bench.call(), {"Namespace": "Shop", "MetricData": data})


def test_rows_of_one_minute_are_merged_a_minute_later(bench):
    bench.compact()
    for value in range(1, 11):
        put(bench, value)
    assert bench.rows() == 10
    bench.clock.move_to(bench.clock.now() + MINUTE)
    bench.compact()
    assert bench.rows() == 1
    for stat, value in (("Sum", 55), ("p50", 5), ("Minimum", 1), ("SampleCount", 10)):
        assert bench.statistic(SHOP, "Orders", stat) == [value]


def test_seconds_become_minutes_after_three_hours(bench):
    for second in range(3):
        put(bench, 1, StorageResolution=1, Timestamp=bench.clock.now() + second * SECOND)
    bench.compact()
    assert bench.periods() == {1: 3}
    bench.clock.move_to(bench.clock.now() + 3 * HOUR + MINUTE)
    bench.compact()
    assert bench.periods() == {60: 1}
    assert bench.statistic(SHOP, "Orders", "Sum", hours=4) == [3]


def test_minutes_become_longer_and_longer_and_vanish_in_the_end(bench):
    began = bench.clock.now()
    for minute in range(10):
        put(bench, 1, Timestamp=began + minute * MINUTE)
    for age, periods, told in (
        (15 * DAY + 10 * MINUTE, {300: 2}, [5, 5]),
        (63 * DAY + HOUR, {3600: 1}, [10]),
        (455 * DAY + HOUR, {}, []),
    ):
        bench.clock.move_to(began + age)
        bench.compact()
        assert bench.periods() == periods
        period = min(periods, default=3600)
        assert bench.statistic(SHOP, "Orders", "Sum", period=period, hours=456 * 24) == told


def test_a_shorter_period_than_is_kept_tells_nothing(bench):
    put(bench, 1)
    bench.clock.move_to(bench.clock.now() + 15 * DAY + HOUR)
    assert bench.statistic(SHOP, "Orders", "Sum", period=60, hours=16 * 24) == []
    assert bench.statistic(SHOP, "Orders", "Sum", period=300, hours=16 * 24) == [1]


def test_metrics_without_data_for_two_weeks_are_listed_no_more(bench):
    put(bench, 1)
    bench.clock.move_to(bench.clock.now() + 14 * DAY)
    assert len(list_metrics(bench.cloudwatch, bench.call(), {})["Metrics"]) == 1
    bench.clock.move_to(bench.clock.now() + 1)
    assert list_metrics(bench.cloudwatch, bench.call(), {})["Metrics"] == []


def test_recently_active_metrics_had_data_within_three_hours(bench):
    put(bench, 1)
    asked = {"RecentlyActive": "PT3H"}
    bench.clock.move_to(bench.clock.now() + 3 * HOUR)
    assert len(list_metrics(bench.cloudwatch, bench.call(), asked)["Metrics"]) == 1
    bench.clock.move_to(bench.clock.now() + 1)
    assert list_metrics(bench.cloudwatch, bench.call(), asked)["Metrics"] == []


@pytest.mark.parametrize(
    ("stat", "limit"), [("Sum", "points_max"), ("Sum", "rows_max"), ("p50", "spreads_max")]
)
def test_a_request_reads_a_bounded_number_of_points(stat, limit):
    bench = Bench(Limits(**{limit: 5}))
    for minute in range(5):
        put(bench, 1, Timestamp=bench.clock.now() + minute * MINUTE)
    assert bench.statistic(SHOP, "Orders", stat) == [1] * 5
    put(bench, 1, Timestamp=bench.clock.now() + 5 * MINUTE)
    with pytest.raises(ValidationError, match="More than"):
        bench.statistic(SHOP, "Orders", stat)


def test_an_idle_store_is_left_alone(bench):
    assert bench.cloudwatch.compaction.step(bench.clock.now()) is None


def test_nodes_that_append_and_merge_at_once_lose_nothing(postgres_url):
    stores = [PostgresStore(postgres_url) for _ in range(3)]
    benches = [Bench(store=store) for store in stores]

    def work(bench: Bench) -> None:
        for _ in range(20):
            bench.add(SHOP, Measure("Orders", 1, "Count"))
            bench.collector.flush()
            bench.cloudwatch.compaction.expect(bench.clock.now() - MINUTE)
            bench.compact()

    threads = [threading.Thread(target=work, args=(bench,)) for bench in benches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert benches[0].statistic(SHOP, "Orders", "Sum") == [60]
    assert benches[0].statistic(SHOP, "Orders", "SampleCount") == [60]
    for store in stores:
        store.close()
