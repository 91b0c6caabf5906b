"""The certificate by which signatures are verified: made once, kept, and fetched by anybody."""

from __future__ import annotations

import urllib.error
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from fogline.config import read_config
from fogline.services.sns.signing import PlatformSigner, text_to_sign
from fogline.store import documents
from fogline.store.schema import migrate
from fogline.store.sqlite import SqliteStore
from fogline.testing.platform import LocalPlatform


def open_store(path: Path) -> SqliteStore:
    store = SqliteStore(path, on_stir=lambda topics: None)
    migrate(store, (documents.SCHEMA,))
    return store


def make_signer(store: SqliteStore) -> PlatformSigner:
    return PlatformSigner(store, lambda: "http://127.0.0.1:4566")


def id_of(signer: PlatformSigner) -> str:
    return signer.certificate_url().rpartition("-")[2].removesuffix(".pem")


def test_the_certificates_address_is_spelled_as_aws_spells_it(tmp_path):
    signer = make_signer(open_store(tmp_path / "db"))
    url = signer.certificate_url()
    assert url.startswith("http://127.0.0.1:4566/SimpleNotificationService-")
    assert len(id_of(signer)) == 32
    assert signer.certificate_url() == url


def test_the_key_survives_a_restart(tmp_path):
    store = open_store(tmp_path / "db")
    before = make_signer(store).sign("text", "2")
    store.close()
    assert make_signer(open_store(tmp_path / "db")).sign("text", "2") == before


def test_platforms_have_keys_of_their_own(tmp_path):
    first, second = (make_signer(open_store(tmp_path / name)) for name in ("a", "b"))
    assert id_of(first) != id_of(second)
    assert first.find_certificate(id_of(second)) is None


def test_a_key_that_was_rolled_back_is_not_used_again(tmp_path):
    store = open_store(tmp_path / "db")
    signer = make_signer(store)
    with pytest.raises(RuntimeError), store.write():
        lost = signer.certificate_url()
        raise RuntimeError("whatever undoes the transaction")
    assert signer.certificate_url() != lost
    assert signer.certificate_url() == make_signer(store).certificate_url()


def test_a_notification_is_signed_with_its_subject_where_it_has_one():
    message = {
        "Type": "Notification",
        "MessageId": "id",
        "TopicArn": "arn",
        "Message": "text",
        "Timestamp": "now",
        "SubscribeURL": "not signed",
    }
    assert text_to_sign(message) == (
        "Message\ntext\nMessageId\nid\nTimestamp\nnow\nTopicArn\narn\nType\nNotification\n"
    )
    assert "Message\ntext\nMessageId\nid\nSubject\nhello\n" in text_to_sign(
        {**message, "Subject": "hello"}
    )


@pytest.mark.parametrize("kind", ["SubscriptionConfirmation", "UnsubscribeConfirmation"])
def test_a_confirmation_is_signed_with_its_link_and_token(kind):
    message = {
        "Type": kind,
        "MessageId": "id",
        "Token": "token",
        "TopicArn": "arn",
        "Message": "text",
        "SubscribeURL": "url",
        "Timestamp": "now",
    }
    assert text_to_sign(message) == (
        "Message\ntext\nMessageId\nid\nSubscribeURL\nurl\nTimestamp\nnow\nToken\ntoken\nTopicArn\narn\n"
        f"Type\n{kind}\n"
    )


@pytest.mark.parametrize(("version", "algorithm"), [("1", hashes.SHA1()), ("2", hashes.SHA256())])
def test_a_signature_is_verified_with_the_certificate(tmp_path, version, algorithm):
    import base64

    signer = make_signer(open_store(tmp_path / "db"))
    signature = base64.b64decode(signer.sign("text", version))
    pem = signer.find_certificate(id_of(signer))
    assert pem is not None
    key: Any = x509.load_pem_x509_certificate(pem.encode()).public_key()
    key.verify(signature, b"text", padding.PKCS1v15(), algorithm)


# ---- by HTTP


def test_the_certificate_is_fetched_without_credentials(fogline_platform):
    signer = PlatformSigner(fogline_platform.platform.store, fogline_platform.platform.endpoint)

    async def url() -> str:
        return signer.certificate_url()

    with urlopen(fogline_platform.ask(url()), timeout=10) as answer:
        assert x509.load_pem_x509_certificate(answer.read())


def test_an_unknown_certificate_is_not_found(fogline_platform):
    url = f"{fogline_platform.endpoint}/SimpleNotificationService-{'0' * 32}.pem"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urlopen(url, timeout=10)
    with refused.value:
        assert refused.value.code == 404


def test_certificates_cannot_be_changed(fogline_platform):
    url = f"{fogline_platform.endpoint}/SimpleNotificationService-{'0' * 32}.pem"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urlopen(Request(url, b"x", method="PUT"), timeout=10)
    with refused.value:
        assert refused.value.code == 405


def test_no_key_is_made_before_it_is_needed(tmp_path):
    config = read_config({}, port=0, ephemeral=True, clock="manual")
    with LocalPlatform(config) as platform:

        async def count() -> int:
            with platform.platform.store.read() as tx:
                row = tx.row("SELECT count(*) FROM documents WHERE kind = 'sns.signing'")
            return int(row[0]) if row else 0

        assert platform.ask(count()) == 0
