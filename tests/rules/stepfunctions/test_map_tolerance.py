"""How many items a distributed Map may lose, and what an item knows of itself."""

from __future__ import annotations

import pytest

from fogline.services.stepfunctions.distributed.failures import ToleranceExceeded
from fogline.services.stepfunctions.distributed.item_selection import item_context
from fogline.services.stepfunctions.distributed.tolerance import Tolerance


@pytest.mark.parametrize(
    ("tolerance", "failed", "is_exceeded"),
    [
        (Tolerance(), 0, False),
        (Tolerance(), 1, True),
        (Tolerance(count=2), 2, False),
        (Tolerance(count=2), 3, True),
        (Tolerance(percentage=10), 1, False),
        (Tolerance(percentage=10), 2, True),
        (Tolerance(percentage=100), 10, False),
        (Tolerance(percentage=9.9), 1, True),
        (Tolerance(count=1, percentage=50), 2, True),
        (Tolerance(count=5, percentage=10), 2, True),
        (Tolerance(count=5, percentage=50), 5, False),
    ],
)
def test_of_ten_items_some_may_fail(tolerance: Tolerance, failed: int, is_exceeded: bool) -> None:
    assert tolerance.is_exceeded(failed, 10) is is_exceeded


def test_a_map_run_without_items_has_not_failed() -> None:
    assert not Tolerance(percentage=1).is_exceeded(0, 0)


def test_too_many_failures_have_a_name() -> None:
    failed = ToleranceExceeded()
    assert failed.error == "States.ExceedToleratedFailureThreshold"
    assert failed.cause == "The specified tolerated failure threshold was exceeded"


def test_an_item_knows_its_index_value_and_source() -> None:
    context = {"State": {"Name": "Map"}}
    assert item_context(context, 3, "x") == {
        "State": {"Name": "Map"},
        "Map": {"Item": {"Index": 3, "Value": "x", "Source": "STATE_DATA"}},
    }
    assert "Map" not in context


def test_an_item_of_an_object_knows_its_key() -> None:
    item = item_context({}, 0, 1, key="a")["Map"]["Item"]
    assert item["Key"] == "a"
