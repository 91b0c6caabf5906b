"""Requests that leave the machine's own platform: webhooks, API destinations, tokens. Bounded in time and in size.

Names under `.localhost` and `.localhost.localstack.cloud` are this machine, whatever its resolver knows. AWS's names of
APIs that live here, and custom domain names that somebody has here, are our own endpoint.
Redirects are not followed and the environment's proxies are not used: a delivery goes where it was told, or fails.
Cookies are not kept: what was set for one caller is nothing to the next. AWS
takes names of headers that HTTP cannot carry (`My Key`); what servers ignore when it comes from there is left out here,
with a warning.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    import httpx

log = logging.getLogger("fogline.outgoing")

_LOCAL_NAMES = ("127.0.0.1", "localhost", "::1")
_LOCAL_SUFFIXES = (".localhost", ".localhost.localstack.cloud")
_CONNECTIONS_MAX = 256
_ANSWER_BYTES_MAX = 1_048_576

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said. Header names are lower-case; the body is cut at the caller's bound.

    `fields` are the headers one by one, where several have a name.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    fields: Headers = ()


@dataclass(frozen=True, slots=True)
class StreamedAnswer:
    """An answer whose body is still on its way. Its pieces raise OutgoingFailed."""

    status: int
    fields: Headers
    pieces: Pieces


_OWN_HEADERS = {"User-Agent": "Fogline", "Accept-Encoding": "identity"}
"""What a request says that says nothing else: no library's name, and no wish for what nobody asked."""


class Pieces:
    """The body of an answer, as it comes. Who does not read it to its end closes it."""

    def __init__(
        self, answer: httpx.Response, exits: AsyncExitStack, deadline: float, seconds: float
    ) -> None:
        self._parts = answer.aiter_bytes()
        self._exits = exits
        self._deadline, self._seconds = deadline, seconds

    def __aiter__(self) -> Pieces:
        return self

    async def __anext__(self) -> bytes:
        with _failures(self._seconds):
            async with asyncio.timeout_at(self._deadline):
                part = await anext(self._parts, None)
        if part is None:
            await self.aclose()
            raise StopAsyncIteration
        return part

    async def aclose(self) -> None:
        await self._exits.aclose()


class OutgoingFailed(Exception):
    """There was no answer: `is_timeout` tells a slow side from one that could not be reached or understood."""

    def __init__(self, reason: str, *, is_timeout: bool = False) -> None:
        super().__init__(reason)
        self.is_timeout = is_timeout


