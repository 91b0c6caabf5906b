"""Statistics by their names."""

from __future__ import annotations

import math

import pytest

from fogline.services.cloudwatch.statistic_sets import StatisticSet
from fogline.services.cloudwatch.statistics import find_statistic


def set_of(*values: float) -> StatisticSet:
    numbers = StatisticSet()
    for value in values:
        numbers.add(value)
    return numbers


TEN = set_of(*range(1, 11))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("SampleCount", 10),
        ("Sum", 55),
        ("Average", 5.5),
        ("Minimum", 1),
        ("Maximum", 10),
        ("p0", 1),
        ("p10", 1),
        ("p50", 5),
        ("p99.9", 10),
        ("p100", 10),
        ("tm90", 5),
        ("TM(10%:90%)", 5.5),
        ("TM(2:4)", 3.5),
        ("TM(:3)", 2),
        ("TM(8:)", 9.5),
        ("IQM", 5.5),
        ("wm(20%:80%)", 5.5),
        ("WM(:3)", 2.7),
        ("tc90", 9),
        ("TC(2:5)", 3),
        ("ts90", 45),
        ("TS(80%:)", 19),
        ("PR(:4)", 40),
        ("PR(3:7)", 40),
    ],
)
def test_ten_numbers_tell(name, told):
    statistic = find_statistic(name)
    assert statistic is not None
    assert statistic(TEN) == pytest.approx(told)


@pytest.mark.parametrize(
    "name",
    [
        "", "sum", "p", "p101", "p-1", "pr90", "PR(10%:20%)", "TM()", "TM(:)", "TM(5:1)",
        "TM(5:10%)", "TM(5%:101%)", "p1e2", "p" + "9" * 40, "tm(1:2", "iqm50", "p\u0664",
    ],
)  # fmt: skip
def test_what_is_no_statistic(name):
    assert find_statistic(name) is None


@pytest.mark.parametrize("name", ["p50", "tm90", "PR(:5)", "IQM", "wm90"])
def test_numbers_below_zero_have_no_percentiles(name):
    statistic = find_statistic(name)
    assert statistic is not None
    assert statistic(set_of(-1, 1)) is None


def test_a_mean_of_nothing_is_none():
    statistic = find_statistic("TM(20:30)")
    assert statistic is not None
    assert statistic(TEN) is None


@pytest.mark.parametrize("sign", [1, -1])
def test_an_average_is_finite_however_few_samples_a_set_says_it_is_of(sign):
    average = find_statistic("Average")(StatisticSet(5e-324, sign * 1e100, 0.0, 1e100))
    assert math.isfinite(average)
    assert average * sign > 0
