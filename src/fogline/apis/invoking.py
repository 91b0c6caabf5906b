"""Invoking: what rules and pipes send to an API here, as the request that its own clients would make."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from fogline.aws.arn import Arn, find_arn
from fogline.aws.call import Trace
from fogline.aws.http_parameters import filled_path
from fogline.background.outgoing import Answer, OutgoingFailed
from fogline.background.supervisor import Run
from fogline.ports.api_destinations import CallRefused
from fogline.ports.apis import ApiCall
from fogline.ports.http import Endpoint, HttpRequest, request_from_inside, whole_body

_ANY = "*"
_ANY_IS = "POST"
"""What a method of `*` is called with."""
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", _ANY})
_DEFAULT_STAGE = "$default"
_API = re.compile(r"[a-z0-9]{1,64}")
_IN_PATHS = "/-._~!$&'()*+,;=:@%"
_ANSWER_BYTES_MAX = 6_291_456
"""An enrichment's answer has at most 6 MB: https://docs.aws.amazon.com/eventbridge/latest/userguide/pipes-enrichment.html"""
_OWN_HEADERS = (
    ("Content-Type", "application/json"),
    ("User-Agent", "Amazon/EventBridge/ApiGateway"),
)
_REFUSED_HEADERS = re.compile(
    r"authorization|connection|content-(?:encoding|length)|host|max-forwards|te|trailer|transfer-encoding|upgrade|via"
    r"|www-authenticate|x-forwarded-for|x-amzn?.*",
    re.IGNORECASE,
)
"""Which AWS lets no target set, and leaves out here."""
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Method(NamedTuple):
    """What an ARN names: a method of an API in a stage. The path begins with a slash and may hold `*`."""

    api: str
    region: str
    stage: str
    name: str
    path: str


def find_method(arn: Arn | None) -> Method | None:
    """The method, or None for an ARN that names none."""
    if arn is None or arn.service != "execute-api" or not arn.region:
        return None
    parts = arn.resource.split("/", 3)
    if len(parts) < 3 or not _API.fullmatch(parts[0]) or not parts[1]:
        return None
    if parts[2] not in _METHODS:
        return None
    path = parts[3] if len(parts) == 4 else ""
    return Method(parts[0], arn.region, parts[1], parts[2], f"/{path}")


class Invoking:
    """Answers `ports/apis.py`."""

    def __init__(
        self,
        find_endpoint: Callable[[str, str], Endpoint | None],
        endpoint: Callable[[], str],
        run: Run,
    ) -> None:
        """`find_endpoint` knows who answers a host and path, `endpoint` our own address."""
        self._find_endpoint = find_endpoint
        self._endpoint = endpoint
        self._run = run

    async def call(self, call: ApiCall) -> Answer:
        method = find_method(find_arn(call.arn))
        if method is None:
            raise CallRefused(
                f"{call.arn} is not the ARN of a method of an API",
                code="INVALID_PARAMETER",
                is_lasting=True,
            )
        name = f"{method.api}.execute-api.{method.region}.localhost"
        try:
            request = self._request(call, method, name)
        except UnicodeEncodeError as unwritable:
            raise CallRefused(
                f"A parameter can't be written: {unwritable}",
                code="INVALID_PARAMETER",
                is_lasting=True,
            ) from None
        endpoint = self._find_endpoint(name, request.path)
        if endpoint is None:
            raise OutgoingFailed("Nobody answers for APIs here")
        outcome: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        # Who does not wait any longer stops nobody: a function goes on, as on AWS.
        self._run(_answer(endpoint, request, call.trace, outcome), f"call of {call.arn}")
        try:
            async with asyncio.timeout(call.timeout_seconds):
                return await outcome
        except TimeoutError:
            raise OutgoingFailed(
                f"no answer within {call.timeout_seconds:g} s", is_timeout=True
            ) from None

    def _request(self, call: ApiCall, method: Method, name: str) -> HttpRequest:
        port = urlsplit(self._endpoint()).port
        account = (find_arn(call.source_arn) or Arn("", "", "", "", "")).account
        body = b"" if method.name in ("GET", "HEAD") else call.body
        fields = [
            ("Host", f"{name}:{port}" if port else name),
            ("X-Amz-Source-Arn", call.source_arn),
            ("X-Amz-Source-Account", account),
            *_headers(call.http_parameters.get("HeaderParameters") or {}),
        ]
        verb = _ANY_IS if method.name == _ANY else method.name
        target = _target(method, call.http_parameters)
        return request_from_inside(verb, target, fields, body, call.caller)


async def _answer(
    endpoint: Endpoint, request: HttpRequest, trace: Trace, outcome: asyncio.Future[Answer]
) -> None:
    try:
        response = await endpoint.answer(request, trace)
        body = await whole_body(response, _ANSWER_BYTES_MAX)
    except Exception as failed:
        if outcome.done():
            raise
        outcome.set_exception(failed)
        return
    if not outcome.done():
        headers = {name.lower(): value for name, value in response.headers}
        outcome.set_result(Answer(response.status, headers, body, tuple(response.headers)))


def _target(method: Method, parameters: Mapping[str, Any]) -> str:
    path = quote(method.path, safe=_IN_PATHS)
    path = filled_path(path, parameters.get("PathParameterValues") or ())
    if method.stage != _DEFAULT_STAGE:
        path = f"/{quote(method.stage, safe='$')}{path}"
    if not path.endswith("/"):
        # Recorded from AWS: whatever the ARN says, its path ends with one.
        path += "/"
    query = "&".join(
        f"{quote(name, safe='')}={quote(value, safe='')}"
        for name, value in (parameters.get("QueryStringParameters") or {}).items()
    )
    return f"{path}?{query}" if query else path


def _headers(given: Mapping[str, str]) -> list[tuple[str, str]]:
    """Our own headers and those that a target sets, which win. Raises CallRefused."""
    wanted = {
        name: value
        for name, value in given.items()
        if _HEADER_NAME.fullmatch(name) and not _REFUSED_HEADERS.fullmatch(name)
    }
    broken = next((name for name, value in wanted.items() if _CONTROL.search(value)), None)
    if broken is not None:
        raise CallRefused(
            f"The value of the header {broken} is not one that a header can have",
            code="INVALID_PARAMETER",
            is_lasting=True,
        )
    named = {name.lower() for name in wanted}
    own = [field for field in _OWN_HEADERS if field[0].lower() not in named]
    return [*own, *wanted.items()]
