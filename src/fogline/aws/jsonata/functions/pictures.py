"""Numbers by a picture (XPath's fn:format-number)."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any, NamedTuple

from fogline.aws.jsonata.errors import EvaluationFailed
from fogline.aws.jsonata.values import number_text

_DEFAULTS = {
    "decimal-separator": ".",
    "grouping-separator": ",",
    "exponent-separator": "e",
    "infinity": "Infinity",
    "minus-sign": "-",
    "NaN": "NaN",
    "percent": "%",
    "per-mille": "\u2030",
    "zero-digit": "0",
    "digit": "#",
    "pattern-separator": ";",
}
_DIGITS_MAX = 400


class _Picture(NamedTuple):
    prefix: str
    suffix: str
    mantissa: str
    integer: str
    fraction: str
    exponent: str | None
    active: str


def format_number(value: int | float, picture: str, options: dict[str, Any]) -> str:
    signs = dict(_DEFAULTS)
    for name, given in options.items():
        if name in signs and type(given) is str and given:
            signs[name] = given
    if len(picture) > _DIGITS_MAX:
        raise EvaluationFailed("D3137", "The picture is too long")
    parts = picture.split(signs["pattern-separator"])
    if len(parts) > 2:
        raise EvaluationFailed("D3080")
    zero = ord(signs["zero-digit"][0])
    family = "".join(chr(zero + n) for n in range(10) if zero + n < 0x110000)
    pictures = [_split(part, signs, family) for part in parts]
    for each in pictures:
        _check(each, signs, family)
    is_negative = value < 0
    chosen = pictures[-1] if is_negative else pictures[0]
    text = _formatted(abs(value), chosen, signs, family)
    sign = signs["minus-sign"] if is_negative and len(pictures) == 1 else ""
    return sign + chosen.prefix + text + chosen.suffix


def _split(part: str, signs: dict[str, str], family: str) -> _Picture:
    active = family + signs["decimal-separator"] + signs["grouping-separator"] + signs["digit"]
    with_exponent = active + signs["exponent-separator"]
    first = next((n for n, c in enumerate(part) if c in with_exponent), len(part))
    # An exponent separator before the first digit is no exponent.
    while first < len(part) and part[first] == signs["exponent-separator"]:
        first += 1
    last = next((n for n in range(len(part) - 1, -1, -1) if part[n] in active), first - 1)
    body = part[first : last + 1]
    place = body.find(signs["exponent-separator"], 1)
    mantissa = body if place < 0 else body[:place]
    exponent = None if place < 0 else body[place + 1 :]
    integer, _, fraction = mantissa.partition(signs["decimal-separator"])
    return _Picture(part[:first], part[last + 1 :], mantissa, integer, fraction, exponent, body)


def _check(picture: _Picture, signs: dict[str, str], family: str) -> None:
    whole = picture.prefix + picture.active + picture.suffix
    decimal, grouping = signs["decimal-separator"], signs["grouping-separator"]
    percent, mille, digit = signs["percent"], signs["per-mille"], signs["digit"]
    integer, fraction = picture.integer, picture.fraction
    is_digit = family.__contains__
    rules = (
        ("D3081", whole.count(decimal) > 1),
        ("D3082", whole.count(percent) > 1),
        ("D3083", whole.count(mille) > 1),
        ("D3084", percent in whole and mille in whole),
        ("D3085", not any(is_digit(c) or c == digit for c in picture.mantissa)),
        (
            "D3086",
            any(
                c not in family and c not in (decimal, grouping, digit, signs["exponent-separator"])
                for c in picture.active
            ),
        ),
        ("D3087", grouping + decimal in whole or decimal + grouping in whole),
        ("D3088", decimal not in picture.mantissa and integer.endswith(grouping)),
        ("D3089", grouping * 2 in whole),
        ("D3090", digit in integer.lstrip(digit + grouping)),
        ("D3091", any(is_digit(c) for c in fraction[fraction.find(digit) :]) and digit in fraction),
        ("D3092", picture.exponent is not None and (percent in whole or mille in whole)),
        (
            "D3093",
            picture.exponent is not None
            and (not picture.exponent or not all(map(is_digit, picture.exponent))),
        ),
    )
    for code, is_broken in rules:
        if is_broken:
            raise EvaluationFailed(code)


def _formatted(value: int | float, picture: _Picture, signs: dict[str, str], family: str) -> str:
    grouping, digit = signs["grouping-separator"], signs["digit"]
    least_integer = sum(c in family for c in picture.integer)
    least_fraction = sum(c in family for c in picture.fraction)
    most_fraction = least_fraction + picture.fraction.count(digit)
    with localcontext() as local:
        local.prec = 1_000
        exact = Decimal(number_text(value))
        scale = least_integer
        if least_integer == 0 and most_fraction == 0:
            if picture.exponent is not None:
                least_fraction = most_fraction = 1
            else:
                least_integer = 1
        if picture.exponent is not None and least_integer == 0 and digit in picture.integer:
            least_integer = 1
        whole = picture.prefix + picture.suffix
        if signs["percent"] in whole:
            exact *= 100
        elif signs["per-mille"] in whole:
            exact *= 1000
        exponent = 0
        if picture.exponent is not None and exact:
            exponent = exact.adjusted() + 1 - scale
            exact = exact.scaleb(-exponent)
        if not least_integer and not least_fraction and not picture.integer:
            least_fraction = 1
        rounded = exact.quantize(Decimal(1).scaleb(-most_fraction), ROUND_HALF_EVEN)
        integer, _, fraction = f"{rounded:f}".partition(".")
    integer = integer.lstrip("0").rjust(least_integer, "0")
    fraction = fraction.rstrip("0").ljust(least_fraction, "0")
    integer = _grouped(integer, _integer_places(picture.integer, grouping), grouping)
    places = [n for n in _fraction_places(picture.fraction, grouping) if n < len(fraction)]
    for place in reversed(places):
        fraction = fraction[:place] + grouping + fraction[place:]
    text = integer + (signs["decimal-separator"] + fraction if fraction else "")
    if picture.exponent is not None:
        size = str(abs(exponent)).rjust(len(picture.exponent), "0")
        text += signs["exponent-separator"] + (signs["minus-sign"] if exponent < 0 else "") + size
    return text.translate({0x30 + n: ord(c) for n, c in enumerate(family)})


def _integer_places(integer: str, grouping: str) -> list[int]:
    """Where separators stand, in digits from the right."""
    places, digits = [], 0
    for letter in reversed(integer):
        if letter == grouping:
            places.append(digits)
        else:
            digits += 1
    return places


def _fraction_places(fraction: str, grouping: str) -> list[int]:
    places, digits = [], 0
    for letter in fraction:
        if letter == grouping:
            places.append(digits)
        else:
            digits += 1
    return places


def _grouped(integer: str, places: list[int], grouping: str) -> str:
    if places and all(place == places[0] * n for n, place in enumerate(places, 1)):
        places = list(range(places[0], len(integer), places[0]))
    for place in reversed(places):
        if 0 < place < len(integer):
            integer = integer[:-place] + grouping + integer[-place:]
    return integer
