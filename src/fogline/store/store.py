"""What the platform asks of a store: transactions, row by row, on SQLite or PostgreSQL alike.

SQL is written with `?` for bound values, in the dialect that both engines share. Times are integers
(milliseconds), flags are integers 0 and 1, and bytes are BLOB columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

Row = tuple[Any, ...]
T = TypeVar("T")

CONFLICTS_MAX = 10
"""How often a transaction that met others in its way is tried, before that is a failure."""


class StoreFailure(Exception):
    """The store could not do what was asked: a full disk, a lost connection. Nothing was changed."""


class StoreConflict(StoreFailure):
    """Another transaction stood in the way. Nothing was changed; the same again may succeed."""


class SchemaTooNew(Exception):
    """The data was written by a newer Fogline than this one."""


class Tx(Protocol):
    """One transaction. Valid inside the `with` block that gave it, and nowhere else."""

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """Every row that the statement yields."""

    def row(self, sql: str, *values: Any) -> Row | None:
        """The first row that the statement yields, if any."""

    def take(self, sql: str, *values: Any) -> list[Row]:
        """The rows of a SELECT, locked until commit; those that others have locked are passed over."""

    def run(self, sql: str, *values: Any) -> int:
        """Run a statement that yields nothing; how many rows it changed."""

    def many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each of `values`."""

    def lock(self, name: str) -> None:
        """Let nobody else hold the lock of this name until commit: for reading, deciding and then writing."""

    def stir(self, topic: str) -> None:
        """Wake whoever waits for `topic`, on every node, once this transaction has committed."""

    def forget(self, cache: dict[Any, Any], key: Any) -> None:
        """Drop `key` from a cache now, and again if this is rolled back."""


class Store(Protocol):
    """The durable store. `write` and `read` nest: an inner `write` is a savepoint of the outer one."""

    dialect: str
    """`sqlite` or `postgres`."""
    is_shared: bool
    """True when other processes may change the data, so that nothing read may be kept in memory."""

    def write(self) -> AbstractContextManager[Tx]:
        """A transaction that is kept whole, or, when the block raises, not at all."""

    def read(self) -> AbstractContextManager[Tx]:
        """A transaction that changes nothing."""

    def when_durable(self, callback: Callable[[StoreFailure | None], None]) -> None:
        """Call back once all that was written so far on this thread is committed, or could not be.

        Calls back at once when nothing is waiting for its commit.
        """

    async def transact(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a write transaction from a coroutine; returns after the commit.

        After a conflict with another transaction it is run again. Raises what `work` raises, and StoreFailure.
        """

    def make_cache(self) -> dict[Any, Any]:
        """A place for what was read and parsed. `Tx.forget` drops a key; restoring a snapshot drops them all.

        On a shared store it keeps nothing, because others may change the data.
        """

    def copy_to(self, path: str) -> None:
        """Write a consistent copy of all data to `path`, a new SQLite file."""

    def copy_from(self, path: str) -> None:
        """Replace all data by that of a file made by `copy_to`, in one transaction."""

    def close(self) -> None:
        """Commit what is open and let go of files and connections."""
