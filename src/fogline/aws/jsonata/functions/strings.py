"""Functions of texts."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from fogline.aws.jsonata.errors import EvaluationFailed
from fogline.aws.jsonata.values import MISSING, Function, Run, Sequence, is_number, text_of

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


def _contains(args: Args, context: Any, run: Run) -> Any:
    text, token = args
    if text is MISSING:
        return MISSING
    if type(token) is str:
        run.charge_text(len(text))
        return token in text
    return _next_match(token, [text], "contains", run) is not MISSING


def _next_match(matcher: Function, args: Args, name: str, run: Run) -> Any:
    """What a matcher (a regular expression, or a function that behaves like one) finds next."""
    found = matcher.call(args, MISSING, run)
    if found is MISSING:
        return MISSING
    if type(found) is not dict or not (
        is_number(found.get("start"))
        and is_number(found.get("end"))
        and isinstance(found.get("groups"), list)
        and isinstance(found.get("next"), Function)
        and type(found.get("match")) is str
    ):
        raise EvaluationFailed("T1010", token=name)
    return found


def _match(args: Args, context: Any, run: Run) -> Any:
    text, matcher, limit = args
    if text is MISSING:
        return MISSING
    if limit is not MISSING and limit < 0:
        raise EvaluationFailed("D3040", value=limit)
    found = Sequence()
    if limit is not MISSING and limit == 0:
        return found
    match = _next_match(matcher, [text], "match", run)
    while match is not MISSING and (limit is MISSING or len(found) < limit):
        groups = ["" if group is MISSING else group for group in match["groups"]]
        found.append({"match": match["match"], "index": match["start"], "groups": groups})
        match = _next_match(match["next"], [], "match", run)
    return found


def _replace(args: Args, context: Any, run: Run) -> Any:
    text, pattern, replacement, limit = args
    if text is MISSING:
        return MISSING
    if pattern == "":
        raise EvaluationFailed("D3010")
    if limit is not MISSING and limit < 0:
        raise EvaluationFailed("D3011", value=limit)
    if limit is not MISSING and limit == 0:
        return text
    if type(pattern) is str:
        most = -1 if limit is MISSING else _ceiling(limit)
        count = text.count(pattern) if most < 0 else min(most, text.count(pattern))
        if type(replacement) is str:
            run.charge_text(len(text) + count * len(replacement))
            return text.replace(pattern, replacement, most)
        return _replaced_by_function(text, pattern, replacement, count, run)
    return _replaced_matches(text, pattern, replacement, limit, run)


def _ceiling(limit: Any) -> int:
    return int(-(-limit // 1)) if limit < 10**9 else 10**9


def _replaced_by_function(
    text: str, pattern: str, replacement: Function, count: int, run: Run
) -> str:
    pieces = text.split(pattern, count)
    run.charge_text(len(text))
    result = pieces[0]
    for piece in pieces[1:]:
        new = replacement.call([pattern], MISSING, run)
        if type(new) is not str:
            raise EvaluationFailed("D3012", value=new)
        run.charge_text(len(result) + len(new) + len(piece))
        result += new + piece
    return result


def _replaced_matches(text: str, pattern: Function, by: Any, limit: Any, run: Run) -> str:
    pieces: list[str] = []
    at = count = 0
    match = _next_match(pattern, [text], "replace", run)
    while match is not MISSING and (limit is MISSING or count < limit):
        pieces.append(text[at : match["start"]])
        new = _substituted(by, match) if type(by) is str else by.call([match], MISSING, run)
        if type(new) is not str:
            raise EvaluationFailed("D3012", value=new)
        run.charge_text(len(new))
        pieces.append(new)
        at = match["start"] + len(match["match"])
        count += 1
        match = _next_match(match["next"], [], "replace", run)
    run.charge_text(len(text))
    return "".join(pieces) + text[at:]


def _substituted(by: str, match: dict[str, Any]) -> str:
    """`$0`, `$1`, `$$`: a number has as many digits as there are groups to name with it."""
    pieces: list[str] = []
    at = 0
    groups = match["groups"]
    digits_max = len(str(len(groups))) if groups else 1
    while True:
        place = by.find("$", at)
        if place < 0:
            return "".join(pieces) + by[at:]
        pieces.append(by[at:place])
        at = place + 1
        if by[at : at + 1] == "$":
            pieces.append("$")
            at += 1
        elif by[at : at + 1] == "0":
            pieces.append(match["match"])
            at += 1
        else:
            text, at = _group_named(by, at, digits_max, groups)
            pieces.append(text)


def _group_named(by: str, at: int, digits_max: int, groups: list[Any]) -> tuple[str, int]:
    for length in range(digits_max, 0, -1):
        digits = by[at : at + length]
        if len(digits) == length and digits.isascii() and digits.isdecimal():
            index = int(digits)
            if index > len(groups) and length > 1:
                continue
            known = 0 < index <= len(groups) and groups[index - 1] is not MISSING
            return (groups[index - 1] if known else ""), at + length
    return "$", at


def _split(args: Args, context: Any, run: Run) -> Any:
    text, separator, limit = args
    if text is MISSING:
        return MISSING
    if limit is not MISSING and limit < 0:
        raise EvaluationFailed("D3020", value=limit)
    run.charge_text(len(text))
    most = None if limit is MISSING else int(min(limit, 10**9))
    if type(separator) is str:
        run.charge(len(text) if not separator else text.count(separator))
        return (text.split(separator) if separator else list(text))[:most]
    pieces: list[str] = []
    at = 0
    match = _next_match(separator, [text], "split", run)
    while match is not MISSING and (most is None or len(pieces) < most):
        pieces.append(text[at : match["start"]])
        at = match["end"]
        match = _next_match(match["next"], [], "split", run)
    if most is None or len(pieces) < most:
        pieces.append(text[at:])
    return pieces


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
    "match": ("<s-f<s:o>n?:a<o>>", _match),
    "contains": ("<s-(sf):b>", _contains),
    "replace": ("<s-(sf)(sf)n?:s>", _replace),
    "split": ("<s-(sf)n?:a<s>>", _split),
    "join": ("<a<s>s?:s>", _join),
    "base64encode": ("<s-:s>", _base64_encode),
    "base64decode": ("<s-:s>", _base64_decode),
    "encodeUrlComponent": ("<s-:s>", _make_encoder(_URL_COMPONENT_SAFE)),
    "encodeUrl": ("<s-:s>", _make_encoder(_URL_SAFE)),
    "decodeUrlComponent": ("<s-:s>", _make_decoder("decodeUrlComponent", False)),
    "decodeUrl": ("<s-:s>", _make_decoder("decodeUrl", True)),
}
