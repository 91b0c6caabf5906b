"""Checking: whether a signature is for us, of now, and by who has the secret."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache

from fogline.aws.signature_v4.canonical import (
    SignedRequest,
    canonical_request,
    payload_hash_of,
)
from fogline.aws.signature_v4.reading import ALGORITHM, Signature
from fogline.aws.signature_v4.refusals import INVALID, MISMATCH, SignatureRefused, shown

SKEW_MILLISECONDS_MAX = 5 * 60 * 1000
_TERMINATOR = "aws4_request"
_KEYS_MAX = 1_024

SigningKey = Callable[[str, str, str], bytes]
"""The key for signatures of a date, a region and a service."""


@lru_cache(_KEYS_MAX)
def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The key that a secret stands for on one day, in one region, for one service."""
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, _TERMINATOR):
        key = hmac.digest(key, part.encode("utf-8", "replace"), "sha256")
    return key


def check_scope(signature: Signature, region: str, service: str) -> None:
    """The credential must be scoped to what it is used for. Raises SignatureRefused."""
    faults = []
    if signature.region != region:
        faults.append(
            f"Credential should be scoped to a valid region, not '{shown(signature.region)}'."
        )
    if signature.service != service:
        faults.append(f"Credential should be scoped to correct service: '{service}'.")
    if signature.terminator != _TERMINATOR:
        faults.append(
            f"Credential should be scoped with a valid terminator: '{_TERMINATOR}', "
            f"not '{shown(signature.terminator)}'."
        )
    if signature.date != signature.moment[:8]:
        faults.append(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{shown(signature.date)}' != '{signature.moment[:8]}', from '{signature.moment}'."
        )
    if faults:
        raise SignatureRefused(INVALID, " ".join(faults))


def check_time(signature: Signature, now: int) -> None:
    """It must be of the last minutes, or not have expired yet. Raises SignatureRefused."""
    if signature.at > now + SKEW_MILLISECONDS_MAX:
        raise SignatureRefused(
            INVALID,
            f"Signature not yet current: {signature.moment} is still later than "
            f"{_moment(now + SKEW_MILLISECONDS_MAX)} ({_moment(now)} + 5 min.)",
        )
    good = SKEW_MILLISECONDS_MAX
    if signature.expires_seconds is not None:
        good = signature.expires_seconds * 1000
    if signature.at < now - good:
        raise SignatureRefused(
            INVALID,
            f"Signature expired: {signature.moment} is now earlier than {_moment(now - good)} "
            f"({_moment(now)} - {_span(good)})",
        )


def check_signature(signature: Signature, request: SignedRequest, key: SigningKey) -> None:
    """It must be that of the request. Raises SignatureRefused."""
    payload_hash, is_true = payload_hash_of(signature, request.body)
    first = ""
    own = key(signature.date, signature.region, signature.service)
    given = signature.signature.encode("utf-8", "replace")
    for canonical in _canonical_requests(signature, request, payload_hash):
        to_sign = _string_to_sign(signature, canonical)
        expected = hmac.digest(own, to_sign.encode(), "sha256").hex().encode()
        if hmac.compare_digest(expected, given) and is_true:
            return
        first = first or _explained(canonical, to_sign)
    raise SignatureRefused(INVALID, MISMATCH, first)


def _canonical_requests(
    signature: Signature, request: SignedRequest, payload_hash: str
) -> Iterator[bytes]:
    """What the client may have signed: on AWS nobody meets a port, so many sign the name of the host alone."""
    yield canonical_request(signature, request, payload_hash)
    host = request.fields.get("host", (b"",))[-1]
    name, colon, port = host.rpartition(b":")
    if colon and port.isdigit():
        yield canonical_request(signature, request, payload_hash, host=name)


def _string_to_sign(signature: Signature, canonical: bytes) -> str:
    scope = f"{signature.date}/{signature.region}/{signature.service}/{signature.terminator}"
    return f"{ALGORITHM}\n{signature.moment}\n{scope}\n{hashlib.sha256(canonical).hexdigest()}"


def _explained(canonical: bytes, to_sign: str) -> str:
    return (
        "\n\nThe Canonical String for this request should have been\n"
        f"'{canonical.decode('utf-8', 'replace')}'\n\n"
        f"The String-to-Sign should have been\n'{to_sign}'\n"
    )


def _moment(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y%m%dT%H%M%SZ}"


def _span(milliseconds: int) -> str:
    seconds = milliseconds // 1000
    return f"{seconds} sec." if seconds % 60 else f"{seconds // 60} min."
