"""What a connection adds to a request: parameters and authorization; and the request that gets a token."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import orjson

from fogline.background.outgoing import Answer
from fogline.ports.api_destinations import HttpCall
from fogline.store.documents import Document

_FORM = "application/x-www-form-urlencoded"
_TOKEN_CHARACTERS_MAX = 16_384
_TOKEN_SECONDS_MAX = 10 * 365 * 86_400

Parameters = Sequence[Mapping[str, Any]]


def with_parameters(call: HttpCall, parameters: Mapping[str, Any]) -> HttpCall:
    """The call with a connection's InvocationHttpParameters, which win over what is there."""
    return HttpCall(
        call.method,
        with_query(call.url, _pairs(parameters.get("QueryStringParameters", ()))),
        with_headers(call.headers, _pairs(parameters.get("HeaderParameters", ()))),
        _with_body(call.body, _pairs(parameters.get("BodyParameters", ()))),
    )


def with_authorization(call: HttpCall, connection: Document, token: Document | None) -> HttpCall:
    """The call with the connection's own authorization; `token` is what OAuth needs."""
    parameters = connection["parameters"]
    if basic := parameters.get("BasicAuthParameters"):
        credentials = _basic(basic["Username"], basic["Password"])
        headers = with_headers(call.headers, [("Authorization", credentials)])
    elif key := parameters.get("ApiKeyAuthParameters"):
        headers = with_headers(call.headers, [(key["ApiKeyName"], key["ApiKeyValue"])])
    else:
        assert token is not None, "OAuth goes with a token"
        value = f"{token['type']} {token['access_token']}"
        headers = with_headers(call.headers, [("Authorization", value)])
    return HttpCall(call.method, call.url, headers, call.body)


def token_call(oauth: Mapping[str, Any]) -> HttpCall:
    """The request for a token by client credentials: a form (RFC 6749, 4.4), or a query where the method is GET."""
    client = oauth["ClientParameters"]
    more = oauth.get("OAuthHttpParameters", {})
    fields = {
        "grant_type": "client_credentials",
        "client_id": client["ClientID"],
        "client_secret": client["ClientSecret"],
        **dict(_pairs(more.get("BodyParameters", ()))),
    }
    endpoint = oauth["AuthorizationEndpoint"]
    # AWS takes one without a scheme (recorded).
    endpoint = endpoint if "://" in endpoint else f"https://{endpoint}"
    url = with_query(endpoint, _pairs(more.get("QueryStringParameters", ())))
    headers: Sequence[tuple[str, str]] = (("Accept", "application/json"),)
    body = b""
    if oauth["HttpMethod"] == "GET":
        url = with_query(url, list(fields.items()))
    else:
        headers = [*headers, ("Content-Type", f"{_FORM}; charset=utf-8")]
        body = urlencode(fields).encode()
    headers = with_headers(headers, _pairs(more.get("HeaderParameters", ())))
    return HttpCall(oauth["HttpMethod"], url, headers, body)


def read_token(answer: Answer, now: int) -> dict[str, Any] | str:
    """The token in an authorization endpoint's answer, or why there is none."""
    if not 200 <= answer.status < 300:
        return f"the authorization endpoint answered with status code {answer.status}"
    try:
        said = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return "the authorization endpoint did not answer with JSON"
    token = said.get("access_token") if isinstance(said, dict) else None
    if not isinstance(token, str) or not _is_header_text(token):
        return "the authorization endpoint did not answer with an access_token"
    kind = said.get("token_type")
    # "bearer" in any case is Bearer (RFC 6749, 5.1); some servers only know it so.
    is_bearer = not isinstance(kind, str) or not _is_header_text(kind) or kind.lower() == "bearer"
    return {
        "access_token": token,
        "type": "Bearer" if is_bearer else kind,
        "expires_at": _expires_at(said.get("expires_in"), now),
    }


def _expires_at(seconds: object, now: int) -> int | None:
    try:
        count = int(float(str(seconds)))
    except (ValueError, OverflowError):
        return None
    return now + min(max(count, 0), _TOKEN_SECONDS_MAX) * 1000


def _is_header_text(text: str) -> bool:
    return 0 < len(text) <= _TOKEN_CHARACTERS_MAX and text.isascii() and text.isprintable()


# ---- parts of a request


def with_headers(
    headers: Sequence[tuple[str, str]], more: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """`headers` with `more`, which replace those of the same name."""
    named = {name.lower() for name, _ in more}
    return [pair for pair in headers if pair[0].lower() not in named] + list(more)


def with_query(url: str, more: Sequence[tuple[str, str]]) -> str:
    """The URL with `more` in its query, which replace parameters of the same name."""
    if not more:
        return url
    parts = urlsplit(url)
    named = {quote(name, safe="") for name, _ in more}
    kept = [each for each in parts.query.split("&") if each and each.split("=")[0] not in named]
    added = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in more]
    return urlunsplit(parts._replace(query="&".join(kept + added)))


def _with_body(body: bytes, more: Sequence[tuple[str, str]]) -> bytes:
    """The JSON object with `more` members. A body that is no object has no room for them."""
    if not more:
        return body
    try:
        value = orjson.loads(body) if body else {}
    except orjson.JSONDecodeError:
        return body
    return orjson.dumps({**value, **dict(more)}) if isinstance(value, dict) else body


def _pairs(parameters: Parameters) -> list[tuple[str, str]]:
    return [(each["Key"], each.get("Value", "")) for each in parameters if each.get("Key")]


def _basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
