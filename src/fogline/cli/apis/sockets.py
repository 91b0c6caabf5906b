"""A conversation with a WebSocket API: what is given is sent, what arrives is printed."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from fogline.cli.client import Client
from fogline.cli.exits import FAILED, Failure, NoServer
from fogline.cli.interrupts import check_interrupted
from fogline.cli.output import Output

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

_OPEN_SECONDS_MAX = 35.0
"""AWS gives `$connect` 29 seconds."""
_MESSAGE_BYTES_MAX = 1_048_576
_LOOK_EVERY_SECONDS = 0.25
_NORMAL = (1000, 1001)


def read_messages(given: Sequence[str]) -> Iterator[str]:
    """Messages: as they are given, whole files with @, and with - each line of stdin."""
    for text in given:
        if text == "-":
            yield from (line.rstrip("\r\n") for line in sys.stdin)
        elif text.startswith("@"):
            try:
                yield Path(text[1:]).read_text("utf-8")
            except OSError as error:
                raise Failure(f"{text[1:]} cannot be read: {error.strerror}.", code=2) from None
        else:
            yield text


def converse(
    out: Output,
    server: Client,
    url: str,
    headers: Sequence[tuple[str, str]],
    messages: Iterable[str],
    wait_seconds: float | None,
) -> int:
    """Connect, send, print; until the other side closes, or that time has passed. The exit code."""
    from websockets.exceptions import ConnectionClosed

    with _connect(server, url, headers) as connection:
        out.event({"event": "connected", "url": url}, f"Connected to {url}.", "dim")
        try:
            for message in messages:
                connection.send(message)
            if wait_seconds is None:
                _type_along(connection)
            _listen(out, connection, wait_seconds)
        except ConnectionClosed as closed:
            code, reason = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")
            kind = "dim" if code in _NORMAL else "bad"
            text = f"Closed by the API: {code}{f' {reason}' if reason else ''}."
            out.event({"event": "closed", "code": code, "reason": reason}, text, kind)
            return 0 if code in _NORMAL else FAILED
    return 0


def _connect(server: Client, url: str, headers: Sequence[tuple[str, str]]) -> ClientConnection:
    from websockets.exceptions import InvalidHandshake, InvalidStatus
    from websockets.sync.client import connect

    try:
        # By the address we know: few machines' resolvers know the names under `localhost`.
        plain = socket.create_connection((server.host, server.port), timeout=_OPEN_SECONDS_MAX)
    except OSError:
        raise NoServer(server.endpoint) from None
    try:
        return connect(
            url,
            sock=plain,
            ssl=server.tls_context() if url.startswith("wss:") else None,
            additional_headers=headers,
            compression=None,
            open_timeout=_OPEN_SECONDS_MAX,
            max_size=_MESSAGE_BYTES_MAX,
            proxy=None,
        )
    except InvalidStatus as refused:
        answer = refused.response
        body = (answer.body or b"")[:500].decode("utf-8", "replace").strip()
        raise Failure(
            f"The API refused the connection: {answer.status_code} {answer.reason_phrase}"
            f"{f' {body}' if body else ''}",
            "What its $connect route and its authorizer did is in `fogline logs` and `fogline api logs API`.",
        ) from None
    except (InvalidHandshake, OSError, EOFError) as failed:
        raise Failure(f"There was no connection: {failed}") from None


def _listen(out: Output, connection: ClientConnection, wait_seconds: float | None) -> None:
    until = None if wait_seconds is None else monotonic() + wait_seconds
    while until is None or monotonic() < until:
        left = _LOOK_EVERY_SECONDS if until is None else max(0.0, until - monotonic())
        check_interrupted()
        try:
            message = connection.recv(timeout=min(left, _LOOK_EVERY_SECONDS))
        except TimeoutError:
            continue
        text = message if isinstance(message, str) else f"({len(message)} bytes)"
        out.event({"event": "message", "data": text}, text)


def _type_along(connection: ClientConnection) -> None:
    """On a terminal, each line that is typed is sent."""
    if not sys.stdin.isatty():
        return

    def send_lines() -> None:
        from websockets.exceptions import ConnectionClosed

        with contextlib.suppress(ConnectionClosed):
            for line in sys.stdin:
                connection.send(line.rstrip("\r\n"))

    threading.Thread(target=send_lines, daemon=True).start()
