"""Whole numbers in words, letters, Roman numerals and patterns of digits (XPath's fn:format-integer)."""

from __future__ import annotations

import re
from typing import NamedTuple

from fogline.aws.jsonata.errors import EvaluationFailed
from fogline.aws.jsonata.values import number

_SMALL = [
    "Zero",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
    "Thirteen",
    "Fourteen",
    "Fifteen",
    "Sixteen",
    "Seventeen",
    "Eighteen",
    "Nineteen",
]
_TENS = ["Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"]
_GREAT = ["Thousand", "Million", "Billion", "Trillion"]
_ORDINALS = {
    "One": "First",
    "Two": "Second",
    "Three": "Third",
    "Five": "Fifth",
    "Eight": "Eighth",
    "Nine": "Ninth",
    "Twelve": "Twelfth",
}
_ROMAN = list(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
        strict=True,
    )
)
_ZEROS = [
    *(0x30, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66),
    *(0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946),
    *(0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0),
    *(0xA9F0, 0xAA50, 0xABF0, 0xFF10),
]
_WORDS_MAX = 10**15
_ROMAN_MAX = 100_000


class IntegerFormat(NamedTuple):
    kind: str
    """words, letters, roman, digits or sequence (which is not supported)."""
    case: str
    """lower, upper or title."""
    is_ordinal: bool
    zero: int = 0x30
    digits_least: int = 0
    separators: tuple[tuple[int, str], ...] = ()
    """Where they stand, counted in digits from the right."""
    every: int = 0
    """They repeat after so many digits, if not 0."""
    first: str = ""


def parse_format(picture: str) -> IntegerFormat:
    primary, mark, modifier = picture.rpartition(";")
    if not mark:
        primary, modifier = picture, ""
    is_ordinal = modifier.startswith("o")
    named = {
        "A": ("letters", "upper"),
        "a": ("letters", "lower"),
        "I": ("roman", "upper"),
        "i": ("roman", "lower"),
        "W": ("words", "upper"),
        "w": ("words", "lower"),
        "Ww": ("words", "title"),
    }.get(primary)
    if named:
        return IntegerFormat(named[0], named[1], is_ordinal)
    return _digit_pattern(primary, is_ordinal)


def _zero_of(letter: str) -> int:
    return next((zero for zero in _ZEROS if zero <= ord(letter) <= zero + 9), 0)


def _digit_pattern(primary: str, is_ordinal: bool) -> IntegerFormat:
    zero = least = digits = 0
    separators: list[tuple[int, str]] = []
    for letter in reversed(primary):
        family = _zero_of(letter)
        if family:
            least += 1
            digits += 1
            if zero and family != zero:
                raise EvaluationFailed("D3131")
            zero = family
        elif letter == "#":
            digits += 1
        else:
            separators.append((digits, letter))
    if not least:
        return IntegerFormat("sequence", "lower", is_ordinal, first=primary)
    return IntegerFormat(
        "digits", "lower", is_ordinal, zero, least, tuple(separators), _period(separators)
    )


def _period(separators: list[tuple[int, str]]) -> int:
    if not separators or len({letter for _, letter in separators}) > 1:
        return 0
    places = [place for place, _ in separators]
    period = places[0]
    is_regular = all(place == period * n for n, place in enumerate(places, 1))
    return period if is_regular else 0


def format_integer(value: int, picture: str) -> str:
    return formatted(value, parse_format(picture))


def formatted(value: int, form: IntegerFormat) -> str:
    size = abs(value)
    if form.kind == "words":
        text = _in_words(size, form.is_ordinal)
        text = (
            text.upper() if form.case == "upper" else text.lower() if form.case == "lower" else text
        )
    elif form.kind == "letters":
        text = _in_letters(size, "A" if form.case == "upper" else "a")
    elif form.kind == "roman":
        text = _in_roman(size)
        text = text.upper() if form.case == "upper" else text
    elif form.kind == "digits":
        text = _in_digits(size, form)
    else:
        raise EvaluationFailed("D3130", value=form.first)
    return "-" + text if value < 0 else text


