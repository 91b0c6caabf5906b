"""User pools: callers who show a token that a Cognito user pool has issued.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from fogline.apis.regexes import fits
from fogline.apis.token_keys import TokenKeys
from fogline.aws.arn import find_arn
from fogline.aws.jwt import InvalidToken, Token, read_token, verify
from fogline.background.outgoing import OutgoingFailed
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import (
    ACCESS_DENIED,
    AUTHORIZER_CONFIGURATION_ERROR,
    UNAUTHORIZED,
    Fault,
)
from fogline.services.apigateway.runtime.mappings import source


async def check_token(
    keys: TokenKeys, exchange: Exchange, authorizer: Mapping[str, Any], scopes: Sequence[str]
) -> None:
    """Let a caller on who shows a token of one of the authorizer's pools. Raises Fault."""
    text = _shown(exchange, authorizer)
    try:
        token = read_token(text)
        await _check_signature(keys, exchange, authorizer, token)
    except InvalidToken as invalid:
        raise Fault(UNAUTHORIZED, f"Unauthorized: {invalid}") from None
    expires = token.number("exp")
    if expires is None or expires * 1000 <= exchange.now:
        raise Fault(UNAUTHORIZED, "The token has expired", message="The incoming token has expired")
    _check_use(token, scopes)
    exchange.authorizer = {
        "claims": {name: _text(value) for name, value in token.claims.items()},
        **({"scopes": token.claims["scope"].split()} if scopes else {}),
    }


def _shown(exchange: Exchange, authorizer: Mapping[str, Any]) -> str:
    expression = authorizer.get("identitySource") or "method.request.header.Authorization"
    found = source(expression)(exchange, None)
    if not found or not found[-1]:
        raise Fault(UNAUTHORIZED, f"Unauthorized: {expression} is missing")
    wanted = authorizer.get("identityValidationExpression")
    if wanted and not fits(wanted, found[-1]):
        raise Fault(UNAUTHORIZED, "Unauthorized: the token is not as it should be")
    return found[-1].removeprefix("Bearer ").strip()


async def _check_signature(
    keys: TokenKeys, exchange: Exchange, authorizer: Mapping[str, Any], token: Token
) -> None:
    """Raises InvalidToken, Fault."""
    issuer = token.claims.get("iss")
    for arn in authorizer.get("providerARNs") or ():
        provider = find_arn(arn)
        pool = provider.resource.partition("/")[2] if provider is not None else ""
        # Where the pool is played by another server, that tells its own name before the pool's.
        if provider is None or not isinstance(issuer, str) or issuer.rpartition("/")[2] != pool:
            continue
        try:
            found = await keys.of_pool(provider.region, pool, token.key_id, exchange.now)
        except OutgoingFailed as failed:
            raise Fault(
                AUTHORIZER_CONFIGURATION_ERROR, f"The keys of {pool} cannot be had: {failed}"
            ) from None
        verify(token, found)
        return
    raise InvalidToken("the token is of none of the authorizer's user pools")


def _check_use(token: Token, scopes: Sequence[str]) -> None:
    """A method with scopes wants an access token with one of them, any other an identity token."""
    if not scopes:
        if token.claims.get("token_use") != "id":
            raise Fault(UNAUTHORIZED, "Unauthorized: it is no identity token")
        return
    granted = token.claims.get("scope")
    if token.claims.get("token_use") != "access" or not isinstance(granted, str):
        raise Fault(UNAUTHORIZED, "Unauthorized: it is no access token")
    if not set(granted.split()) & set(scopes):
        raise Fault(ACCESS_DENIED, "The token has none of the scopes that the method asks for")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
