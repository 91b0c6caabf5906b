"""Functions that take functions."""

from __future__ import annotations

from typing import Any

from fogline.aws.jsonata.calls import call_with
from fogline.aws.jsonata.errors import EvaluationFailed
from fogline.aws.jsonata.values import MISSING, Run, Sequence, is_true, unwrapped

Args = list[Any]


def _map(args: Args, context: Any, run: Run) -> Any:
    items, function = args
    if items is MISSING:
        return MISSING
    found = Sequence()
    for place, item in enumerate(items):
        result = call_with(function, [item, place, items], MISSING, run)
        if result is not MISSING:
            found.append(result)
    return found


def _filter(args: Args, context: Any, run: Run) -> Any:
    items, function = args
    if items is MISSING:
        return MISSING
    found = Sequence()
    for place, item in enumerate(items):
        if is_true(call_with(function, [item, place, items], MISSING, run), run):
            found.append(item)
    return found


def _single(args: Args, context: Any, run: Run) -> Any:
    items, function = args
    if items is MISSING:
        return MISSING
    found: Any = MISSING
    for place, item in enumerate(items):
        if function is MISSING or is_true(
            call_with(function, [item, place, items], MISSING, run), run
        ):
            if found is not MISSING:
                raise EvaluationFailed("D3138")
            found = item
    if found is MISSING:
        raise EvaluationFailed("D3139")
    return found


def _reduce(args: Args, context: Any, run: Run) -> Any:
    items, function, start = args
    if items is MISSING:
        return MISSING
    if function.arity < 2:
        raise EvaluationFailed("D3050")
    pending = list(enumerate(items))
    run.charge(len(pending))
    if start is MISSING and pending:
        start = pending.pop(0)[1]
    result = start
    for place, item in pending:
        result = unwrapped(
            function.call([result, item, place, items][: function.arity], MISSING, run)
        )
    return result


TABLE = {
    "map": ("<af>", _map),
    "filter": ("<af>", _filter),
    "single": ("<af?>", _single),
    "reduce": ("<afj?:j>", _reduce),
}
