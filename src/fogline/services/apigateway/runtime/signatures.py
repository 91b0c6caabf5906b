"""Signatures: methods with the authorization AWS_IAM are open to whoever signs a request."""

from __future__ import annotations

from fogline.apis.signatures import InvalidSignature, find_signer
from fogline.ports.principals import Principals
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import (
    ACCESS_DENIED,
    MISSING_AUTHENTICATION_TOKEN,
    Fault,
)


def check_signature(exchange: Exchange, principals: Principals) -> None:
    """Know the caller by the key that signed. Raises Fault."""
    try:
        signer = find_signer(
            exchange.headers,
            exchange.query,
            exchange.site.account,
            principals,
            exchange.caller,
        )
    except InvalidSignature:
        raise Fault(
            ACCESS_DENIED,
            "The Authorization header is no signature",
            message=(
                "Authorization header requires 'Credential' parameter. Authorization header requires "
                "'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. "
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
            ),
        ) from None
    if signer is None:
        raise Fault(MISSING_AUTHENTICATION_TOKEN, "The request is not signed")
    principal = signer.principal
    exchange.iam_identity = {
        "accessKey": signer.access_key,
        "accountId": principal.account,
        "caller": principal.user_id,
        "user": principal.user_id,
        "userArn": principal.arn,
    }
