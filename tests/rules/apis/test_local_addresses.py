"""Which addresses in a text are ours, and what they become."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fogline.apis.local_addresses import KnownAddresses
from fogline.store import documents
from fogline.store.documents import Documents
from fogline.store.schema import migrate
from fogline.store.sqlite import SqliteStore
from fogline.store.store import Store

HERE = "http://127.0.0.1:4566"
API = "abcde12345.execute-api.eu-west-1"


@pytest.fixture
def store() -> Iterator[Store]:
    store = SqliteStore(None, on_stir=lambda topics: None)
    migrate(store, (documents.SCHEMA,))
    yield store
    store.close()


@pytest.fixture
def addresses(store: Store) -> KnownAddresses:
    """Those of one API, one bucket and one queue."""
    known = KnownAddresses(store, lambda: HERE)
    known.has_bucket = lambda tx, bucket: bucket == "pictures.of-cats"
    known.has_queue = lambda tx, *queue: queue == ("123456789012", "eu-west-1", "orders")
    with store.write() as tx:
        Documents(store, "apigateway.api").save(tx, "000000000000", "eu-west-1", "abcde12345", {})
    return known


@pytest.fixture
def named(addresses: KnownAddresses, store: Store) -> KnownAddresses:
    """With custom domain names, one of them for all names under another."""
    with store.write() as tx:
        for name in ("api.example.com", "*.shops.example", "api.dev.localhost"):
            addresses.domains.names.save(tx, "000000000000", "eu-west-1", name, {})
    return addresses


def localized(addresses: KnownAddresses, store: Store, text: str, endpoint: str = HERE) -> str:
    with store.read() as tx:
        return addresses.localized(tx, text, endpoint)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (f"https://{API}.amazonaws.com/Prod/", f"http://{API}.localhost:4566/Prod/"),
        (f"https://{API}.amazonaws.com", f"http://{API}.localhost:4566"),
        (f"https://{API}.amazonaws.com:443/Prod", f"http://{API}.localhost:4566/Prod"),
        (f"https://{API}.amazonaws.com.cn/Prod", f"http://{API}.localhost:4566/Prod"),
        (f"wss://{API}.amazonaws.com/live", f"ws://{API}.localhost:4566/live"),
        (f"{API}.amazonaws.com", f"{API}.localhost:4566"),
        (
            f"curl -X POST {API}.amazonaws.com/prod -H 'Host:{API}.amazonaws.com'.",
            f"curl -X POST {API}.localhost:4566/prod -H 'Host:{API}.localhost:4566'.",
        ),
        (
            f'{{"a": "https://{API}.amazonaws.com/a", "b": "https://{API}.amazonaws.com/b"}}',
            f'{{"a": "http://{API}.localhost:4566/a", "b": "http://{API}.localhost:4566/b"}}',
        ),
        (
            "https://pictures.of-cats.s3.eu-west-1.amazonaws.com/a.png",
            "http://pictures.of-cats.s3.eu-west-1.localhost:4566/a.png",
        ),
        (
            "https://pictures.of-cats.s3.amazonaws.com",
            "http://pictures.of-cats.s3.localhost:4566",
        ),
        (
            "https://sqs.eu-west-1.amazonaws.com/123456789012/orders",
            f"{HERE}/queue/eu-west-1/123456789012/orders",
        ),
        (
            "pictures.of-cats.s3.eu-west-1.amazonaws.com",
            "pictures.of-cats.s3.eu-west-1.localhost:4566",
        ),
        ("pictures.of-cats.s3.amazonaws.com/a", "pictures.of-cats.s3.localhost:4566/a"),
        ("https://s3.amazonaws.com/pictures.of-cats/a.png", f"{HERE}/pictures.of-cats/a.png"),
        ("https://s3-eu-west-1.amazonaws.com/pictures.of-cats", f"{HERE}/pictures.of-cats"),
        ("https://s3.eu-west-1.amazonaws.com/pictures.of-cats?a", f"{HERE}/pictures.of-cats?a"),
    ],
)
def test_the_address_of_what_lives_here_becomes_local(
    addresses: KnownAddresses, store: Store, written: str, meant: str
) -> None:
    assert localized(addresses, store, written) == meant


@pytest.mark.parametrize(
    "text",
    [
        "https://zzzzz99999.execute-api.eu-west-1.amazonaws.com/Prod",
        f"https://{API}.amazonaws.com.example/Prod",
        f"https://{API}.amazonaws.community/Prod",
        f"https://{API}.amazonaws.com:8443/Prod",
        f"https://x.{API}.amazonaws.com/",
        f"https://example.com/{API}.amazonaws.com",
        f"arn:aws:apigateway:eu-west-1:{API}.amazonaws.com:path/x",
        "arn:aws:execute-api:eu-west-1:000000000000:abcde12345/*",
        "https://dogs.s3.amazonaws.com/a.png",
        "dogs.s3.amazonaws.com",
        "me@pictures.of-cats.s3.amazonaws.com",
        "https://s3.amazonaws.com/dogs/pictures.of-cats",
        "https://s3.amazonaws.com/pictures.of-cats.and-dogs",
        "https://s3.amazonaws.com/pictures.of-cats.",
        "https://s3.amazonaws.com",
        "arn:aws:s3:::pictures.of-cats",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/orders2",
        "sqs.amazonaws.com",
        "",
    ],
)
def test_all_else_stays(addresses: KnownAddresses, store: Store, text: str) -> None:
    assert localized(addresses, store, text) == text


@pytest.mark.parametrize(
    ("endpoint", "meant"),
    [
        ("http://localhost:4566", f"http://{API}.localhost:4566/Prod"),
        ("http://[::1]:4566", f"http://{API}.localhost:4566/Prod"),
        ("https://127.0.0.1:4567", f"https://{API}.localhost:4567/Prod"),
        ("http://localhost.localstack.cloud:4566", f"http://{API}.localhost.localstack.cloud:4566/Prod"),
        ("http://build-machine:80", "http://build-machine:80/_aws/execute-api/abcde12345/Prod"),
    ],
)  # fmt: skip
def test_who_reads_decides_how_it_is_reached(
    addresses: KnownAddresses, store: Store, endpoint: str, meant: str
) -> None:
    assert localized(addresses, store, f"https://{API}.amazonaws.com/Prod", endpoint) == meant


def test_a_socket_at_an_endpoint_of_tls_is_secure(addresses: KnownAddresses, store: Store) -> None:
    text = localized(addresses, store, f"wss://{API}.amazonaws.com/live", "https://localhost:1")
    assert text == f"wss://{API}.localhost:1/live"


def test_other_addresses_have_no_names_under_the_machines(
    addresses: KnownAddresses, store: Store
) -> None:
    there = "http://10.1.1.1:4566"
    bucket = "https://pictures.of-cats.s3.amazonaws.com/a.png"
    assert localized(addresses, store, bucket, there) == f"{there}/pictures.of-cats/a.png"
    assert localized(addresses, store, f"{API}.amazonaws.com", there) == f"{API}.localhost:4566"


def test_who_finds_no_names_is_given_paths(addresses: KnownAddresses, store: Store) -> None:
    with store.read() as tx:
        text = addresses.localized(tx, f"wss://{API}.amazonaws.com/live", HERE, by_path=True)
    assert text == "ws://127.0.0.1:4566/_aws/execute-api/abcde12345/live"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://api.example.com/orders", "http://api.example.com.localhost:4566/orders"),
        ("https://api.example.com", "http://api.example.com.localhost:4566"),
        ("https://API.example.com:443/a", "http://api.example.com.localhost:4566/a"),
        ("wss://api.example.com/live", "ws://api.example.com.localhost:4566/live"),
        ("https://tea.shops.example?x=1", "http://tea.shops.example.localhost:4566?x=1"),
        ("https://api.dev.localhost/x", "http://api.dev.localhost:4566/x"),
        (
            '{"a": "https://api.example.com", "b": ["https://tea.shops.example."]}',
            '{"a": "http://api.example.com.localhost:4566", "b": ["http://tea.shops.example.localhost:4566."]}',
        ),
    ],
)
def test_a_custom_domain_name_in_an_address_becomes_local(
    named: KnownAddresses, store: Store, written: str, meant: str
) -> None:
    assert localized(named, store, written) == meant
    assert localized(named, store, meant) == meant


@pytest.mark.parametrize(
    "text",
    [
        "api.example.com",
        "me@api.example.com",
        "https://www.example.com/",
        "https://api.example.com.au/",
        "https://api.example.com:8443/",
        "https://v1.api.example.com/",
        "https://api.example.com@evil.example/",
        "https://shops.example/",
        "https://a.b.shops.example/",
        "https://*.shops.example",
        "https://api.example.com-staging.example/",
        "s3://api.example.com/key",
        "https://" + "a." * 10_000,
    ],
)
def test_names_alone_and_names_of_others_stay(
    named: KnownAddresses, store: Store, text: str
) -> None:
    assert localized(named, store, text) == text


@pytest.mark.parametrize(
    ("endpoint", "meant"),
    [
        ("https://localhost:4567", "https://api.example.com.localhost:4567/a"),
        ("http://localhost.localstack.cloud:4566", "http://api.example.com.localhost.localstack.cloud:4566/a"),
        ("http://build-machine:4566", "http://build-machine:4566/_aws/execute-api/api.example.com/a"),
    ],
)  # fmt: skip
def test_who_reads_decides_how_a_custom_domain_name_is_reached(
    named: KnownAddresses, store: Store, endpoint: str, meant: str
) -> None:
    assert localized(named, store, "https://api.example.com/a", endpoint) == meant
