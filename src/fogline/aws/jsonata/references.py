"""What an expression takes from outside: known before it is ever evaluated."""

from __future__ import annotations

from typing import NamedTuple

from fogline.aws.jsonata.functions import FUNCTIONS
from fogline.aws.jsonata.tree import Tree


class References(NamedTuple):
    variables: frozenset[str]
    uses_context: bool
    context_names: tuple[str, ...]
    """The names that are looked up in the input as a whole, `$$` among them, in their order."""


def references_of(tree: Tree) -> References:
    """Of the tree as it was written."""
    finder = _Finder()
    finder.visit(tree, set(), True)
    return References(
        frozenset(finder.variables), finder.uses_context, tuple(dict.fromkeys(finder.names))
    )


class _Finder:
    def __init__(self) -> None:
        self.variables: set[str] = set()
        self.uses_context = False
        self.names: list[str] = []

    def visit(self, tree: Tree, bound: set[str], is_outermost: bool) -> None:
        """`bound` grows with what the expression binds; `is_outermost`: `$` means the input as a whole."""
        kind = tree.kind
        if kind == "variable":
            self._variable(tree.value, bound, is_outermost)
        elif kind in ("name", "wildcard", "descendant", "parent"):
            self.uses_context |= is_outermost
            if kind == "name" and is_outermost:
                self.names.append(str(tree.value))
        elif kind == "bind" and tree.right is not None:
            # A function may call itself by the name that it is bound to.
            bound.add(tree.value)
            self.visit(tree.right, bound, is_outermost)
        elif kind == "lambda" and tree.left is not None:
            inner = bound | {str(param.value) for param in tree.parts}
            self.visit(tree.left, inner, is_outermost)
        elif kind == "block":
            inner = set(bound)
            for part in tree.parts:
                self.visit(part, inner, is_outermost)
        else:
            self._others(tree, bound, is_outermost)

    def _variable(self, name: str, bound: set[str], is_outermost: bool) -> None:
        if name == "" or name == "$":
            self.uses_context |= is_outermost or name == "$"
            if name == "$":
                self.names.append("$$")
        elif name not in bound and name not in FUNCTIONS:
            self.variables.add(name)

    def _others(self, tree: Tree, bound: set[str], is_outermost: bool) -> None:
        kind = tree.kind
        if kind in ("focus", "index"):
            bound.add(tree.value)
        if tree.left is not None:
            self.visit(tree.left, bound, is_outermost)
        # What stands right of a dot or in a predicate has a context of its own.
        is_step = kind in ("predicate", "transform") or (kind == "binary" and tree.value == ".")
        for part in (tree.right, tree.other, *tree.parts):
            if part is not None:
                self.visit(part, bound, is_outermost and not is_step)
        has_items = kind in ("group", "order")
        for pair in tree.pairs:
            for part in pair:
                self.visit(part, bound, is_outermost and not has_items)
