"""The functions that Step Functions adds, and those that answer with the time or by chance."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

from fogline.aws.jsonata.errors import EvaluationFailed
from fogline.aws.jsonata.values import MISSING, Run, Sequence, number, number_text

Args = list[Any]
_ALGORITHMS = {"MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"}


def _partition(args: Args, context: Any, run: Run) -> Any:
    items, size = args
    if items is MISSING:
        return MISSING
    if size is MISSING or size < 1:
        raise EvaluationFailed("D3137", "The size of $partition must be a positive integer")
    width = math.floor(min(size, 10**9))
    run.charge(len(items))
    return [items[at : at + width] for at in range(0, len(items), width)]


def _range(args: Args, context: Any, run: Run) -> Any:
    first, last, step = args
    if first is MISSING or last is MISSING or step is MISSING:
        return MISSING
    if step == 0:
        raise EvaluationFailed("D3137", "The step of $range must not be zero")
    size = (last - first) / step
    if not math.isfinite(size):
        raise EvaluationFailed("D1001", value="Infinity")
    count = math.floor(size) + 1
    run.charge(max(0, count))
    return Sequence(number(first + place * step) for place in range(count))


def _hash(args: Args, context: Any, run: Run) -> Any:
    text, algorithm = args
    if text is MISSING:
        return MISSING
    if algorithm not in _ALGORITHMS:
        known = ", ".join(sorted(_ALGORITHMS))
        raise EvaluationFailed("D3137", f"The algorithm of $hash must be one of {known}")
    run.charge_text(len(text))
    name = algorithm.replace("SHA-1", "sha1").replace("-", "").lower()
    return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


def _random(args: Args, context: Any, run: Run) -> Any:
    if args[0] is MISSING:
        return run.next_chance()
    # The same seed gives the same number each time; which one is nobody's promise.
    seed = hashlib.sha256(number_text(args[0]).encode()).digest()
    return (int.from_bytes(seed[:8]) >> 11) / (1 << 53)


def _uuid(args: Args, context: Any, run: Run) -> Any:
    run.charge(5)
    return run.new_id()


def _parse(args: Args, context: Any, run: Run) -> Any:
    text = args[0]
    if text is MISSING:
        return MISSING
    run.charge_text(8 * len(text))
    try:
        return _tidied(json.loads(text, parse_constant=_refuse))
    except (ValueError, RecursionError):
        raise EvaluationFailed("D3137", "The argument of $parse is not valid JSON") from None


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _tidied(value: Any) -> Any:
    kind = type(value)
    if kind is list:
        return [_tidied(item) for item in value]
    if kind is dict:
        return {name: _tidied(item) for name, item in value.items()}
    if kind is int or kind is float:
        return number(value)
    if kind is str and not value.isascii():
        return value.encode(errors="replace").decode()
    return value


TABLE = {
    "partition": ("<an:a>", _partition),
    "range": ("<nnn:a<n>>", _range),
    "hash": ("<s-s:s>", _hash),
    "random": ("<n?:n>", _random),
    "uuid": ("<:s>", _uuid),
    "parse": ("<s-:x>", _parse),
}
