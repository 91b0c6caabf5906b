"""Whether this machine's resolver knows names under `localhost`, at which APIs, function URLs and buckets answer."""

from __future__ import annotations

import socket
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from threading import Thread

_NAME = "api.execute-api.us-east-1.localhost"
_SECONDS_MAX = 2.0


def are_local_names_known(name: str = _NAME) -> bool:
    """Whether programs that ask the resolver (Python, Node.js) find such names. A resolver that is slow knows none."""
    found: Future[bool] = Future()
    # A daemon: what the resolver takes longer is not waited for.
    Thread(target=lambda: found.set_result(_is_known(name)), daemon=True).start()
    try:
        return found.result(_SECONDS_MAX)
    except FutureTimeout:
        return False


def _is_known(name: str) -> bool:
    try:
        addresses = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return all(str(place[0]) in ("127.0.0.1", "::1") for *_, place in addresses)
