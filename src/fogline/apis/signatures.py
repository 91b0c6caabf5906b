"""Signatures: who signed a request to an API.

As everywhere in Fogline, the key of a signature tells who calls; the signature itself is not recomputed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from fogline.apis.fields import Headers
from fogline.aws.call import Principal
from fogline.ports.http import InnerCaller
from fogline.ports.principals import Principals

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/[^,\s]+")
_HEADER_CHARACTERS_MAX = 4_096


class InvalidSignature(ValueError):
    """There is an Authorization header, and it is no signature."""


class Signer(NamedTuple):
    access_key: str
    principal: Principal


def find_signer(
    headers: Headers,
    query: Mapping[str, list[str]],
    account: str,
    principals: Principals,
    inner: InnerCaller | None = None,
) -> Signer | None:
    """Who signed, or None where nobody did; keys nobody knows are those of `account`. Raises InvalidSignature.

    `inner` (of the HttpRequest) has signed as far as anybody need know.
    """
    if inner is not None:
        return Signer("", inner.principal)
    key = _access_key(headers, query)
    if key is None:
        return None
    if key.startswith(("ASIA", "AKIA")):
        found = principals.find(key)
        if found is not None:
            return Signer(key, found)
    named = key if len(key) == 12 and key.isascii() and key.isdigit() else account
    return Signer(key, Principal(named, f"arn:aws:iam::{named}:root", named))


def _access_key(headers: Headers, query: Mapping[str, list[str]]) -> str | None:
    header = headers.find("authorization")
    if header is not None:
        found = _CREDENTIAL.search(header[:_HEADER_CHARACTERS_MAX])
        if not header.startswith("AWS4-") or found is None:
            raise InvalidSignature
        return found[1]
    presigned = query.get("X-Amz-Credential")
    return unquote(presigned[-1]).partition("/")[0] if presigned else None
