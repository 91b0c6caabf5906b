"""Holdings: the connections that this process holds, until they have been idle or open for too long.

Answers `ports/connections.py`. What is to be done with a connection that another node holds travels there as a row.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable

from fogline.apis.transactions import look
from fogline.background.topics import Topics
from fogline.ports.connections import Connection, Posted
from fogline.services.apigatewayv2.websocket import metrics, tables
from fogline.services.apigatewayv2.websocket.conversing import converse
from fogline.services.apigatewayv2.websocket.disconnecting import end_connection
from fogline.services.apigatewayv2.websocket.exchange import new_id
from fogline.services.apigatewayv2.websocket.faults import TOO_MANY, fault_text
from fogline.services.apigatewayv2.websocket.held import GOING_AWAY, NORMAL, Held
from fogline.services.apigatewayv2.websocket.peer import Peer
from fogline.services.apigatewayv2.websocket.standing import SocketLimits, Standing
from fogline.services.apigatewayv2.websocket.turns import Turns
from fogline.store.store import Tx
from fogline.world.clock import Alarm

_ORDERS_PER_TURN_MAX = 500
_CONNECTING_SECONDS_MAX = 0.5
_ENDED_DEADLINES_MAX = 1_000


class Holdings:
    """All of it belongs to the event loop's thread."""

    def __init__(self, standing: Standing, topics: Topics) -> None:
        self._standing = standing
        self._clock = standing.runtime.clock
        self._held: dict[str, Held] = {}
        self._connecting: dict[str, asyncio.Future[None]] = {}
        self._deadlines: list[tuple[int, str]] = []
        """When to look at a connection again: it may have been active since."""
        self._alarm: Alarm | None = None
        self._alarm_at = 0
        self._saved_at = 0
        self._is_ordering = False
        self._has_orders = False
        self.limits: SocketLimits = standing.limits
        self._turns = Turns(standing.limits.begun_per_turn_max)
        self.now = self._clock.now
        if standing.runtime.store.is_shared:
            topics.always(tables.ORDERS_TOPIC, self._ordered)

    def __len__(self) -> int:
        return len(self._held)

    def has(self, id: str) -> bool:
        """True for a connection that is open here, or about to be."""
        return id in self._held or id in self._connecting

    # ---- for connections

    def run(self, work: Awaitable[None], name: str) -> None:
        self._standing.run(work, name)

    async def converse(self, peer: Peer, message: str) -> bytes | None:
        await self._turns.next()
        return await converse(self._standing, peer, message)

    def too_many(self, peer: Peer) -> bytes:
        """What a client is told that sends more than is kept for it."""
        request_id = new_id(self._standing.runtime.ids)
        return fault_text(TOO_MANY.message, peer.id, request_id).encode()

    def begin(self, id: str) -> None:
        """A client is about to be connected: its `$connect` is asked."""
        self._connecting[id] = asyncio.get_running_loop().create_future()

    async def turn(self) -> None:
        """Wait until one more client may begin to connect."""
        await self._turns.next()

    def settle(self, id: str) -> None:
        """It is connected, or will not be."""
        settled = self._connecting.pop(id, None)
        if settled is not None:
            settled.set_result(None)

    async def _settled(self, id: str) -> None:
        """What `$connect` sets off may be here before its client is: on AWS all that takes longer.

        Its own function waits in vain, and then is told as on AWS that nobody is there.
        """
        settled = self._connecting.get(id)
        if settled is not None:
            await asyncio.wait((settled,), timeout=_CONNECTING_SECONDS_MAX)

    def opened(self, held: Held) -> None:
        held.active_at = self.now()
        self._held[held.peer.id] = held
        self._look_again(held)
        self.settle(held.peer.id)

    def closed(self, held: Held, code: int, reason: str) -> None:
        self._held.pop(held.peer.id, None)
        self._drop_ended_deadlines()
        self.settle(held.peer.id)
        self.run(self.forget(held.peer, code, reason), f"the end of {held.peer.id}")

    async def forget(self, peer: Peer, code: int, reason: str) -> None:
        """Let go of a connection that is over."""
        now = self.now()
        await self._turns.next()
        await self._standing.runtime.store.transact(
            lambda tx: end_connection(self._standing, tx, peer, code, reason, now)
        )

    # ---- idle for too long, open for too long

    def _look_again(self, held: Held) -> None:
        heapq.heappush(self._deadlines, (self._deadline(held), held.peer.id))
        self._set_alarm()

    def _drop_ended_deadlines(self) -> None:
        """Clients that come and go by the thousand leave no deadlines behind, though those were for later."""
        if len(self._deadlines) > 2 * len(self._held) + _ENDED_DEADLINES_MAX:
            self._deadlines = [each for each in self._deadlines if each[1] in self._held]
            heapq.heapify(self._deadlines)

    def _deadline(self, held: Held) -> int:
        return min(
            held.active_at + self.limits.idle_ms_max,
            held.peer.connected_at + self.limits.connected_ms_max,
        )

    def _set_alarm(self) -> None:
        if not self._deadlines:
            return
        due = self._deadlines[0][0]
        if self._alarm is not None:
            if self._alarm_at <= due:
                return
            self._alarm.cancel()
        self._alarm_at = due
        self._alarm = self._clock.call_at(due, self._expire)

    def _expire(self) -> None:
        self._alarm = None
        now = self.now()
        while self._deadlines and self._deadlines[0][0] <= now:
            _, id = heapq.heappop(self._deadlines)
            held = self._held.get(id)
            if held is None:
                continue
            due = self._deadline(held)
            if due <= now:
                held.close(GOING_AWAY, "Going away")
            else:
                heapq.heappush(self._deadlines, (due, id))
        self._set_alarm()

    # ---- ports/connections.py

    async def find(self, id: str) -> Connection | None:
        await self._settled(id)
        held = self._held.get(id)
        if held is not None:
            return _shown(held.peer, held.active_at) if held.is_open else None
        kept = await self._kept_elsewhere(id)
        return _shown(kept.peer, kept.active_at) if kept is not None else None

    async def post(self, id: str, message: bytes) -> Posted:
        await self._settled(id)
        held = self._held.get(id)
        if held is not None:
            return self._post(held, message)
        return Posted.SENT if await self._order(id, "post", message) else Posted.GONE

    def _post(self, held: Held, message: bytes) -> Posted:
        posted = held.send(message)
        if posted is Posted.SENT:
            sources = metrics.sources_of_peer(held.peer)
            self._standing.runtime.metrics.add(sources, metrics.POSTED, self.now())
        return posted

    async def end(self, id: str) -> bool:
        await self._settled(id)
        held = self._held.get(id)
        if held is None:
            return await self._order(id, "end", b"")
        was_open = held.is_open
        held.close(NORMAL)
        return was_open

    # ---- other nodes

    async def _kept_elsewhere(self, id: str) -> tables.Kept | None:
        if not self._standing.runtime.store.is_shared:
            return None
        kept = await look(self._standing.runtime.store, lambda tx: tables.find_connection(tx, id))
        return kept if kept is not None and kept.node != self._standing.node else None

    async def _order(self, id: str, action: str, message: bytes) -> bool:
        """Let the node that holds a connection do something with it; False if none does."""
        kept = await self._kept_elsewhere(id)
        if kept is None:
            return False
        runtime = self._standing.runtime
        number = runtime.ids.ordered(self.now())
        node = kept.node

        def add(tx: Tx) -> None:
            tables.add_order(tx, number, node, id, action, message)

        await runtime.store.transact(add)
        return True

    def _ordered(self, topic: str) -> None:
        if topic.partition(":")[2] != self._standing.node:
            return
        self._has_orders = True
        if not self._is_ordering:
            self._is_ordering = True
            self.run(self.do_orders(), "orders for connections")

    async def do_orders(self) -> None:
        """Do what other nodes want done here."""
        store, node = self._standing.runtime.store, self._standing.node
        try:
            while self._has_orders:
                self._has_orders = False
                orders = await store.transact(
                    lambda tx: tables.take_orders(tx, node, _ORDERS_PER_TURN_MAX)
                )
                for order in orders:
                    self._do(order)
                self._has_orders = self._has_orders or len(orders) == _ORDERS_PER_TURN_MAX
        finally:
            self._is_ordering = False

    def _do(self, order: tables.Order) -> None:
        held = self._held.get(order.connection)
        if held is None:
            return
        if order.action == "post":
            self._post(held, order.message)
        else:
            held.close(NORMAL)

    async def save_activity(self) -> None:
        """Tell other nodes who has been active since this was last done."""
        since, self._saved_at = self._saved_at, self.now()
        active = [
            (held.active_at, id) for id, held in self._held.items() if held.active_at >= since
        ]
        if active:
            await self._standing.runtime.store.transact(lambda tx: tables.save_activity(tx, active))

    async def drop_all(self) -> None:
        """Disconnect every client, because others have taken this node for dead."""
        for held in list(self._held.values()):
            held.close(GOING_AWAY, "Going away")


def _shown(peer: Peer, active_at: int) -> Connection:
    return Connection(
        peer.id,
        peer.account,
        peer.region,
        peer.api,
        peer.stage,
        peer.connected_at,
        active_at,
        peer.source_ip,
        peer.user_agent,
    )
