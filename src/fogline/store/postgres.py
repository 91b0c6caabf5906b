"""The shared store: PostgreSQL, for more than one machine. Operations run in threads, each with a connection.

Statements come in the dialect both engines share and are put into PostgreSQL's spelling here, once each. Wake-ups
travel by NOTIFY, in the transaction of their cause, to every node that listens.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from fogline.store.store import CONFLICTS_MAX, Row, StoreConflict, StoreFailure, Tx

log = logging.getLogger("fogline.store")

T = TypeVar("T")

_CHANNEL = "fogline"
_TOPIC_BYTES_MAX = 7_900  # NOTIFY carries less than 8,000
_LISTEN_SECONDS = 1.0
_RECONNECT_SECONDS = 1.0
_COPY_ROWS = 500

_TYPES = (
    (re.compile(r"\bINTEGER\b"), "BIGINT"),
    (re.compile(r"\bBLOB\b"), "BYTEA"),
    (re.compile(r"\bREAL\b"), "DOUBLE PRECISION"),
    # Text is compared by its bytes, as SQLite does, whatever the database's language.
    (re.compile(r"\bTEXT\b"), 'TEXT COLLATE "C"'),
    (re.compile(r"\)\s*WITHOUT ROWID\s*$"), ")"),
)


@lru_cache(maxsize=4_096)
def spelled(sql: str) -> str:
    """A statement in PostgreSQL's spelling."""
    if sql.lstrip().upper().startswith(("CREATE TABLE", "ALTER TABLE")):
        for pattern, spelling in _TYPES:
            sql = pattern.sub(spelling, sql)
    return sql.replace("%", "%%").replace("?", "%s")


