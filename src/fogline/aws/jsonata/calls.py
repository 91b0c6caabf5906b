"""Functions: those of the language, those an expression defines, and how either is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fogline.aws.jsonata import compiler
from fogline.aws.jsonata.errors import EvaluationFailed
from fogline.aws.jsonata.regex import Regex
from fogline.aws.jsonata.signature import Signature
from fogline.aws.jsonata.tree import Tree
from fogline.aws.jsonata.values import MISSING, Frame, Function, Node, Run, Sequence, unwrapped

TRANSFORM_SIGNATURE = Signature("<(oa):o>")

_CALL_STEPS = 2
"""A call makes a frame of variables: it takes as long as two other steps."""


class Native(Function):
    """A function written here: takes its arguments, the context and the run."""

    __slots__ = ("arity", "name", "needed", "signature", "work")

    def __init__(
        self,
        name: str,
        work: Callable[[list[Any], Any, Run], Any],
        signature: Signature | None = None,
        arity: int = 1,
    ) -> None:
        self.name = name
        self.work = work
        self.signature = signature
        self.arity = len(signature.params) if signature else arity
        self.needed: tuple[int, ...] = ()
        """Places of arguments that must not be nothing if the first is something."""

    def call(self, args: list[Any], context: Any, run: Run) -> Any:
        if self.signature is not None:
            args = self.signature.checked(args, context, self.name)
        for place in self.needed:
            if args[place] is MISSING and args[0] is not MISSING:
                raise EvaluationFailed("T0410", index=place + 1, token=self.name)
        run.charge()
        return self.work(args, context, run)


class Lambda(Function):
    """A function written in the expression."""

    __slots__ = ("arity", "body", "context", "frame", "names", "signature")

    def __init__(
        self, names: list[str], body: Node, signature: Signature | None, context: Any, frame: Frame
    ) -> None:
        self.names = names
        self.body = body
        self.signature = signature
        self.context = context
        self.frame = frame
        self.arity = len(names)

    def call(self, args: list[Any], context: Any, run: Run) -> Any:
        # A call in the last place of a body takes the place of the call it ends: no depth is needed.
        function: Function = self
        while type(function) is Lambda:
            run.charge(_CALL_STEPS)
            if function.signature is not None:
                args = function.signature.checked(args, context, "")
            missing = len(function.names) - len(args)
            if missing > 0:
                args = args + [MISSING] * missing
            variables = dict(zip(function.names, args, strict=False))
            result = function.body(function.context, Frame(function.frame, run, variables))
            if type(result) is not _TailCall:
                return result
            function, args = result.function, result.args
        return function.call(args, context, run)


class _TailCall:
    __slots__ = ("args", "function")

    def __init__(self, function: Function, args: list[Any]) -> None:
        self.function = function
        self.args = args


class Matcher(Function):
    """A regular expression, which is a function from a text to its first match."""

    __slots__ = ("arity", "regex")

    def __init__(self, regex: Regex) -> None:
        self.regex = regex
        self.arity = 1

    def call(self, args: list[Any], context: Any, run: Run) -> Any:
        if not args or type(args[0]) is not str:
            return MISSING
        return self._from(args[0], 0, run)

    def _from(self, text: str, start: int, run: Run) -> Any:
        run.charge()
        found = self.regex.search(text, start, run.charge)
        if found is None:
            return MISSING
        if found.start == found.end:
            raise EvaluationFailed("D1004")
        run.charge_text(found.end - found.start)

        def following(args: list[Any], context: Any, run: Run) -> Any:
            return self._from(text, found.end, run)

        return {
            "match": text[found.start : found.end],
            "start": found.start,
            "end": found.end,
            "groups": [MISSING if group is None else group for group in found.groups],
            "next": Native("next", following, arity=0),
        }


def clone(value: Any, run: Run) -> Any:
    run.charge()
    if isinstance(value, list):
        return [clone(item, run) for item in value]
    if type(value) is dict:
        return {name: clone(item, run) for name, item in value.items()}
    return value


def call_with(function: Any, args: list[Any], context: Any, run: Run) -> Any:
    """Calls it with as many of the arguments as it takes."""
    value = function.call(args[: max(1, function.arity)], context, run)
    return unwrapped(value)


# ---- compiling


def compile_call(tree: Tree, is_tail: bool) -> Node:
    assert tree.left is not None
    procedure = compiler.compile_node(tree.left)
    nodes = [compiler.compile_node(part) for part in tree.parts]
    hint = _name_of(tree.left)
    is_kept = tree.keeps_array
    is_tail = is_tail and not is_kept

    def call(item: Any, frame: Frame) -> Any:
        function = procedure(item, frame)
        if not isinstance(function, Function):
            raise _no_function(hint, frame, "T1005", "T1006")
        args = [node(item, frame) for node in nodes]
        if is_tail and type(function) is Lambda:
            return _TailCall(function, args)
        value = function.call(args, item, frame.run)
        if type(value) is not Sequence:
            return value
        value.is_kept |= is_kept
        return unwrapped(value)

    return call


def _name_of(tree: Tree) -> str:
    is_name = tree.kind == "path" and len(tree.parts) == 1 and tree.parts[0].kind == "name"
    return str(tree.parts[0].value) if is_name else ""


def _no_function(hint: str, frame: Frame, with_hint: str, without: str) -> EvaluationFailed:
    if hint and frame.lookup(hint) is not MISSING:
        return EvaluationFailed(with_hint, token=hint)
    return EvaluationFailed(without)


def compile_partial(tree: Tree) -> Node:
    assert tree.left is not None
    procedure = compiler.compile_node(tree.left)
    hint = _name_of(tree.left)
    nodes = [None if p.kind == "placeholder" else compiler.compile_node(p) for p in tree.parts]
    gaps = [place for place, node in enumerate(nodes) if node is None]

    def partial(item: Any, frame: Frame) -> Any:
        function = procedure(item, frame)
        if not isinstance(function, Function):
            raise _no_function(hint, frame, "T1007", "T1008")
        given = [MISSING if node is None else node(item, frame) for node in nodes]

        def completed(args: list[Any], context: Any, run: Run) -> Any:
            whole = list(given)
            for place, arg in zip(gaps, args, strict=False):
                whole[place] = arg
            return function.call(whole, context, run)

        return Native("", completed, arity=len(gaps))

    return partial


def compile_lambda(tree: Tree) -> Node:
    assert tree.left is not None
    names = [str(param.value) for param in tree.parts]
    body = compiler.compile_node(tree.left, is_tail=True)
    signature = tree.signature
    return lambda item, frame: Lambda(names, body, signature, item, frame)


def compile_application(tree: Tree) -> Node:
    """`value ~> $function`, and `$function ~> $function` for one after the other."""
    assert tree.left is not None
    assert tree.right is not None
    left = compiler.compile_node(tree.left)
    if tree.right.kind == "call" and not tree.right.stages:
        return _compile_call_with_first(left, tree.right)
    right = compiler.compile_node(tree.right)

    def apply(item: Any, frame: Frame) -> Any:
        value = left(item, frame)
        function = right(item, frame)
        if not isinstance(function, Function):
            raise EvaluationFailed("T2006", value=function)
        if isinstance(value, Function):
            return _composed(value, function)
        return unwrapped(function.call([value], MISSING, frame.run))

    return apply


def _composed(first: Function, second: Function) -> Function:
    def composed(args: list[Any], context: Any, run: Run) -> Any:
        value = unwrapped(first.call(args, context, run))
        return second.call([value], context, run)

    return Native("", composed)


def _compile_call_with_first(left: Node, tree: Tree) -> Node:
    assert tree.left is not None
    procedure = compiler.compile_node(tree.left)
    nodes = [compiler.compile_node(part) for part in tree.parts]
    hint = _name_of(tree.left)
    is_kept = tree.keeps_array

    def call(item: Any, frame: Frame) -> Any:
        value = left(item, frame)
        function = procedure(item, frame)
        if not isinstance(function, Function):
            raise _no_function(hint, frame, "T1005", "T1006")
        args = [value, *(node(item, frame) for node in nodes)]
        result = function.call(args, item, frame.run)
        if is_kept and type(result) is Sequence:
            result.is_kept = True
        return unwrapped(result)

    return call
