"""Signatures: methods with the authorization AWS_IAM are open to whoever signs a request.

As everywhere in Fogline, the key of a signature tells who calls; the signature itself is not recomputed.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from fogline.aws.call import Principal
from fogline.ports.principals import Principals
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import (
    ACCESS_DENIED,
    MISSING_AUTHENTICATION_TOKEN,
    Fault,
)

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/[^,\s]+")


def check_signature(exchange: Exchange, principals: Principals) -> None:
    """Know the caller by the key that signed. Raises Fault."""
    key = _access_key(exchange)
    if key is None:
        raise Fault(MISSING_AUTHENTICATION_TOKEN, "The request is not signed")
    principal = _principal(exchange, key, principals)
    exchange.iam_identity = {
        "accessKey": key,
        "accountId": principal.account,
        "caller": principal.user_id,
        "user": principal.user_id,
        "userArn": principal.arn,
    }


def _principal(exchange: Exchange, key: str, principals: Principals) -> Principal:
    if key.startswith(("ASIA", "AKIA")):
        found = principals.find(key)
        if found is not None:
            return found
    account = key if len(key) == 12 and key.isascii() and key.isdigit() else exchange.site.account
    return Principal(account, f"arn:aws:iam::{account}:root", account)


def _access_key(exchange: Exchange) -> str | None:
    header = exchange.headers.find("authorization")
    if header is not None:
        found = _CREDENTIAL.search(header[:4_096])
        if not header.startswith("AWS4-") or found is None:
            raise Fault(
                ACCESS_DENIED,
                "The Authorization header is no signature",
                message=(
                    "Authorization header requires 'Credential' parameter. Authorization header requires "
                    "'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. "
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
                ),
            )
        return found[1]
    presigned = exchange.query.get("X-Amz-Credential")
    return unquote(presigned[-1]).partition("/")[0] if presigned else None