class Outgoing:
    """The platform's HTTP client. All calls belong to the event loop's thread."""

    def __init__(self, endpoint: Callable[[], str] = str) -> None:
        """`endpoint` is our own address, "" when there is none."""
        self.find_home: Callable[[str], Awaitable[str]] = _nowhere
        """From the name of a host to the endpoint of ours that answers to it, "" for names of others."""
        self._endpoint = endpoint
        self._client: httpx.AsyncClient | None = None
        self._opening: asyncio.Lock | None = None

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Headers = (),
        body: bytes = b"",
        timeout_seconds: float = 15.0,
        answer_bytes_max: int = _ANSWER_BYTES_MAX,
    ) -> Answer:
        """One request and its answer, whatever its status. Raises OutgoingFailed."""
        client = await self._open()
        with _failures(timeout_seconds):
            address, host = await self._place(url)
            sent = _sendable(headers)
            if host:
                sent.append(("host", host))
            async with asyncio.timeout(timeout_seconds):
                return await _exchange(client, method, address, sent, body, host, answer_bytes_max)
        raise AssertionError("there is an answer or a failure")

    async def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Headers = (),
        body: bytes = b"",
        timeout_seconds: float,
    ) -> StreamedAnswer:
        """One request, and the beginning of its answer; the time holds for all of it. Raises OutgoingFailed."""
        client = await self._open()
        deadline = asyncio.get_running_loop().time() + timeout_seconds
        async with AsyncExitStack() as exits:
            with _failures(timeout_seconds):
                address, host = await self._place(url)
                sent = _sendable(headers)
                if host:
                    sent.append(("host", host))
                async with asyncio.timeout_at(deadline):
                    request = _begin(client, method, address, sent, body, host)
                    answer = await exits.enter_async_context(request)
            fields = tuple(answer.headers.multi_items())
            pieces = Pieces(answer, exits.pop_all(), deadline, timeout_seconds)
        return StreamedAnswer(answer.status_code, fields, pieces)

    async def _place(self, url: str) -> tuple[str, str]:
        """Where to send what is meant for that URL, and the Host header that then has to say it ("": its own)."""
        parts = urlsplit(url)
        name = (parts.hostname or "").rstrip(".").lower()
        port = f":{parts.port}" if parts.port else ""
        scheme, place = parts.scheme, f"127.0.0.1{port}"
        if home := await self._home_of(name, parts.port):
            # Our one port answers without TLS, too: to trust our own certificate would prove nothing.
            scheme, place = "http", home.partition("://")[2]
        elif name in _LOCAL_NAMES or not name.endswith(_LOCAL_SUFFIXES):
            return url, ""
        user, at, _ = parts.netloc.rpartition("@")
        moved = parts._replace(scheme=scheme, netloc=f"{user}{at}{place}")
        return urlunsplit(moved), (f"[{name}]" if ":" in name else name) + port

    async def _home_of(self, name: str, port: int | None) -> str:
        """Our own endpoint if it is what a name and a port mean."""
        own = urlsplit(self._endpoint())
        if name in _LOCAL_NAMES or name.endswith(_LOCAL_SUFFIXES) or name == own.hostname:
            return own.geturl() if own.port and own.port == port else ""
        return await self.find_home(name) if name else ""

    async def _open(self) -> httpx.AsyncClient:
        self._opening = self._opening or asyncio.Lock()
        async with self._opening:
            client: Any = self._client
            if client is None:
                # It takes a third of a second to import, which nobody else should wait for.
                module: Any = await asyncio.to_thread(importlib.import_module, "httpx")
                limits = module.Limits(max_connections=_CONNECTIONS_MAX)
                client = self._client = await asyncio.to_thread(
                    module.AsyncClient,
                    headers=_OWN_HEADERS,
                    cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
                    timeout=None,
                    limits=limits,
                    follow_redirects=False,
                    trust_env=False,
                )
            opened: httpx.AsyncClient = client
            return opened

    async def close(self) -> None:
        """Let go of all connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None


async def _exchange(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    headers: list[tuple[str, str]],
    body: bytes,
    host: str,
    answer_bytes_max: int,
) -> Answer:
    async with _begin(client, method, url, headers, body, host) as answer:
        parts: list[bytes] = []
        size = 0
        async for part in answer.aiter_bytes():
            parts.append(part)
            size += len(part)
            if size >= answer_bytes_max:
                break
        joined = b"".join(parts)[:answer_bytes_max]
        fields = tuple(answer.headers.multi_items())
        return Answer(answer.status_code, dict(answer.headers.items()), joined, fields)


def _begin(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    headers: list[tuple[str, str]],
    body: bytes,
    host: str,
) -> AbstractAsyncContextManager[httpx.Response]:
    extensions = {"sni_hostname": host.partition(":")[0]} if host else {}
    return client.stream(method, url, headers=headers, content=body, extensions=extensions)


@contextmanager
def _failures(timeout_seconds: float) -> Iterator[None]:
    """What goes wrong inside is an OutgoingFailed."""
    import httpx

    try:
        yield
    except TimeoutError as late:
        raise OutgoingFailed(f"no answer within {timeout_seconds:g} s", is_timeout=True) from late
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as failed:
        raise OutgoingFailed(str(failed) or type(failed).__name__) from failed


def _sendable(headers: Headers) -> list[tuple[str, str]]:
    sent: list[tuple[str, str]] = []
    for name, value in headers:
        name = name.strip(" \t")
        if _HEADER_NAME.fullmatch(name):
            sent.append((name, value))
        else:
            log.warning("The header %r is left out: HTTP has no such names.", name)
    return sent


async def _nowhere(host: str) -> str:
    return ""
