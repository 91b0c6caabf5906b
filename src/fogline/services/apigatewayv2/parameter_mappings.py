"""Parameter mappings: what of requests and responses they may change, and where they may take it from.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-data-mapping.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from fogline.services.apigatewayv2.errors import BadRequestException

_NAME = r"[a-zA-Z0-9!#$%&'*+.^_`|~:@\[\]{}-]{1,255}"
_REQUEST = re.compile(
    rf"(?:append|overwrite|remove):(?:header|querystring)\.({_NAME})|overwrite:path"
)
_RESPONSE = re.compile(rf"(?:append|overwrite|remove):header\.({_NAME})|overwrite:statuscode")
_STATUS = re.compile(r"[2-5]\d\d")
_RESERVED = frozenset(
    (
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "content-location",
        "forwarded",
        "keep-alive",
        "origin",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailers",
        "transfer-encoding",
        "upgrade",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "via",
    )
)
_RESERVED_FRONTS = ("access-control-", "apigw-", "x-amz-", "x-amzn-")
_TO_BACKEND = re.compile(rf"integration\.request\.(path|querystring|header)\.{_NAME}")
_FROM_MESSAGE = re.compile(
    rf"(?:route|method)\.request\.(?:path|querystring|header|multivaluequerystring|multivalueheader)\.{_NAME}"
    r"|(?:route|method)\.request\.body(?:\..{1,256}|\[.{1,256})?|context\..{1,256}"
    r"|stageVariables\..{1,256}|'.*'",
    re.DOTALL,
)
_TO_CALLER = re.compile(rf"(?:route|method)\.response\.header\.{_NAME}")
_FROM_BACKEND = re.compile(
    rf"integration\.response\.(?:header|multivalueheader)\.{_NAME}"
    r"|integration\.response\.body(?:\..{1,256}|\[.{1,256})?|context\..{1,256}"
    r"|stageVariables\..{1,256}|'.*'",
    re.DOTALL,
)
_WRAPPED = re.compile(r"\$\{([^{}]*)\}")
_BARE = re.compile(r"\$([a-zA-Z].*)", re.DOTALL)
_SHARED = r"context\..+|stageVariables\..+"
_OF_REQUEST = re.compile(
    r"request\.(?:header|querystring)\..+|request\.path(?:\..+)?|request\.body(?:[.\[].+)?|"
    + _SHARED,
    re.DOTALL,
)
_OF_RESPONSE = re.compile(r"response\.header\..+|response\.body(?:[.\[].+)?|" + _SHARED, re.DOTALL)
_UNSUPPORTED = ("..", "?(")  # recursive descent and filters of paths into a body
_CHARACTERS_MAX = 512


def check_http_request(mappings: Mapping[str, str]) -> None:
    """Raises BadRequestException unless these change the request of an HTTP API on its way to the backend."""
    for name, value in mappings.items():
        found = _REQUEST.fullmatch(name)
        if found is None:
            raise _invalid(f"Invalid Request Actioned Parameter: {name[:_CHARACTERS_MAX]}")
        if ":header." in name:
            _check_header(found[1])
        _check_value(value, _OF_REQUEST)


def check_http_values(parameters: Mapping[str, str]) -> None:
    """Raises BadRequestException unless the values are texts or taken from the request of an HTTP API."""
    for value in parameters.values():
        _check_value(value, _OF_REQUEST)


def check_http_responses(responses: Mapping[str, Mapping[str, str]]) -> None:
    """Raises BadRequestException unless these change responses, by their status, on their way to the caller."""
    for status, mappings in responses.items():
        if _STATUS.fullmatch(status) is None:
            raise BadRequestException(
                f"Invalid status code specified: {status[:64]}. Status codes must be between 200 and 599"
            )
        for name, value in mappings.items():
            found = _RESPONSE.fullmatch(name)
            if found is None:
                raise _invalid(f"Invalid Response Actioned Parameter: {name[:_CHARACTERS_MAX]}")
            if ":header." in name:
                _check_header(found[1])
            _check_value(value, _OF_RESPONSE)


def check_websocket_request(mappings: Mapping[str, str]) -> None:
    """Raises BadRequestException unless these lead from a message to the request of a backend."""
    for name, source in mappings.items():
        if _TO_BACKEND.fullmatch(name) is None:
            raise _unmapped(name)
        if _FROM_MESSAGE.fullmatch(source) is None:
            raise _unmapped(source)


def check_websocket_response(mappings: Mapping[str, str]) -> None:
    """Raises BadRequestException unless these lead from the response of a backend to that of a route."""
    for name, source in mappings.items():
        if _TO_CALLER.fullmatch(name) is None:
            raise _unmapped(name)
        if _FROM_BACKEND.fullmatch(source) is None:
            raise _unmapped(source)


def is_reserved(header: str) -> bool:
    """True for a header that no mapping may change."""
    lowered = header.lower()
    return lowered in _RESERVED or lowered.startswith(_RESERVED_FRONTS)


def _check_header(name: str) -> None:
    if is_reserved(name):
        raise _invalid(f"Operations on header {name} are restricted")


def _check_value(value: str, known: re.Pattern[str]) -> None:
    if len(value) > _CHARACTERS_MAX:
        raise _invalid(f"Parameter values can have at most {_CHARACTERS_MAX} characters")
    bare = _BARE.fullmatch(value)
    # What follows a variable that stands without braces, as in `$request.path/x`, may be text.
    is_known = known.match if bare is not None else known.fullmatch
    for expression in [bare[1]] if bare is not None else _WRAPPED.findall(value):
        if is_known(expression) is None or any(sign in expression for sign in _UNSUPPORTED):
            raise _unmapped(value)


def _unmapped(expression: str) -> BadRequestException:
    return _invalid(f"Invalid mapping expression specified: {expression[:300]}")


def _invalid(told: str) -> BadRequestException:
    return BadRequestException(
        f"Invalid mapping expression specified: Validation Result: warnings : [], errors : [{told}]"
    )
