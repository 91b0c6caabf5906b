"""`^(...)` and `{...}`: items put in order, and items taken together."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from fogline.aws.jsonata import compiler
from fogline.aws.jsonata.errors import EvaluationFailed
from fogline.aws.jsonata.tree import Tree
from fogline.aws.jsonata.values import MISSING, Frame, Run, Sequence, is_number

Stage = Callable[[Any, Frame], Any]


def make_sort(tree: Tree) -> Stage:
    terms = [(compiler.compile_node(term), down.value) for term, down in tree.pairs]

    def ranked(item: Any, frame: Frame, is_tuples: bool) -> list[Any]:
        if is_tuples:
            frame = Frame(frame, frame.run, item)
            item = item["@"]
        keys = []
        for term, _ in terms:
            key = term(item, frame)
            if key is not MISSING and type(key) is not str and not is_number(key):
                raise EvaluationFailed("T2008", value=key)
            keys.append(key)
        return keys

    def compared(left: tuple[list[Any], Any], right: tuple[list[Any], Any]) -> int:
        for a, b, (_, is_descending) in zip(left[0], right[0], terms, strict=True):
            if a is MISSING or b is MISSING:
                if a is b:
                    continue
                return 1 if a is MISSING else -1
            if (type(a) is str) is not (type(b) is str):
                raise EvaluationFailed("T2007", value=a, value2=b)
            if a != b:
                return -1 if (a < b) is not is_descending else 1
        return 0

    def sort(value: Any, frame: Frame) -> Any:
        items = value if isinstance(value, list) else [value]
        if len(items) < 2:
            return items if type(items) is Sequence else Sequence(items)
        is_tuples = type(items) is Sequence and items.is_tuples
        frame.run.charge(len(items) * max(1, len(items).bit_length() // 2))
        with_keys = [(ranked(item, frame, is_tuples), item) for item in items]
        with_keys.sort(key=cmp_to_key(compared))
        result = Sequence(item for _, item in with_keys)
        result.is_tuples = is_tuples
        return result

    return sort


def compile_group(pairs: list[tuple[Tree, Tree]]) -> Callable[[Any, Frame, bool], Any]:
    """`{name: value}` over all items: items with the same name are taken together."""
    nodes = [(compiler.compile_node(name), compiler.compile_node(value)) for name, value in pairs]

    def group(value: Any, frame: Frame, is_tuples: bool) -> Any:
        run = frame.run
        items = value if isinstance(value, list) else [value]
        groups: dict[str, tuple[int, list[Any]]] = {}
        for item in items or [MISSING]:
            run.charge(len(nodes))
            context, scope = item, frame
            if is_tuples:
                context, scope = item["@"], Frame(frame, run, item)
            for place, (name, _) in enumerate(nodes):
                key = name(context, scope)
                if key is MISSING:
                    continue
                if type(key) is not str:
                    raise EvaluationFailed("T1003", value=key)
                members = groups.setdefault(key, (place, []))
                if members[0] != place:
                    raise EvaluationFailed("D1009", value=key)
                members[1].append(item)
        result: dict[str, Any] = {}
        for key, (place, found) in groups.items():
            context, scope = _together(found, frame, is_tuples)
            member = nodes[place][1](context, scope)
            if member is not MISSING:
                result[key] = member
        return result

    return group


def _together(items: list[Any], frame: Frame, is_tuples: bool) -> tuple[Any, Frame]:
    run = frame.run
    if not is_tuples:
        return _joined(items, run), frame
    names = dict.fromkeys(name for item in items for name in item)
    merged = {name: _joined([item[name] for item in items if name in item], run) for name in names}
    return merged["@"], Frame(frame, run, merged)


def _joined(items: list[Any], run: Run) -> Any:
    if len(items) == 1:
        return items[0]
    joined = Sequence()
    for item in items:
        if isinstance(item, list):
            joined.extend(item)
            run.charge(len(item))
        elif item is not MISSING:
            joined.append(item)
    run.charge(len(items))
    return joined
