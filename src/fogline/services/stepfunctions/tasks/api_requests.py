"""Requests to users' own APIs: the parameters of `apigateway:invoke`, checked and made into a request.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from fogline.aws.states.texts import json_text

NO_AUTH, IAM_ROLE, RESOURCE_POLICY = AUTH_TYPES = ("NO_AUTH", "IAM_ROLE", "RESOURCE_POLICY")
_METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_METHODS = _METHODS_WITH_BODY | {"GET", "DELETE", "HEAD", "OPTIONS"}
_REQUIRED = ("ApiEndpoint", "Method")
_ENDPOINT = re.compile(r"(?:https?://)?([A-Za-z0-9][A-Za-z0-9.\-]*(?::\d{1,5})?)((?:/[^\s?#]*)?)")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
_RESERVED = re.compile(
    r"authorization|connection|content-(?:length|md5)|expect|host|max-forwards|proxy-authenticate|server|te"
    r"|trailer|transfer-encoding|upgrade|via|www-authenticate|x-forwarded.*|x-amzn?-.*",
    re.IGNORECASE,
)
_RESTAPIS = "restapis/"
"""How the path of an API begins where its host is the platform's own: `localhost:4566/restapis/{api}`."""
_IN_PATHS = "/-._~!$&'()*+,;=:@%"
_INVALID = "The value of the field '{name}' has an invalid format"
_MISSING = "The field '{name}' is required but was missing"
_UNSUPPORTED = "The field '{name}' is not supported by Step Functions"


class ApiRequest(NamedTuple):
    """One request, all of it but who asks. `target` is percent-encoded."""

    method: str
    host: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes


def problems_of(given: Any) -> list[str]:
    """Why no task can be started with these parameters (recorded: test_invoke_with_headers)."""
    if not isinstance(given, dict):
        return [_INVALID.format(name="Parameters")]
    problems = [_UNSUPPORTED.format(name=name) for name in given if name not in _KNOWN]
    problems += [_MISSING.format(name=name) for name in _REQUIRED if given.get(name) is None]
    for name, is_valid in _CHECKS.items():
        value = given.get(name)
        if value is not None and not is_valid(value):
            problems.append(_INVALID.format(name=name))
    headers = given.get("Headers")
    if isinstance(headers, dict):
        problems += [
            _INVALID.format(name=f"Headers.{name}")
            for name in headers
            if _RESERVED.fullmatch(name) or not _HEADER_NAME.fullmatch(name)
        ]
    return problems


def _is_endpoint(value: Any) -> bool:
    return isinstance(value, str) and _ENDPOINT.fullmatch(value) is not None


def _is_method(value: Any) -> bool:
    return isinstance(value, str) and value in _METHODS


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_auth_type(value: Any) -> bool:
    return isinstance(value, str) and value in AUTH_TYPES


def _are_lists(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(each, list) and all(isinstance(one, str | int | float | bool) for one in each)
        for each in value.values()
    )


def _are_safe_lists(value: Any) -> bool:
    return _are_lists(value) and not any(
        isinstance(one, str) and ("\r" in one or "\n" in one or "\0" in one)
        for each in value.values()
        for one in each
    )


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "ApiEndpoint": _is_endpoint,
    "Method": _is_method,
    "Headers": _are_safe_lists,
    "Stage": _is_text,
    "Path": _is_text,
    "QueryParameters": _are_lists,
    "AllowNullValues": lambda value: isinstance(value, bool),
    "AuthType": _is_auth_type,
}
_KNOWN = frozenset({*_CHECKS, "RequestBody"})


def request_of(given: Mapping[str, Any], region: str) -> ApiRequest:
    """The request that these parameters describe."""
    found = _ENDPOINT.fullmatch(given["ApiEndpoint"])
    assert found is not None, "parameters are checked before"
    headers = _fields(given.get("Headers"))
    names = {name.lower() for name, _ in headers}
    body = _body(given)
    if body and "content-type" not in names:
        headers.append(("Content-Type", "application/json"))
    if "user-agent" not in names:
        headers.append(("User-Agent", f"Amazon|StepFunctions|ApiGatewayInvoke|{region}"))
    front, stage = found[2].strip("/"), _part(given.get("Stage"))
    if front.startswith(_RESTAPIS):
        stage += "/_user_request_"
    path = "/" + "/".join(filter(None, (front, stage, _part(given.get("Path")))))
    query = "&".join(
        f"{quote(name, safe='')}={quote(value, safe='')}"
        for name, value in _fields(given.get("QueryParameters"))
    )
    target = quote(path, safe=_IN_PATHS) + (f"?{query}" if query else "")
    return ApiRequest(given["Method"], found[1], target, headers, body)


def _part(value: str | None) -> str:
    return (value or "").lstrip("/")


def _fields(fields: Mapping[str, list[Any]] | None) -> list[tuple[str, str]]:
    return [
        (name, each if isinstance(each, str) else json_text(each))
        for name, values in (fields or {}).items()
        for each in values
    ]


def _body(given: Mapping[str, Any]) -> bytes:
    """The body, for methods that may have one; without what is null in it, unless that is wanted."""
    body = given.get("RequestBody")
    if body is None or given["Method"] not in _METHODS_WITH_BODY:
        return b""
    if isinstance(body, str):
        return body.encode("utf-8", "replace")
    if not given.get("AllowNullValues"):
        body = _without_nulls(body)
    return json_text(body).encode("utf-8", "replace")


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without_nulls(each) for each in value if each is not None]
    return value
