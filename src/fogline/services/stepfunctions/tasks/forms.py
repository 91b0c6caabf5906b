"""Forms: a request body of JSON as `application/x-www-form-urlencoded`, for endpoints that read nothing else.

https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html#url-encode-request-body
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

from fogline.aws.states.texts import json_text

INDICES = "INDICES"
ARRAY_FORMATS = (INDICES, "REPEAT", "COMMAS", "BRACKETS")
"""`a[0]=x&a[1]=y`, `a=x&a=y`, `a=x,y` and `a[]=x&a[]=y`."""


def form_of(value: dict[str, Any], array_format: str = INDICES) -> bytes:
    """The form. Members of members are named by brackets: `card[number]=4242`."""
    pairs = (pair for name, each in value.items() for pair in _pairs(name, each, array_format))
    return "&".join(f"{quote_plus(name)}={written}" for name, written in pairs).encode()


def _pairs(name: str, value: Any, array_format: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _pairs(f"{name}[{key}]", each, array_format)
    elif not isinstance(value, list):
        yield name, quote_plus(_text(value))
    elif array_format == "COMMAS":
        yield name, ",".join(quote_plus(_text(each)) for each in value)
    else:
        for index, each in enumerate(value):
            written = {INDICES: f"{name}[{index}]", "BRACKETS": f"{name}[]"}.get(array_format, name)
            yield from _pairs(written, each, array_format)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json_text(value)
