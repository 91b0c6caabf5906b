"""Requests that leave the platform, against a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from fogline.background.outgoing import Outgoing, OutgoingFailed

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def _with_server(answer: bytes, wait: float = 0) -> tuple[asyncio.Server, str, list[bytes]]:
    seen: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        if wait:
            await asyncio.Event().wait()
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    return server, f"{server.sockets[0].getsockname()[1]}", seen


def _run(work: Callable[[Outgoing], Awaitable[None]]) -> None:
    async def main() -> None:
        outgoing = Outgoing()
        try:
            await work(outgoing)
        finally:
            await outgoing.close()

    asyncio.run(main())


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async def work(outgoing: Outgoing) -> None:
        server, port, _ = await _with_server(
            b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 2\r\n\r\nno"
        )
        answer = await outgoing.send("POST", f"http://127.0.0.1:{port}/x", body=b"hi")
        server.close()
        assert (answer.status, answer.body) == (302, b"no")

    _run(work)


def test_names_under_localhost_are_this_machine() -> None:
    async def work(outgoing: Outgoing) -> None:
        server, port, seen = await _with_server(b"HTTP/1.1 204 No Content\r\n\r\n")
        answer = await outgoing.send("GET", f"http://api.execute-api.localhost:{port}/stage")
        server.close()
        assert answer.status == 204
        assert f"host: api.execute-api.localhost:{port}".encode() in seen[0].lower()

    _run(work)


def test_a_silent_side_is_given_up_in_time() -> None:
    async def work(outgoing: Outgoing) -> None:
        server, port, _ = await _with_server(b"", wait=1)
        with pytest.raises(OutgoingFailed) as failed:
            await outgoing.send("GET", f"http://127.0.0.1:{port}/", timeout_seconds=0.05)
        server.close()
        assert failed.value.is_timeout

    _run(work)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "ftp://x/", "http://[::bad/", "nonsense"])
def test_what_cannot_be_reached_or_understood_fails(url: str) -> None:
    async def work(outgoing: Outgoing) -> None:
        with pytest.raises(OutgoingFailed):
            await outgoing.send("GET", url)

    _run(work)


def test_an_answer_is_cut_at_a_megabyte() -> None:
    async def work(outgoing: Outgoing) -> None:
        server, port, _ = await _with_server(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 3_000_000)
        answer = await outgoing.send("GET", f"http://127.0.0.1:{port}/")
        server.close()
        assert len(answer.body) == 1_048_576

    _run(work)
