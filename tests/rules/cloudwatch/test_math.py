"""Metric math."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fogline.services.cloudwatch.math.errors import ExpressionError
from fogline.services.cloudwatch.math.evaluation import evaluate
from fogline.services.cloudwatch.math.functions import ABSENT, FUNCTIONS
from fogline.services.cloudwatch.math.grammar import read_expression
from fogline.services.cloudwatch.math.values import Array, Budget, TimeSeries, Value

MINUTE = 60_000


class Around:
    """A request for four minutes from the beginning of time."""

    def __init__(self, known: dict[str, TimeSeries], work_max: int = 10_000) -> None:
        self.budget = Budget(work_max)
        self._known = known

    def instants(self, period: int) -> Sequence[int]:
        return range(0, 4 * MINUTE, period * 1_000)

    def metrics(self) -> Sequence[tuple[str, TimeSeries]]:
        return list(self._known.items())


def series(*numbers: float | None, label: str = "") -> TimeSeries:
    """Numbers minute by minute."""
    known = {at * MINUTE: number for at, number in enumerate(numbers) if number is not None}
    return TimeSeries(known, label)


def result(text: str, **known: TimeSeries) -> Value:
    return evaluate(read_expression(text), known, Around(known))


def told(text: str, **known: TimeSeries) -> list[float | None]:
    value = result(text, **known)
    assert isinstance(value, TimeSeries)
    return [value.numbers.get(at * MINUTE) for at in range(4)]


M1, M2 = series(1, 2, 3, 4), series(10, None, 30, 40)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("2 ^ 3 ^ 2", 512),
        ("-2 ^ 2", -4),
        ("10 - 2 - 3", 5),
        ("8 / 4 / 2", 1),
        ("1 < 2 AND 2 <= 2", 1),
        ("1 > 2 || 3 != 3", 0),
        ("1 == 1 && 0", 0),
        ("1e3 + .5", 1000.5),
        ("ABS(-3) + CEIL(1.2) + FLOOR(1.8)", 6),
        ("LOG10(1000)", 3),
        ("IF(1, 5, 6)", 5),
    ],
)
def test_numbers(text, value):
    assert result(text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("m1 + m2", [11, None, 33, 44]),
        ("m1 * 2", [2, 4, 6, 8]),
        ("1 / (m1 - 2)", [-1, None, 1, 0.5]),
        ("-m1", [-1, -2, -3, -4]),
        ("m1 > 2", [0, 0, 1, 1]),
        ("m1 > 1 AND m1 < 4", [0, 1, 1, 0]),
        ("m1 - AVG(m1)", [-1.5, -0.5, 0.5, 1.5]),
        ("m1 / MAX(m1)", [0.25, 0.5, 0.75, 1]),
        ("m1 * 0 + STDDEV(m2)", [12.4722, 12.4722, 12.4722, 12.4722]),
        ("SUM([m1, m2])", [11, 2, 33, 44]),
        ("MIN(METRICS())", [1, 2, 3, 4]),
        ("MAX(METRICS('2'))", [10, None, 30, 40]),
        ("DATAPOINT_COUNT([m1, m2])", [2, 1, 2, 2]),
        ("FILL(m2, 0)", [10, 0, 30, 40]),
        ("FILL(m2, REPEAT)", [10, 10, 30, 40]),
        ("FILL(m2, LINEAR)", [10, 20, 30, 40]),
        ("FILL(m2, m1)", [10, 2, 30, 40]),
        ("DIFF(m2)", [None, None, 20, 10]),
        ("DIFF_TIME(m2)", [None, None, 120, 60]),
        ("RATE(m1) * 60", [None, 1, 1, 1]),
        ("RUNNING_SUM(m1)", [1, 3, 6, 10]),
        ("IF(m1 > 2, m2, 0)", [0, 0, 30, 40]),
        ("TIME_SERIES(PERIOD(m1))", [60, 60, 60, 60]),
        ("TIME_SERIES(METRIC_COUNT(METRICS()))", [2, 2, 2, 2]),
        ("MINUTE(m2)", [0, 1, 2, 3]),
        ("EPOCH(m1) / 60", [0, 1, 2, 3]),
        ("DAY(m1) + HOUR(m1) + DATE(m1) + MONTH(m1)", [6, 6, 6, 6]),
        ("YEAR(m1)", [1970] * 4),
        ("FIRST(SORT(METRICS(), AVG, DESC))", [10, None, 30, 40]),
        ("LAST(SORT([m2, m1], SUM, ASC))", [10, None, 30, 40]),
        ("SLICE([m1, m2], 1)", [10, None, 30, 40]),
        ("SUM(SLICE([m1, m2], 0, 1))", [1, 2, 3, 4]),
        ("SUM(SORT([m1, m2], MAX, DESC, 1))", [10, None, 30, 40]),
        ("CEIL(m1 / 2)", [1, 1, 2, 2]),
        ("LOG(m1 - 1)", [None, 0, 0.6931, 1.0986]),
        ("10 ^ (m1 * 200)", [1e200, None, None, None]),
    ],
)
def test_series(text, numbers):
    assert told(text, m1=M1, m2=M2) == [
        None if number is None else pytest.approx(number, rel=1e-4) for number in numbers
    ]


def test_arrays_stay_arrays_and_keep_their_labels():
    value = result(
        "REMOVE_EMPTY([m1, m2 * 2, m3])",
        m1=series(1, label="a"),
        m2=series(2, label="b"),
        m3=series(),
    )
    assert isinstance(value, Array)
    assert [(each.label, list(each.numbers.values())) for each in value] == [("a", [1]), ("b", [4])]


@pytest.mark.parametrize(
    "text",
    [
        "", "+", "1 +", "(1", "1)", "m1 m1", "SUM(", "SUM(m1,", "[m1", "1 ** 2", "#", "'a", "m1 + 'a'",
        "NOTHING(m1)", "SUM()", "SUM(m1, m1)", "FILL(m1, LATER)", "FILL(m1)", "METRICS(1)", "[1]", "RATE(1)",
        "SORT(METRICS(), SUM)", "SORT(METRICS(), STDDEV, ASC)", "SLICE(METRICS())", "SLICE([m1], 1e300)",
        "IF(m1, 'a', 1)", "PERIOD(1)", "TIME_SERIES(m1)", "REPEAT + 1", "MINUTE(METRICS())", "\ud800", "\0",
        "[m1] + [m1, m1]", "SUM(SUM)",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(text):
    with pytest.raises(ExpressionError):
        result(text, m1=M1)


@pytest.mark.parametrize("name", sorted(ABSENT))
def test_functions_that_are_not_there_are_named(name):
    with pytest.raises(ExpressionError, match=f"does not implement the function {name}"):
        result(f"{name}(m1)", m1=M1)


@pytest.mark.parametrize(
    "text",
    ["(" * 1000 + "m1" + ")" * 1000, "-" * 2000 + "m1", "ABS(" * 400 + "m1", "1^" * 1000 + "1"],
)
def test_nesting_has_a_bound(text):
    with pytest.raises(ExpressionError, match="It nests too deeply"):
        read_expression(text)


def test_long_chains_are_no_nesting():
    assert result("+".join(["1"] * 1000)) == 1000


def test_work_has_a_bound():
    expression = read_expression("SUM(METRICS() * METRICS())")
    known = {f"m{number}": M1 for number in range(100)}
    with pytest.raises(ExpressionError, match="too much work"):
        evaluate(expression, known, Around(known, work_max=200))


SIGNS = ["m1", "m2", "1", "0", "1e308", "(", ")", "[", "]", ",", "+", "-", "*", "/", "^", "<", "==", "AND",
         "REPEAT", "ASC", "SUM", "'m'", *(f"{name}(" for name in FUNCTIONS)]  # fmt: skip


@given(some.lists(some.sampled_from(SIGNS), max_size=40))
def test_nonsense_is_refused_or_comes_to_something(signs):
    try:
        value = result(" ".join(signs), m1=M1, m2=M2)
    except ExpressionError:
        return
    assert isinstance(value, float | str | TimeSeries | Array)


@pytest.mark.parametrize(
    "text",
    [
        "METRIC_COUNT([" + ",".join(["a"] * 300) + "])",
        "REMOVE_EMPTY(SLICE(a, 0, 250))",
        "METRIC_COUNT([a, a])",
    ],
)
def test_arrays_take_work_by_their_length_whatever_is_in_them(text):
    many = Array([series()] * 150)
    with pytest.raises(ExpressionError, match="too much work"):
        evaluate(read_expression(text), {"a": many}, Around({}, work_max=300))


def test_a_number_that_no_computer_holds_is_refused():
    with pytest.raises(ExpressionError, match="too great"):
        read_expression("TIME_SERIES(1e999)")


def test_sort_takes_words_alone():
    with pytest.raises(ExpressionError, match="SORT takes"):
        result("SORT(m1, [m1, m1], m1)", m1=M1)
