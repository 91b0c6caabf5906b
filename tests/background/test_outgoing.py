"""Requests that leave the platform, against a real server."""

from __future__ import annotations

import asyncio
import contextlib
import socketserver
import threading
from collections.abc import Callable, Iterator

import pytest

from fogline.background.outgoing import Answer, Headers, Outgoing, OutgoingFailed


class Site(socketserver.ThreadingTCPServer):
    """Answers every connection with `reply`, or with silence when there is none, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self, reply: bytes) -> None:
        self.reply = reply
        self.heads: list[bytes] = []
        self.is_over = threading.Event()
        super().__init__(("127.0.0.1", 0), Exchange)
        self.port: int = self.server_address[1]


class Exchange(socketserver.StreamRequestHandler):
    server: Site

    def handle(self) -> None:
        lines = [line for line in iter(self.rfile.readline, b"\r\n") if line]
        self.server.heads.append(b"".join(lines).lower())
        if not self.server.reply:
            self.server.is_over.wait(60)
        with contextlib.suppress(ConnectionError):  # who reads only a part hangs up early
            self.wfile.write(self.server.reply)


@pytest.fixture
def make_site() -> Iterator[Callable[[bytes], Site]]:
    sites: list[Site] = []

    def make(reply: bytes) -> Site:
        site = Site(reply)
        threading.Thread(target=site.serve_forever, args=(0.01,), daemon=True).start()
        sites.append(site)
        return site

    yield make
    for site in sites:
        site.is_over.set()
        site.shutdown()
        site.server_close()


def send(
    method: str,
    url: str,
    body: bytes = b"",
    timeout_seconds: float = 10,
    headers: Headers = (),
    home: str = "",
) -> Answer:
    """Send by the platform at `home`, which knows `shop.example`."""

    async def find_home(host: str) -> str:
        return home if host == "shop.example" else ""

    async def work() -> Answer:
        outgoing = Outgoing(lambda: home)
        outgoing.find_home = find_home
        try:
            return await outgoing.send(
                method, url, headers=headers, body=body, timeout_seconds=timeout_seconds
            )
        finally:
            await outgoing.close()

    return asyncio.run(work())


def test_a_redirect_is_an_answer_and_is_not_followed(make_site: Callable[[bytes], Site]) -> None:
    site = make_site(
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 2\r\n\r\nno"
    )
    answer = send("POST", f"http://127.0.0.1:{site.port}/x", b"hi")
    assert (answer.status, answer.body) == (302, b"no")
    assert len(site.heads) == 1


def test_a_request_says_nothing_that_nobody_asked(make_site: Callable[[bytes], Site]) -> None:
    site = make_site(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    send("GET", f"http://127.0.0.1:{site.port}/")
    (head,) = site.heads
    assert b"accept-encoding: identity\r\n" in head
    assert b"user-agent: fogline\r\n" in head


def test_names_under_localhost_are_this_machine(make_site: Callable[[bytes], Site]) -> None:
    site = make_site(b"HTTP/1.1 204 No Content\r\n\r\n")
    answer = send("GET", f"http://api.execute-api.localhost:{site.port}/stage")
    assert answer.status == 204
    assert f"host: api.execute-api.localhost:{site.port}\r\n".encode() in site.heads[0]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://shop.example/orders?a=b", "shop.example"),
        ("http://Shop.Example./orders?a=b", "shop.example"),
        ("https://localhost:{port}/orders?a=b", "localhost:{port}"),
        ("https://[::1]:{port}/orders?a=b", "[::1]:{port}"),
        ("https://api.execute-api.localhost:{port}/orders?a=b", "api.execute-api.localhost:{port}"),
    ],
)
def test_what_is_ours_is_asked_at_our_own_endpoint(
    make_site: Callable[[bytes], Site], url: str, host: str
) -> None:
    site = make_site(b"HTTP/1.1 204 No Content\r\n\r\n")
    url, host = url.format(port=site.port), host.format(port=site.port)
    assert send("GET", url, home=f"https://127.0.0.1:{site.port}").status == 204
    assert site.heads[0].startswith(b"get /orders?a=b ")
    assert f"host: {host}\r\n".encode() in site.heads[0]


def test_who_asks_goes_with_the_request_to_our_own_endpoint(
    make_site: Callable[[bytes], Site],
) -> None:
    site = make_site(b"HTTP/1.1 204 No Content\r\n\r\n")
    send("GET", "https://ada:secret@shop.example/", home=f"http://127.0.0.1:{site.port}")
    assert b"authorization: basic " in site.heads[0]


def test_a_silent_side_is_given_up_in_time(make_site: Callable[[bytes], Site]) -> None:
    site = make_site(b"")
    with pytest.raises(OutgoingFailed) as failed:
        send("GET", f"http://127.0.0.1:{site.port}/", timeout_seconds=0.05)
    assert failed.value.is_timeout


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "ftp://x/", "http://[::bad/", "nonsense"])
def test_what_cannot_be_reached_or_understood_fails(url: str) -> None:
    with pytest.raises(OutgoingFailed):
        send("GET", url)


def test_an_answer_is_cut_at_a_megabyte(make_site: Callable[[bytes], Site]) -> None:
    site = make_site(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 3_000_000)
    answer = send("GET", f"http://127.0.0.1:{site.port}/")
    assert len(answer.body) == 1_048_576


def test_a_header_whose_name_http_cannot_carry_does_not_stop_the_request(
    make_site: Callable[[bytes], Site],
) -> None:
    site = make_site(b"HTTP/1.1 204 No Content\r\n\r\n")
    headers = [("My Key", "a"), ("Schlüssel", "b"), (" x-plain\t", "c")]
    assert send("POST", f"http://127.0.0.1:{site.port}/", headers=headers).status == 204
    assert b"x-plain: c" in site.heads[0]
    assert b"key" not in site.heads[0]
