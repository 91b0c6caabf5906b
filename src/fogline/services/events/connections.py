"""The rules of connections: what makes one whole, what is told of it, and how it loses its authorization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.arn import find_arn, make_arn
from fogline.aws.members import given
from fogline.services.events.errors import ValidationException
from fogline.services.events.service import Events
from fogline.store.documents import Document
from fogline.store.store import Tx

AUTHORIZED = "AUTHORIZED"
AUTHORIZING = "AUTHORIZING"
DEAUTHORIZED = "DEAUTHORIZED"

_PARAMETERS_OF = {
    "BASIC": "BasicAuthParameters",
    "API_KEY": "ApiKeyAuthParameters",
    "OAUTH_CLIENT_CREDENTIALS": "OAuthParameters",
}
_NEEDED = {
    "BasicAuthParameters": ("Username", "Password"),
    "ApiKeyAuthParameters": ("ApiKeyName", "ApiKeyValue"),
    "OAuthParameters": ("ClientParameters", "AuthorizationEndpoint", "HttpMethod"),
    "ClientParameters": ("ClientID", "ClientSecret"),
}
_METHODS = ("GET", "POST", "PUT")
_HIDDEN = frozenset(("Password", "ApiKeyValue", "ClientSecret"))
_REASON_CHARACTERS_MAX = 512


def connection_arn(account: str, region: str, document: Document) -> str:
    return make_arn("events", region, account, f"connection/{document['name']}/{document['id']}")


def secret_arn(account: str, region: str, document: Document) -> str:
    name = f"events!connection/{document['name']}/{document['secret_id']}"
    return make_arn("secretsmanager", region, account, f"secret:{name}")


def find_connection(events: Events, tx: Tx, arn_text: str) -> Document | None:
    """The connection of that ARN, which is another one once it was deleted and made anew."""
    arn = find_arn(arn_text)
    if arn is None or arn.service != "events":
        return None
    kind, _, rest = arn.resource.partition("/")
    name, _, id_ = rest.partition("/")
    if kind != "connection":
        return None
    found = events.tables.calls.connections.find(tx, arn.account, arn.region, name)
    return found if found is not None and found["id"] == id_ else None


def complete(kind: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """AuthParameters as they are kept. Raises ValidationException when they do not authorize by `kind`."""
    wanted = _PARAMETERS_OF[kind]
    others = [name for name in _PARAMETERS_OF.values() if name != wanted and name in parameters]
    own = parameters.get(wanted)
    if own is None or others:
        raise ValidationException(
            f"Parameter AuthParameters is not valid. Reason: {kind} takes {wanted} and no other authorization."
        )
    _require(wanted, own)
    if wanted == "OAuthParameters":
        _require("ClientParameters", own["ClientParameters"])
        own = {**own, "HttpMethod": _method(own["HttpMethod"])}
    kept = {wanted: own}
    if (more := parameters.get("InvocationHttpParameters")) is not None:
        kept["InvocationHttpParameters"] = more
    return kept


def _require(kind: str, parameters: Mapping[str, Any]) -> None:
    for name in _NEEDED[kind]:
        if not parameters.get(name):
            raise ValidationException(
                f"Parameter AuthParameters is not valid. Reason: {kind} needs {name}."
            )


def _method(given_: str) -> str:
    """The method as it is sent. AWS takes it in small letters too (recorded), which the model would not."""
    method = given_.upper()
    if method not in _METHODS:
        raise ValidationException(
            f"1 validation error detected: Value '{given_}' at 'authParameters.oAuthParameters.httpMethod'"
            f" failed to satisfy constraint: Member must satisfy enum value set: [{', '.join(_METHODS)}]"
        )
    return method


def require_url(parameter: str, url: str) -> None:
    """AWS takes HTTPS alone. A server of one's own machine has seldom a certificate, so ours may be plain HTTP."""
    if not url.lower().startswith(("https://", "http://")):
        raise ValidationException(
            f"Parameter {parameter} is not valid. Reason: Provided endpoint is not a valid URL."
        )


def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with what an update names: structures member by member, lists as a whole."""
    result = dict(old)
    for name, value in new.items():
        before = old.get(name)
        both = isinstance(value, Mapping) and isinstance(before, Mapping)
        # What an invocation carries is replaced whole, or nothing could ever be taken out of it.
        is_whole = name in ("InvocationHttpParameters", "OAuthHttpParameters")
        result[name] = merged(before, value) if both and not is_whole else value  # type: ignore[arg-type]
    return result


def shown(value: Any) -> Any:
    """AuthParameters as they may be told: without secrets."""
    if isinstance(value, Mapping):
        is_secret = value.get("IsValueSecret") is True
        return {
            name: shown(each)
            for name, each in value.items()
            if name not in _HIDDEN and not (is_secret and name == "Value")
        }
    if isinstance(value, list):
        return [shown(each) for each in value]
    return value


def summary(account: str, region: str, document: Document) -> dict[str, Any]:
    """What ListConnections says of each."""
    return given(
        {
            "ConnectionArn": connection_arn(account, region, document),
            "Name": document["name"],
            "ConnectionState": document["state"],
            "StateReason": document.get("reason"),
            "AuthorizationType": document["type"],
            "CreationTime": document["created_at"],
            "LastModifiedTime": document["modified_at"],
            "LastAuthorizedTime": document["authorized_at"],
        }
    )


def set_state(
    events: Events,
    tx: Tx,
    account: str,
    region: str,
    connection: Document,
    state: str,
    now: int,
    reason: str = "",
) -> None:
    """Note that a connection was authorized, or not. One that has changed meanwhile stays as it is."""
    calls = events.tables.calls
    name = connection["name"]
    calls.lock_connection(tx, account, region, name)
    found = calls.connections.find(tx, account, region, name)
    if found is None or found["id"] != connection["id"]:
        return
    if found["modified_at"] != connection["modified_at"] or found["state"] == state:
        return
    changed = {key: value for key, value in found.items() if key != "reason"}
    changed["state"] = state
    if state == AUTHORIZED:
        changed["authorized_at"] = now
    if reason:
        changed["reason"] = reason[:_REASON_CHARACTERS_MAX]
    calls.connections.save(tx, account, region, name, changed)
