"""Dispatch: an operation that meets another transaction in its way is asked again, and not for ever."""

from __future__ import annotations

import asyncio
import sys
import types
from collections.abc import Mapping
from typing import Any

import pytest

from fogline.aws.call import Call, call_of_account, root_trace
from fogline.aws.errors import AwsError, InternalFailure
from fogline.background import lineage
from fogline.background.lineage import Lineage
from fogline.background.topics import Topics
from fogline.gateway.dispatch import Dispatch, Operation
from fogline.ports.service import Service
from fogline.store.schema import migrate
from fogline.store.sqlite import SqliteStore
from fogline.store.store import StoreConflict
from fogline.world.clock import ManualClock
from fogline.world.ids import Ids


def perform(conflicts: int) -> tuple[Mapping[str, Any] | AwsError, int]:
    """What an operation answers that meets so many conflicts first, and how often it was asked."""
    asked = 0

    def operation(service: object, call: Call, request: Mapping[str, Any]) -> Mapping[str, Any]:
        nonlocal asked
        asked += 1
        if asked <= conflicts:
            raise StoreConflict("deadlock detected")
        return {"Answer": "yes"}

    async def run() -> Mapping[str, Any] | AwsError:
        topics, clock, ids = Topics(), ManualClock(), Ids(1)
        store = SqliteStore(None, on_stir=topics.stir)
        migrate(store, (lineage.SCHEMA,))
        dispatch = Dispatch(store, topics, clock, ids, Lineage(store, clock, topics))
        call = call_of_account("1", "r", "id", clock.now(), root_trace("0" * 24, "0" * 16, 0))
        answers: list[Mapping[str, Any] | AwsError] = []
        dispatch.perform(Operation(operation, None, False, False), call, {}, answers.append)
        store.close()
        return answers[0]

    return asyncio.run(run()), asked


def test_an_operation_that_met_others_is_asked_again() -> None:
    assert perform(conflicts=3) == ({"Answer": "yes"}, 4)


def test_one_that_meets_others_every_time_ends_in_a_failure() -> None:
    answer, asked = perform(conflicts=1_000)
    assert isinstance(answer, InternalFailure)
    assert asked == 11


def call_through_the_port(failure: Exception) -> None:
    """Perform an operation that fails in that way, as another service would."""

    def list_queues(service: object, call: Call, request: Mapping[str, Any]) -> Mapping[str, Any]:
        raise failure

    package = types.ModuleType("failing.operations.queues")
    package.list_queues = list_queues  # type: ignore[attr-defined]  # as an operation's file has it
    sys.modules["failing.operations.queues"] = package

    async def run() -> None:
        topics, clock, ids = Topics(), ManualClock(), Ids(1)
        store = SqliteStore(None, on_stir=topics.stir)
        migrate(store, (lineage.SCHEMA,))
        dispatch = Dispatch(store, topics, clock, ids, Lineage(store, clock, topics))
        dispatch.add(Service("sqs", "failing", None, {"queues": ("list_queues",)}))
        assert not dispatch.waits("sqs", "ListQueues")
        call = call_of_account("1", "r", "id", clock.now(), root_trace("0" * 24, "0" * 16, 0))
        try:
            dispatch.call("sqs", "ListQueues", {}, call)
        finally:
            store.close()

    try:
        asyncio.run(run())
    finally:
        del sys.modules["failing.operations.queues"]


def test_a_bug_of_an_operation_is_an_internal_failure_to_who_asked_through_the_port() -> None:
    with pytest.raises(InternalFailure):
        call_through_the_port(KeyError("of ours"))


def test_a_failing_store_is_passed_on_to_who_asked_through_the_port() -> None:
    with pytest.raises(StoreConflict):
        call_through_the_port(StoreConflict("deadlock detected"))
