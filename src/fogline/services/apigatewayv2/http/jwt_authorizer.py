"""JWT authorizers: callers show a token of the issuer that the authorizer names.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NoReturn

import orjson

from fogline.apis.local_addresses import is_local_form
from fogline.apis.token_keys import TokenKeys
from fogline.aws.jwt import InvalidToken, Token, read_token, verify
from fogline.background.outgoing import OutgoingFailed
from fogline.services.apigatewayv2.http.exchange import Authorized, Exchange
from fogline.services.apigatewayv2.http.expressions import expression, text_of
from fogline.services.apigatewayv2.http.refusals import FORBIDDEN, UNAUTHORIZED, Refused

_ALGORITHMS = frozenset(("RS256", "RS384", "RS512"))
_HEADER = "$request.header.Authorization"
_POOLS = "https://cognito-idp."


async def check_token(
    keys: TokenKeys, exchange: Exchange, authorizer: Mapping[str, Any], scopes: Sequence[str]
) -> None:
    """Let a caller on who shows a good token. Raises Refused."""
    text = _shown(exchange, authorizer)
    try:
        token = read_token(text)
        await _check_signature(keys, exchange, authorizer, token)
        _check_claims(exchange, authorizer, token)
    except InvalidToken as invalid:
        _refuse(exchange, scopes, str(invalid))
    held = _scopes(token)
    if scopes and not set(scopes) & set(held):
        wanted = " ".join(scopes)
        exchange.facts["authorizerError"] = "insufficient_scope"
        raise Refused(
            FORBIDDEN,
            f"the token has none of the route's scopes: {wanted}",
            headers=[
                ("www-authenticate", f'Bearer scope="{_quoted(wanted)}" error="insufficient_scope"')
            ],
        )
    claims = {name: _claim(value) for name, value in token.claims.items()}
    exchange.authorized = Authorized("jwt", {"claims": claims, "scopes": held if scopes else None})


def _shown(exchange: Exchange, authorizer: Mapping[str, Any]) -> str:
    sources = authorizer.get("IdentitySource") or [_HEADER]
    shown = None
    for source in sources if isinstance(sources, list) else [sources]:
        shown = shown or text_of(expression(str(source))(exchange, None))
    if not shown:
        raise Refused(
            UNAUTHORIZED,
            f"there is no token at {sources}",
            headers=[("www-authenticate", "Bearer")],
        )
    front, _, rest = shown.partition(" ")
    return rest.strip() if front.lower() == "bearer" else shown.strip()


def _refuse(exchange: Exchange, scopes: Sequence[str], reason: str) -> NoReturn:
    wanted, told = _quoted(" ".join(scopes)), _quoted(reason)
    exchange.facts["authorizerError"] = reason
    header = f'Bearer scope="{wanted}" error="invalid_token" error_description="{told}"'
    raise Refused(UNAUTHORIZED, reason, headers=[("www-authenticate", header)])


def _quoted(text: str) -> str:
    """A text as it may stand between quotes in a header."""
    return "".join(each for each in text if " " <= each <= "~" and each not in '"\\')


async def _check_signature(
    keys: TokenKeys, exchange: Exchange, authorizer: Mapping[str, Any], token: Token
) -> None:
    """Raises InvalidToken."""
    issuer = _configuration(authorizer).get("Issuer") or ""
    if token.algorithm not in _ALGORITHMS:
        raise InvalidToken(f"signing method {token.algorithm[:20] or 'none'} is not supported")
    if not token.key_id:
        raise InvalidToken("the token names no key (kid)")
    if not _is_of(token.claims.get("iss"), issuer):
        raise InvalidToken("the token does not have a valid issuer")
    try:
        found = await keys.of_issuer(issuer, token.key_id, exchange.now)
    except OutgoingFailed as failed:
        raise InvalidToken(f"the keys of the issuer can not be had: {failed}") from None
    verify(token, [key for key in found if key.get("kid") == token.key_id])


def _is_of(claimed: Any, issuer: str) -> bool:
    if not isinstance(claimed, str) or not issuer:
        return False
    claimed, issuer = claimed.rstrip("/"), issuer.rstrip("/")
    if claimed == issuer or is_local_form(claimed, issuer):
        return True
    # Where a pool is played by another server, that tells its own name before the pool's.
    return issuer.startswith(_POOLS) and claimed.rpartition("/")[2] == issuer.rpartition("/")[2]


def _check_claims(exchange: Exchange, authorizer: Mapping[str, Any], token: Token) -> None:
    """Raises InvalidToken."""
    now = exchange.now
    expires, begins, issued = (token.number(name) for name in ("exp", "nbf", "iat"))
    if expires is None or expires * 1000 <= now:
        raise InvalidToken("the token has expired")
    if begins is not None and begins * 1000 > now:
        raise InvalidToken("the token is not valid yet")
    if issued is not None and issued * 1000 > now:
        raise InvalidToken("the token is used before it was issued")
    known = {str(each) for each in _configuration(authorizer).get("Audience") or ()}
    # `client_id` stands in for an audience that a token has not, as access tokens of user pools do.
    audience = token.claims.get("aud", token.claims.get("client_id"))
    named = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(each, str) and _is_among(each, known) for each in named):
        raise InvalidToken("the token does not have a valid audience")


def _is_among(audience: str, known: Collection[str]) -> bool:
    return audience in known or any(is_local_form(audience, each) for each in known)


def _configuration(authorizer: Mapping[str, Any]) -> Mapping[str, Any]:
    found = authorizer.get("JwtConfiguration")
    return found if isinstance(found, Mapping) else {}


def _scopes(token: Token) -> list[str]:
    """The scopes of a token: a text with spaces between them, or a list."""
    for name in ("scope", "scp"):
        found = token.claims.get(name)
        if isinstance(found, str):
            return found.split()
        if isinstance(found, list):
            return [each for each in found if isinstance(each, str)]
    return []


def _claim(value: Any) -> str:
    """A claim as functions are told it: always as a text, `[a b]` for a list."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{' '.join(map(_claim, value))}]"
    return orjson.dumps(value).decode()
