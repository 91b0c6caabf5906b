"""HTTPS on request: a certificate of our own for local names, kept with the data so that trust in it lasts."""

from __future__ import annotations

import datetime
import ipaddress
import os
import ssl
from pathlib import Path

_YEARS = 10
_RENEW_DAYS = 30
_NAMES = ("localhost", "*.localhost", "localhost.localstack.cloud", "*.localhost.localstack.cloud")
_ADDRESSES = ("127.0.0.1", "::1")


def server_context(folder: Path, listen: str, now: int) -> ssl.SSLContext:
    """A context for serving with the certificate in `folder`, made there when missing or about to end.

    `listen` is named in it too. `now` is in milliseconds since the epoch. Clients trust it by
    `AWS_CA_BUNDLE=<folder>/certificate.pem`.
    """
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    moment = datetime.datetime.fromtimestamp(now / 1000, datetime.UTC)
    if not key.exists() or not _is_good(certificate, moment):
        _make(certificate, key, listen, moment)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


def _is_good(certificate: Path, moment: datetime.datetime) -> bool:
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError):
        return False
    return found.not_valid_after_utc > moment + datetime.timedelta(days=_RENEW_DAYS)


def _make(certificate: Path, key: Path, listen: str, moment: datetime.datetime) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Fogline on this machine")])
    names: list[x509.GeneralName] = [x509.DNSName(each) for each in _NAMES]
    for address in dict.fromkeys((*_ADDRESSES, listen)):
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(address)))
        except ValueError:
            names.append(x509.DNSName(address))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - datetime.timedelta(days=1))
        .not_valid_after(moment + datetime.timedelta(days=365 * _YEARS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(
            private.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
