"""What idle WebSockets cost, and how long a message to each of them takes.

Starts the server alone, without services, in a process of its own; opens connections from this one; reads the
server's memory; then has it send a small message to each. Run as `python bench/websockets.py [CONNECTIONS] [--tls]`.
"""

from __future__ import annotations

import asyncio
import base64
import os
import resource
import ssl
import subprocess
import sys
import time
from pathlib import Path

# This file's folder must not hide the library of the same name.
sys.path[:] = [each for each in sys.path if Path(each or ".").resolve() != Path(__file__).parent]

CONNECTIONS = 5_000
MEMORY_MB_MAX = 100
BROADCAST_SECONDS_MAX = 1.0
MESSAGE = "x" * 100
_ASKING = (
    b"GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"User-Agent: bench\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %b\r\n\r\n"
)
_ASKED_AT_ONCE = 100


async def serve() -> None:
    """The server: sockets that keep quiet, and `/send`, which sends to all of them."""
    from fogline.gateway.server import Reply, Server
    from fogline.gateway.tls import Tls
    from fogline.ports.http import HttpRequest, HttpResponse
    from fogline.ports.websockets import WebSocket
    from fogline.world.clock import RealClock

    sockets: set[WebSocket] = set()

    class Quiet:
        __slots__ = ("socket",)
        message_bytes_max = 128 * 1024
        frame_bytes_max = 32 * 1024

        def opened(self, socket: WebSocket) -> None:
            self.socket = socket
            sockets.add(socket)

        def received(self, message: str | bytes) -> None:
            self.socket.send(message)

        def heard(self) -> None:
            pass

        def closed(self, code: int, reason: str) -> None:
            sockets.discard(self.socket)

    def answer(request: HttpRequest, reply: Reply) -> None:
        if request.path == "/send":
            began = time.perf_counter()
            sent = sum(socket.send(MESSAGE) for socket in sockets)
            took = time.perf_counter() - began
            reply(HttpResponse(200, [], f"{sent} {took}".encode()))
        else:
            reply(HttpResponse(101, upgrade=Quiet()))

    tls = Tls(Path("nowhere"), is_kept=False)
    server = Server(answer, RealClock(), contexts=tls.context_for)
    _, port = await server.listen("127.0.0.1", 0)
    print(port, flush=True)
    await asyncio.Event().wait()


class Client(asyncio.Protocol):
    """One connection: counts the messages that it got."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.has_opened = loop.create_future()
        self.has_message = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(_ASKING % base64.b64encode(os.urandom(16)))  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        if not self.has_opened.done():
            assert data.startswith(b"HTTP/1.1 101"), data
            self.has_opened.set_result(None)
        elif not self.has_message.done():
            self.has_message.set_result(None)


def resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def measure(port: int, pid: int, count: int, is_tls: bool) -> None:
    context = ssl._create_unverified_context() if is_tls else None
    loop = asyncio.get_running_loop()
    clients: list[Client] = []

    async def open_one() -> None:
        _, client = await loop.create_connection(
            lambda: Client(loop), "127.0.0.1", port, ssl=context
        )
        clients.append(client)
        await client.has_opened

    await asyncio.gather(*(open_one() for _ in range(10)))
    before = resident_mb(pid)
    began = time.perf_counter()
    for start in range(0, count, _ASKED_AT_ONCE):
        await asyncio.gather(*(open_one() for _ in range(min(_ASKED_AT_ONCE, count - start))))
    opened = time.perf_counter() - began
    await asyncio.sleep(2)
    memory = resident_mb(pid) - before
    print(f"{count} connections opened in {opened:.2f} s ({count / opened:.0f}/s)")
    print(
        f"idle they hold {memory:.1f} MB (at most {MEMORY_MB_MAX}), {memory * 2**20 / count:.0f} bytes each"
    )
    for _ in range(3):
        for client in clients:
            client.has_message = loop.create_future()
        began = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /send HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        await asyncio.gather(*(client.has_message for client in clients))
        took = time.perf_counter() - began
        sent, sending = (await reader.read()).partition(b"\r\n\r\n")[2].split()
        writer.close()
        print(
            f"a message of {len(MESSAGE)} bytes to each of {int(sent)}: sent in {float(sending):.3f} s, "
            f"all had it after {took:.3f} s (at most {BROADCAST_SECONDS_MAX:g})"
        )


def main() -> None:
    import uvloop

    is_tls = "--tls" in sys.argv
    numbers = [int(each) for each in sys.argv[1:] if each.isdigit()]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65_536)), hard))
    if "--serve" in sys.argv:
        uvloop.run(serve())
        return
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        uvloop.run(
            measure(
                int(server.stdout.readline()),
                server.pid,
                numbers[0] if numbers else CONNECTIONS,
                is_tls,
            )
        )
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
