"""Times by a picture (XPath's fn:format-dateTime), written and read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from fogline.aws.jsonata.errors import EvaluationFailed
from fogline.aws.jsonata.functions.integers import (
    IntegerFormat,
    formatted,
    parse_format,
    read,
    regex_of,
)
from fogline.aws.jsonata.values import MISSING

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_DEFAULTS = dict.fromkeys("YMDdWwXxHhf", "1") | dict.fromkeys("FPCE", "n")
_DEFAULTS |= {"m": "01", "s": "01", "Z": "01:01", "z": "01:01"}
_NAMED = "MxFP"
_WIDTH_MAX = 100
_PICTURE_MAX = 1_000


class Marker(NamedTuple):
    component: str
    presentation: str
    names: str
    """n, N or Nn where it is written as a word."""
    form: IntegerFormat | None
    least: int
    most: int
    is_zulu: bool


def _markers(picture: str) -> list[str | Marker]:
    if len(picture) > _PICTURE_MAX:
        raise EvaluationFailed("D3137", "The picture is too long")
    parts: list[str | Marker] = []
    if picture.rfind("[") > picture.rfind("]") and not picture.endswith("[["):
        raise EvaluationFailed("D3135")
    at = 0
    while at < len(picture):
        start = picture.find("[", at)
        if start < 0:
            parts.append(picture[at:].replace("]]", "]"))
            break
        if start > at:
            parts.append(picture[at:start].replace("]]", "]"))
        if picture.startswith("[[", start):
            parts.append("[")
            at = start + 2
            continue
        end = picture.find("]", start)
        if end < 0:
            raise EvaluationFailed("D3135")
        parts.append(_marker("".join(picture[start + 1 : end].split())))
        at = end + 1
    return parts


def _marker(text: str) -> Marker:
    component = text[:1]
    if component not in _DEFAULTS:
        raise EvaluationFailed("D3132", value=component)
    presentation, comma, width = text[1:].rpartition(",")
    if not comma:
        presentation, width = text[1:], ""
    low, _, high = width.partition("-")
    least, most = _width(low, 0), _width(high, _WIDTH_MAX)
    is_zulu = False
    if len(presentation) > 1 and presentation[-1] in "atco":
        is_zulu = presentation[-1] == "t"
        suffix = ";o" if presentation[-1] == "o" else ""
        presentation = presentation[:-1] + suffix
    presentation = presentation or _DEFAULTS[component]
    names = presentation if presentation in ("n", "N", "Nn") else ""
    if names and component not in _NAMED + "CEZz":
        raise EvaluationFailed("D3133", value=component)
    form = None
    if not names and component not in "CEPzZ":
        form = parse_format(presentation)
        if component == "Y" and most == _WIDTH_MAX and form.kind == "digits":
            digits = sum(c.isdigit() or c == "#" for c in presentation)
            most = max(digits, least) if max(digits, least) >= 2 else _WIDTH_MAX
        if least > 1 and form.kind == "digits":
            form = form._replace(digits_least=max(least, form.digits_least))
        if component == "Y" and most < _WIDTH_MAX:
            form = form._replace(digits_least=most)
    elif component in "Zz" and not names:
        form = parse_format(presentation)
    return Marker(component, presentation, names, form, least, most, is_zulu)


def _width(text: str, otherwise: int) -> int:
    return min(int(text), _WIDTH_MAX) if text.isdecimal() and len(text) < 4 else otherwise


# ---- writing


def format_time(moment: datetime, offset: int, picture: str) -> str:
    return "".join(
        part if isinstance(part, str) else _written(part, moment, offset)
        for part in _markers(picture)
    )


def _written(marker: Marker, moment: datetime, offset: int) -> str:
    component = marker.component
    if component in "Zz":
        return _zone(marker, offset)
    if component in "CE":
        return "ISO"
    if component == "P":
        text = "am" if moment.hour < 12 else "pm"
        return text.upper() if marker.names == "N" else text
    value = _COMPONENTS[component](moment)
    if marker.names:
        name = _DAYS[value - 1] if component == "F" else _MONTHS[value - 1]
        name = {"n": name.lower(), "N": name.upper()}.get(marker.names, name)
        return name[: marker.most] if marker.most < _WIDTH_MAX else name
    assert marker.form is not None
    if component == "Y" and marker.most < _WIDTH_MAX and marker.form.kind == "digits":
        value %= 10**marker.most
    if component == "f":
        digits = max(1, len(marker.presentation))
        text = f"{moment.microsecond // 1000:03d}"
        return text[:digits] if digits < 3 else text.ljust(min(digits, _WIDTH_MAX), "0")
    return formatted(value, marker.form)


def _zone(marker: Marker, offset: int) -> str:
    if marker.is_zulu and offset == 0:
        return "Z"
    hours, minutes = divmod(abs(offset), 60)
    sign = "-" if offset < 0 else "+"
    form = marker.form or parse_format("01:01")
    digits = sum(c.isdigit() for c in marker.presentation)
    if form.separators:
        text = formatted(hours * 100 + minutes, form)
    elif digits in (1, 2):
        text = formatted(hours, form) + (f":{minutes:02d}" if minutes else "")
    elif digits in (3, 4):
        text = formatted(hours * 100 + minutes, form)
    else:
        raise EvaluationFailed("D3134")
    return ("GMT" if marker.component == "z" else "") + sign + text


def _week_of_month(moment: datetime) -> tuple[int, int]:
    """The month and the week: a week belongs to the month that holds its Thursday."""
    thursday = moment.date() + timedelta(days=3 - moment.weekday())
    return thursday.month, (thursday.day - 1) // 7 + 1


_COMPONENTS: dict[str, Callable[[datetime], int]] = {
    "Y": lambda moment: moment.year,
    "M": lambda moment: moment.month,
    "D": lambda moment: moment.day,
    "d": lambda moment: moment.timetuple().tm_yday,
    "F": lambda moment: moment.isoweekday(),
    "W": lambda moment: moment.isocalendar().week,
    "X": lambda moment: moment.isocalendar().year,
    "w": lambda moment: _week_of_month(moment)[1],
    "x": lambda moment: _week_of_month(moment)[0],
    "H": lambda moment: moment.hour,
    "h": lambda moment: moment.hour % 12 or 12,
    "m": lambda moment: moment.minute,
    "s": lambda moment: moment.second,
    "f": lambda moment: moment.microsecond // 1000,
}


# ---- reading


def parse_time(text: str, picture: str, now: datetime) -> object:
    """Milliseconds since the epoch; MISSING where the text does not fit the picture."""
    parts = _markers(picture)
    found: dict[str, int] = {}
    at = 0
    for place, part in enumerate(parts):
        if isinstance(part, str):
            if text[at : at + len(part)].lower() != part.lower():
                return MISSING
            at += len(part)
            continue
        following = parts[place + 1] if place + 1 < len(parts) else ""
        is_followed_by_digits = isinstance(following, Marker) and following.form is not None
        taken = _taken(part, text, at, is_followed_by_digits)
        if taken is None:
            return MISSING
        found[part.component], at = taken
    return _assembled(found, now) if at == len(text) else MISSING


def _taken(marker: Marker, text: str, at: int, is_exact: bool) -> tuple[int, int] | None:
    component = marker.component
    if component in "Zz":
        return _taken_zone(text, at)
    if component == "P":
        word = text[at : at + 2].lower()
        return (int(word == "pm"), at + 2) if word in ("am", "pm") else None
    if marker.names:
        return _taken_name(marker, text, at)
    assert marker.form is not None
    pattern = regex_of(marker.form)
    digits = marker.form.digits_least
    if marker.form.kind == "digits" and is_exact and digits > 1:
        pattern = pattern[: pattern.rindex("+")] + f"{{{min(digits, 20)}}}"
    match = re.compile(pattern, re.IGNORECASE).match(text, at)
    if not match:
        return None
    if component == "f":
        return int(match.group()[:3].ljust(3, "0")), match.end()
    if marker.form.kind == "words":
        return _taken_words(marker.form, text, at, match.end())
    return read(match.group(), marker.form), match.end()


def _taken_words(form: IntegerFormat, text: str, at: int, end: int) -> tuple[int, int] | None:
    """As many words as mean a number together."""
    words = list(re.finditer("[a-zA-Z]+", text[at : min(end, at + 500)]))
    best = None
    for word in words:
        try:
            best = read(text[at : at + word.end()], form), at + word.end()
        except EvaluationFailed:
            break
    return best


def _taken_name(marker: Marker, text: str, at: int) -> tuple[int, int] | None:
    names = _DAYS if marker.component == "F" else _MONTHS
    for value, name in enumerate(names, 1):
        written = name[: marker.most].lower()
        if text[at : at + len(written)].lower() == written:
            return value, at + len(written)
    return None


def _taken_zone(text: str, at: int) -> tuple[int, int] | None:
    if text[at : at + 1] == "Z":
        return 0, at + 1
    match = re.compile("(?:GMT)?([+-])([0-9]{1,2}):?([0-9]{2})?").match(text, at)
    if not match:
        return None
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    return (-minutes if match[1] == "-" else minutes), match.end()


def _assembled(found: dict[str, int], now: datetime) -> object:
    if not found:
        return MISSING
    if "W" in found or "w" in found or "X" in found or "x" in found:
        raise EvaluationFailed("D3136")
    if "h" in found and "P" in found:
        found["H"] = found["h"] % 12 + 12 * found["P"]
    elif "h" in found:
        found["H"] = found["h"] % 12
    present = {"Y": now.year, "M": now.month, "D": now.day, "d": now.timetuple().tm_yday}
    order = "YdHmsf" if "d" in found and "M" not in found and "D" not in found else "YMDHmsf"
    has_begun = has_ended = False
    for component in order:
        if component in found:
            has_begun = True
            if has_ended:
                raise EvaluationFailed("D3136")
        elif has_begun:
            found[component] = 1 if component in "MDd" else 0
            has_ended = True
        else:
            found[component] = present.get(component, 0)
    return _millis(found, "d" in order)


def _millis(found: dict[str, int], is_day_of_year: bool) -> object:
    try:
        month = 1 if is_day_of_year else found["M"]
        first = date(found["Y"] + (month - 1) // 12, (month - 1) % 12 + 1, 1)
        days = (found["d"] if is_day_of_year else found["D"]) - 1
        midnight = datetime(first.year, first.month, 1, tzinfo=UTC) + timedelta(days=days)
        moment = midnight + timedelta(
            hours=found["H"],
            minutes=found["m"] - found.get("Z", found.get("z", 0)),
            seconds=found["s"],
            milliseconds=found["f"],
        )
    except (ValueError, OverflowError):
        return MISSING
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
