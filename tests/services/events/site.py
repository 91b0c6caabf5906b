"""A web server of somebody else: it answers as a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

JSON = "application/json"


@dataclass
class Asked:
    """One request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Says:
    """One answer."""

    status: int = 200
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)


class Site(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[Asked] = []
        self.answer: Callable[[Asked], Says] = lambda asked: Says()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def says(self, status: int, body: str = "{}", **headers: str) -> None:
        """From now on answer everything like this."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda asked: Says(status, body, named)

    @property
    def bodies(self) -> list[str]:
        return [each.body for each in self.asked]


class Handler(BaseHTTPRequestHandler):
    server: Site
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _any(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(size).decode()
        asked = Asked(self.command, self.path, headers, body)
        self.server.asked.append(asked)
        says = self.server.answer(asked)
        self.send_response(says.status)
        for name, value in says.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", JSON)
        self.send_header("Content-Length", str(len(says.body)))
        self.end_headers()
        self.wfile.write(says.body.encode())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def open_site() -> Iterator[Site]:
    """A site on a free port, for as long as the block lasts."""
    site = Site()
    thread = threading.Thread(target=site.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        site.server_close()
