"""The tables of WebSocket connections, step by step. `websocket/tables.py` reads and writes them."""

from __future__ import annotations

from fogline.store.schema import Schema

SCHEMA = Schema(
    "apigatewayv2",
    (
        (
            """CREATE TABLE websocket_connections (
                id TEXT PRIMARY KEY, node TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
                api TEXT NOT NULL, stage TEXT NOT NULL, connected_at INTEGER NOT NULL,
                active_at INTEGER NOT NULL, facts BLOB NOT NULL)""",
            "CREATE INDEX websocket_connections_by_node ON websocket_connections (node)",
            "CREATE TABLE websocket_nodes (node TEXT PRIMARY KEY, alive_until INTEGER NOT NULL)",
            """CREATE TABLE websocket_orders (
                number INTEGER PRIMARY KEY, node TEXT NOT NULL, connection TEXT NOT NULL,
                action TEXT NOT NULL, message BLOB NOT NULL)""",
            "CREATE INDEX websocket_orders_by_node ON websocket_orders (node, number)",
        ),
    ),
)
