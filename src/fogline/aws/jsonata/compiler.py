"""From the tree to closures: what is known beforehand is decided once, not at each evaluation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fogline.aws.jsonata import calls, groups, names, paths
from fogline.aws.jsonata.errors import EvaluationFailed
from fogline.aws.jsonata.operators import OPERATORS
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


def compile_node(tree: Tree, is_tail: bool = False) -> Node:
    """What evaluates the tree, its filters and its grouping included."""
    node = compile_step(tree, is_tail and not tree.stages and tree.group is None)
    if tree.kind == "path":
        return node
    if tree.stages:
        stages = [paths.compile_filter(stage.left) for stage in tree.stages if stage.left]
        node = _filtered(node, stages, tree.keeps_array)
    if tree.group is not None:
        node = _grouped(node, groups.compile_group(tree.group))
    return node


def compile_step(tree: Tree, is_tail: bool = False) -> Node:
    """The same without filters and grouping, which a path applies to its steps itself."""
    return _COMPILERS[tree.kind](tree, is_tail)


def _filtered(node: Node, stages: list[paths.Stage], is_kept: bool) -> Node:
    def filtered(item: Any, frame: Frame) -> Any:
        value = node(item, frame)
        for stage in stages:
            if value is MISSING:
                break
            value = stage(value, frame)
        if is_kept and type(value) is Sequence:
            value.is_kept = True
        return unwrapped(value)

    return filtered


def _grouped(node: Node, group: Callable[[Any, Frame, bool], Any]) -> Node:
    return lambda item, frame: group(node(item, frame), frame, False)


# ---- words


def _constant(tree: Tree, is_tail: bool) -> Node:
    value = tree.value
    return lambda item, frame: value


def _variable(tree: Tree, is_tail: bool) -> Node:
    name = tree.value
    if name == "":
        return _context
    if name == "$":
        return lambda item, frame: unwrapped(_context(frame.run.root, frame))

    def variable(item: Any, frame: Frame) -> Any:
        scope: Frame | None = frame
        while scope is not None:
            variables = scope.variables
            if name in variables:
                value = variables[name]
                return unwrapped(value) if type(value) is Sequence else value
            scope = scope.parent
        return MISSING

    return variable


def _context(item: Any, frame: Frame) -> Any:
    return item[0] if type(item) is Sequence and item.is_wrapper else item


def _parent(tree: Tree, is_tail: bool) -> Node:
    assert tree.slot is not None
    slot = tree.slot
    return lambda item, frame: frame.lookup(slot.label)


def _regex(tree: Tree, is_tail: bool) -> Node:
    matcher = calls.Matcher(tree.value)
    return lambda item, frame: matcher


# ---- operators


def _binary(tree: Tree, is_tail: bool) -> Node:
    assert tree.left is not None
    assert tree.right is not None
    operator = tree.value
    if operator == "~>":
        return calls.compile_application(tree)
    left, right = compile_node(tree.left), compile_node(tree.right)
    return OPERATORS[operator](operator, left, right)


def _negative(tree: Tree, is_tail: bool) -> Node:
    assert tree.left is not None
    inner = compile_node(tree.left)

    def negative(item: Any, frame: Frame) -> Any:
        value = inner(item, frame)
        if value is MISSING:
            return MISSING
        if not is_number(value):
            raise EvaluationFailed("D1002", value=value)
        return -value

    return negative


# ---- makers


def _array(tree: Tree, is_tail: bool) -> Node:
    nodes = [(compile_node(part), part.kind == "array") for part in tree.parts]
    make: type[list[Any]] = Constructed if tree.is_constructor else list

    def array(item: Any, frame: Frame) -> Any:
        made = make()
        for node, is_array in nodes:
            value = node(item, frame)
            if value is MISSING:
                continue
            if is_array or not isinstance(value, list):
                made.append(value)
            else:
                frame.run.charge(len(value))
                made.extend(value)
        frame.run.charge(1 + len(nodes))
        return made

    return array


def _object(tree: Tree, is_tail: bool) -> Node:
    group = groups.compile_group(tree.pairs)
    pairs = [(compile_node(name), compile_node(value)) for name, value in tree.pairs]

    def made(item: Any, frame: Frame) -> Any:
        if isinstance(item, list) or item is MISSING:
            return group(item, frame, False)
        frame.run.charge(1 + len(pairs))
        result: dict[str, Any] = {}
        keys = []
        for name, _ in pairs:
            key = name(item, frame)
            if key is not MISSING and type(key) is not str:
                raise EvaluationFailed("T1003", value=key)
            if key is not MISSING and key in keys:
                raise EvaluationFailed("D1009", value=key)
            keys.append(key)
        for key, (_, value) in zip(keys, pairs, strict=True):
            if key is not MISSING:
                found = value(item, frame)
                if found is not MISSING:
                    result[key] = found
        return result

    return made


def _block(tree: Tree, is_tail: bool) -> Node:
    last = len(tree.parts) - 1
    nodes = [compile_node(part, is_tail and n == last) for n, part in enumerate(tree.parts)]
    if len(nodes) == 1 and not _binds(tree.parts[0]):
        return nodes[0]

    def block(item: Any, frame: Frame) -> Any:
        inner = Frame(frame, frame.run, {})
        value: Any = MISSING
        for node in nodes:
            value = node(item, inner)
        return value

    return block


def _binds(tree: Tree) -> bool:
    """True if the expression may put a variable into the frame that it is evaluated in."""
    if tree.kind in ("lambda", "block", "path") and not tree.group:
        return tree.kind == "path" and any(_binds(step) for step in tree.parts)
    inside = [part for part in (tree.left, tree.right, tree.other) if part is not None]
    inside += tree.parts + [part for pair in tree.pairs for part in pair]
    return tree.kind == "bind" or bool(tree.group) or any(_binds(part) for part in inside)


def _condition(tree: Tree, is_tail: bool) -> Node:
    assert tree.left is not None
    assert tree.right is not None
    condition = compile_node(tree.left)
    then = compile_node(tree.right, is_tail)
    other = compile_node(tree.other, is_tail) if tree.other else None

    def conditional(item: Any, frame: Frame) -> Any:
        if is_true(condition(item, frame), frame.run):
            return then(item, frame)
        return other(item, frame) if other else MISSING

    return conditional


def _bind(tree: Tree, is_tail: bool) -> Node:
    assert tree.right is not None
    name, right = tree.value, compile_node(tree.right)

    def bind(item: Any, frame: Frame) -> Any:
        value = right(item, frame)
        frame.variables[name] = value
        return value

    return bind


def _transform(tree: Tree, is_tail: bool) -> Node:
    assert tree.left is not None
    assert tree.right is not None
    pattern, update = compile_node(tree.left), compile_node(tree.right)
    delete = compile_node(tree.other) if tree.other else None

    def transform(item: Any, frame: Frame) -> Any:
        def transformed(args: list[Any], context: Any, run: Run) -> Any:
            if not args or args[0] is MISSING:
                return MISSING
            cloned = calls.clone(args[0], run)
            found = pattern(cloned, frame)
            for match in found if isinstance(found, list) else [found]:
                run.charge()
                if match is not MISSING:
                    _change(match, frame)
            return cloned

        return calls.Native("transform", transformed, calls.TRANSFORM_SIGNATURE)

    def _change(match: Any, frame: Frame) -> None:
        changes = update(match, frame)
        if changes is not MISSING:
            if type(changes) is not dict:
                raise EvaluationFailed("T2011", value=changes)
            if type(match) is dict:
                frame.run.charge(len(changes))
                match.update(changes)
        names = delete(match, frame) if delete else MISSING
        if names is not MISSING:
            listed = names if isinstance(names, list) else [names]
            if any(type(name) is not str for name in listed):
                raise EvaluationFailed("T2012", value=names)
            if type(match) is dict:
                for name in listed:
                    match.pop(name, None)

    return transform


_COMPILERS: dict[str, Callable[[Tree, bool], Node]] = {
    **dict.fromkeys(("number", "string", "value"), _constant),
    "variable": _variable,
    "parent": _parent,
    "regex": _regex,
    "binary": _binary,
    "negative": _negative,
    "array": _array,
    "object": _object,
    "block": _block,
    "condition": _condition,
    "bind": _bind,
    "transform": _transform,
    "path": lambda tree, is_tail: paths.compile_path(tree),
    "name": lambda tree, is_tail: names.compile_name(tree.value),
    "wildcard": lambda tree, is_tail: names.wildcard,
    "descendant": lambda tree, is_tail: names.descendants,
    "call": lambda tree, is_tail: calls.compile_call(tree, is_tail),
    "partial": lambda tree, is_tail: calls.compile_partial(tree),
    "lambda": lambda tree, is_tail: calls.compile_lambda(tree),
}
