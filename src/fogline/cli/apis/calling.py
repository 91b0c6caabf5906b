"""One request to an API at its own address, and its answer for people and for programs."""

from __future__ import annotations

import base64
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
import orjson

from fogline.cli.apis.finding import HTTP, REST, Api, host_of
from fogline.cli.client import Client, Exchange
from fogline.cli.exits import Failure
from fogline.cli.naming import find_physical
from fogline.cli.output import Output
from fogline.cli.variables import sdk_variables

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_SECONDS_MAX = 330.0
_SAFE = "/?&=%+:@!$'()*,;~-._"
"""What may stand in the target of a request as it is."""
_KEYS_MAX = 500
_KEY_TYPE = "AWS::ApiGateway::ApiKey"
_NAMES_SHOWN_MAX = 12

Headers = list[tuple[str, str]]


def read_header(text: str) -> tuple[str, str]:
    """A header from `Name: value`."""
    name, colon, value = text.partition(":")
    if not colon or not name.strip() or any(each in text for each in "\r\n"):
        raise click.UsageError(f"'{text}' is no header; write NAME: VALUE.")
    return name.strip(), value.strip()


def read_body(text: str) -> bytes:
    """A body: as it is given, of a file with @, of stdin with -."""
    if text == "-":
        return sys.stdin.buffer.read()
    if not text.startswith("@"):
        return text.encode()
    try:
        return Path(text[1:]).read_bytes()
    except OSError as error:
        raise Failure(f"{text[1:]} cannot be read: {error.strerror}.", code=2) from None


@dataclass(frozen=True, slots=True)
class Key:
    """An API key that is sent. `names` are those of the keys there are, where none is called as it was asked for."""

    value: str
    names: Sequence[str] = ()


def find_key(server: Client, key: str) -> Key:
    """An API key by its name, its id, or the name a template gives it; any other is taken for the value itself."""
    there = [
        each
        for page in server.pages(
            "apigateway", "GetApiKeys", "position", limit=_KEYS_MAX, includeValues=True
        )
        for each in page.get("items", [])
    ]
    for each in there:
        if key in (each["id"], each.get("name"), each["value"]):
            return Key(str(each["value"]))
    made = find_physical(server, key, _KEY_TYPE)
    for each in there:
        if each["id"] == made:
            return Key(str(each["value"]))
    return Key(key, [str(each.get("name") or each["id"]) for each in there][:_NAMES_SHOWN_MAX])


def signature(
    server: Client, method: str, url: str, headers: Headers, body: bytes | None
) -> Headers:
    """The headers that sign a request as the account's own, for routes that ask IAM."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    request = AWSRequest(method, quote(url, safe=_SAFE), dict(headers), body or b"")
    variables = sdk_variables(server)
    credentials = Credentials(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(credentials, "execute-api", server.region).add_auth(request)
    return [(name, request.headers[name]) for name in ("Authorization", "X-Amz-Date")]


def call(
    server: Client,
    api: Api,
    stage_path: str,
    method: str,
    target: str,
    headers: Sequence[tuple[str, str]],
    body: bytes | None,
) -> Exchange:
    """Ask the API. `stage_path` is what stands before the target: "" or `/` and the stage."""
    path = f"{stage_path}{target if target.startswith('/') else '/' + target}"
    sent = {"Host": host_of(server, api)}
    names = {name.lower() for name, _ in headers}
    if body is not None and "content-type" not in names:
        sent["Content-Type"] = "application/json" if is_json(body) else "text/plain"
    for name, value in headers:
        # What has a name twice is joined, as it would be on its way.
        sent[name] = f"{sent[name]}, {value}" if name in sent and name != "Host" else value
    return server.exchange(method, quote(path, safe=_SAFE), body, sent, _SECONDS_MAX)


def is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def document_of(answer: Exchange, url: str, milliseconds: int) -> dict[str, Any]:
    """An answer as one JSON document; what is not text is base64 in `body_base64`."""
    headers: dict[str, Any] = {}
    for name, value in answer.headers:
        name = name.lower()
        headers[name] = [*_many(headers[name]), value] if name in headers else value
    shown = {"url": url, "status": answer.status, "milliseconds": milliseconds, "headers": headers}
    try:
        text = answer.body.decode()
    except UnicodeDecodeError:
        return {**shown, "body_base64": base64.b64encode(answer.body).decode()}
    return {**shown, "body": orjson.loads(text) if is_json(answer.body) else text}


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def tell(out: Output, answer: Exchange, milliseconds: int) -> None:
    """Status and headers on stderr, the body alone on stdout, so that it can be piped."""
    kind = "good" if answer.status < 300 else "warn" if answer.status < 400 else "bad"
    status = f"{answer.status} {answer.reason}".strip()
    out.note(f"{out.paint(status, kind)} {out.paint(f'({milliseconds} ms)', 'dim')}")
    for name, value in answer.headers:
        out.note(f"{out.paint(name, 'name')}: {value}")
    out.note("")
    body = answer.body
    if not body:
        return
    if out.is_terminal and is_json(body):
        out.say(orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode())
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(body)
    if out.is_terminal and not body.endswith(b"\n"):
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()


def hint(api: Api, called: str, answer: Exchange, key: Key | None = None) -> str:
    """What to do about an answer that says little, "" for others. `called` is what the user calls the API."""
    if answer.status == 403 and b"Missing Authentication Token" in answer.body:
        return f"The stage has no such route (fogline api routes {called}), or it asks IAM: --sign"
    if answer.status == 404 and api.kind != REST and b"Not Found" in answer.body:
        return f"The stage has no such route: fogline api routes {called}"
    if answer.status == 403 and answer.body == b'{"message":"Forbidden"}':
        if key is not None and key.names:
            return f"No API key here is called '{key.value}'. There are: {', '.join(key.names)}"
        if key is not None and api.kind != HTTP:
            return (
                "An API key counts where a usage plan joins it to the stage, while it is enabled."
            )
        return (
            "Does it want an API key, or a signature? --key NAME sends the one, --sign the other."
        )
    if answer.status in (500, 502) and b"nternal" in answer.body:
        return f"Look what happened: fogline api logs {called}, fogline logs"
    return ""
