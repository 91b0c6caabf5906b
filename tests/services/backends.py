"""What tests put behind APIs: functions of their own, and a server that is somebody else's."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from fogline.testing.plugin import Account


@pytest.fixture
def make_function(fogline: Account) -> Callable[..., str]:
    """Makes a function of Python code; what it gives is the URI of integrations with it."""
    client = fogline.client("lambda")

    def make(code: str, name: str = "f") -> str:
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("index.py", code)
        made = client.create_function(
            FunctionName=name,
            Runtime="python3.11",
            Handler="index.handler",
            Role=f"arn:aws:iam::{fogline.id}:role/anybody",
            Code={"ZipFile": package.getvalue()},
            Timeout=20,  # real time, and the machine may be busy
        )
        arn = made["FunctionArn"]
        return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"

    return make


class _Echo(BaseHTTPRequestHandler):
    """Tells what it was sent: 418 below /teapot, 404 where something is missing."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        told = {
            "method": self.command,
            "target": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": body.decode(),
        }
        data = json.dumps(told).encode()
        status = 418 if self.path.startswith("/teapot") else 200
        self.send_response(404 if "missing" in self.path else status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Own", "1")
        for cookie in self.server.cookies:  # type: ignore[attr-defined]
            self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def echo_server(*cookies: str) -> Iterator[str]:
    """The address of a server that answers with what it was sent, and sets these cookies."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    server.cookies = cookies  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()
