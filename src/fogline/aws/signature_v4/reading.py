"""Reading: what a request says of its signature, in the Authorization header or in its query."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import unquote_plus

from fogline.aws.signature_v4.refusals import (
    INVALID,
    SignatureRefused,
    hashed,
    incomplete,
    shown,
)

ALGORITHM = "AWS4-HMAC-SHA256"

_REQUIRED_IN_HEADER = ("Credential", "Signature", "SignedHeaders")
_REQUIRED_IN_QUERY = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    "X-Amz-Date",
)
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_EXPIRES_SECONDS_MAX = 604_800
_DATE_CHARACTERS_MAX = 64
_NAMES_CHARACTERS_MAX = 4_096

Fields = Mapping[str, Sequence[bytes]]
"""Headers by their names in lower case, each with all its values as they were sent."""


class Signature(NamedTuple):
    """A signature as it claims to be."""

    access_key: str
    date: str
    region: str
    service: str
    terminator: str
    names: tuple[str, ...]
    """The headers that were signed, in order."""
    signature: str
    moment: str
    """When it was signed, as `20260131T235959Z`."""
    at: int
    """The same in milliseconds."""
    token: str
    """The session token, or ""."""
    payload_hash: str = ""
    """What it says that stands for the body: its hash, `UNSIGNED-PAYLOAD`, a `STREAMING-` form; or ""."""
    expires_seconds: int | None = None
    """How long it is good, where it stands in the query and says so."""


def read_header(authorization: str, fields: Fields) -> Signature:
    """The signature in an Authorization header. Raises SignatureRefused."""
    algorithm, _, rest = authorization.strip().partition(" ")
    said: dict[str, str] = {}
    for piece in rest.split(","):
        name, equals, value = piece.strip().partition("=")
        if not equals:
            raise incomplete(
                "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and "
                f"encoded with Base64): '{hashed(authorization)}'."
            )
        said[name] = value
    moment = _text(fields, "x-amz-date") or _text(fields, "date")
    missing = [
        f"Authorization header requires '{name}' parameter. "
        for name in _REQUIRED_IN_HEADER
        if not said.get(name)
    ]
    if not moment:
        missing.append(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        )
    if missing:
        raise incomplete(
            f"{''.join(missing)}(Hashed with SHA-256 and encoded with Base64) Authorization={hashed(authorization)}"
        )
    return _signature(
        algorithm,
        said["Credential"],
        said["SignedHeaders"],
        said["Signature"],
        moment,
        _text(fields, "x-amz-security-token"),
    )._replace(payload_hash=_text(fields, "x-amz-content-sha256"))


def read_query(query: str, fields: Fields) -> Signature:
    """The signature of a presigned request. Raises SignatureRefused."""
    said: dict[str, str] = {}
    for pair in query.split("&"):
        if pair.startswith("X-Amz-"):
            name, _, value = pair.partition("=")
            said.setdefault(name, unquote_plus(value))
    missing = [
        f"AWS query-string parameters must include '{name}'. "
        for name in _REQUIRED_IN_QUERY
        if not said.get(name)
    ]
    if missing:
        raise incomplete(f"{''.join(missing)}Re-examine the query-string parameters.")
    read = _signature(
        said["X-Amz-Algorithm"],
        said["X-Amz-Credential"],
        said["X-Amz-SignedHeaders"],
        said["X-Amz-Signature"],
        said["X-Amz-Date"],
        said.get("X-Amz-Security-Token") or _text(fields, "x-amz-security-token"),
    )
    return read._replace(
        payload_hash=said.get("X-Amz-Content-Sha256") or _text(fields, "x-amz-content-sha256"),
        expires_seconds=_seconds(said.get("X-Amz-Expires")),
    )


def _signature(
    algorithm: str, credential: str, names: str, signature: str, moment: str, token: str
) -> Signature:
    signed = tuple(sorted(set(names[:_NAMES_CHARACTERS_MAX].lower().split(";"))))
    if "host" not in signed:
        raise _without_host()
    if algorithm != ALGORITHM:
        raise incomplete(f"Unsupported AWS 'algorithm': '{shown(algorithm)}'.")
    parts = credential.split("/")
    if len(parts) != 5:
        raise incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            f"got '{shown(credential)}'"
        )
    text, at = _moment(moment)
    access_key, date, region, service, terminator = parts
    return Signature(
        access_key, date, region, service, terminator, signed, signature, text, at, token
    )


def _without_host() -> SignatureRefused:
    return SignatureRefused(
        INVALID,
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    )


def _moment(text: str) -> tuple[str, int]:
    """When it was signed, in the form in which it was; a Date header may have that of HTTP."""
    try:
        found = _MOMENT.fullmatch(text)
        if found is not None:
            moment = datetime(*map(int, found.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type] # six numbers
        else:
            moment = parsedate_to_datetime(text[:_DATE_CHARACTERS_MAX]).astimezone(UTC)
            text = f"{moment:%Y%m%dT%H%M%SZ}"
        return text, int(moment.timestamp()) * 1000
    except (ValueError, TypeError, OverflowError):
        raise incomplete(
            f"Date must be in ISO-8601 'basic format'. Got '{shown(text)}'. "
            "See http://en.wikipedia.org/wiki/ISO_8601"
        ) from None


def _seconds(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise incomplete("X-Amz-Expires should be a number")
    seconds = int(text)
    if seconds > _EXPIRES_SECONDS_MAX:
        raise incomplete("X-Amz-Expires must be less than a week (in seconds)")
    return seconds


def _text(fields: Fields, name: str) -> str:
    values = fields.get(name)
    return values[-1].decode("latin-1").strip() if values else ""
