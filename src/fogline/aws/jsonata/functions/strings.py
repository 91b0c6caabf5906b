"""Functions of texts."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from fogline.aws.jsonata.errors import EvaluationFailed
from fogline.aws.jsonata.values import MISSING, Run, Sequence, text_of

Args = list[Any]


def _string(args: Args, context: Any, run: Run) -> Any:
    value, is_pretty = args
    if type(value) is Sequence and value.is_wrapper:
        value = value[0]
    if value is MISSING:
        return MISSING
    return text_of(value, run, is_pretty is True)


def _substring(args: Args, context: Any, run: Run) -> Any:
    text, start, length = args
    if text is MISSING:
        return MISSING
    start = _whole(start)
    if len(text) + start < 0:
        start = 0
    if length is MISSING:
        return text[start:]
    if length <= 0:
        return ""
    end = start + _whole(length) if start >= 0 else len(text) + start + _whole(length)
    return text[start:end] if start >= 0 else text[len(text) + start : end]


def _whole(value: Any) -> int:
    return 0 if value is MISSING else int(max(-(10**9), min(10**9, value)))


def _substring_before(args: Args, context: Any, run: Run) -> Any:
    text, mark = args
    if text is MISSING:
        return MISSING
    place = text.find("" if mark is MISSING else mark)
    return text[:place] if place >= 0 else text


def _substring_after(args: Args, context: Any, run: Run) -> Any:
    text, mark = args
    if text is MISSING:
        return MISSING
    mark = "" if mark is MISSING else mark
    place = text.find(mark)
    return text[place + len(mark) :] if place >= 0 else text


def _lowercase(args: Args, context: Any, run: Run) -> Any:
    return _charged(args[0], run).lower() if args[0] is not MISSING else MISSING


def _uppercase(args: Args, context: Any, run: Run) -> Any:
    return _charged(args[0], run).upper() if args[0] is not MISSING else MISSING


def _charged(text: str, run: Run) -> str:
    run.charge_text(len(text))
    return text


def _length(args: Args, context: Any, run: Run) -> Any:
    return len(args[0]) if args[0] is not MISSING else MISSING


_BLANKS = re.compile("[ \t\n\r]+")


def _trim(args: Args, context: Any, run: Run) -> Any:
    if args[0] is MISSING:
        return MISSING
    return _BLANKS.sub(" ", _charged(args[0], run)).strip(" ")


def _pad(args: Args, context: Any, run: Run) -> Any:
    text, width, fill = args
    if text is MISSING:
        return MISSING
    fill = " " if fill is MISSING or fill == "" else fill
    missing = abs(_whole(width)) - len(text)
    if missing <= 0:
        return text
    run.charge_text(missing)
    padding = (fill * (missing // len(fill) + 1))[:missing]
    return text + padding if width > 0 else padding + text


def _join(args: Args, context: Any, run: Run) -> Any:
    parts, separator = args
    if parts is MISSING:
        return MISSING
    separator = "" if separator is MISSING else separator
    run.charge_text(sum(map(len, parts)) + len(parts) * (1 + len(separator)))
    return separator.join(parts)


def _base64_encode(args: Args, context: Any, run: Run) -> Any:
    if args[0] is MISSING:
        return MISSING
    text = _charged(args[0], run)
    return base64.b64encode(text.encode()).decode()


def _base64_decode(args: Args, context: Any, run: Run) -> Any:
    if args[0] is MISSING:
        return MISSING
    text = _charged(args[0], run).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise EvaluationFailed("D3137", value="The text is not Base64") from None
    return raw.decode(errors="replace")


_URL_COMPONENT_SAFE = "-_.!~*'()"
_URL_SAFE = _URL_COMPONENT_SAFE + ";,/?:@&=+$#"


def _make_encoder(safe: str) -> Any:
    def encode(args: Args, context: Any, run: Run) -> Any:
        if args[0] is MISSING:
            return MISSING
        run.charge_text(3 * len(args[0]))
        return quote(args[0], safe=safe)

    return encode


_RESERVED = re.compile("%(?:3[Bb]|2[Cc]|2[Ff]|3[Ff]|3[Aa]|40|26|3[Dd]|2[Bb]|24|23)")


def _make_decoder(name: str, keeps_reserved: bool) -> Any:
    def decode(args: Args, context: Any, run: Run) -> Any:
        if args[0] is MISSING:
            return MISSING
        text = _charged(args[0], run)
        if re.search("%(?![0-9A-Fa-f]{2})", text):
            raise EvaluationFailed("D3140", token=name, value=text)
        # `$decodeUrl` leaves alone what could not have been written otherwise.
        guarded = _RESERVED.sub(lambda m: "%25" + m.group()[1:], text) if keeps_reserved else text
        try:
            return unquote_to_bytes(guarded).decode()
        except UnicodeDecodeError:
            raise EvaluationFailed("D3140", token=name, value=text) from None

    return decode


TABLE = {
    "string": ("<x-b?:s>", _string),
    "substring": ("<s-nn?:s>", _substring),
    "substringBefore": ("<s-s:s>", _substring_before),
    "substringAfter": ("<s-s:s>", _substring_after),
    "lowercase": ("<s-:s>", _lowercase),
    "uppercase": ("<s-:s>", _uppercase),
    "length": ("<s-:n>", _length),
    "trim": ("<s-:s>", _trim),
    "pad": ("<s-ns?:s>", _pad),
    "join": ("<a<s>s?:s>", _join),
    "base64encode": ("<s-:s>", _base64_encode),
    "base64decode": ("<s-:s>", _base64_decode),
    "encodeUrlComponent": ("<s-:s>", _make_encoder(_URL_COMPONENT_SAFE)),
    "encodeUrl": ("<s-:s>", _make_encoder(_URL_SAFE)),
    "decodeUrlComponent": ("<s-:s>", _make_decoder("decodeUrlComponent", False)),
    "decodeUrl": ("<s-:s>", _make_decoder("decodeUrl", True)),
}
