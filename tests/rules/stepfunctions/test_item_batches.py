"""How the items of a distributed Map are dealt out to its child executions."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.states.failures import StateFailed
from fogline.services.stepfunctions.distributed.batching import (
    Batching,
    Input,
    batch_inputs,
    single_inputs,
)
from fogline.services.stepfunctions.distributed.limits import MapRunLimits

LIMITS = MapRunLimits()


def test_a_batch_holds_so_many_items() -> None:
    assert list(batch_inputs(["1", "2", "3"], Batching(items_max=2))) == [
        Input('{"Items":[1,2]}', 2),
        Input('{"Items":[3]}', 1),
    ]


def test_the_batch_input_stands_beside_the_items() -> None:
    batching = Batching(items_max=5, batch_input='{"a":1}')
    assert list(batch_inputs(["1"], batching)) == [Input('{"BatchInput":{"a":1},"Items":[1]}', 1)]


def test_a_batch_ends_before_it_is_too_large() -> None:
    size = len('{"Items":["é","é"]}'.encode())
    assert len(list(batch_inputs(['"é"'] * 4, Batching(bytes_max=size)))) == 2
    assert len(list(batch_inputs(['"é"'] * 4, Batching(bytes_max=size - 1)))) == 4


def test_no_batch_is_larger_than_an_input_may_be() -> None:
    limits = replace(LIMITS, input_bytes_max=len('{"Items":[1,2]}'))
    batches = list(batch_inputs(["1", "2", "3"], Batching(items_max=3), limits))
    assert [batch.items for batch in batches] == [2, 1]


def test_an_item_that_no_batch_can_hold_fails_the_state() -> None:
    with pytest.raises(StateFailed) as failed:
        list(batch_inputs(['"' + "x" * 20 + '"'], Batching(bytes_max=20)))
    assert failed.value.error == "States.DataLimitExceeded"


def test_without_batches_each_item_is_an_input_up_to_its_size() -> None:
    limits = replace(LIMITS, input_bytes_max=4)
    assert list(single_inputs(['"é"'], limits)) == [Input('"é"')]
    with pytest.raises(StateFailed, match="An item is larger than the 4 bytes"):
        list(single_inputs(['"éa"'], limits))


def test_no_items_make_no_inputs() -> None:
    assert list(batch_inputs([], Batching(items_max=1))) == []
    assert list(single_inputs([])) == []


@given(st.lists(st.text(max_size=5), max_size=30), st.integers(0, 7), st.integers(80, 200))
def test_batches_lose_nothing_and_keep_their_bounds(
    items: list[str], items_max: int, bytes_max: int
) -> None:
    texts = [json.dumps(item) for item in items]
    batches = list(batch_inputs(texts, Batching(items_max, bytes_max)))
    assert [item for batch in batches for item in json.loads(batch.text)["Items"]] == items
    assert all(len(batch.text.encode()) <= bytes_max for batch in batches)
    assert all(batch.items <= items_max for batch in batches if items_max)
    assert sum(batch.items for batch in batches) == len(items)