class PostgresStore:
    """PostgreSQL behind the Store interface. `on_stir` is called from threads of ours.

    Raises StoreFailure when the database can't be reached.
    """

    dialect = "postgres"
    is_shared = True

    def __init__(
        self, url: str, *, on_stir: Callable[[Iterable[str]], None] = lambda topics: None
    ) -> None:
        self._url = url
        self._on_stir = on_stir
        self._local = threading.local()
        self._connections: list[psycopg.Connection[Any]] = []
        self._guard = threading.Lock()
        self._is_closed = threading.Event()
        self._connection()
        self._listener = threading.Thread(target=self._listen, name="fogline-listen", daemon=True)
        self._listener.start()

    def _connection(self) -> psycopg.Connection[Any]:
        connection: psycopg.Connection[Any] | None = getattr(self._local, "connection", None)
        if connection is None or connection.closed:
            try:
                connection = psycopg.connect(self._url, autocommit=True, prepare_threshold=2)
            except psycopg.Error as error:
                raise StoreFailure(f"PostgreSQL can't be reached: {error}") from error
            self._local.connection = connection
            self._local.tx = None
            with self._guard:
                self._connections = [each for each in self._connections if not each.closed]
                self._connections.append(connection)
        return connection

    # ---- the Store

    @contextmanager
    def write(self) -> Iterator[Tx]:
        connection = self._connection()
        outer: _PostgresTx | None = self._local.tx
        if outer is not None:
            with self._failures(), connection.transaction():
                yield outer
            return
        tx = _PostgresTx(connection)
        self._local.tx = tx
        try:
            with self._failures(), connection.transaction():
                yield tx
                tx.notify()
        finally:
            self._local.tx = None
        if tx.topics:
            self._on_stir(tx.topics)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        connection = self._connection()
        outer: _PostgresTx | None = self._local.tx
        if outer is not None:
            yield outer
            return
        tx = _PostgresTx(connection)
        self._local.tx = tx
        try:
            # Several statements of one reader see one state of the data.
            with self._failures(), connection.transaction():
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield tx
        finally:
            self._local.tx = None

    @staticmethod
    @contextmanager
    def _failures() -> Iterator[None]:
        try:
            yield
        except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure) as error:
            raise StoreConflict(str(error)) from error
        except psycopg.Error as error:
            raise StoreFailure(str(error)) from error

    def when_durable(self, callback: Callable[[StoreFailure | None], None]) -> None:
        callback(None)

    async def transact(self, work: Callable[[Tx], T]) -> T:
        import asyncio

        def run() -> T:
            for _ in range(CONFLICTS_MAX - 1):
                with contextlib.suppress(StoreConflict), self.write() as tx:
                    return work(tx)
            with self.write() as tx:
                return work(tx)

        return await asyncio.to_thread(run)

    def make_cache(self) -> dict[Any, Any]:
        return _KeepsNothing()

    def copy_to(self, path: str) -> None:
        """Rows of all tables at one instant, in a SQLite file: a snapshot moves between engines."""
        target = sqlite3.connect(path)
        try:
            with self._failures(), self._connection().transaction():
                connection = self._connection()
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                for table in self._tables(connection):
                    columns = self._columns(connection, table)
                    named = ", ".join(f'"{column}"' for column in columns)
                    target.execute(f'CREATE TABLE "{table}" ({named})')
                    marks = ", ".join("?" * len(columns))
                    with connection.cursor(name="snapshot") as cursor:
                        cursor.execute(f'SELECT {named} FROM "{table}"')
                        while rows := cursor.fetchmany(_COPY_ROWS):
                            target.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)
            target.commit()
        finally:
            target.close()

    def copy_from(self, path: str) -> None:
        source = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            with self._failures(), self._connection().transaction():
                connection = self._connection()
                for table in self._tables(connection):
                    connection.execute(f'DELETE FROM "{table}"')
                    columns = [row[1] for row in source.execute(f'PRAGMA table_info("{table}")')]
                    if not columns:
                        continue
                    named = ", ".join(f'"{column}"' for column in columns)
                    marks = ", ".join(["%s"] * len(columns))
                    rows = source.execute(f'SELECT {named} FROM "{table}"')
                    with connection.cursor() as cursor:
                        while part := rows.fetchmany(_COPY_ROWS):
                            cursor.executemany(
                                f'INSERT INTO "{table}" ({named}) VALUES ({marks})', part
                            )
        finally:
            source.close()

    @staticmethod
    def _tables(connection: psycopg.Connection[Any]) -> list[str]:
        rows = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
        )
        return [row[0] for row in rows]

    @staticmethod
    def _columns(connection: psycopg.Connection[Any], table: str) -> list[str]:
        rows = connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND table_name = %s ORDER BY ordinal_position",
            (table,),
        )
        return [row[0] for row in rows]

    def close(self) -> None:
        self._is_closed.set()
        with contextlib.suppress(psycopg.Error, StoreFailure):
            # A word on the channel, so that the listener sees at once that it is over.
            self._connection().execute("SELECT pg_notify(%s, '')", (_CHANNEL,))
        self._listener.join(_LISTEN_SECONDS * 3)
        with self._guard:
            for connection in self._connections:
                connection.close()

    # ---- wake-ups

    def _listen(self) -> None:
        while not self._is_closed.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True) as connection:
                    connection.execute(f"LISTEN {_CHANNEL}")
                    while not self._is_closed.is_set():
                        for notice in connection.notifies(timeout=_LISTEN_SECONDS, stop_after=1):
                            self._on_stir((notice.payload,))
            except psycopg.Error as error:
                log.warning("Listening to PostgreSQL failed, trying again: %s", error)
                self._is_closed.wait(_RECONNECT_SECONDS)


class _KeepsNothing(dict[Any, Any]):
    def __setitem__(self, key: Any, value: Any) -> None:
        """Others may change what is read here; it is read again."""


class _PostgresTx:
    """One transaction of one thread."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self.topics: set[str] = set()

    def _execute(self, sql: str, values: Sequence[Any]) -> psycopg.Cursor[Any]:
        assert self._connection.info.transaction_status != TransactionStatus.IDLE
        return self._connection.execute(spelled(sql), values)

    def rows(self, sql: str, *values: Any) -> list[Row]:
        return self._execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> Row | None:
        return self._execute(sql, values).fetchone()

    def take(self, sql: str, *values: Any) -> list[Row]:
        return self._execute(f"{sql} FOR UPDATE SKIP LOCKED", values).fetchall()

    def run(self, sql: str, *values: Any) -> int:
        return self._execute(sql, values).rowcount

    def many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(spelled(sql), values)

    def lock(self, name: str) -> None:
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        self._connection.execute("SELECT pg_advisory_xact_lock(%s)", (number,))

    def stir(self, topic: str) -> None:
        self.topics.add(topic)

    def forget(self, cache: dict[Any, Any], key: Any) -> None:
        """Nothing is remembered on a shared store."""
        cache.pop(key, None)

    def notify(self) -> None:
        """Send what was stirred along with the commit."""
        for topic in self.topics:
            if len(topic.encode()) <= _TOPIC_BYTES_MAX:
                self._connection.execute("SELECT pg_notify(%s, %s)", (_CHANNEL, topic))