def _in_words(value: int, is_ordinal: bool) -> str:
    if value >= _WORDS_MAX:
        head, rest = divmod(value, 10**12)
        text = _in_words(head, False) + " Trillion"
        return _continued(text, rest, is_ordinal)
    if value < 20:
        return _ordinal(_SMALL[value]) if is_ordinal else _SMALL[value]
    if value < 100:
        text = _TENS[value // 10 - 2]
        if value % 10:
            return text + "-" + _in_words(value % 10, is_ordinal)
        return text[:-1] + "ieth" if is_ordinal else text
    if value < 1000:
        return _continued(_SMALL[value // 100] + " Hundred", value % 100, is_ordinal)
    group = (len(str(value)) - 1) // 3
    head, rest = divmod(value, 1000**group)
    return _continued(f"{_in_words(head, False)} {_GREAT[group - 1]}", rest, is_ordinal)


def _continued(text: str, rest: int, is_ordinal: bool) -> str:
    if not rest:
        return text + "th" if is_ordinal else text
    return text + (" and " if rest < 100 else ", ") + _in_words(rest, is_ordinal)


def _ordinal(word: str) -> str:
    return _ORDINALS.get(word, word + "th")


def _in_letters(value: int, first: str) -> str:
    letters = ""
    while value > 0:
        value, place = divmod(value - 1, 26)
        letters = chr(ord(first) + place) + letters
    return letters


def _in_roman(value: int) -> str:
    if value > _ROMAN_MAX:
        raise EvaluationFailed("D3137", "The number is too large for Roman numerals")
    text = ""
    for size, letters in _ROMAN:
        count, value = divmod(value, size)
        text += letters * count
    return text


def _in_digits(value: int, form: IntegerFormat) -> str:
    digits = str(value).rjust(form.digits_least, "0")
    suffix = _ordinal_suffix(digits) if form.is_ordinal else ""
    digits = digits.translate({0x30 + n: form.zero + n for n in range(10)})
    if form.every:
        letter = form.separators[0][1]
        places = [(n, letter) for n in range(form.every, len(digits), form.every)]
    else:
        places = list(form.separators)
    for place, letter in reversed(places):
        if 0 < place < len(digits):
            digits = digits[:-place] + letter + digits[-place:]
    return digits + suffix


def _ordinal_suffix(digits: str) -> str:
    if digits[-2:-1] == "1":
        return "th"
    return {"1": "st", "2": "nd", "3": "rd"}.get(digits[-1], "th")


# ---- reading


def parse_integer(text: str, picture: str) -> int | float:
    form = parse_format(picture)
    found = re.fullmatch(regex_of(form), text, re.IGNORECASE if form.kind == "words" else 0)
    if not found:
        raise EvaluationFailed("D3137", f"The text does not match the picture {picture[:50]}")
    return number(read(text, form))


def regex_of(form: IntegerFormat) -> str:
    """What such a number looks like; one repetition of simple letters, so it is found in one pass."""
    if form.kind == "letters":
        return "[A-Z]+" if form.case == "upper" else "[a-z]+"
    if form.kind == "roman":
        return "[MDCLXVI]*" if form.case == "upper" else "[mdclxvi]*"
    if form.kind == "words":
        return "[a-zA-Z, -]+"
    if form.kind == "sequence":
        raise EvaluationFailed("D3130", value=form.first)
    letters = "".join(re.escape(letter) for _, letter in form.separators)
    digits = f"[{chr(form.zero)}-{chr(form.zero + 9)}{letters}]+"
    return digits + "(?:th|st|nd|rd)" if form.is_ordinal else digits


def read(text: str, form: IntegerFormat) -> int:
    if form.kind == "letters":
        total = 0
        for letter in text.upper()[:200]:
            total = total * 26 + ord(letter) - 64
        return total
    if form.kind == "roman":
        return _from_roman(text.lower())
    if form.kind == "words":
        return _from_words(text.lower())
    digits = "".join(chr(ord(c) - form.zero + 0x30) for c in text if _zero_of(c) == form.zero)
    return int(digits[:400] or "0")


def _from_roman(text: str) -> int:
    values = [{"m": 1000, "d": 500, "c": 100, "l": 50, "x": 10, "v": 5, "i": 1}[c] for c in text]
    total = 0
    for value, after in zip(values, [*values[1:], 0], strict=False):
        total += -value if value < after else value
    return total


_VALUES = {
    **{word.lower(): value for value, word in enumerate(_SMALL)},
    **{_ordinal(word).lower(): value for value, word in enumerate(_SMALL)},
    **{word.lower(): 20 + 10 * n for n, word in enumerate(_TENS)},
    **{word.lower()[:-1] + "ieth": 20 + 10 * n for n, word in enumerate(_TENS)},
}
_FACTORS = {
    **{word.lower(): 1000**n for n, word in enumerate(_GREAT, 1)},
    **{word.lower() + "th": 1000**n for n, word in enumerate(_GREAT, 1)},
}


def _from_words(text: str) -> int:
    total = group = 0
    for word in re.split("[, -]+", text[:2_000]):
        if word in _VALUES:
            group += _VALUES[word]
        elif word in ("hundred", "hundredth"):
            group *= 100
        elif word in _FACTORS:
            factor = _FACTORS[word]
            # "Thousand Trillion": a great word after a great word takes all that was before it.
            if group:
                total += group * factor
            else:
                total *= factor
            group = 0
        elif word not in ("and", ""):
            raise EvaluationFailed("D3137", f"{word[:50]} is no number")
    return total + group
