"""What is kept of connections: who holds them, which nodes are alive, and what nodes are to do for each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import orjson

from fogline.services.apigatewayv2.websocket.peer import Peer, peer_of
from fogline.store.store import Row, Tx

CONNECTIONS_TOPIC = "websocket-connections"
ORDERS_TOPIC = "websocket-orders"
"""Followed by `:` and the node that has something to do."""

_COLUMNS = "id, account, region, api, stage, connected_at, facts"


class Kept(NamedTuple):
    """A connection as its row tells it."""

    peer: Peer
    node: str
    active_at: int


class Order(NamedTuple):
    """What the node that holds a connection is to do: `post` a message, or `end` it."""

    number: int
    connection: str
    action: str
    message: bytes


def add_connection(tx: Tx, peer: Peer, node: str) -> None:
    tx.run(
        "INSERT INTO websocket_connections (id, node, account, region, api, stage, connected_at,"
        " active_at, facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        peer.id,
        node,
        peer.account,
        peer.region,
        peer.api,
        peer.stage,
        peer.connected_at,
        peer.connected_at,
        orjson.dumps(peer.facts()),
    )


def find_connection(tx: Tx, id: str) -> Kept | None:
    row = tx.row(f"SELECT {_COLUMNS}, node, active_at FROM websocket_connections WHERE id = ?", id)
    if row is None:
        return None
    return Kept(_peer(row), row[7], row[8])


def _peer(row: Row) -> Peer:
    id, account, region, api, stage, at, facts = row[:7]
    return peer_of(id, account, region, api, stage, at, orjson.loads(facts))


def save_activity(tx: Tx, active: Sequence[tuple[int, str]]) -> None:
    """When connections were last active, each with its id."""
    tx.many("UPDATE websocket_connections SET active_at = ? WHERE id = ?", active)


def remove_connection(tx: Tx, id: str) -> bool:
    """False if it was gone: who removes it is who sees to its `$disconnect`."""
    return tx.run("DELETE FROM websocket_connections WHERE id = ?", id) > 0


def connections_of(tx: Tx, node: str, count_max: int) -> list[Peer]:
    """Some of the connections that a node held."""
    return [
        _peer(row)
        for row in tx.rows(
            f"SELECT {_COLUMNS} FROM websocket_connections WHERE node = ? ORDER BY id LIMIT ?",
            node,
            count_max,
        )
    ]


def all_connections(tx: Tx) -> Iterator[Peer]:
    """Of every node."""
    for row in tx.rows(f"SELECT {_COLUMNS} FROM websocket_connections ORDER BY id"):
        yield _peer(row)


def holding_nodes(tx: Tx) -> list[str]:
    return [
        row[0] for row in tx.rows("SELECT DISTINCT node FROM websocket_connections ORDER BY node")
    ]


def add_node(tx: Tx, node: str, alive_until: int) -> None:
    """Make a node known that holds connections, or known for longer: its row can't be resigned meanwhile."""
    if tx.run("UPDATE websocket_nodes SET alive_until = ? WHERE node = ?", alive_until, node):
        return
    tx.run(
        "INSERT INTO websocket_nodes (node, alive_until) VALUES (?, ?)"
        " ON CONFLICT (node) DO UPDATE SET alive_until = excluded.alive_until",
        node,
        alive_until,
    )
    tx.stir(CONNECTIONS_TOPIC)


def keep_node(tx: Tx, node: str, alive_until: int) -> None:
    tx.run(
        "INSERT INTO websocket_nodes (node, alive_until) VALUES (?, ?)"
        " ON CONFLICT (node) DO UPDATE SET alive_until = excluded.alive_until",
        node,
        alive_until,
    )


def remove_node(tx: Tx, node: str) -> None:
    tx.run("DELETE FROM websocket_nodes WHERE node = ?", node)
    tx.run("DELETE FROM websocket_orders WHERE node = ?", node)


def resign_node(tx: Tx, node: str, alive_until: int) -> bool:
    """Forget a node that holds nothing, unless something has come to it since it was known until then."""
    gone = tx.run(
        "DELETE FROM websocket_nodes WHERE node = ? AND alive_until = ?", node, alive_until
    )
    return bool(gone)


def nodes(tx: Tx) -> list[tuple[str, int]]:
    """The nodes that may hold connections, and until when each is thought to be alive."""
    return [
        (row[0], row[1])
        for row in tx.rows("SELECT node, alive_until FROM websocket_nodes ORDER BY alive_until")
    ]


def add_order(tx: Tx, number: int, node: str, connection: str, action: str, message: bytes) -> None:
    tx.run(
        "INSERT INTO websocket_orders (number, node, connection, action, message)"
        " VALUES (?, ?, ?, ?, ?)",
        number,
        node,
        connection,
        action,
        message,
    )
    tx.stir(f"{ORDERS_TOPIC}:{node}")


def take_orders(tx: Tx, node: str, count_max: int) -> list[Order]:
    """The oldest orders for a node, which are done then."""
    orders = [
        Order(row[0], row[1], row[2], bytes(row[3]))
        for row in tx.rows(
            "SELECT number, connection, action, message FROM websocket_orders WHERE node = ?"
            " ORDER BY number LIMIT ?",
            node,
            count_max,
        )
    ]
    if orders:
        tx.run(
            "DELETE FROM websocket_orders WHERE node = ? AND number <= ?", node, orders[-1].number
        )
    return orders
