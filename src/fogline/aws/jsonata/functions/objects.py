"""Functions of objects, of kinds and of truth."""

from __future__ import annotations

from typing import Any

from fogline.aws.jsonata.calls import call_with, clone
from fogline.aws.jsonata.errors import EvaluationFailed
from fogline.aws.jsonata.names import lookup
from fogline.aws.jsonata.values import MISSING, Function, Run, Sequence, is_true, text_of

Args = list[Any]


def _keys(args: Args, context: Any, run: Run) -> Any:
    value = args[0]
    names: dict[str, None] = {}
    for item in value if isinstance(value, list) else [value]:
        if type(item) is dict:
            run.charge(1 + len(item))
            names.update(dict.fromkeys(item))
        elif isinstance(item, list):
            names.update(dict.fromkeys(_keys([item], context, run)))
    return Sequence(names)


def _lookup(args: Args, context: Any, run: Run) -> Any:
    return lookup(args[0], args[1], run) if args[1] is not MISSING else MISSING


def _spread(args: Args, context: Any, run: Run) -> Any:
    value = args[0]
    if isinstance(value, list):
        found = Sequence()
        for item in value:
            spread = _spread([item], context, run)
            found.extend(spread if isinstance(spread, list) else [spread])
        run.charge(1 + len(found))
        return found
    if type(value) is dict:
        run.charge(1 + len(value))
        return Sequence({name: item} for name, item in value.items())
    return "" if isinstance(value, Function) else value


def _merge(args: Args, context: Any, run: Run) -> Any:
    if args[0] is MISSING:
        return MISSING
    merged: dict[str, Any] = {}
    for item in args[0]:
        run.charge(1 + len(item))
        merged.update(item)
    return merged


def _sift(args: Args, context: Any, run: Run) -> Any:
    value, function = args
    if type(value) is not dict:
        return MISSING
    kept = {}
    for name, item in value.items():
        run.charge()
        if is_true(call_with(function, [item, name, value], MISSING, run), run):
            kept[name] = item
    return kept or MISSING


def _each(args: Args, context: Any, run: Run) -> Any:
    value, function = args
    found = Sequence()
    for name, item in value.items() if type(value) is dict else ():
        result = call_with(function, [item, name, value], MISSING, run)
        if result is not MISSING:
            found.append(result)
    return found


def _clone(args: Args, context: Any, run: Run) -> Any:
    return clone(args[0], run)


def _boolean(args: Args, context: Any, run: Run) -> Any:
    return MISSING if args[0] is MISSING else is_true(args[0], run)


def _not(args: Args, context: Any, run: Run) -> Any:
    return MISSING if args[0] is MISSING else not is_true(args[0], run)


def _exists(args: Args, context: Any, run: Run) -> Any:
    return args[0] is not MISSING


_KINDS = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    dict: "object",
    type(None): "null",
}


def _type(args: Args, context: Any, run: Run) -> Any:
    if args[0] is MISSING:
        return MISSING
    if isinstance(args[0], Function):
        return "function"
    return _KINDS.get(type(args[0]), "array")


def _error(args: Args, context: Any, run: Run) -> Any:
    message = "$error() function evaluated" if args[0] is MISSING else args[0]
    raise EvaluationFailed("D3137", text_of(message, run))


def _assert(args: Args, context: Any, run: Run) -> Any:
    if not args[0]:
        message = "$assert() statement failed" if args[1] is MISSING else args[1]
        raise EvaluationFailed("D3141", text_of(message, run))
    return MISSING


TABLE = {
    "keys": ("<x-:a<s>>", _keys),
    "lookup": ("<x-s:x>", _lookup),
    "spread": ("<x-:a<o>>", _spread),
    "merge": ("<a<o>:o>", _merge),
    "sift": ("<o-f?:o>", _sift),
    "each": ("<o-f:a>", _each),
    "clone": ("<(oa)-:o>", _clone),
    "boolean": ("<x-:b>", _boolean),
    "not": ("<x-:b>", _not),
    "exists": ("<x:b>", _exists),
    "type": ("<x:s>", _type),
    "error": ("<s?:x>", _error),
    "assert": ("<bs?:x>", _assert),
}
