"""Store work of coroutines: at once where the store is embedded, in a thread elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fogline.store.store import Store, Tx

T = TypeVar("T")


async def look(store: Store, work: Callable[[Tx], T]) -> T:
    """Read."""
    if store.is_shared:
        return await store.transact(work)
    with store.read() as tx:
        return work(tx)


async def keep(store: Store, work: Callable[[Tx], T]) -> T:
    """Write. On the embedded store the commit comes with others', shortly after."""
    if store.is_shared:
        return await store.transact(work)
    with store.write() as tx:
        return work(tx)
