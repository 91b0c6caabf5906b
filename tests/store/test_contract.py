"""The contract of the store, the same on every engine."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fogline.store import documents
from fogline.store.documents import Documents
from fogline.store.postgres import PostgresStore
from fogline.store.schema import Schema, migrate
from fogline.store.sqlite import SqliteStore
from fogline.store.store import SchemaTooNew, Store, StoreConflict, StoreFailure, Tx

SCHEMA = Schema(
    "things",
    (("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL, body BLOB)",),),
)


@pytest.fixture(params=["memory", "file", "postgres"])
def stirred_store(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Store, list[str]]]:
    stirred: list[str] = []
    store: Store
    if request.param == "postgres":
        store = PostgresStore(request.getfixturevalue("postgres_url"), on_stir=stirred.extend)
    else:
        path = tmp_path / "store.db" if request.param == "file" else None
        store = SqliteStore(path, on_stir=stirred.extend)
    migrate(store, (documents.SCHEMA, SCHEMA))
    yield store, stirred
    store.close()


@pytest.fixture
def store(stirred_store: tuple[Store, list[str]]) -> Store:
    return stirred_store[0]


def add(store: Store, id: int, name: str) -> None:
    with store.write() as tx:
        tx.run("INSERT INTO things (id, name) VALUES (?, ?)", id, name)


def names(store: Store) -> list[str]:
    with store.read() as tx:
        return [name for (name,) in tx.rows("SELECT name FROM things ORDER BY id")]


def test_what_a_transaction_wrote_is_there_afterwards(store: Store) -> None:
    add(store, 1, "one")
    assert names(store) == ["one"]


def test_a_transaction_that_raises_changes_nothing(store: Store) -> None:
    with pytest.raises(KeyError), store.write() as tx:
        tx.run("INSERT INTO things (id, name) VALUES (1, 'one')")
        raise KeyError
    assert names(store) == []


def test_an_inner_transaction_can_be_undone_alone(store: Store) -> None:
    with store.write() as tx:
        tx.run("INSERT INTO things (id, name) VALUES (1, 'outer')")
        with pytest.raises(KeyError), store.write() as inner:
            inner.run("INSERT INTO things (id, name) VALUES (2, 'inner')")
            raise KeyError
        tx.run("INSERT INTO things (id, name) VALUES (3, 'after')")
    assert names(store) == ["outer", "after"]


def test_a_failing_statement_is_a_store_failure_and_leaves_the_rest_usable(store: Store) -> None:
    add(store, 1, "one")
    with pytest.raises(StoreFailure):
        add(store, 1, "again")
    add(store, 2, "two")
    assert names(store) == ["one", "two"]


def test_run_tells_how_many_rows_changed(store: Store) -> None:
    add(store, 1, "one")
    add(store, 2, "two")
    with store.write() as tx:
        assert tx.run("UPDATE things SET name = 'x' WHERE id <= ?", 2) == 2
        assert tx.run("DELETE FROM things WHERE id = ?", 9) == 0


def test_row_is_none_where_there_is_none(store: Store) -> None:
    with store.read() as tx:
        assert tx.row("SELECT name FROM things WHERE id = ?", 1) is None


def test_bytes_and_text_come_back_as_they_went_in(store: Store) -> None:
    body, name = bytes(range(256)), "größe 100 % ? 'quoted' \U0001f600"
    with store.write() as tx:
        tx.run("INSERT INTO things (id, name, body) VALUES (?, ?, ?)", 1, name, body)
        row = tx.row("SELECT name, body FROM things WHERE name LIKE '%100%'")
    assert row is not None
    assert (row[0], bytes(row[1])) == (name, body)


def test_text_is_ordered_by_its_bytes(store: Store) -> None:
    for id, name in enumerate(["b", "a", "Z", "é", "_"]):
        add(store, id, name)
    with store.read() as tx:
        ordered = [name for (name,) in tx.rows("SELECT name FROM things ORDER BY name")]
    assert ordered == sorted(ordered, key=str.encode)


def test_many_runs_a_statement_for_each(store: Store) -> None:
    with store.write() as tx:
        tx.many("INSERT INTO things (id, name) VALUES (?, ?)", [(n, str(n)) for n in range(50)])
    assert len(names(store)) == 50


def test_topics_are_stirred_by_the_commit_and_not_before(
    stirred_store: tuple[Store, list[str]],
) -> None:
    store, stirred = stirred_store
    with store.write() as tx:
        tx.stir("topic")
        assert stirred == []
    assert "topic" in stirred


def test_a_transaction_that_raises_stirs_nothing(stirred_store: tuple[Store, list[str]]) -> None:
    store, stirred = stirred_store
    with pytest.raises(KeyError), store.write() as tx:
        tx.stir("topic")
        raise KeyError
    assert stirred == []


def test_when_durable_calls_back_when_all_is_committed(store: Store) -> None:
    add(store, 1, "one")
    answers: list[object] = []
    store.when_durable(answers.append)
    assert answers == [None]


def test_a_snapshot_holds_everything_and_comes_back_whole(store: Store, tmp_path: Path) -> None:
    with store.write() as tx:
        tx.run("INSERT INTO things (id, name, body) VALUES (?, ?, ?)", 1, "kept", b"\x00\xff")
    store.copy_to(str(tmp_path / "copy.db"))
    with store.write() as tx:
        tx.run("UPDATE things SET name = 'changed', body = NULL")
    add(store, 2, "later")
    store.copy_from(str(tmp_path / "copy.db"))
    with store.read() as tx:
        rows = tx.rows("SELECT id, name, body FROM things")
    assert [(id, name, bytes(body)) for id, name, body in rows] == [(1, "kept", b"\x00\xff")]


def test_a_snapshot_moves_between_engines(
    stirred_store: tuple[Store, list[str]], tmp_path: Path
) -> None:
    store = stirred_store[0]
    add(store, 1, "moved")
    store.copy_to(str(tmp_path / "copy.db"))
    other = SqliteStore(None)
    migrate(other, (documents.SCHEMA, SCHEMA))
    other.copy_from(str(tmp_path / "copy.db"))
    assert names(other) == ["moved"]
    other.close()


def test_migrating_twice_changes_nothing(store: Store) -> None:
    add(store, 1, "one")
    migrate(store, (SCHEMA,))
    assert names(store) == ["one"]


def test_a_new_step_is_applied_to_old_data(store: Store) -> None:
    add(store, 1, "one")
    grown = Schema("things", (*SCHEMA.steps, ("ALTER TABLE things ADD COLUMN extra INTEGER",)))
    migrate(store, (grown,))
    with store.write() as tx:
        assert tx.run("UPDATE things SET extra = 7") == 1


def test_data_of_a_newer_program_is_refused_and_left_alone(store: Store) -> None:
    grown = Schema("things", (*SCHEMA.steps, ("ALTER TABLE things ADD COLUMN extra INTEGER",)))
    migrate(store, (grown,))
    add(store, 1, "one")
    with pytest.raises(SchemaTooNew):
        migrate(store, (SCHEMA, Schema("more", (("CREATE TABLE more (id INTEGER)",),))))
    assert names(store) == ["one"]
    with pytest.raises(StoreFailure), store.read() as tx:
        tx.rows("SELECT * FROM more")


def test_documents_are_kept_by_account_region_and_name(store: Store) -> None:
    queues = Documents(store, "queue")
    with store.write() as tx:
        for account, region, name in [
            ("1", "a", "x"),
            ("1", "a", "y"),
            ("1", "b", "x"),
            ("2", "a", "x"),
        ]:
            queues.save(tx, account, region, name, {"at": [account, region, name]})
    with store.read() as tx:
        assert queues.find(tx, "1", "a", "x") == {"at": ["1", "a", "x"]}
        assert [name for name, _ in queues.page(tx, "1", "a")] == ["x", "y"]
        assert [name for name, _ in queues.page(tx, "1", "a", after="x")] == ["y"]
        assert queues.find(tx, "2", "b", "x") is None


def test_a_document_read_inside_a_transaction_that_fails_is_not_remembered(store: Store) -> None:
    things = Documents(store, "thing")
    with store.write() as tx:
        things.save(tx, "1", "a", "x", {"version": 1})
    with pytest.raises(KeyError), store.write() as tx:
        things.save(tx, "1", "a", "x", {"version": 2})
        assert things.find(tx, "1", "a", "x") == {"version": 2}
        raise KeyError
    with store.read() as tx:
        assert things.find(tx, "1", "a", "x") == {"version": 1}


def test_prefixes_of_documents_are_taken_literally(store: Store) -> None:
    things = Documents(store, "thing")
    with store.write() as tx:
        for name in ("a_b", "axb", "a%b", "a_c"):
            things.save(tx, "1", "a", name, {})
    with store.read() as tx:
        assert [name for name, _ in things.page(tx, "1", "a", prefix="a_")] == ["a_b", "a_c"]


# ---- what only an engine with several writers must show


def in_threads(*works: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_rows_that_one_node_has_taken_are_passed_over_by_another(postgres_url: str) -> None:
    store = PostgresStore(postgres_url)
    migrate(store, (SCHEMA,))
    for id in (1, 2):
        add(store, id, str(id))
    taken: list[int] = []
    both = threading.Barrier(2)

    def take() -> None:
        with store.write() as tx:
            rows = tx.take("SELECT id FROM things ORDER BY id LIMIT 1")
            both.wait(60)
            taken.extend(row[0] for row in rows)

    in_threads(take, take)
    assert sorted(taken) == [1, 2]
    store.close()


def test_a_lock_makes_read_then_write_safe_between_nodes(postgres_url: str) -> None:
    store = PostgresStore(postgres_url)
    migrate(store, (SCHEMA,))
    add(store, 1, "0")

    def count() -> None:
        for _ in range(25):
            with store.write() as tx:
                tx.lock("counter")
                row = tx.row("SELECT name FROM things WHERE id = 1")
                assert row is not None
                tx.run("UPDATE things SET name = ? WHERE id = 1", str(int(row[0]) + 1))

    in_threads(count, count, count, count)
    assert names(store) == ["100"]
    store.close()


def test_what_one_node_stirs_wakes_the_other(postgres_url: str) -> None:
    woken = threading.Event()
    listener = PostgresStore(
        postgres_url, on_stir=lambda topics: woken.set() if "topic" in topics else None
    )
    sender = PostgresStore(postgres_url)
    for _ in range(100):  # the listener's connection may still be opening
        with sender.write() as tx:
            tx.stir("topic")
        if woken.wait(0.2):
            break
    assert woken.is_set()
    sender.close()
    listener.close()


def test_of_two_that_lock_each_other_out_one_is_told_so_and_both_end(postgres_url: str) -> None:
    store = PostgresStore(postgres_url)
    with store.write() as tx:
        tx.run("CREATE TABLE doors (id INTEGER PRIMARY KEY, opened INTEGER NOT NULL)")
        tx.many("INSERT INTO doors VALUES (?, 0)", [(1,), (2,)])
    both_inside = threading.Barrier(2)
    conflicts: list[StoreConflict] = []

    def open_both(first: int, second: int) -> Callable[[], None]:
        def work(tx: Tx) -> None:
            tx.run("UPDATE doors SET opened = opened + 1 WHERE id = ?", first)
            if not conflicts:
                both_inside.wait(60)
            tx.run("UPDATE doors SET opened = opened + 1 WHERE id = ?", second)

        def run() -> None:
            try:
                with store.write() as tx:
                    work(tx)
            except StoreConflict as conflict:
                conflicts.append(conflict)
                asyncio.run(store.transact(work))

        return run

    in_threads(open_both(1, 2), open_both(2, 1))
    with store.read() as tx:
        assert tx.rows("SELECT opened FROM doors ORDER BY id") == [(2,), (2,)]
    assert len(conflicts) == 1
    store.close()
