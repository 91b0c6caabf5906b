"""Paths: each step is applied to every item that the step before it found."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from fogline.aws.jsonata import compiler
from fogline.aws.jsonata.groups import compile_group, make_sort
from fogline.aws.jsonata.tree import Tree
from fogline.aws.jsonata.values import (
    MISSING,
    Constructed,
    Frame,
    Node,
    Run,
    Sequence,
    is_number,
    is_true,
    unwrapped,
)

Stage = Callable[[Any, Frame], Any]


def compile_path(tree: Tree) -> Node:
    walk = _with_tuples(tree) if _has_tuples(tree) else _walked(tree)
    if tree.group is None:
        names = _plain_names(tree)
        return _by_names(tree.parts[0], names, walk) if names else walk
    return walk if _has_tuples(tree) else _with_group(walk, compile_group(tree.group))


def _has_tuples(tree: Tree) -> bool:
    return tree.is_tuple or any(step.is_tuple for step in tree.parts)


def _plain_names(tree: Tree) -> list[str]:
    """The names of a path `$variable.name.name` that has nothing else to it."""
    first, *rest = tree.parts
    is_plain = not tree.keeps_array and not any(step.stages or step.is_tuple for step in tree.parts)
    is_plain = is_plain and not tree.is_tuple
    if is_plain and first.kind == "variable" and all(step.kind == "name" for step in rest):
        return [step.value for step in rest]
    return []


def _by_names(first: Tree, names: list[str], walk: Node) -> Node:
    """The commonest path, without a list for each step. A list on the way is the general case."""
    start = compiler.compile_step(first)
    *before, last = names

    def by_names(item: Any, frame: Frame) -> Any:
        value = start(item, frame)
        for name in before:
            if type(value) is not dict:
                return walk(item, frame) if isinstance(value, list) else MISSING
            value = value.get(name, MISSING)
        if type(value) is not dict:
            return walk(item, frame) if isinstance(value, list) else MISSING
        value = value.get(last, MISSING)
        return value

    return by_names


def _walked(tree: Tree) -> Node:
    steps = [_compile_step(step, place, tree) for place, step in enumerate(tree.parts)]
    is_kept = tree.keeps_array
    starts_anew = tree.parts[0].kind == "variable"

    def walk(item: Any, frame: Frame) -> Any:
        items: Any = item if isinstance(item, list) and not starts_anew else [item]
        for step in steps:
            items = step(items, frame)
            if items is MISSING or (isinstance(items, list) and not items):
                break
        if is_kept and isinstance(items, list):
            if type(items) is not Sequence:
                items = Sequence([items]) if type(items) is Constructed else Sequence(items)
            items.is_kept = True
        return unwrapped(items)

    return walk


def _compile_step(step: Tree, place: int, path: Tree) -> Callable[[Any, Frame], Any]:
    """From the items found so far to the items found by this step."""
    stages = _stages(step)
    if step.kind == "sort":
        sort = make_sort(step)
        return lambda items, frame: _through(stages, sort(items, frame), frame)
    node = compiler.compile_step(step)
    if step.group is not None:
        node = _with_group(node, compile_group(step.group))
    if place == 0 and step.is_constructor:
        return lambda items, frame: _through(stages, node(items, frame), frame)
    if place == len(path.parts) - 1:
        return _last(node, stages)

    def each(items: Any, frame: Frame) -> Any:
        frame.run.charge(len(items))
        found = Sequence()
        for item in items:
            value = node(item, frame)
            for stage in stages:
                if value is MISSING:
                    break
                value = stage(value, frame)
            if value is MISSING:
                continue
            if not isinstance(value, list) or type(value) is Constructed:
                found.append(value)
            else:
                frame.run.charge(len(value))
                found.extend(value)
        return found

    return each


def _last(node: Node, stages: list[Stage]) -> Node:
    """The last step leaves a list alone that is its only result."""

    def last(items: Any, frame: Frame) -> Any:
        frame.run.charge(len(items))
        values = []
        for item in items:
            value = node(item, frame)
            for stage in stages:
                if value is MISSING:
                    break
                value = stage(value, frame)
            if value is not MISSING:
                values.append(value)
        if len(values) == 1 and isinstance(values[0], list) and type(values[0]) is not Sequence:
            return values[0]
        found = Sequence()
        for value in values:
            if not isinstance(value, list) or type(value) is Constructed:
                found.append(value)
            else:
                frame.run.charge(len(value))
                found.extend(value)
        return found

    return last


def _with_group(node: Node, group: Callable[[Any, Frame, bool], Any]) -> Node:
    return lambda item, frame: group(node(item, frame), frame, False)


def _stages(step: Tree) -> list[Stage]:
    return [
        compile_filter(stage.left) if stage.left is not None else _numbering(stage.value)
        for stage in step.stages
    ]


def _through(stages: list[Stage], items: Any, frame: Frame) -> Any:
    for stage in stages:
        if items is MISSING:
            break
        items = stage(items, frame)
    return items


def _numbering(name: str) -> Stage:
    def number(items: Any, frame: Frame) -> Any:
        for place, binding in enumerate(items):
            binding[name] = place
        return items

    return number


# ---- filters


def compile_filter(tree: Tree) -> Stage:
    if tree.kind == "number" and not tree.stages:
        return _picking(tree.value)
    return _keeping(compiler.compile_node(tree))


def _keeping(condition: Node) -> Stage:
    """Keeps the items for which the condition holds, or whose number it gives."""

    def kept(value: Any, frame: Frame) -> Any:
        items = value if isinstance(value, list) else [value]
        size = len(items)
        frame.run.charge(size)
        found = Sequence()
        is_tuples = found.is_tuples = type(items) is Sequence and items.is_tuples
        for place, item in enumerate(items):
            if is_tuples:
                answer = condition(item["@"], Frame(frame, frame.run, item))
            else:
                answer = condition(item, frame)
            if answer is True:
                found.append(item)
            elif is_number(answer):
                if _place(answer, size) == place:
                    found.append(item)
            elif isinstance(answer, list) and answer and all(is_number(each) for each in answer):
                frame.run.charge(len(answer))
                found.extend(item for each in answer if _place(each, size) == place)
            elif is_true(answer, frame.run):
                found.append(item)
        return found

    return kept


def _picking(index: int | float) -> Stage:
    """`[0]`, `[-1]`: one item; if that is a list, its items are what was found."""

    def picked(value: Any, frame: Frame) -> Any:
        items = value if isinstance(value, list) else [value]
        place = _place(index, len(items))
        found = Sequence()
        found.is_tuples = type(items) is Sequence and items.is_tuples
        if 0 <= place < len(items):
            item = items[place]
            if isinstance(item, list):
                return item
            found.append(item)
        return found

    return picked


def _place(index: int | float, size: int) -> int:
    whole = math.floor(index)
    return whole + size if whole < 0 else whole


# ---- bindings along the path: @, # and %


def _with_tuples(tree: Tree) -> Node:
    first_tuple = next((n for n, step in enumerate(tree.parts) if step.is_tuple), len(tree.parts))
    plain_steps = [_compile_step(step, n, tree) for n, step in enumerate(tree.parts[:first_tuple])]
    tuple_steps = [_tuple_step(step) for step in tree.parts[first_tuple:]]
    starts_anew = tree.parts[0].kind == "variable"
    group = compile_group(tree.group) if tree.group is not None else None

    def walk(item: Any, frame: Frame) -> Any:
        items: Any = item if isinstance(item, list) and not starts_anew else Sequence([item])
        for step in plain_steps:
            items = step(items, frame)
            if items is MISSING or not items:
                return MISSING
        if not tuple_steps:
            return unwrapped(items)
        bindings = Sequence({"@": each} for each in items)
        bindings.is_tuples = True
        for tuple_step in tuple_steps:
            bindings = tuple_step(bindings, frame)
        if group is not None:
            return group(bindings, frame, True)
        if tree.is_tuple:
            return bindings
        found = Sequence(binding["@"] for binding in bindings)
        found.is_kept = tree.keeps_array
        return unwrapped(found)

    return walk


def _tuple_step(step: Tree) -> Callable[[Sequence, Frame], Sequence]:
    stages = _stages(step)
    if step.kind == "sort":
        sort = make_sort(step)

        def sorted_step(bindings: Sequence, frame: Frame) -> Sequence:
            found: Sequence = sort(bindings, frame)
            if step.index:
                for place, binding in enumerate(found):
                    binding[step.index] = place
            return _tuples_through(stages, found, frame)

        return sorted_step
    node = compiler.compile_step(step)

    def each(bindings: Sequence, frame: Frame) -> Sequence:
        found = Sequence()
        found.is_tuples = True
        for binding in bindings:
            value = node(binding["@"], Frame(frame, frame.run, binding))
            if value is MISSING:
                continue
            frame.run.charge()
            _bind(step, binding, value, found, frame.run)
        return _tuples_through(stages, found, frame)

    return each


def _tuples_through(stages: list[Stage], found: Sequence, frame: Frame) -> Sequence:
    result: Sequence = _through(stages, found, frame)
    return result


def _bind(step: Tree, binding: dict[str, Any], value: Any, found: Sequence, run: Run) -> None:
    values = value if isinstance(value, list) else [value]
    is_tuples = type(value) is Sequence and value.is_tuples
    run.charge(len(values) * (1 + len(binding)))
    for place, each in enumerate(values):
        bound = dict(binding)
        if is_tuples:
            bound.update(each)
        elif step.focus:
            bound[step.focus] = each
        else:
            bound["@"] = each
        if step.index:
            bound[step.index] = place
        for slot in step.ancestors:
            bound[slot.label] = binding["@"]
        found.append(bound)
