"""The inputs that a map run keeps while it lives, on every engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from fogline.services.stepfunctions.distributed import items
from fogline.services.stepfunctions.distributed.batching import Input
from fogline.services.stepfunctions.distributed.limits import MapRunLimits
from fogline.store.postgres import PostgresStore
from fogline.store.schema import Schema, migrate
from fogline.store.sqlite import SqliteStore
from fogline.store.store import Store

LIMITS = replace(MapRunLimits(), chunk_bytes_max=40)
INPUTS = [Input(f'"{number}é\u2028"', number) for number in range(100)]


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    store: Store
    if request.param == "postgres":
        store = PostgresStore(request.getfixturevalue("postgres_url"))
    else:
        store = SqliteStore(None)
    migrate(store, (Schema("items", (items.SCHEMA_STEP,)),))
    yield store
    store.close()


def keep(store: Store, map_run: str, inputs: list[Input]) -> None:
    with store.write() as tx:
        items.add_chunks(tx, map_run, items.chunks_of(inputs, limits=LIMITS))


def test_inputs_are_read_back_from_any_place(store: Store) -> None:
    keep(store, "run", INPUTS)
    keep(store, "other", INPUTS[:5])
    with store.read() as tx:
        for first in range(0, 105, 7):
            for count in (1, 3, 50):
                found = items.read_inputs(tx, "run", first, count)
                assert found == INPUTS[first : first + count]
        assert items.count_inputs(tx, "run") == 100
        assert items.count_inputs(tx, "none") == 0
        assert items.read_inputs(tx, "none", 0, 10) == []


def test_inputs_are_removed_some_at_a_time(store: Store) -> None:
    keep(store, "run", INPUTS)
    keep(store, "other", INPUTS[:5])
    rounds = 0
    is_empty = False
    while not is_empty:
        with store.write() as tx:
            is_empty = items.remove_inputs(tx, "run", chunks_max=10)
        rounds += 1
    with store.read() as tx:
        assert items.count_inputs(tx, "run") == 0
        assert items.count_inputs(tx, "other") == 5
    assert rounds > 1


def test_chunks_have_a_size_and_follow_each_other() -> None:
    chunks = list(items.chunks_of(INPUTS, 10, LIMITS))
    assert all(len(chunk.lines) <= 40 for chunk in chunks)
    assert chunks[0].first_index == 10
    assert chunks[-1].last_index == 109
    assert all(after.first_index == before.last_index + 1 for before, after in pairwise(chunks))
    assert sum(chunk.items for chunk in chunks) == sum(given.items for given in INPUTS)


def test_an_input_larger_than_a_chunk_stands_alone() -> None:
    large = Input('"' + "x" * 100 + '"')
    chunks = list(items.chunks_of([Input("1"), large, Input("2")], limits=LIMITS))
    assert [chunk.first_index for chunk in chunks] == [0, 1, 2]
