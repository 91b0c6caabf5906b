"""The embedded store: SQLite with group commit. All of it runs on the event loop's thread.

Requests that arrive in the same turn of the loop share one transaction. Each runs under its own savepoint, and
its answer leaves after the commit (`when_durable`). Without a running loop every outermost block commits at its end.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import apsw

from fogline.store.store import Row, StoreFailure, Tx

T = TypeVar("T")

_SAVEPOINT = [f"SAVEPOINT s{depth}" for depth in range(64)]
_RELEASE = [f"RELEASE s{depth}" for depth in range(64)]
_ROLLBACK = [f"ROLLBACK TO s{depth}" for depth in range(64)]

_STATEMENTS_CACHED_MAX = 512

# Nobody asks SQLite how much memory it has taken, and counting it takes a lock at every allocation.
apsw.shutdown()
apsw.config(apsw.SQLITE_CONFIG_MEMSTATUS, False)
apsw.initialize()


class SqliteStore:
    """SQLite behind the Store interface. `path` None keeps everything in memory.

    `durability` is `process` (an acknowledged write survives the death of the process) or `power` (also the
    death of the machine: each group is synced to disk). `on_stir` is told the topics stirred by each commit.
    """

    dialect = "sqlite"
    is_shared = False

    def __init__(
        self,
        path: Path | None,
        *,
        durability: str = "process",
        on_stir: Callable[[Iterable[str]], None] = lambda topics: None,
    ) -> None:
        if path:
            # What is in here is the user's own affair; SQLite gives its other files the same rights.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._database = apsw.Connection(
            str(path) if path else ":memory:", statementcachesize=_STATEMENTS_CACHED_MAX
        )
        # Without this promise of one plan per statement, SQLite makes a new plan of every range whose bounds
        # are bound anew, which costs more than running it.
        self._database.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        self._execute = self._database.execute
        if path:
            # One process owns the file: a second server on the same folder is told so, not let in.
            self._pragma("locking_mode = EXCLUSIVE")
            try:
                self._pragma("journal_mode = WAL")
                self._execute("BEGIN IMMEDIATE")
                self._execute("COMMIT")
            except apsw.BusyError as busy:
                self._database.close()
                raise StoreFailure(
                    f"Another Fogline is using {path.parent}. Stop it with 'fogline down', or give "
                    "this one another folder with --data."
                ) from busy
        self._pragma(f"synchronous = {'FULL' if durability == 'power' else 'NORMAL'}")
        self._pragma("cache_size = -32768")
        self._pragma("temp_store = MEMORY")
        self._pragma("wal_autocheckpoint = 4000")
        self._on_stir = on_stir
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_open = False
        self._depth = 0
        self._topics: list[str] = []
        self._marks: list[int] = []
        self._waiting: list[Callable[[StoreFailure | None], None]] = []
        self._caches: list[dict[Any, Any]] = []
        self._touched: list[tuple[dict[Any, Any], Any]] = []
        self._write = _Write(self)
        self._read = _Read(self)

    def _pragma(self, pragma: str) -> None:
        self._execute(f"PRAGMA {pragma}").fetchall()

    def group_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on, share one transaction among all that happens in one turn of `loop`."""
        self._loop = loop

    # ---- the Store

    def write(self) -> AbstractContextManager[Tx]:
        return self._write

    def read(self) -> AbstractContextManager[Tx]:
        return self._read

    def when_durable(self, callback: Callable[[StoreFailure | None], None]) -> None:
        if self._is_open:
            self._waiting.append(callback)
        else:
            callback(None)

    async def transact(self, work: Callable[[Tx], T]) -> T:
        with self._write as tx:
            result = work(tx)
        if self._is_open:
            committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

            def settle(failure: StoreFailure | None) -> None:
                if committed.done():
                    return
                if failure:
                    committed.set_exception(failure)
                else:
                    committed.set_result(None)

            self._waiting.append(settle)
            await committed
        return result

    def make_cache(self) -> dict[Any, Any]:
        cache: dict[Any, Any] = {}
        self._caches.append(cache)
        return cache

    def copy_to(self, path: str) -> None:
        self.commit()
        self._execute("VACUUM INTO ?", (path,))

    def copy_from(self, path: str) -> None:
        self.commit()
        self._execute("ATTACH DATABASE ? AS copy", (path,))
        try:
            with self._write as tx:
                names = [
                    name
                    for (name,) in tx.rows(
                        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                    )
                ]
                for name in names:
                    tx.run(f'DELETE FROM main."{name}"')
                    columns = ", ".join(
                        f'"{column}"'
                        for (column,) in tx.rows(
                            "SELECT name FROM pragma_table_info(?, 'copy')", name
                        )
                    )
                    if columns:
                        tx.run(
                            f'INSERT INTO main."{name}" ({columns}) SELECT {columns} FROM copy."{name}"'
                        )
            for cache in self._caches:
                cache.clear()
            self.commit()
        finally:
            self._execute("DETACH DATABASE copy")

    def close(self) -> None:
        self.commit()
        self._database.close()

    # ---- the Tx

    def rows(self, sql: str, *values: Any) -> list[Row]:
        return self._execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> Row | None:
        found = self._execute(sql, values).fetchall()
        return found[0] if found else None

    take = rows

    def run(self, sql: str, *values: Any) -> int:
        self._execute(sql, values).fetchall()
        return self._database.changes()

    def many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        self._database.executemany(sql, values)

    def lock(self, name: str) -> None:
        """Nothing to do: there is one writer."""

    def stir(self, topic: str) -> None:
        self._topics.append(topic)

    def forget(self, cache: dict[Any, Any], key: Any) -> None:
        cache.pop(key, None)
        self._touched.append((cache, key))

    # ---- the group

    def begin(self) -> None:
        """Open the group's transaction and promise its commit."""
        try:
            self._execute("BEGIN IMMEDIATE")
        except apsw.Error as error:
            raise StoreFailure(str(error)) from error
        self._is_open = True
        if self._loop is not None:
            self._loop.call_soon(self.commit)

    def commit(self) -> None:
        """Commit the open group, if any, wake what it stirred and let its answers leave."""
        if not self._is_open:
            return
        assert self._depth == 0, "a group is committed between requests, never within one"
        failure: StoreFailure | None = None
        try:
            self._execute("COMMIT")
        except apsw.Error as error:
            failure = StoreFailure(str(error))
            if self._database.in_transaction:
                self._execute("ROLLBACK")
            self._drop_touched()
        self._is_open = False
        self._touched.clear()
        waiting, self._waiting = self._waiting, []
        topics, self._topics = self._topics, []
        for callback in waiting:
            callback(failure)
        if topics and not failure:
            self._on_stir(set(topics))

    def _drop_touched(self) -> None:
        for cache, key in self._touched:
            cache.pop(key, None)

    def enter(self) -> None:
        """One more block of the present group begins."""
        if not self._is_open:
            self.begin()
        self._execute(_SAVEPOINT[self._depth])
        self._marks.append(len(self._topics))
        self._depth += 1

    def leave(self, is_kept: bool) -> None:
        """The innermost block ends: kept, or undone."""
        self._depth -= 1
        mark = self._marks.pop()
        if not is_kept:
            if not self._database.in_transaction:
                # A full disk makes SQLite undo the whole group by itself; its commit will say so to all.
                self._drop_touched()
                return
            self._execute(_ROLLBACK[self._depth])
            del self._topics[mark:]
            self._drop_touched()
        self._execute(_RELEASE[self._depth])
        if self._depth == 0 and self._loop is None:
            self.commit()


class _Write:
    __slots__ = ("_store",)

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def __enter__(self) -> SqliteStore:
        self._store.enter()
        return self._store

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._store.leave(is_kept=kind is None)
        if isinstance(error, apsw.Error):
            raise StoreFailure(str(error)) from error


class _Read:
    __slots__ = ("_store",)

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def __enter__(self) -> SqliteStore:
        return self._store

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, apsw.Error):
            raise StoreFailure(str(error)) from error
