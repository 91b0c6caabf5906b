"""TLS on the one port: certificates for every name of ours, trusted through one authority."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import ssl
import time
import warnings
from pathlib import Path
from typing import Any

import pytest

from fogline.config import read_config
from fogline.gateway.tls import Tls
from fogline.testing.platform import LocalPlatform

HEALTH = b"GET /_fogline/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def trusting(pem: bytes) -> ssl.SSLContext:
    """As strict as OpenSSL can be told to be."""
    context = ssl.create_default_context(cadata=pem.decode())
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


@pytest.fixture
def context(fogline_platform: LocalPlatform) -> ssl.SSLContext:
    return trusting(fogline_platform.platform.tls.authority_pem())


@pytest.fixture
def port(fogline_platform: LocalPlatform) -> int:
    return fogline_platform.platform.port


def read_all(client: socket.socket) -> bytes:
    data = b""
    with contextlib.suppress(ConnectionError):
        while part := client.recv(65_536):
            data += part
    return data


def ask(port: int, context: ssl.SSLContext, name: str, request: bytes = HEALTH) -> bytes:
    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname=name) as client,
    ):
        client.sendall(request)
        return read_all(client)


@pytest.mark.parametrize(
    "name",
    [
        "localhost",
        "127.0.0.1",
        "abc123.execute-api.eu-west-1.localhost",
        "ABC.localhost",
        "a.b.c.localhost.localstack.cloud",
        "localhost.localstack.cloud",
    ],
)
def test_every_name_of_ours_has_a_certificate(
    port: int, context: ssl.SSLContext, name: str
) -> None:
    assert b'"running"' in ask(port, context, name)


@pytest.mark.parametrize(
    "name", ["example.com", "sqs.us-east-1.amazonaws.com", "localhost.example.com", "xlocalhost"]
)
def test_no_other_name_has(port: int, context: ssl.SSLContext, name: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        ask(port, context, name)


def test_a_custom_domain_name_has_one_as_soon_as_something_is_mapped_to_it(
    port: int, context: ssl.SSLContext, fogline: Any
) -> None:
    name = "api.by-tls.example"
    with pytest.raises(ssl.SSLCertVerificationError):
        ask(port, context, name)
    apis = fogline.client("apigatewayv2")
    arn = "arn:aws:acm:us-east-1:000000000000:certificate/any"
    apis.create_domain_name(
        DomainName=name,
        DomainNameConfigurations=[{"CertificateArn": arn, "EndpointType": "REGIONAL"}],
    )
    api = apis.create_api(Name="by-tls", ProtocolType="HTTP", Target="http://127.0.0.1:1")
    apis.create_api_mapping(ApiId=api["ApiId"], DomainName=name, Stage="$default")
    for called in (name, f"{name}.localhost"):
        request = f"GET / HTTP/1.0\r\nHost: {called}\r\n\r\n".encode()
        assert ask(port, context, called, request).startswith(b"HTTP/1.1 503 ")


def test_who_does_not_trust_the_authority_is_not_deceived(port: int) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match=r"self-signed|local issuer"):
        ask(port, ssl.create_default_context(), "localhost")


def test_plain_http_is_answered_on_the_same_port(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(HEALTH)
        assert b'"running"' in read_all(client)


def test_addresses_are_told_in_the_words_of_the_asker(port: int, context: ssl.SSLContext) -> None:
    body = b'{"QueueName":"by-tls"}'
    create = (
        b"POST / HTTP/1.1\r\nHost: localhost:%d\r\nX-Amz-Target: AmazonSQS.CreateQueue\r\n"
        b"Content-Type: application/x-amz-json-1.0\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b"
        % (port, len(body), body)
    )
    answer = ask(port, context, "localhost", create).partition(b"\r\n\r\n")[2]
    assert json.loads(answer)["QueueUrl"].startswith("https://")


def test_a_large_body_goes_both_ways(
    port: int, context: ssl.SSLContext, fogline_platform: LocalPlatform
) -> None:
    body = bytes(range(256)) * 20_000
    head = b"PUT /by-tls%b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    assert b" 200 " in ask(port, context, "localhost", head % (b"", 0))
    assert b" 200 " in ask(port, context, "localhost", head % (b"/large", len(body)) + body)
    get = b"GET /by-tls/large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert ask(port, context, "localhost", get).endswith(b"\r\n\r\n" + body)


def test_pipelined_requests_are_answered_in_their_order(port: int, context: ssl.SSLContext) -> None:
    many = HEALTH.replace(b"Connection: close\r\n", b"") * 500 + HEALTH
    assert ask(port, context, "localhost", many).count(b"200 OK") == 501


def test_a_hello_may_come_in_single_bytes(port: int, context: ssl.SSLContext) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname="x.y.localhost")
    with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                for byte in outgoing.read():
                    plain.sendall(bytes([byte]))
                incoming.write(plain.recv(65_536))
    assert ("DNS", "x.y.localhost") in client.getpeercert()["subjectAltName"]


def test_old_versions_are_refused(port: int, context: ssl.SSLContext) -> None:
    with warnings.catch_warnings(action="ignore"):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        ask(port, context, "localhost")


@pytest.mark.parametrize(
    "data",
    [
        b"\x16",
        b"\x16\x03\x01\xff\xff" + b"x" * 70_000,
        b"\x16\x03\x01\x00\x00",
        b"\x16\x03\x01\x00\x05hello",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xff" * 505,
        # A hello whose name is no text: its record, head, random, lengths, and the name.
        b"\x16\x03\x01\x00\x3f\x01\x00\x00\x3b\x03\x03"
        + bytes(32)
        + b"\x00\x00\x02\x13\x01\x01\x00\x00\x10\x00\x00\x00\x0c\x00\x0a\x00\x00\x07\xff\xfe.\x00cal",
    ],
)
def test_what_is_no_hello_ends_without_a_word_in_the_log(
    port: int, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        read_all(client)
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


def test_noise_after_the_handshake_ends_the_connection_alone(
    port: int, context: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as plain:
        other = plain.dup()
        client = context.wrap_socket(plain, server_hostname="localhost")
        other.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)
        assert read_all(other)  # an alert
        other.close()
        client.close()
    assert b'"running"' in ask(port, context, "localhost")
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


def test_tls_cannot_begin_before_an_answer_that_is_owed(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(HEALTH.replace(b"Connection: close\r\n", b"") + b"\x16\x03\x01\x00\x05hello")
        assert b"400 Bad Request" in read_all(client)


def test_tls_inside_of_tls_is_no_http(port: int, context: ssl.SSLContext) -> None:
    assert b"400 Bad Request" in ask(port, context, "localhost", b"\x16\x03\x01\x00\x05hello")


def test_a_handshake_that_stands_still_is_cut(port: int, fogline_platform: LocalPlatform) -> None:
    server = fogline_platform.platform.server

    async def sweep(seconds: float) -> None:
        import asyncio

        now = asyncio.get_running_loop().time() + seconds
        for connection in list(server.connections):
            if type(connection).__name__ == "TlsTransport":
                connection.close_if_slow(now)

    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(b"\x16\x03\x01")
        while not any(type(each).__name__ == "TlsTransport" for each in server.connections):
            time.sleep(0.001)
        fogline_platform.ask(sweep(29))
        client.settimeout(0.1)
        with pytest.raises(TimeoutError):
            client.recv(1)
        fogline_platform.ask(sweep(31))
        client.settimeout(30)
        assert read_all(client) == b""


# ---- what is kept


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "tls"


def test_the_authority_lasts_over_restarts_and_its_key_is_private(folder: Path) -> None:
    first, again = Tls(folder), Tls(folder)
    pem = first.authority_pem()
    assert again.authority_pem() == pem == (folder / "ca.pem").read_bytes()
    assert (folder / "ca-key.pem").stat().st_mode & 0o077 == 0
    trusting(pem).load_verify_locations(cadata=pem.decode())
    assert Tls(folder).context_for("localhost") is not None
    assert (folder / "ca.pem").read_bytes() == pem


@pytest.mark.parametrize("broken", ["ca.pem", "ca-key.pem"])
@pytest.mark.parametrize("content", [None, b"", b"nonsense"])
def test_half_an_authority_is_replaced(folder: Path, broken: str, content: bytes | None) -> None:
    pem = Tls(folder).authority_pem()
    (folder / broken).unlink()
    if content is not None:
        (folder / broken).write_bytes(content)
    tls = Tls(folder)
    tls.context_for("localhost")
    assert tls.authority_pem() != pem
    assert tls.authority_pem() == (folder / "ca.pem").read_bytes()


def test_what_keeps_nothing_writes_nothing_and_uses_what_is_there(folder: Path) -> None:
    passing = Tls(folder, is_kept=False)
    passing.context_for("localhost")
    assert not folder.exists()
    kept = Tls(folder).authority_pem()
    assert Tls(folder, is_kept=False).authority_pem() == kept != passing.authority_pem()


def test_the_bundle_is_what_the_machine_trusts_and_ours(folder: Path) -> None:
    tls = Tls(folder)
    authority, bundle_file = tls.trust_files()
    assert authority.read_bytes() == tls.authority_pem()
    bundle = bundle_file.read_bytes()
    assert bundle.endswith(tls.authority_pem())
    assert bundle.count(b"BEGIN CERTIFICATE") > 50


def test_what_is_passing_leaves_nothing_behind(folder: Path) -> None:
    tls = Tls(folder, is_kept=False)
    _, bundle = tls.trust_files()
    assert bundle.exists()
    tls.close()
    assert not bundle.parent.exists()


def test_configured_names_are_certified_too(folder: Path) -> None:
    tls = Tls(folder, names=["my-machine", "*", "no name"], is_ours=lambda name: name == "api.test")
    default = tls.context_for("")
    assert tls.context_for("my-machine") is default
    assert tls.context_for("other.test") is default
    assert tls.context_for("api.test") is not default
    assert tls.context_for("api.test") is tls.context_for("api.test")


def test_an_address_of_ours_is_certified_where_no_name_is_asked_for(folder: Path) -> None:
    tls = Tls(folder)
    assert tls.context_for("", "127.0.0.1") is tls.context_for("", "::ffff:127.0.0.1")
    assert tls.context_for("", "192.0.2.1") is not tls.context_for("", "127.0.0.1")
    assert tls.context_for("", "fe80::1%eth0") is tls.context_for("", "fe80::1")


def test_names_without_end_take_no_memory_without_end(folder: Path) -> None:
    tls = Tls(folder)
    first = tls.context_for("first.localhost")
    for number in range(128):
        tls.context_for(f"n{number}.localhost")
    assert tls.context_for("first.localhost") is not first


def test_addresses_are_https_on_request(tmp_path: Path) -> None:
    config = read_config({}, port=0, data=tmp_path, ephemeral=True, tls=True)
    with LocalPlatform(config) as platform:
        assert platform.platform.endpoint().startswith("https://127.0.0.1:")
