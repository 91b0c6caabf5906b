"""Numbers: 38 significant digits, from 1E-130 to 9.99E+125, in the one text form that is stored."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal

from fogline.services.dynamodb.errors import ValidationException

_DIGITS_MAX = 38
_MAGNITUDE_MAX = 125
_MAGNITUDE_MIN = -130
_INTEGER_MAX = 10**_DIGITS_MAX
_EXPONENT_DIGITS_MAX = 9

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?)([0-9]+))?")

# Wide enough to add the largest and the smallest number exactly; the result is rounded afterwards.
_EXACT = Context(prec=300, Emax=999_999, Emin=-999_999)
_ROUNDED = Context(prec=_DIGITS_MAX, rounding=ROUND_HALF_EVEN, Emax=999_999, Emin=-999_999)


def normalised(text: str) -> str:
    """The text DynamoDB returns for a number: no exponent, no sign of plus, no needless zeros."""
    if (
        len(text) <= _DIGITS_MAX
        and text.isdecimal()
        and text.isascii()
        and (text[0] != "0" or text == "0")
    ):
        return text
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ValidationException(f"The parameter cannot be converted to a numeric value: {text}")
    sign, exponent = found.groups()
    if exponent is not None and len(exponent.lstrip("0")) > _EXPONENT_DIGITS_MAX:
        if not text.lower().partition("e")[0].strip("+-0."):
            return "0"
        raise _underflow() if sign == "-" else _overflow()
    return _plain(Decimal(text))


def _plain(number: Decimal) -> str:
    """The normal form of a finite number, once its digits and its magnitude are found fit."""
    if not number:
        return "0"
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    if len(digits) > _DIGITS_MAX:
        raise ValidationException("Attempting to store more than 38 significant digits in a Number")
    magnitude = number.adjusted()
    if magnitude > _MAGNITUDE_MAX:
        raise _overflow()
    if magnitude < _MAGNITUDE_MIN:
        raise _underflow()
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _overflow() -> ValidationException:
    return ValidationException(
        "Number overflow. Attempting to store a number with magnitude larger than supported range"
    )


def _underflow() -> ValidationException:
    return ValidationException(
        "Number underflow. Attempting to store a number with magnitude smaller than supported range"
    )


def number(text: str) -> int | Decimal:
    """A normal number as a value that Python can compare; whole numbers are the faster kind."""
    try:
        return int(text)
    except ValueError:
        return Decimal(text)


def plus(left: str, right: str) -> str:
    """The sum of two normal numbers, rounded to 38 digits."""
    try:
        total = int(left) + int(right)
    except ValueError:
        pass
    else:
        if -_INTEGER_MAX < total < _INTEGER_MAX:
            return str(total)
    return _plain(_ROUNDED.plus(_EXACT.add(Decimal(left), Decimal(right))))


def minus(left: str, right: str) -> str:
    """The difference of two normal numbers, rounded to 38 digits."""
    return plus(left, negated(right))


def negated(text: str) -> str:
    """The normal number of the other sign."""
    if text == "0":
        return text
    return text[1:] if text[0] == "-" else "-" + text


def stored_bytes(text: str) -> int:
    """How much of an item's size a normal number takes: a byte for two digits, and one or two more."""
    digits = text.replace(".", "").strip("-").strip("0")
    if not digits:
        return 1
    return (len(digits) + 1) // 2 + (2 if text[0] == "-" else 1)


def ordered(text: str) -> bytes:
    """Bytes that sort as the normal numbers they stand for.

    A byte for the sign, one for the magnitude, then two digits to a byte. What is negative is
    turned over bit by bit and ended by 0xFF, so that a longer one sorts before its prefix.
    """
    if text == "0":
        return b"\x80"
    is_negative = text[0] == "-"
    whole, _, fraction = (text[1:] if is_negative else text).partition(".")
    whole = whole.lstrip("0")
    if whole:
        exponent = len(whole)
        digits = (whole + fraction).rstrip("0")
    else:
        digits = fraction.lstrip("0")
        exponent = len(digits) - len(fraction)
    if len(digits) % 2:
        digits += "0"
    pairs = bytes([exponent + 129, *(int(digits[at : at + 2]) for at in range(0, len(digits), 2))])
    if is_negative:
        return b"\x7f" + bytes(255 - byte for byte in pairs) + b"\xff"
    return b"\x81" + pairs
