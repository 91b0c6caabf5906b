"""Signing: one key of the platform's own, and a certificate by which readers verify what SNS says.

Strings to sign: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

from __future__ import annotations

import base64
import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from fogline.store.documents import Documents
from fogline.store.store import Store, Tx

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_KEY_BITS = 2_048
_NAME = "key"
_LOCK = "sns.signing"

# In alphabetical order, as AWS joins them; an unsubscribe confirmation is signed like a subscription confirmation.
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = (
    "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
)  # fmt: skip

PATH = "/SimpleNotificationService-"
"""Every certificate's path begins so, and ends with `.pem`."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A key and its certificate, both PEM; `id` names the certificate in its URL."""

    id: str
    key: str
    certificate: str


class PlatformSigner:
    """Signs for all topics. The key is made when it is first needed, and kept in the store."""

    def __init__(self, store: Store, endpoint: Callable[[], str]) -> None:
        self._store = store
        self._endpoint = endpoint
        self._documents = Documents(store, "sns.signing")
        # Every publish names the certificate.
        self._pairs: dict[str, _Pair] = store.make_cache()

    def sign(self, text: str, version: str) -> str:
        """The signature in base64: RSA (PKCS1 v1.5) with SHA1 for version "1", with SHA256 for "2"."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        algorithm = hashes.SHA256() if version == "2" else hashes.SHA1()  # noqa: S303 - as AWS does
        key = _load(self._pair().key)
        return base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), algorithm)).decode()

    def certificate_url(self) -> str:
        """Where readers fetch the certificate."""
        return f"{self._endpoint()}{PATH}{self._pair().id}.pem"

    def find_certificate(self, id: str) -> str | None:
        """The certificate (PEM) that its URL names so."""
        with self._store.read() as tx:
            pair = self._find(tx)
        return pair.certificate if pair is not None and pair.id == id else None

    def _pair(self) -> _Pair:
        found = self._pairs.get(_NAME)
        if found is not None:
            return found
        with self._store.read() as tx:
            found = self._find(tx)
        if found is not None:
            self._pairs[_NAME] = found
            return found
        with self._store.write() as tx:
            tx.lock(_LOCK)
            found = self._find(tx)
            if found is None:
                found = _make_pair()
                body = {"id": found.id, "key": found.key, "certificate": found.certificate}
                self._documents.save(tx, "", "", _NAME, body)
                tx.forget(self._pairs, _NAME)
        return found

    def _find(self, tx: Tx) -> _Pair | None:
        document = self._documents.find(tx, "", "", _NAME)
        return _Pair(**document) if document is not None else None


def text_to_sign(message: Mapping[str, Any]) -> str:
    """What is signed of a message, as its type demands."""
    names = _NOTIFICATION if message["Type"] == "Notification" else _CONFIRMATION
    return "".join(f"{name}\n{message[name]}\n" for name in names if name in message)


@lru_cache(maxsize=4)
def _load(key: str) -> RSAPrivateKey:
    """The key itself; to read it from its text takes longer than to sign."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    loaded: Any = load_pem_private_key(key.encode(), password=None)
    private: RSAPrivateKey = loaded
    return private


def _make_pair() -> _Pair:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65_537, key_size=_KEY_BITS)
    # Libraries that verify look for AWS's name in it.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Good at whatever time the clock shows, which may be one that a test chose.
        .not_valid_before(datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(2099, 12, 31, tzinfo=datetime.UTC))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("sns.amazonaws.com")]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    return _Pair(
        certificate.fingerprint(hashes.SHA256()).hex()[:32],
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
        certificate.public_bytes(serialization.Encoding.PEM).decode(),
    )
