"""Nodes: connections that were held by a process which is no more are ended, and their `$disconnect` is promised.

On an embedded store that is whoever held them before this process. On a shared one nodes tell each other, as long as
they hold connections, that they are alive; whoever finds one that does not any more ends its connections.
"""

from __future__ import annotations

from fogline.services.apigatewayv2.websocket import tables
from fogline.services.apigatewayv2.websocket.disconnecting import end_connection
from fogline.services.apigatewayv2.websocket.holdings import Holdings
from fogline.services.apigatewayv2.websocket.standing import Standing
from fogline.store.store import Tx

_ENDED_PER_STEP_MAX = 200
_LOST = 1006


class Nodes:
    """A Loop."""

    name = "apigatewayv2.connections"
    topics: tuple[str, ...] = (tables.CONNECTIONS_TOPIC,)

    def __init__(self, standing: Standing, holdings: Holdings) -> None:
        self._standing = standing
        self._holdings = holdings

    def step(self, now: int) -> int | None:
        """End what dead nodes held, some of it at a time."""
        standing = self._standing
        store = standing.runtime.store
        with store.write() as tx:
            if store.is_shared:
                tx.lock(tables.CONNECTIONS_TOPIC)
                return self._step_among_others(tx, now)
            # All rows are of an earlier life, or of a snapshot that was restored, but those of who is connected.
            lost = [peer for peer in tables.all_connections(tx) if not self._holdings.has(peer.id)][
                :_ENDED_PER_STEP_MAX
            ]
            for peer in lost:
                end_connection(standing, tx, peer, _LOST, "", now)
            return now if len(lost) == _ENDED_PER_STEP_MAX else None

    def _step_among_others(self, tx: Tx, now: int) -> int | None:
        standing = self._standing
        known = dict(tables.nodes(tx))
        holding = tables.holding_nodes(tx)
        holds = len(self._holdings) > 0
        if holds and standing.node not in known:
            standing.run(self._holdings.drop_all(), "connections that others have ended")
        elif standing.node in known and not holds and standing.node not in holding:
            # Nobody would miss it: then time need not pass in steps, and there is nothing to tell.
            if tables.resign_node(tx, standing.node, known[standing.node]):
                del known[standing.node]
        elif standing.node in known:
            # A stopped process is found by its silence.
            tables.keep_node(tx, standing.node, now + standing.limits.node_lease_ms)
            standing.run(self._holdings.save_activity(), "when clients were last active")
        room = _ENDED_PER_STEP_MAX
        for node in {*known, *holding} - {standing.node}:
            if known.get(node, 0) <= now and room:
                room -= self._end(tx, node, room, now)
                if room:
                    tables.remove_node(tx, node)
        if not room:
            return now
        due = [until for node, until in known.items() if until > now and node != standing.node]
        if standing.node in known:
            due.append(now + standing.limits.node_renewal_ms)
        return min(due) if due else None

    def _end(self, tx: Tx, node: str, count_max: int, now: int) -> int:
        """End some connections of a dead node; how many."""
        peers = tables.connections_of(tx, node, count_max)
        for peer in peers:
            end_connection(self._standing, tx, peer, _LOST, "", now)
        return len(peers)
