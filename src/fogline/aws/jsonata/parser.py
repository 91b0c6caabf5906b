"""From words to a tree: a parser after Pratt, each operator with the power by which it binds."""

from __future__ import annotations

from fogline.aws.jsonata.errors import InvalidExpression
from fogline.aws.jsonata.limits import CHAIN_MAX, NESTING_MAX, SOURCE_MAX
from fogline.aws.jsonata.signature import Signature
from fogline.aws.jsonata.tokens import Token, Tokens
from fogline.aws.jsonata.tree import Tree

_POWERS = {
    **dict.fromkeys("[(@#", 80),
    **dict.fromkeys(".", 75),
    **dict.fromkeys("{", 70),
    **dict.fromkeys(("*", "/", "%"), 60),
    **dict.fromkeys(("+", "-", "&"), 50),
    **dict.fromkeys(("=", "!=", "<", ">", "<=", ">=", "^", "~>", "in"), 40),
    "and": 30,
    "or": 25,
    **dict.fromkeys(("..", "?"), 20),
    ":=": 10,
}
_PREFIXES = frozenset(["-", "*", "**", "%", "(", "[", "{", "|", "and", "or", "in"])
_STOPS = frozenset([")", "]", "}", ",", ";", ":", "(end)"])


class Parser:
    def __init__(self, text: str) -> None:
        if len(text) > SOURCE_MAX:
            raise InvalidExpression("S0600", 0, value=SOURCE_MAX)
        self._tokens = Tokens(text)
        self._nesting = 0
        self._token = self._tokens.next(may_be_regex=True)

    def parse(self) -> Tree:
        tree = self._expression(0)
        if self._token.kind != "end":
            raise InvalidExpression("S0201", self._token.position, token=self._shown())
        return tree

    # ---- words

    def _advance(self, may_be_regex: bool) -> Token:
        token = self._token
        self._token = self._tokens.next(may_be_regex)
        return token

    def _is(self, operator: str) -> bool:
        return self._token.kind == "operator" and self._token.value == operator

    def _expect(self, operator: str, may_be_regex: bool = False) -> None:
        if not self._is(operator):
            if self._token.kind == "end":
                raise InvalidExpression("S0203", self._token.position, value=operator)
            raise InvalidExpression(
                "S0202", self._token.position, value=operator, token=self._shown()
            )
        self._advance(may_be_regex)

    def _take(self, operator: str) -> bool:
        if self._is(operator):
            self._advance(may_be_regex=True)
            return True
        return False

    def _shown(self) -> str:
        return str(self._token.value)

    # ---- expressions

    def _expression(self, power: int) -> Tree:
        self._nesting += 1
        if self._nesting > NESTING_MAX:
            raise InvalidExpression("S0601", self._token.position)
        tree = self._prefix()
        chain = 0
        while self._token.kind == "operator" and _POWERS.get(self._token.value, 0) > power:
            tree = self._infix(tree)
            chain += 1
            if chain > CHAIN_MAX:
                raise InvalidExpression("S0601", self._token.position)
        self._nesting -= 1
        return tree

    def _prefix(self) -> Tree:
        token = self._token
        kind, value, position = token
        if kind == "end":
            raise InvalidExpression("S0207", position)
        if kind != "operator":
            self._advance(may_be_regex=False)
            return Tree(kind, position, value)
        if value not in _PREFIXES:
            raise InvalidExpression("S0211", position, token=value)
        if value in ("*", "**", "%", "and", "or", "in"):
            self._advance(may_be_regex=False)
            named = {"*": "wildcard", "**": "descendant", "%": "parent"}.get(value, "name")
            return Tree(named, position, value)
        self._advance(may_be_regex=True)
        if value == "-":
            return Tree("negative", position, left=self._expression(70))
        if value == "(":
            return self._block(position)
        if value == "[":
            return self._array(position)
        if value == "{":
            return Tree("object", position, pairs=self._pairs())
        return self._transform(position)

    def _block(self, position: int) -> Tree:
        parts = []
        while not self._is(")"):
            parts.append(self._expression(0))
            if not self._take(";"):
                break
        self._expect(")")
        return Tree("block", position, parts=parts)

    def _array(self, position: int) -> Tree:
        parts = []
        if not self._is("]"):
            while True:
                item = self._expression(0)
                if self._is(".."):
                    at = self._advance(may_be_regex=True).position
                    item = Tree("binary", at, "..", item, self._expression(0))
                parts.append(item)
                if not self._take(","):
                    break
        self._expect("]")
        return Tree("array", position, parts=parts)

    def _pairs(self) -> list[tuple[Tree, Tree]]:
        pairs = []
        if not self._is("}"):
            while True:
                name = self._expression(0)
                self._expect(":", may_be_regex=True)
                pairs.append((name, self._expression(0)))
                if not self._take(","):
                    break
        self._expect("}")
        return pairs

    def _transform(self, position: int) -> Tree:
        pattern = self._expression(0)
        self._expect("|", may_be_regex=True)
        update = self._expression(0)
        delete = self._expression(0) if self._take(",") else None
        self._expect("|")
        return Tree("transform", position, left=pattern, right=update, other=delete)

    def _infix(self, left: Tree) -> Tree:
        token = self._advance(may_be_regex=True)
        operator, position = token.value, token.position
        if operator == "(":
            return self._call(left, position)
        if operator == "[":
            return self._predicate(left, position)
        if operator == "{":
            return Tree("group", position, left=left, pairs=self._pairs())
        if operator == "^":
            return Tree("order", position, left=left, pairs=self._order())
        if operator == "?":
            then = self._expression(0)
            other = self._expression(0) if self._take(":") else None
            return Tree("condition", position, left=left, right=then, other=other)
        if operator == ":=":
            if left.kind != "variable":
                raise InvalidExpression("S0212", left.position)
            return Tree("bind", position, left.value, right=self._expression(9))
        right = self._expression(_POWERS[operator])
        if operator in "@#":
            if right.kind != "variable":
                raise InvalidExpression("S0214", right.position, token=operator)
            return Tree("focus" if operator == "@" else "index", position, right.value, left)
        return Tree("binary", position, operator, left, right)

    def _predicate(self, left: Tree, position: int) -> Tree:
        if self._is("]"):
            self._advance(may_be_regex=False)
            step = left
            while step.kind == "predicate":
                assert step.left is not None
                step = step.left
            step.keeps_array = True
            return left
        condition = self._expression(0)
        self._expect("]")
        return Tree("predicate", position, left=left, right=condition)

    def _order(self) -> list[tuple[Tree, Tree]]:
        """Each term, and whether it descends."""
        self._expect("(", may_be_regex=True)
        terms = []
        while True:
            at = self._token.position
            is_descending = self._take(">")
            if not is_descending:
                self._take("<")
            terms.append((self._expression(0), Tree("value", at, is_descending)))
            if not self._take(","):
                break
        self._expect(")")
        return terms

    def _call(self, procedure: Tree, position: int) -> Tree:
        args = []
        is_partial = False
        if not self._is(")"):
            while True:
                if self._is("?"):
                    at = self._advance(may_be_regex=False).position
                    is_partial = True
                    args.append(Tree("placeholder", at))
                else:
                    args.append(self._expression(0))
                if not self._take(","):
                    break
        self._expect(")")
        if procedure.kind == "name" and procedure.value in ("function", "λ"):
            return self._lambda(args, position)
        return Tree("partial" if is_partial else "call", position, left=procedure, parts=args)

    def _lambda(self, params: list[Tree], position: int) -> Tree:
        for place, param in enumerate(params, 1):
            if param.kind != "variable":
                raise InvalidExpression("S0208", param.position, value=str(param.value or place))
        signature = self._signature() if self._is("<") else None
        self._expect("{", may_be_regex=True)
        body = self._expression(0)
        self._expect("}")
        return Tree("lambda", position, left=body, parts=params, signature=signature)

    def _signature(self) -> Signature:
        at, depth, pieces = self._token.position, 0, []
        while True:
            token = self._advance(may_be_regex=False)
            if token.kind == "end" or token.value == "{":
                raise InvalidExpression("S0202", token.position, value=">", token=str(token.value))
            pieces.append(str(token.value))
            depth += (token.value == "<") - (token.value == ">")
            if depth == 0:
                return Signature("".join(pieces), at)
