"""What is SQLite's own: one transaction for all that happens in one turn of the loop."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fogline.store.schema import Schema, migrate
from fogline.store.sqlite import SqliteStore
from fogline.store.store import StoreFailure

SCHEMA = Schema("things", (("CREATE TABLE things (id INTEGER PRIMARY KEY)",),))


def grouped(path: Path) -> SqliteStore:
    store = SqliteStore(path)
    migrate(store, (SCHEMA,))
    store.group_on(asyncio.get_running_loop())
    return store


def test_answers_leave_after_the_commit_of_their_group(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = grouped(tmp_path / "a.db")
        answers: list[str] = []
        for id in (1, 2):
            with store.write() as tx:
                tx.run("INSERT INTO things VALUES (?)", id)
            store.when_durable(lambda failure, id=id: answers.append(f"{id}:{failure}"))
        assert answers == []
        await asyncio.sleep(0)
        assert answers == ["1:None", "2:None"]
        store.close()

    asyncio.run(scenario())


def test_one_refused_request_does_not_undo_the_others_of_its_group(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = grouped(tmp_path / "a.db")
        with store.write() as tx:
            tx.run("INSERT INTO things VALUES (1)")
        with pytest.raises(StoreFailure), store.write() as tx:
            tx.run("INSERT INTO things VALUES (2)")
            tx.run("INSERT INTO things VALUES (1)")
        await store.transact(lambda tx: tx.run("INSERT INTO things VALUES (3)"))
        with store.read() as tx:
            assert tx.rows("SELECT id FROM things ORDER BY id") == [(1,), (3,)]
        store.close()

    asyncio.run(scenario())


def test_transact_returns_after_the_commit(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = grouped(tmp_path / "a.db")
        await store.transact(lambda tx: tx.run("INSERT INTO things VALUES (1)"))
        answers: list[object] = []
        store.when_durable(answers.append)
        assert answers == [None]
        store.close()

    asyncio.run(scenario())


def test_a_second_process_on_the_same_folder_is_told_so(tmp_path: Path) -> None:
    first = SqliteStore(tmp_path / "a.db")
    with pytest.raises(StoreFailure, match="Another Fogline"):
        SqliteStore(tmp_path / "a.db")
    first.close()
