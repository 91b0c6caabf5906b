"""Functions of arrays."""

from __future__ import annotations

from typing import Any

from fogline.aws.jsonata.errors import EvaluationFailed
from fogline.aws.jsonata.values import (
    MISSING,
    Run,
    Sequence,
    appended,
    is_equal,
    is_number,
    is_true,
    unwrapped,
)

Args = list[Any]


def _append(args: Args, context: Any, run: Run) -> Any:
    return appended(args[0], args[1], run)


def _reverse(args: Args, context: Any, run: Run) -> Any:
    if args[0] is MISSING:
        return MISSING
    run.charge(len(args[0]))
    return args[0][::-1] if len(args[0]) > 1 else args[0]


def _shuffle(args: Args, context: Any, run: Run) -> Any:
    if args[0] is MISSING:
        return MISSING
    run.charge(len(args[0]))
    items = list(args[0])
    for place in range(len(items) - 1, 0, -1):
        other = int(run.next_chance() * (place + 1))
        items[place], items[other] = items[other], items[place]
    return items


def _distinct(args: Args, context: Any, run: Run) -> Any:
    items = args[0]
    if not isinstance(items, list) or len(items) <= 1:
        return items
    found: list[Any] = Sequence() if type(items) is Sequence else []
    simple: set[Any] = set()
    complex_ones: list[Any] = []
    run.charge(len(items))
    for item in items:
        if isinstance(item, (dict, list)):
            run.charge(len(complex_ones))
            if any(is_equal(item, each, run) for each in complex_ones):
                continue
            complex_ones.append(item)
        else:
            key = (is_number(item), type(item) is bool, item)
            if key in simple:
                continue
            simple.add(key)
        found.append(item)
    return found


def _zip(args: Args, context: Any, run: Run) -> Any:
    lists = [[] if a is MISSING else a if isinstance(a, list) else [a] for a in args]
    shortest = min(map(len, lists), default=0)
    run.charge(1 + shortest * len(lists))
    return [list(items) for items in zip(*lists, strict=False)]


def _sort(args: Args, context: Any, run: Run) -> Any:
    items, comparator = args
    if items is MISSING:
        return MISSING
    if len(items) <= 1:
        return items
    run.charge(len(items) * max(1, len(items).bit_length() // 2))
    if comparator is MISSING:
        are_texts = all(type(item) is str for item in items)
        if not are_texts and not all(is_number(item) for item in items):
            raise EvaluationFailed("D3070")
        return sorted(items)

    def compared(left: Any, right: Any) -> int:
        is_after = unwrapped(comparator.call([left, right], MISSING, run))
        return 1 if is_true(is_after, run) else -1

    return _merged(items, compared)


def _merged(items: list[Any], compared: Any) -> list[Any]:
    # The comparator only says whether the right one comes first, so equal ones must be met in order.
    width = 1
    source = list(items)
    while width < len(source):
        target: list[Any] = []
        for low in range(0, len(source), 2 * width):
            left, right = source[low : low + width], source[low + width : low + 2 * width]
            i = j = 0
            while i < len(left) and j < len(right):
                if compared(left[i], right[j]) > 0:
                    target.append(right[j])
                    j += 1
                else:
                    target.append(left[i])
                    i += 1
            target += left[i:] + right[j:]
        source = target
        width *= 2
    return source


TABLE = {
    "append": ("<xx:a>", _append),
    "reverse": ("<a:a>", _reverse),
    "shuffle": ("<a:a>", _shuffle),
    "distinct": ("<x:x>", _distinct),
    "zip": ("<a+>", _zip),
    "sort": ("<af?:a>", _sort),
}
