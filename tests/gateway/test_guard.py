"""Which browsers may call: pages of this machine may, pages the user happens to visit may not."""

from __future__ import annotations

import pytest

from fogline.gateway.guard import Guard
from fogline.ports.http import HttpRequest


def refusal(guard: Guard, **headers: str) -> int | None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = HttpRequest("POST", "/", named)
    answer = guard.refusal_of_host(request) or guard.refusal_of_page(request)
    return answer.status if answer else None


@pytest.mark.parametrize(
    "host",
    [
        "localhost:4566",
        "LOCALHOST",
        "localhost.:4566",
        "127.0.0.1:4566",
        "127.9.9.9",
        "[::1]:4566",
        "bucket.s3.localhost:4566",
        "sqs.us-east-1.localhost.localstack.cloud:4566",
        "sqs.us-east-1.amazonaws.com",
        "host.docker.internal:4566",
        "sync-localhost:4566",
        "sync-127.0.0.1:4566",
        "",
    ],
)
def test_local_names_may_be_called(host: str) -> None:
    assert refusal(Guard(), host=host) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost..",
        "sync-evil.example",
        "localhost.evil.example",
        "notlocalhost",
        "192.168.1.5",
        "8.8.8.8:4566",
    ],
)
def test_other_names_are_refused(host: str) -> None:
    assert refusal(Guard(), host=host) == 403


def test_an_allowed_name_may_be_called() -> None:
    guard = Guard(hosts=["fogline.internal"])
    assert refusal(guard, host="fogline.internal:4566") is None
    assert refusal(guard, host="sync-fogline.internal:4566") == 403


def test_addresses_may_be_called_when_all_are_listened_on() -> None:
    guard = Guard(listen="0.0.0.0")
    assert refusal(guard, host="192.168.1.5:4566") is None
    assert refusal(guard, host="evil.example") == 403


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "https://app.localhost", "http://127.0.0.1:8080"]
)
def test_pages_of_this_machine_may_call(origin: str) -> None:
    assert refusal(Guard(), host="localhost", origin=origin) is None


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost.evil.example", "file://", "chrome://x", ""],
)
def test_other_pages_may_not(origin: str) -> None:
    assert refusal(Guard(), host="localhost", origin=origin) == 403


def test_an_allowed_page_may_call() -> None:
    guard = Guard(origins=["https://console.example"])
    assert refusal(guard, host="localhost", origin="https://console.example") is None


def test_requests_that_a_browser_calls_cross_site_are_refused_without_an_origin_too() -> None:
    assert refusal(Guard(), host="localhost", sec_fetch_site="cross-site") == 403
    assert refusal(Guard(), host="localhost", sec_fetch_site="none") is None
