from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fogline.aws.jsonpath import compile_path
from fogline.aws.states.failures import StateFailed
from fogline.aws.states.path_values import (
    WAIT_SECONDS_MAX,
    read_integer,
    read_percentage,
    read_seconds,
    read_timestamp,
    require_delay,
)
from fogline.aws.states.scope import Scope

MakeScope = Callable[..., Scope]

PATH = compile_path("$.v")


def _cause(read: Callable[[], Any]) -> str:
    with pytest.raises(StateFailed) as failure:
        read()
    assert failure.value.error == "States.Runtime"
    return failure.value.cause


@pytest.mark.parametrize(("value", "seconds"), [(0, 0), (1, 1), ("30", 30)])
def test_seconds_are_read(value: Any, seconds: int, make_scope: MakeScope) -> None:
    assert read_seconds(PATH, make_scope({"v": value})) == seconds


# Recorded: test_base_wait_seconds_path.
@pytest.mark.parametrize(
    ("value", "told"),
    [
        (-1, "references a negative value: $.v == -1"),
        (1.5, "cannot be parsed as a long value: $.v == 1.5"),
        (-1.5, "cannot be parsed as a long value: $.v == -1.5"),
        ("x", "cannot be parsed as a long value: $.v == x"),
        (True, "cannot be parsed as a long value: $.v == true"),
    ],
)
def test_seconds_are_whole_and_not_negative(value: Any, told: str, make_scope: MakeScope) -> None:
    scope = make_scope({"v": value})
    assert _cause(lambda: read_seconds(PATH, scope)) == f"The SecondsPath parameter {told}"
    assert _cause(lambda: read_seconds(PATH, scope, "TimeoutSecondsPath")).endswith(told)


def test_a_timestamp_is_read(make_scope: MakeScope) -> None:
    scope = make_scope({"v": "1970-01-01T00:00:01.25Z"})
    assert read_timestamp(PATH, scope) == 1_250_000_000


@pytest.mark.parametrize("value", ["2016-12-05 21:29:29Z", "2016-12-05T21:29:29"])
def test_what_is_no_timestamp_is_told(value: str, make_scope: MakeScope) -> None:
    assert _cause(lambda: read_timestamp(PATH, make_scope({"v": value}))) == (
        "The TimestampPath parameter does not reference a valid ISO-8601 extended offset "
        f"date-time format string: $.v == {value}"
    )


def test_the_longest_delay_is_waited_for_and_a_longer_one_refused() -> None:
    require_delay(WAIT_SECONDS_MAX)
    assert _cause(lambda: require_delay(WAIT_SECONDS_MAX + 1)) == "Wait state delay is too long."


@pytest.mark.parametrize(("value", "number"), [(0, 0), (-1, -1), ("1", 1)])
def test_an_integer_is_read(value: Any, number: int, make_scope: MakeScope) -> None:
    assert read_integer(PATH, make_scope({"v": value}), "MaxConcurrencyPath") == number


# Recorded: test_max_concurrency_path.
@pytest.mark.parametrize(("value", "told"), [({}, "{}"), ("NoNumber", "NoNumber"), (1.5, "1.5")])
def test_what_is_no_integer_is_told(value: Any, told: str, make_scope: MakeScope) -> None:
    scope = make_scope({"v": value})
    assert _cause(lambda: read_integer(PATH, scope, "MaxConcurrencyPath")) == (
        f'The MaxConcurrencyPath field refers to value "{told}" which is not a valid integer: $.v'
    )


@pytest.mark.parametrize(("value", "number"), [(0, 0), (1.1, 1.1), (100, 100), ("1", 1)])
def test_a_percentage_is_read(value: Any, number: float, make_scope: MakeScope) -> None:
    assert read_percentage(PATH, make_scope({"v": value})) == number


# Recorded: test_map_state_tolerated_failure_percentage_path.
@pytest.mark.parametrize(
    ("value", "cause"),
    [
        (-1, "ToleratedFailurePercentage must be between 0 and 100."),
        (100.1, "ToleratedFailurePercentage must be between 0 and 100."),
        (10**400, "ToleratedFailurePercentage must be between 0 and 100."),
        (
            "NoNumber",
            'The ToleratedFailurePercentagePath field refers to value "NoNumber" which is not a '
            "valid float: $.v",
        ),
    ],
)
def test_what_is_no_percentage_is_told(value: Any, cause: str, make_scope: MakeScope) -> None:
    assert _cause(lambda: read_percentage(PATH, make_scope({"v": value}))) == cause


def test_a_wait_for_what_is_not_there_has_words_of_its_own(make_scope: MakeScope) -> None:
    told = "parameter does not reference an input value: $.v"
    scope = make_scope({})
    assert _cause(lambda: read_seconds(PATH, scope)) == f"The SecondsPath {told}"
    assert _cause(lambda: read_timestamp(PATH, scope)) == f"The TimestampPath {told}"
    assert _cause(lambda: read_seconds(PATH, scope, "TimeoutSecondsPath")).startswith(
        "Invalid path '$.v'"
    )
