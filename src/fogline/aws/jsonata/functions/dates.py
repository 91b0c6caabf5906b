"""Functions of time; the present is handed in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from fogline.aws.jsonata.errors import EvaluationFailed
from fogline.aws.jsonata.functions.date_pictures import format_time, parse_time
from fogline.aws.jsonata.values import MISSING, Run

Args = list[Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(
    r"([0-9]{4})(?:-([01][0-9]))?(?:-([0-3][0-9]))?"
    r"(?:T([0-2][0-9]):([0-5][0-9]):([0-5][0-9]))?(?:\.([0-9]{1,30}))?"
    r"(Z|[+-][0-2][0-9]:?[0-5][0-9])?"
)
_ISO_PICTURE = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]"


def _now(args: Args, context: Any, run: Run) -> Any:
    return _from_millis([run.now, *args], context, run)


def _millis(args: Args, context: Any, run: Run) -> Any:
    return run.now


def _from_millis(args: Args, context: Any, run: Run) -> Any:
    millis, picture, zone = args
    if millis is MISSING:
        return MISSING
    picture = _ISO_PICTURE if picture is MISSING else picture
    run.charge_text(20 * len(picture))
    offset = 0 if zone is MISSING else _offset(zone)
    try:
        moment = EPOCH + timedelta(milliseconds=int(millis), minutes=offset)
    except (OverflowError, ValueError):
        raise EvaluationFailed("D3137", value="The time is out of range") from None
    return format_time(moment, offset, picture)


def _offset(zone: str) -> int:
    found = re.fullmatch("([+-]?)([0-9]{1,2})([0-9]{2})", zone.replace(":", ""))
    if not found:
        return 0
    minutes = int(found[2]) * 60 + int(found[3])
    return -minutes if found[1] == "-" else minutes


def _to_millis(args: Args, context: Any, run: Run) -> Any:
    text, picture = args
    if text is MISSING:
        return MISSING
    run.charge_text(20 * len(text))
    if picture is not MISSING:
        run.charge_text(20 * len(picture))
        return parse_time(text, picture, EPOCH + timedelta(milliseconds=run.now))
    found = _ISO.fullmatch(text)
    if not found:
        raise EvaluationFailed("D3110", value=text)
    year, month, day = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    hour, minute, second = (int(found[n] or 0) for n in (4, 5, 6))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise EvaluationFailed("D3110", value=text) from None
    millis = (moment - EPOCH) // timedelta(milliseconds=1)
    millis += int((found[7] or "0").ljust(3, "0")[:3])
    zone = found[8] or "Z"
    return millis - (0 if zone == "Z" else _offset(zone) * 60_000)


TABLE = {
    "now": ("<s?s?:s>", _now),
    "millis": ("<:n>", _millis),
    "fromMillis": ("<n-s?s?:s>", _from_millis),
    "toMillis": ("<s-s?:n>", _to_millis),
}
