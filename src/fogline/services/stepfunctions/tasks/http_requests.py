"""Requests of HTTPS APIs: the parameters of `http:invoke`, checked and made into a call.

https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import orjson

from fogline.aws.states.texts import json_text
from fogline.ports.api_destinations import HttpCall
from fogline.services.stepfunctions.tasks import forms

METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"})
_REQUIRED = ("ApiEndpoint", "Method")
_CONNECTIONS = ("Authentication", "InvocationConfig")
_KNOWN = frozenset(
    {*_REQUIRED, *_CONNECTIONS, "Headers", "QueryParameters", "RequestBody", "Transform"}
)
_FORM = "application/x-www-form-urlencoded"
_RESERVED = re.compile(
    r"a-im|accept-(?:charset|datetime|encoding)|authorization|cache-control|connection"
    r"|content-(?:encoding|md5)|date|expect|forwarded|from|host|http2-settings"
    r"|if-(?:match|modified-since|none-match|range|unmodified-since)|max-forwards|origin|pragma"
    r"|proxy-authorization|range|referer|server|te|trailer|transfer-encoding|upgrade|user-agent|via|warning"
    r"|x-forwarded-.*|x-amzn?-.*",
    re.IGNORECASE,
)
_INVALID = "The value of the field '{name}' has an invalid format"
_MISSING = "The field '{name}' is required but was missing"
_UNSUPPORTED = "The field '{name}' is not supported by Step Functions"


def problems_of(given: Any) -> list[str]:
    """Why no task can be started with these parameters."""
    if not isinstance(given, dict):
        return [_INVALID.format(name="Parameters")]
    problems = [_UNSUPPORTED.format(name=name) for name in given if name not in _KNOWN]
    problems += [_MISSING.format(name=name) for name in _REQUIRED if given.get(name) is None]
    connections = [name for name in _CONNECTIONS if given.get(name) is not None]
    if not connections:
        problems.append(_MISSING.format(name=_CONNECTIONS[0]))
    invalid = [name for name in connections if not _is_connection(given[name])]
    if not problems:
        checks = {
            "ApiEndpoint": _is_endpoint,
            "Method": _is_method,
            "Headers": _are_fields,
            "QueryParameters": _are_fields,
            "Transform": _is_transform,
        }
        invalid += [
            name
            for name, check in checks.items()
            if given.get(name) is not None and not check(given[name])
        ]
        invalid += [
            f"Headers.{name}" for name in given.get("Headers") or () if _RESERVED.fullmatch(name)
        ]
    return problems + [_INVALID.format(name=name) for name in invalid]


def _is_connection(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and list(value) == ["ConnectionArn"]
        and isinstance(value["ConnectionArn"], str)
    )


def _is_endpoint(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_method(value: Any) -> bool:
    return isinstance(value, str) and value in METHODS


def _are_fields(value: Any) -> bool:
    return isinstance(value, dict) and all(
        _is_simple(each) or (isinstance(each, list) and all(map(_is_simple, each)))
        for each in value.values()
    )


def _is_simple(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def _is_transform(value: Any) -> bool:
    if not isinstance(value, dict) or not value.keys() <= {
        "RequestBodyEncoding",
        "RequestEncodingOptions",
    }:
        return False
    options = value.get("RequestEncodingOptions") or {}
    return (
        value.get("RequestBodyEncoding", "NONE") in ("NONE", "URL_ENCODED")
        and isinstance(options, dict)
        and options.keys() <= {"ArrayFormat"}
        and options.get("ArrayFormat", forms.INDICES) in forms.ARRAY_FORMATS
    )


def connection_of(given: Mapping[str, Any]) -> str:
    """The ARN of the connection that authorizes the call."""
    named = given.get("Authentication") or given["InvocationConfig"]
    arn: str = named["ConnectionArn"]
    return arn


def call_of(given: Mapping[str, Any], region: str) -> HttpCall:
    """The call that these parameters describe, its body still JSON: a connection may add to it."""
    body = given.get("RequestBody")
    headers = _fields(given.get("Headers"))
    names = {name.lower() for name, _ in headers}
    if body is not None and "content-type" not in names:
        is_form = array_format_of(given) is not None
        headers.append(("Content-Type", _FORM if is_form else "application/json"))
    # What no definition can change.
    headers.append(("User-Agent", f"Amazon|StepFunctions|HttpInvoke|{region}"))
    headers.append(("Range", "bytes=0-262144"))
    return HttpCall(given["Method"], _url(given), headers, _body(body))


def array_format_of(given: Mapping[str, Any]) -> str | None:
    """How arrays are written where the body is to be a form, None where it stays JSON."""
    transform = given.get("Transform") or {}
    if transform.get("RequestBodyEncoding") != "URL_ENCODED":
        return None
    options = transform.get("RequestEncodingOptions") or {}
    array_format: str = options.get("ArrayFormat", forms.INDICES)
    return array_format


def encoded(body: bytes, array_format: str) -> bytes:
    """A body of JSON as a form. Other bodies are left as they are."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body
    return forms.form_of(value, array_format) if isinstance(value, dict) else body


def _url(given: Mapping[str, Any]) -> str:
    added = [
        f"{quote(name, safe='')}={quote(value, safe='')}"
        for name, value in _fields(given.get("QueryParameters"))
    ]
    endpoint: str = given["ApiEndpoint"]
    parts = urlsplit(endpoint)
    return urlunsplit(parts._replace(query="&".join([*filter(None, [parts.query]), *added])))


def _fields(fields: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    return [
        (name, each if isinstance(each, str) else json_text(each))
        for name, value in (fields or {}).items()
        for each in (value if isinstance(value, list) else [value])
    ]


def _body(value: Any) -> bytes:
    if value is None:
        return b""
    return (value if isinstance(value, str) else json_text(value)).encode("utf-8", "replace")
