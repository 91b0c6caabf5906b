"""Functions of numbers."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from fogline.aws.jsonata.errors import EvaluationFailed
from fogline.aws.jsonata.functions.integers import format_integer, parse_integer
from fogline.aws.jsonata.functions.pictures import format_number
from fogline.aws.jsonata.values import MISSING, Run, number, number_text

Args = list[Any]
_WRITTEN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[Ee][-+]?[0-9]+)?")
_PREFIXED = re.compile("0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")
_DIGITS_MAX = 400


def _number(args: Args, context: Any, run: Run) -> Any:
    value = args[0]
    if value is MISSING or type(value) in (int, float):
        return value
    if type(value) is bool:
        return int(value)
    if type(value) is str and len(value) <= _DIGITS_MAX:
        if _WRITTEN.fullmatch(value) and math.isfinite(float(value)):
            return number(float(value))
        if _PREFIXED.fullmatch(value):
            return number(int(value, 0))
    raise EvaluationFailed("D3030", value=value)


def _of_number(work: Any) -> Any:
    def function(args: Args, context: Any, run: Run) -> Any:
        return MISSING if args[0] is MISSING else number(work(args[0]))

    return function


def _round(args: Args, context: Any, run: Run) -> Any:
    value, digits = args
    if value is MISSING:
        return MISSING
    places = 0 if digits is MISSING else max(-400, min(400, int(digits)))
    with localcontext() as local:
        local.prec = 800
        exact = Decimal(number_text(value))
        return number(float(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)))


def _sqrt(args: Args, context: Any, run: Run) -> Any:
    if args[0] is MISSING:
        return MISSING
    if args[0] < 0:
        raise EvaluationFailed("D3060", value=args[0])
    return number(math.sqrt(args[0]))


def _power(args: Args, context: Any, run: Run) -> Any:
    base, exponent = args
    if base is MISSING:
        return MISSING
    try:
        return number(math.pow(base, exponent))
    except (ArithmeticError, ValueError, EvaluationFailed):
        raise EvaluationFailed("D3061", value=base, exp=exponent) from None


def _format_number(args: Args, context: Any, run: Run) -> Any:
    value, picture, options = args
    if value is MISSING:
        return MISSING
    run.charge_text(20 * len(picture))
    return format_number(value, picture, {} if options is MISSING else options)


_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def _format_base(args: Args, context: Any, run: Run) -> Any:
    value, radix = args
    if value is MISSING:
        return MISSING
    base = 10 if radix is MISSING else round(radix)
    if not 2 <= base <= 36:
        raise EvaluationFailed("D3100", value=base)
    left = abs(round(value))
    digits = ""
    while left:
        left, digit = divmod(left, base)
        digits = _DIGITS[digit] + digits
    return ("-" if value < 0 and digits else "") + (digits or "0")


def _format_integer(args: Args, context: Any, run: Run) -> Any:
    value, picture = args
    if value is MISSING:
        return MISSING
    run.charge_text(20 * len(picture))
    return format_integer(int(Decimal(number_text(math.floor(value)))), picture)


def _parse_integer(args: Args, context: Any, run: Run) -> Any:
    text, picture = args
    if text is MISSING:
        return MISSING
    run.charge_text(20 * (len(text) + len(picture)))
    return parse_integer(text, picture)


def _sum(args: Args, context: Any, run: Run) -> Any:
    if args[0] is MISSING:
        return MISSING
    run.charge(len(args[0]))
    total: int | float = 0
    for each in args[0]:
        total = number(total + each)
    return total


def _count(args: Args, context: Any, run: Run) -> Any:
    return 0 if args[0] is MISSING else len(args[0])


def _of_numbers(work: Any) -> Any:
    def function(args: Args, context: Any, run: Run) -> Any:
        if args[0] is MISSING or not args[0]:
            return MISSING
        run.charge(len(args[0]))
        return number(work(args[0]))

    return function


def _average(values: list[Any]) -> int | float:
    try:
        return float(sum(values)) / len(values)
    except OverflowError:
        return math.inf


TABLE = {
    "number": ("<(nsb)-:n>", _number),
    "abs": ("<n-:n>", _of_number(abs)),
    "floor": ("<n-:n>", _of_number(math.floor)),
    "ceil": ("<n-:n>", _of_number(math.ceil)),
    "round": ("<n-n?:n>", _round),
    "sqrt": ("<n-:n>", _sqrt),
    "power": ("<n-n:n>", _power),
    "formatNumber": ("<n-so?:s>", _format_number),
    "formatBase": ("<n-n?:s>", _format_base),
    "formatInteger": ("<n-s:s>", _format_integer),
    "parseInteger": ("<s-s:n>", _parse_integer),
    "sum": ("<a<n>:n>", _sum),
    "count": ("<a:n>", _count),
    "max": ("<a<n>:n>", _of_numbers(max)),
    "min": ("<a<n>:n>", _of_numbers(min)),
    "average": ("<a<n>:n>", _of_numbers(_average)),
}
