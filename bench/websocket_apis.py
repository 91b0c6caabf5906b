"""What thousands of clients of a WebSocket API cost, and how long `PostToConnection` to each of them takes.

Starts Fogline in a process of its own, opens connections from this one, reads the server's memory, and lets a backend
post a message to each, as raw HTTP over a few connections that stay open. Run as
`python bench/websocket_apis.py [CONNECTIONS] [--durable]`.
"""

from __future__ import annotations

import asyncio
import base64
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

# This file's folder must not hide libraries of the names of other files in it.
sys.path[:] = [each for each in sys.path if Path(each or ".").resolve() != Path(__file__).parent]

CONNECTIONS = 5_000
MEMORY_MB_MAX = 150
BROADCAST_SECONDS_MAX = 1.0
_MESSAGE = b"x" * 100
_BACKENDS = 16
_ASKED_AT_ONCE = 100
_SCOPE = "000000000000/20260101/us-east-1/execute-api/aws4_request"
_SIGNED = f"AWS4-HMAC-SHA256 Credential={_SCOPE}, SignedHeaders=host, Signature=0"


async def serve(is_durable: bool) -> None:
    """The whole of Fogline."""
    from fogline.app import Platform, calm_collector
    from fogline.config import read_config

    folder = tempfile.mkdtemp(prefix="fogline-bench-")
    config = read_config({}, port=0, ephemeral=not is_durable, data=Path(folder))
    platform = Platform(config)
    await platform.start()
    await platform.complete()
    calm_collector()
    print(platform.port, flush=True)
    await asyncio.Event().wait()


class Client(asyncio.Protocol):
    """One client: learns its id by asking for it, then waits for messages."""

    def __init__(self, host: str, loop: asyncio.AbstractEventLoop) -> None:
        self._host = host
        self.has_opened = loop.create_future()
        self.has_message = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(  # type: ignore[attr-defined]
            f"GET /dev HTTP/1.1\r\nHost: {self._host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"User-Agent: bench\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        if not self.has_opened.done():
            assert data.startswith(b"HTTP/1.1 101"), data
            self.has_opened.set_result(None)
        elif not self.has_message.done():
            self.has_message.set_result(data[2:])

    async def learn_id(self) -> str:
        # A masked text frame of one letter, with a mask of zeros.
        self.transport.write(b"\x81\x81\0\0\0\0x")  # type: ignore[attr-defined]
        return str((await self.has_message).decode())


class Backend(asyncio.Protocol):
    """Posts messages one after the other over one connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._answered: asyncio.Future[bytes] = loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if not self._answered.done():
            self._answered.set_result(data)

    async def post(self, requests: list[bytes]) -> None:
        for request in requests:
            self._answered = self._loop.create_future()
            self._transport.write(request)  # type: ignore[attr-defined]
            answer = await self._answered
            assert answer.startswith(b"HTTP/1.1 200"), answer


def resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def make_api(endpoint: str) -> str:
    """An API whose clients are told their ids."""
    import boto3

    client = boto3.client(
        "apigatewayv2",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="000000000000",
        aws_secret_access_key="test",
    )
    api = client.create_api(
        Name="bench", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )["ApiId"]
    integration = client.create_integration(
        ApiId=api, IntegrationType="MOCK", RequestTemplates={"$default": '{"statusCode": 200}'}
    )["IntegrationId"]
    client.create_integration_response(
        ApiId=api,
        IntegrationId=integration,
        IntegrationResponseKey="$default",
        ResponseTemplates={"$default": "$context.connectionId"},
    )
    route = client.create_route(
        ApiId=api, RouteKey="$default", Target=f"integrations/{integration}"
    )["RouteId"]
    client.create_route_response(ApiId=api, RouteId=route, RouteResponseKey="$default")
    client.create_stage(ApiId=api, StageName="dev", AutoDeploy=True)
    return str(api)


async def measure(port: int, pid: int, count: int) -> None:
    loop = asyncio.get_running_loop()
    api = make_api(f"http://127.0.0.1:{port}")
    host = f"{api}.execute-api.us-east-1.localhost:{port}"
    clients: list[Client] = []

    async def open_one() -> None:
        _, client = await loop.create_connection(lambda: Client(host, loop), "127.0.0.1", port)
        clients.append(client)
        await client.has_opened

    await asyncio.gather(*(open_one() for _ in range(10)))
    before = resident_mb(pid)
    began = time.perf_counter()
    for start in range(0, count - 10, _ASKED_AT_ONCE):
        await asyncio.gather(*(open_one() for _ in range(min(_ASKED_AT_ONCE, count - 10 - start))))
    opened = time.perf_counter() - began
    await asyncio.sleep(3)
    memory = resident_mb(pid)
    print(f"{count} clients connected in {opened:.2f} s ({count / opened:.0f}/s)")
    print(
        f"the whole process then has {memory:.0f} MB (at most {MEMORY_MB_MAX}),"
        f" {memory - before:.1f} MB more than before"
    )
    ids = []
    began = time.perf_counter()
    for client in clients:
        ids.append(await client.learn_id())
    took = time.perf_counter() - began
    print(f"asked one after the other, each was answered in {took / count * 1000:.2f} ms")
    for name, front in (("by the API's host", "/dev"), ("as an AWS operation", "")):
        await broadcast(
            port, pid, host if front else f"127.0.0.1:{port}", front, clients, ids, name
        )


async def broadcast(
    port: int, pid: int, host: str, front: str, clients: list[Client], ids: list[str], name: str
) -> None:
    loop = asyncio.get_running_loop()
    head = f"Host: {host}\r\nAuthorization: {_SIGNED}\r\nContent-Length: {len(_MESSAGE)}\r\n\r\n"
    requests = [
        f"POST {front}/@connections/{quote(id)} HTTP/1.1\r\n{head}".encode() + _MESSAGE
        for id in ids
    ]
    backends = [
        (await loop.create_connection(lambda: Backend(loop), "127.0.0.1", port))[1]
        for _ in range(_BACKENDS)
    ]
    for _ in range(3):
        for client in clients:
            client.has_message = loop.create_future()
        began, used = time.perf_counter(), cpu_seconds(pid)
        await asyncio.gather(
            *(backend.post(requests[at::_BACKENDS]) for at, backend in enumerate(backends))
        )
        await asyncio.gather(*(client.has_message for client in clients))
        took = time.perf_counter() - began
        print(
            f"PostToConnection to each, {name}: {took:.2f} s (at most {BROADCAST_SECONDS_MAX:g}),"
            f" {len(ids) / took:.0f}/s, {cpu_seconds(pid) - used:.2f} s of the server's time"
        )


def main() -> None:
    import uvloop

    is_durable = "--durable" in sys.argv
    numbers = [int(each) for each in sys.argv[1:] if each.isdigit()]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65_536)), hard))
    if "--serve" in sys.argv:
        uvloop.run(serve(is_durable))
        return
    options = [each for each in sys.argv[1:] if each.startswith("--")]
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve", *options], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        count = numbers[0] if numbers else CONNECTIONS
        uvloop.run(measure(int(server.stdout.readline()), server.pid, count))
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
