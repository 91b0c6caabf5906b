"""Admission: who calls a route, and whether they may."""

from __future__ import annotations

from fogline.apis.signatures import Place, find_signer
from fogline.aws.signature_v4.refusals import SignatureRefused
from fogline.services.apigatewayv2.http.compiled import Route
from fogline.services.apigatewayv2.http.exchange import Authorized, Exchange
from fogline.services.apigatewayv2.http.jwt_authorizer import check_token
from fogline.services.apigatewayv2.http.lambda_authorizer import ask_function
from fogline.services.apigatewayv2.http.refusals import FORBIDDEN, INTERNAL, Refused
from fogline.services.apigatewayv2.runtime import Runtime


async def admit(runtime: Runtime, exchange: Exchange, route: Route) -> None:
    """Know who calls. Raises Refused for those who may not."""
    kind = route.authorization
    if kind == "NONE":
        return
    if kind == "AWS_IAM":
        _check_signature(runtime, exchange)
        return
    authorizer = route.authorizer
    if authorizer is None:
        raise Refused(INTERNAL, f"the authorizer {route.authorizer_id} of the route is gone")
    if kind == "JWT":
        await check_token(runtime.token_keys, exchange, authorizer, route.scopes)
    elif kind == "CUSTOM":
        await ask_function(runtime, exchange, authorizer)
    else:
        raise Refused(INTERNAL, f"the route has an unknown authorization: {kind[:50]}")


def _check_signature(runtime: Runtime, exchange: Exchange) -> None:
    """Know the caller by the key that signed. Raises Refused."""
    assert exchange.request is not None, "it came by HTTP"
    place = Place(exchange.site.account, exchange.site.region)
    try:
        signer = find_signer(
            exchange.request, exchange.body, place, runtime.principals, runtime.clock
        )
    except SignatureRefused as refused:
        raise Refused(FORBIDDEN, refused.whole_message) from None
    if signer is None:
        raise Refused(
            FORBIDDEN, "the route has the authorization AWS_IAM, the request no signature"
        )
    principal = signer.principal
    if principal.account not in ("", place.account):
        # No policy can be given to an HTTP API, and without one it is open to its own account alone.
        raise Refused(FORBIDDEN, f"{principal.arn} is of another account")
    exchange.authorized = Authorized(
        "iam",
        {
            "accessKey": signer.access_key,
            "accountId": principal.account,
            "callerId": principal.user_id,
            "cognitoIdentity": None,
            "principalOrgId": None,
            "userArn": principal.arn,
            "userId": principal.user_id,
        },
    )
