"""Numbers as one."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fogline.services.cloudwatch.statistic_sets import VALUES_MAX, StatisticSet, unpacked
from fogline.services.cloudwatch.statistics import find_statistic

NUMBERS = some.floats(-(2.0**360), 2.0**360)


def set_of(*values: float) -> StatisticSet:
    numbers = StatisticSet()
    for value in values:
        numbers.add(value)
    return numbers


def kept(numbers: StatisticSet) -> StatisticSet:
    """The set once it was written and read."""
    packed = numbers.packed_values()
    return unpacked(numbers.count, numbers.sum, numbers.minimum, numbers.maximum, packed)


def test_equal_numbers_take_no_room():
    assert set_of(1, 1, 1).packed_values() == b""
    assert kept(set_of(1, 1, 1)).values == {1: 3}


def test_few_values_are_kept_as_they_are():
    assert kept(set_of(1, 2, 2, -3.5)).values == {1: 1, 2: 2, -3.5: 1}


def test_many_values_are_kept_within_a_bound_and_near_to_what_they_were():
    numbers = kept(set_of(*range(1, 10_001)))
    assert numbers.values is not None
    assert len(numbers.values) <= VALUES_MAX
    for percent in (1, 50, 90, 99):
        statistic = find_statistic(f"p{percent}")
        assert statistic is not None
        assert statistic(numbers) == pytest.approx(percent * 100, rel=0.05)


def test_a_set_of_unknown_spread_makes_the_whole_unknown():
    numbers = set_of(1, 2)
    numbers.merge(unpacked(2, 30, 10, 20, None))
    assert (numbers.values, numbers.count, numbers.sum) == (None, 4, 33)


@given(some.lists(NUMBERS, min_size=1, max_size=600))
def test_whatever_comes_fits_and_its_counts_add_up(values):
    numbers = kept(set_of(*values))
    assert numbers.values is not None
    assert len(numbers.values) <= VALUES_MAX
    assert sum(numbers.values.values()) == len(values) == numbers.count
    assert (numbers.minimum, numbers.maximum) == (min(values), max(values))
    assert all(math.isfinite(value) for value in numbers.values)


@given(some.lists(some.integers(0, 50)), some.lists(some.integers(0, 50)))
def test_merging_is_as_good_as_adding_all(one, other):
    merged = set_of(*one)
    merged.merge(kept(set_of(*other)) if other else StatisticSet())
    added = set_of(*one, *other)
    assert (merged.count, merged.sum) == (added.count, added.sum)
    assert (merged.values or {}) == (added.values or {})
