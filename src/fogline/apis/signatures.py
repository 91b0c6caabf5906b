"""Signatures: who signed a request to an API, and whether they did.

A key that IAM or STS has issued here is checked as AWS checks it. Of any other key nobody here knows the secret: as
everywhere in Fogline it counts as the account that it names with twelve digits, else as the API's own account.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote_plus

from fogline.apis.requests import raw_headers
from fogline.aws.access_keys import LONG_LIVED, TEMPORARY, is_only_ours
from fogline.aws.call import Principal, root_principal
from fogline.aws.signature_v4.canonical import SignedRequest, fields_of
from fogline.aws.signature_v4.checking import check_scope, check_signature, check_time
from fogline.aws.signature_v4.reading import ALGORITHM, Fields, Signature, read_header, read_query
from fogline.aws.signature_v4.refusals import expired_token, unrecognized
from fogline.ports.http import HttpRequest
from fogline.ports.principals import Key, Principals
from fogline.world.clock import Clock, ManualClock

EXECUTE_API = "execute-api"

_IN_HEADER = re.compile(rf"{ALGORITHM}\s.*?\bCredential=([^/,\s]+)/")
_IN_QUERY = re.compile(r"(?:^|&)X-Amz-(Algorithm|Credential|Signature)=([^&]*)")
_HEADER_CHARACTERS_MAX = 4_096
_KEY_CHARACTERS_MAX = 128


class Signer(NamedTuple):
    access_key: str
    principal: Principal


class Place(NamedTuple):
    """What a signature has to be for."""

    account: str
    region: str
    service: str = EXECUTE_API


def find_signer(
    request: HttpRequest, body: bytes, place: Place, principals: Principals, clock: Clock
) -> Signer | None:
    """Who signed a request whose whole body this is; None where nobody did. Raises SignatureRefused.

    The `caller` of a request has signed as far as anybody need know. With the manual clock, when it was signed does
    not matter: clients sign with the time of the machine, which ours has nothing to do with.
    """
    inner = request.caller
    if inner is not None:
        return Signer("", inner.principal)
    authorization = request.headers.get("authorization")
    access_key = _claimed_key(authorization, request.query)
    if access_key is None:
        return None
    key = None
    if access_key.startswith((LONG_LIVED, TEMPORARY)):
        key = principals.find_key(access_key)
    if key is None and access_key:
        if is_only_ours(access_key):
            raise unrecognized()
        return _of_account(access_key[:_KEY_CHARACTERS_MAX], place.account)
    fields = fields_of(raw_headers(request))
    signature = _read(authorization, request, fields)
    if key is None or signature.access_key != access_key:
        raise unrecognized()
    check_scope(signature, place.region, place.service)
    _check_key(key, signature)
    if not isinstance(clock, ManualClock):
        check_time(signature, clock.now())
    signed = SignedRequest(request.method, request.path, request.query, fields, body)
    check_signature(signature, signed, key.signing_key)
    return Signer(access_key, key.principal)


def _claimed_key(authorization: str | None, query: str) -> str | None:
    """The key by which a request claims to be signed: "" where that can't be read, None where there is no claim."""
    if authorization is not None:
        found = _IN_HEADER.match(authorization[:_HEADER_CHARACTERS_MAX])
        return found[1] if found is not None else ""
    said = dict(_IN_QUERY.findall(query)) if "X-Amz-" in query else None
    if not said:
        return None
    if said.get("Algorithm", ALGORITHM) != ALGORITHM:
        return ""
    return unquote_plus(said.get("Credential", "")).partition("/")[0]


def _of_account(access_key: str, account: str) -> Signer:
    is_account = len(access_key) == 12 and access_key.isascii() and access_key.isdigit()
    named = access_key if is_account else account
    return Signer(access_key, root_principal(named))


def _read(authorization: str | None, request: HttpRequest, fields: Fields) -> Signature:
    if authorization is None:
        return read_query(request.query, fields)
    return read_header(authorization, fields)


def _check_key(key: Key, signature: Signature) -> None:
    """It must be good, and come with its token. Raises SignatureRefused."""
    if key.status == "expired":
        raise expired_token()
    if key.status == "inactive" or not key.has_token(signature.token):
        raise unrecognized()
