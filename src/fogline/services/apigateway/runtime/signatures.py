"""Signatures: methods with the authorization AWS_IAM are open to whoever signs a request."""

from __future__ import annotations

from fogline.apis.signatures import Place, find_signer
from fogline.aws.signature_v4 import refusals
from fogline.aws.signature_v4.reading import ALGORITHM, read_header
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import (
    EXPIRED_TOKEN,
    INCOMPLETE_SIGNATURE,
    INVALID_SIGNATURE,
    MISSING_AUTHENTICATION_TOKEN,
    UNRECOGNIZED_CLIENT,
    Fault,
)
from fogline.services.apigateway.runtime.standing import Runtime

_KINDS = {
    refusals.EXPIRED: EXPIRED_TOKEN,
    refusals.INCOMPLETE: INCOMPLETE_SIGNATURE,
    refusals.INVALID: INVALID_SIGNATURE,
    refusals.UNRECOGNIZED: UNRECOGNIZED_CLIENT,
}


def no_such_method(exchange: Exchange) -> Fault:
    """What is not there: AWS wants even that signed, and says so of an Authorization header that is no signature.

    As seen by many: https://github.com/amazon-archives/aws-cognito-angular-quickstart/issues/50
    """
    authorization = exchange.headers.find("authorization")
    if authorization is not None and not authorization.startswith(ALGORITHM):
        try:
            read_header(authorization, {})
        except refusals.SignatureRefused as refused:
            return _fault(refused)
    return Fault(MISSING_AUTHENTICATION_TOKEN, "No such resource or method")


def check_signature(runtime: Runtime, exchange: Exchange) -> None:
    """Know the caller by the key that signed. Raises Fault."""
    assert exchange.request is not None, "it came by HTTP"
    place = Place(exchange.site.account, exchange.site.region)
    try:
        signer = find_signer(
            exchange.request, exchange.sent_body, place, runtime.principals, runtime.clock
        )
    except refusals.SignatureRefused as refused:
        raise _fault(refused) from None
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


def _fault(refused: refusals.SignatureRefused) -> Fault:
    return Fault(_KINDS[refused.error], refused.message, message=refused.whole_message)
