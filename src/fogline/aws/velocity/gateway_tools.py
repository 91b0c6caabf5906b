"""`$util`: what API Gateway gives templates for escaping and encoding."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import quote_plus, unquote_plus

import orjson

from fogline.aws.velocity.errors import TemplateFailed
from fogline.aws.velocity.run import Run
from fogline.aws.velocity.values import Method, Object, text_of

_ESCAPED = re.compile(r"['\"\\/\x00-\x1f\x7f]|[^\x00-\x7f]")
_ESCAPES = {
    "'": "\\'", '"': '\\"', "\\": "\\\\", "/": "\\/",
    "\b": "\\b", "\n": "\\n", "\t": "\\t", "\f": "\\f", "\r": "\\r",
}  # fmt: skip
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_CHARACTERS_PER_STEP = 8
"""What is escaped letter by letter costs more than what is copied."""


def _escaped(found: re.Match[str]) -> str:
    letter = found[0]
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    code = ord(letter)
    if code < 0x10000:
        return f"\\u{code:04X}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04X}\\u{0xDC00 + (code & 0x3FF):04X}"


def _escape_javascript(text: str) -> str:
    return _ESCAPED.sub(_escaped, text)


def _url_encode(text: str) -> str:
    return quote_plus(text, safe="*", errors="replace").replace("~", "%7E")


def _url_decode(text: str) -> str:
    return unquote_plus(text, errors="replace")


def _base64_encode(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "replace")).decode()


def _base64_decode(text: str) -> str:
    """As lenient as AWS's: letters of the alphabet for addresses too, and without regard to anything else."""
    letters = _NO_BASE64.sub("", text.replace("-", "+").replace("_", "/"))
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    try:
        decoded = base64.b64decode(letters + "=" * (-len(letters) % 4))
    except binascii.Error as error:
        raise TemplateFailed(f"$util.base64Decode: {error}") from None
    return decoded.decode("utf-8", "replace")


def parse_json(text: str) -> Any:
    """The value that the text spells. Raises ValueError."""
    return orjson.loads(text)


def _parse_json(run: Run, tools: Any, value: Any) -> Any:
    text = text_of(value, run)
    if not text:
        return None
    run.charge(1 + len(text) // _CHARACTERS_PER_STEP)
    try:
        return parse_json(text)
    except ValueError as error:
        raise TemplateFailed(f"$util.parseJson: {error}") from None


def _on_text(change: Callable[[str], str]) -> Method:
    """Null gives the empty text (recorded: test_input_body_formatting)."""

    def call(run: Run, tools: Any, value: Any) -> str:
        text = text_of(value, run)
        run.charge(1 + len(text) // _CHARACTERS_PER_STEP)
        changed = change(text)
        run.charge_text(len(changed))
        return changed

    return call


class Tools(Object):
    """`$util`."""

    __slots__ = ()
    methods: ClassVar[Mapping[str, Method]] = {
        "escapeJavaScript": _on_text(_escape_javascript),
        "parseJson": _parse_json,
        "urlEncode": _on_text(_url_encode),
        "urlDecode": _on_text(_url_decode),
        "base64Encode": _on_text(_base64_encode),
        "base64Decode": _on_text(_base64_decode),
    }
