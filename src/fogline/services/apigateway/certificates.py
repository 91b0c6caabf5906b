"""Certificates that API Gateway makes, signed by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

LIFE_MS = 365 * 24 * 3_600 * 1_000


class Certificate(NamedTuple):
    certificate: str
    private_key: str


def make_certificate(serial: int, now: int) -> Certificate:
    """A certificate and its key, both as PEM. AWS makes RSA keys; those of elliptic curves are made at once."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ApiGateway")])
    begins = datetime.fromtimestamp(now / 1000, UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(max(1, serial >> 1))
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(milliseconds=LIFE_MS))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Certificate(certificate.public_bytes(Encoding.PEM).decode(), private.decode())
