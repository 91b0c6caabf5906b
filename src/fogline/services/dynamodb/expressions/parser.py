"""Reads expressions into trees.

One parser stands for one expression of one request. Errors of form are raised where they are met;
errors of meaning (an undefined name, a reserved word, a function out of place) wait until the whole
text has been read, as they do on AWS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NoReturn, TypeVar

from fogline.aws.errors import ValidationException
from fogline.services.dynamodb.expressions import nodes
from fogline.services.dynamodb.expressions.lexer import Token, tokens_of
from fogline.services.dynamodb.expressions.reserved_words import RESERVED_WORDS

T = TypeVar("T")

EXPRESSION_BYTES_MAX = 4_096
OPERATORS_MAX = 300
CHOICES_MAX = 100
DEPTH_MAX = 100
"""Of parentheses and functions; AWS has no such limit beside the one on operators."""

COMPARATORS = frozenset(("=", "<>", "<", "<=", ">", ">="))
CONDITION_FUNCTIONS = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
}
UPDATE_FUNCTIONS = {"if_not_exists": 2, "list_append": 2}
_OPERANDS = CONDITION_FUNCTIONS | UPDATE_FUNCTIONS
_NEEDS_PATH = frozenset(("attribute_exists", "attribute_not_exists", "if_not_exists"))


class Parser:
    """Reads one expression; `kind` is the parameter it came in, such as `FilterExpression`."""

    def __init__(self, kind: str, text: str, names: Mapping[str, str]) -> None:
        self.kind = kind
        self.names_used: dict[str, None] = {}
        self.values_used: dict[str, None] = {}
        self._text = text
        self._names = names
        self._problem: ValidationException | None = None
        self._operators = 0
        self._depth = 0
        self._grouped: nodes.Condition | None = None
        size = len(text.encode("utf-8", "surrogatepass"))
        if size > EXPRESSION_BYTES_MAX:
            raise self.invalid(
                "Expression size has exceeded the maximum allowed size;", f"expression size: {size}"
            )
        self._tokens = tokens_of(text)
        if len(self._tokens) == 1:
            raise self.invalid("The expression can not be empty;")
        self._at = 0

    def invalid(self, *text: str) -> ValidationException:
        return ValidationException(f"Invalid {self.kind}: {' '.join(text)}")

    # ---- the three kinds of text

    def read_condition(self) -> nodes.Condition:
        """The whole text as a condition (also a filter or a key condition)."""
        return self._whole(self._condition)

    def read_update(self) -> tuple[nodes.Action, ...]:
        """The whole text as the clauses of an update."""
        return self._whole(self._update)

    def read_projection(self) -> tuple[nodes.Path, ...]:
        """The whole text as a list of paths."""
        return self._whole(lambda: self._listed(self._path))

    def _whole(self, read: Callable[[], T]) -> T:
        tree = read()
        if self._token.kind != "end":
            self._refuse_token()
        if self._problem:
            raise self._problem
        if self._operators > OPERATORS_MAX:
            raise self._too_many_operators()
        return tree

    def _too_many_operators(self) -> ValidationException:
        return self.invalid(
            "The expression contains too many operators;", f"operator count: {self._operators}"
        )

    # ---- tokens

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _is_symbol(self, text: str) -> bool:
        return self._token.text == text and self._token.kind == "symbol"

    def _is_word(self, *words: str) -> bool:
        return self._token.kind == "name" and self._token.text.upper() in words

    def _expect(self, symbol: str) -> None:
        if not self._is_symbol(symbol):
            self._refuse_token()
        self._at += 1

    def _expect_word(self, word: str) -> None:
        if not self._is_word(word):
            self._refuse_token()
        self._at += 1

    def _refuse_token(self) -> NoReturn:
        before = self._tokens[max(self._at - 1, 0)]
        after = self._tokens[min(self._at + 1, len(self._tokens) - 1)]
        near = self._text[before.start : after.end].rstrip()
        raise self.invalid(f'Syntax error; token: "{self._token.text}", near: "{near}"')

    def _note(self, *text: str) -> None:
        if self._problem is None:
            self._problem = self.invalid(*text)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            self._operators = max(self._operators, OPERATORS_MAX + 1)
            raise self._too_many_operators()

    def _listed(self, read: Callable[[], T]) -> tuple[T, ...]:
        found = [read()]
        while self._is_symbol(","):
            self._at += 1
            found.append(read())
        return tuple(found)

    # ---- paths and operands

    def _path(self) -> nodes.Path:
        parts: list[str | int] = [self._path_name()]
        while True:
            if self._is_symbol("."):
                self._at += 1
                parts.append(self._path_name())
            elif self._is_symbol("["):
                self._at += 1
                if self._token.kind != "number":
                    self._refuse_token()
                parts.append(self._index(self._take().text))
                self._expect("]")
            else:
                return tuple(parts)

    def _index(self, digits: str) -> int:
        if len(digits) > 10:
            self._note(f"List index is not within the allowable range; index: [{digits}]")
            return 0
        return int(digits)

    def _path_name(self) -> str:
        token = self._token
        if token.kind == "alias":
            self._at += 1
            self.names_used[token.text] = None
            name = self._names.get(token.text)
            if name is None:
                self._note(
                    "An expression attribute name used in the document path is not defined;",
                    f"attribute name: {token.text}",
                )
                return ""
            return name
        if token.kind != "name":
            self._refuse_token()
        self._at += 1
        if token.text.upper() in RESERVED_WORDS:
            self._note(
                f"Attribute name is a reserved keyword; reserved keyword: {token.text}",
            )
        return token.text

    def _value(self) -> nodes.ValueOperand:
        name = self._take().text
        self.values_used[name] = None
        return nodes.ValueOperand(name)

    def _operand(self) -> nodes.Operand:
        token = self._token
        if token.kind == "value":
            return self._value()
        following = self._tokens[min(self._at + 1, len(self._tokens) - 1)]
        if token.kind == "name" and following.kind == "symbol" and following.text == "(":
            return self._function()
        return nodes.PathOperand(self._path())

    def _function(self) -> nodes.Function:
        name = self._take().text
        self._expect("(")
        self._deeper()
        self._operators += 1
        operands = self._listed(self._operand)
        self._expect(")")
        self._depth -= 1
        is_update = self.kind == "UpdateExpression"
        if name not in _OPERANDS:
            self._note(f"Invalid function name; function: {name}")
        elif name not in (UPDATE_FUNCTIONS if is_update else CONDITION_FUNCTIONS):
            place = "an update" if is_update else "a condition"
            self._note(f"The function is not allowed in {place} expression; function: {name}")
        elif len(operands) != _OPERANDS[name]:
            self._note(
                "Incorrect number of operands for operator or function;",
                f"operator or function: {name}, number of operands: {len(operands)}",
            )
        elif name in _NEEDS_PATH and not isinstance(operands[0], nodes.PathOperand):
            self._note(
                "Operator or function requires a document path;", f"operator or function: {name}"
            )
        for each in operands:
            if isinstance(each, nodes.Function) and each.name in CONDITION_FUNCTIONS:
                self._not_this_way(each)
        return nodes.Function(name, operands)

    def _not_this_way(self, function: nodes.Function) -> None:
        self._note(
            "The function is not allowed to be used this way in an expression;",
            f"function: {function.name}",
        )

    # ---- conditions

    def _condition(self) -> nodes.Condition:
        alternatives = [self._conjunction()]
        while self._is_word("OR"):
            self._at += 1
            self._operators += 1
            alternatives.append(self._conjunction())
        return alternatives[0] if len(alternatives) == 1 else nodes.Any(tuple(alternatives))

    def _conjunction(self) -> nodes.Condition:
        conditions = [self._negation()]
        while self._is_word("AND"):
            self._at += 1
            self._operators += 1
            conditions.append(self._negation())
        return conditions[0] if len(conditions) == 1 else nodes.Every(tuple(conditions))

    def _negation(self) -> nodes.Condition:
        count = 0
        while self._is_word("NOT"):
            self._at += 1
            count += 1
            self._operators += 1
            if self._operators > OPERATORS_MAX:
                raise self._too_many_operators()
        condition = self._group() if self._is_symbol("(") else self._predicate()
        # An even number of NOTs says nothing.
        return nodes.Not(condition) if count % 2 else condition

    def _group(self) -> nodes.Condition:
        self._expect("(")
        self._deeper()
        condition = self._condition()
        self._expect(")")
        self._depth -= 1
        if condition is self._grouped:
            self._note("The expression has redundant parentheses;")
        self._grouped = condition
        return condition

    def _predicate(self) -> nodes.Condition:
        left = self._operand()
        if self._token.kind == "symbol" and self._token.text in COMPARATORS:
            operator = self._take().text
            self._operators += 1
            comparison = nodes.Comparison(operator, left, self._operand())
            self._check_compared(operator, left, comparison.right)
            return comparison
        if self._is_word("BETWEEN"):
            self._at += 1
            self._operators += 1
            low = self._operand()
            self._expect_word("AND")
            between = nodes.Between(left, low, self._operand())
            self._check_compared("BETWEEN", left, low, between.high)
            return between
        if self._is_word("IN"):
            self._at += 1
            self._operators += 1
            self._expect("(")
            choices = self._listed(self._operand)
            self._expect(")")
            self._check_choices(left, choices)
            return nodes.In(left, choices)
        if not isinstance(left, nodes.Function):
            self._refuse_token()
        if left.name == "size":
            self._not_this_way(left)
        if left.name in ("begins_with", "contains", "attribute_type"):
            self._check_distinct(left.name, *left.operands)
        return left

    def _check_choices(self, operand: nodes.Operand, choices: tuple[nodes.Operand, ...]) -> None:
        if len(choices) > CHOICES_MAX:
            self._note(
                "The IN operator is provided with too many operands;",
                f"number of operands: {len(choices)}",
            )
        self._check_compared("IN", operand, *choices)

    def _check_compared(self, operator: str, first: nodes.Operand, *others: nodes.Operand) -> None:
        for each in (first, *others):
            if isinstance(each, nodes.Function) and each.name != "size":
                self._not_this_way(each)
        self._check_distinct(operator, first, *others)

    def _check_distinct(self, operator: str, first: nodes.Operand, *others: nodes.Operand) -> None:
        if isinstance(first, nodes.PathOperand) and first in others:
            self._note(
                "The first operand must be distinct from the remaining operands for this operator "
                "or function;",
                f"operator: {operator}, first operand: {nodes.spelled(first.path)}",
            )

    # ---- updates

    def _update(self) -> tuple[nodes.Action, ...]:
        actions: list[nodes.Action] = []
        sections: set[str] = set()
        while True:
            if not self._is_word("SET", "REMOVE", "ADD", "DELETE"):
                self._refuse_token()
            section = self._take().text.upper()
            if section in sections:
                self._note(
                    f'The "{section}" section can only be used once in an update expression;'
                )
            sections.add(section)
            actions.extend(self._listed(lambda: self._action(section)))  # noqa: B023
            if self._token.kind == "end":
                return tuple(actions)

    def _action(self, section: str) -> nodes.Action:
        path = self._path()
        self._operators += 1
        if section == "REMOVE":
            return nodes.Action(section, path, None)
        if section == "SET":
            self._expect("=")
            return nodes.Action(section, path, self._assigned())
        if self._token.kind != "value":
            self._refuse_token()
        return nodes.Action(section, path, self._value())

    def _assigned(self) -> nodes.Operand:
        is_grouped = self._is_symbol("(")
        if is_grouped:
            self._at += 1
        left = self._operand()
        if self._is_symbol("+") or self._is_symbol("-"):
            operator = self._take().text
            self._operators += 1
            left = nodes.Arithmetic(operator, left, self._operand())
        if is_grouped:
            self._expect(")")
        return left
