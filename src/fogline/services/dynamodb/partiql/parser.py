"""Reads a PartiQL statement, with its parameters, into what it asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from fogline.aws.errors import ValidationException
from fogline.services.dynamodb.expressions import nodes
from fogline.services.dynamodb.partiql.statements import Change, Exists, Insert, Select, Statement
from fogline.services.dynamodb.values import Item, Value, admit

T = TypeVar("T")

STATEMENT_CHARACTERS_MAX = 8_192
DEPTH_MAX = 60
OPERATORS_MAX = 300

_TOKEN = re.compile(
    r"""
    (?P<text>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<symbol><<|>>|<>|!=|<=|>=|\S)
    """,
    re.VERBOSE,
)
_COMPARATORS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_FUNCTIONS = {"begins_with": 2, "contains": 2, "attribute_type": 2}
_RETURNING = {
    ("ALL", "OLD"): "ALL_OLD",
    ("ALL", "NEW"): "ALL_NEW",
    ("MODIFIED", "OLD"): "UPDATED_OLD",
    ("MODIFIED", "NEW"): "UPDATED_NEW",
}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def read_statement(text: str, parameters: Sequence[Value]) -> Statement:
    """The statement that `text` spells. Raises ValidationException where it spells none."""
    return _Parser(text, parameters).statement()


class _Parser:
    def __init__(self, text: str, parameters: Sequence[Value]) -> None:
        if len(text) > STATEMENT_CHARACTERS_MAX:
            raise ValidationException("Statement length exceeds the maximum of 8192 characters")
        self._tokens = [
            _Token(found.lastgroup or "", found.group()) for found in _TOKEN.finditer(text)
        ]
        self._tokens.append(_Token("end", ""))
        self._at = 0
        self._depth = 0
        self._operators = 0
        self._parameters = list(parameters)
        self._used = 0
        self.values: dict[str, Value] = {}

    def statement(self) -> Statement:
        word = self._word()
        read: dict[str, Callable[[], Statement]] = {
            "SELECT": self._select,
            "INSERT": self._insert,
            "UPDATE": self._update,
            "DELETE": self._delete,
            "EXISTS": self._exists,
        }
        if word not in read:
            self._refuse()
        found = read[word]()
        self._skip(";")
        if self._token.kind != "end":
            self._refuse()
        if self._used != len(self._parameters):
            raise ValidationException("Number of parameters in request and statement don't match.")
        return found

    # ---- tokens

    @property
    def _token(self) -> _Token:
        return self._tokens[self._at]

    def _refuse(self) -> NoReturn:
        raise ValidationException(
            "Statement wasn't well formed, can't be processed: "
            f"Unexpected token {self._token.text or 'end of statement'}"[:400]
        )

    def _word(self) -> str:
        return self._token.text.upper() if self._token.kind == "name" else ""

    def _is(self, symbol: str) -> bool:
        return self._token.kind == "symbol" and self._token.text == symbol

    def _skip(self, symbol: str) -> bool:
        found = self._is(symbol)
        self._at += found
        return found

    def _skip_word(self, word: str) -> bool:
        found = self._word() == word
        self._at += found
        return found

    def _expect(self, symbol: str) -> None:
        if not self._skip(symbol):
            self._refuse()

    def _expect_word(self, *words: str) -> str:
        word = self._word()
        if word not in words:
            self._refuse()
        self._at += 1
        return word

    def _name(self) -> str:
        token = self._token
        if token.kind == "name":
            self._at += 1
            return token.text
        if token.kind == "quoted":
            self._at += 1
            return token.text[1:-1].replace('""', '"')
        self._refuse()

    def _listed(self, read: Callable[[], T], end: str) -> list[T]:
        found: list[T] = []
        if self._skip(end):
            return found
        found.append(read())
        while self._skip(","):
            found.append(read())
        self._expect(end)
        return found

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise ValidationException("The statement nests too deep.")

    def _count(self) -> None:
        self._operators += 1
        if self._operators > OPERATORS_MAX:
            raise ValidationException("The statement contains too many operators.")

    # ---- statements

    def _select(self) -> Select:
        self._expect_word("SELECT")
        paths: list[nodes.Path] = []
        if not self._skip("*"):
            paths.append(self._path())
            while self._skip(","):
                paths.append(self._path())
        self._expect_word("FROM")
        table = self._name()
        index = self._name() if self._skip(".") else ""
        where = self._condition() if self._skip_word("WHERE") else None
        is_forward = None
        if self._skip_word("ORDER"):
            self._expect_word("BY")
            self._path()
            is_forward = not self._skip_word("DESC")
            if is_forward:
                self._skip_word("ASC")
        return Select(table, index, tuple(paths), where, is_forward, self.values)

    def _exists(self) -> Exists:
        self._expect_word("EXISTS")
        self._expect("(")
        select = self._select()
        self._expect(")")
        return Exists(select)

    def _insert(self) -> Insert:
        self._expect_word("INSERT")
        self._expect_word("INTO")
        table = self._name()
        self._expect_word("VALUE")
        value = self._value()
        if "M" not in value:
            raise ValidationException("The value of an INSERT must be a tuple.")
        item: Item = value["M"]
        return Insert(table, item)

    def _update(self) -> Change:
        self._expect_word("UPDATE")
        table = self._name()
        actions: list[nodes.Action] = []
        while self._word() in ("SET", "REMOVE"):
            if self._expect_word("SET", "REMOVE") == "REMOVE":
                actions.append(nodes.Action("REMOVE", self._path(), None))
                continue
            actions.append(self._assignment())
            while self._skip(","):
                actions.append(self._assignment())
        if not actions:
            self._refuse()
        return self._where(Change(table, tuple(actions), self._required_where()))

    def _delete(self) -> Change:
        self._expect_word("DELETE")
        self._expect_word("FROM")
        return self._where(Change(self._name(), (), self._required_where()))

    def _required_where(self) -> nodes.Condition:
        self._expect_word("WHERE")
        return self._condition()

    def _where(self, change: Change) -> Change:
        change.values = self.values
        if self._skip_word("RETURNING"):
            first = self._expect_word("ALL", "MODIFIED")
            change.returning = _RETURNING[first, self._expect_word("OLD", "NEW")]
            self._expect("*")
        return change

    def _assignment(self) -> nodes.Action:
        path = self._path()
        self._expect("=")
        self._count()
        for function, section in (("SET_ADD", "ADD"), ("SET_DELETE", "DELETE")):
            if self._word() == function:
                self._at += 1
                self._expect("(")
                if self._path() != path:
                    raise ValidationException(f"{function.lower()} works on the path it is set to.")
                self._expect(",")
                operand = self._bound(self._value())
                self._expect(")")
                return nodes.Action(section, path, operand)
        left = self._operand("list_append", "if_not_exists")
        if self._is("+") or self._is("-"):
            operator = self._token.text
            self._at += 1
            left = nodes.Arithmetic(operator, left, self._operand("list_append", "if_not_exists"))
        return nodes.Action("SET", path, left)

    # ---- conditions

    def _condition(self) -> nodes.Condition:
        found = [self._conjunction()]
        while self._skip_word("OR"):
            self._count()
            found.append(self._conjunction())
        return found[0] if len(found) == 1 else nodes.Any(tuple(found))

    def _conjunction(self) -> nodes.Condition:
        found = [self._negation()]
        while self._skip_word("AND"):
            self._count()
            found.append(self._negation())
        return found[0] if len(found) == 1 else nodes.Every(tuple(found))

    def _negation(self) -> nodes.Condition:
        count = 0
        while self._skip_word("NOT"):
            self._count()
            count += 1
        if self._skip("("):
            self._deeper()
            condition = self._condition()
            self._expect(")")
            self._depth -= 1
        else:
            condition = self._predicate()
        return nodes.Not(condition) if count % 2 else condition

    def _predicate(self) -> nodes.Condition:
        function = self._token.text.lower()
        if self._token.kind == "name" and function in _FUNCTIONS:
            self._at += 1
            self._expect("(")
            operands = self._listed(self._operand, ")")
            if len(operands) != _FUNCTIONS[function]:
                self._refuse()
            return nodes.Function(function, tuple(operands))
        left = self._operand("size")
        self._count()
        if self._token.text in _COMPARATORS and self._token.kind == "symbol":
            operator = _COMPARATORS[self._token.text]
            self._at += 1
            return nodes.Comparison(operator, left, self._operand("size"))
        word = self._expect_word("BETWEEN", "IN", "IS")
        if word == "BETWEEN":
            low = self._operand()
            self._expect_word("AND")
            return nodes.Between(left, low, self._operand())
        if word == "IN":
            end = "]" if self._skip("[") else ")"
            if end == ")":
                self._expect("(")
            return nodes.In(left, tuple(self._listed(self._operand, end)))
        return self._is_state(left)

    def _is_state(self, left: nodes.Operand) -> nodes.Condition:
        is_not = self._skip_word("NOT")
        if self._expect_word("MISSING", "NULL") == "MISSING":
            name = "attribute_exists" if is_not else "attribute_not_exists"
            return nodes.Function(name, (left,))
        of_type = nodes.Function("attribute_type", (left, self._bound({"S": "NULL"})))
        return nodes.Not(of_type) if is_not else of_type

    # ---- operands

    def _path(self) -> nodes.Path:
        parts: list[str | int] = [self._name()]
        while True:
            if self._skip("."):
                parts.append(self._name())
            elif self._skip("["):
                if self._token.kind != "number" or not self._token.text.isdecimal():
                    self._refuse()
                parts.append(int(self._token.text[:9]))
                self._at += 1
                self._expect("]")
            else:
                return tuple(parts)

    def _operand(self, *functions: str) -> nodes.Operand:
        """A path, a value, or a call of one of `functions`."""
        word = self._token.text.lower() if self._token.kind == "name" else ""
        if word in functions and self._tokens[self._at + 1].text == "(":
            self._at += 2
            self._deeper()
            operands = self._listed(lambda: self._operand(*functions), ")")
            self._depth -= 1
            is_fit = len(operands) == (1 if word == "size" else 2)
            if not is_fit or (word != "list_append" and not _is_path(operands[0])):
                self._refuse()
            return nodes.Function(word, tuple(operands))
        is_path = self._token.kind == "quoted" or (
            self._token.kind == "name" and word not in ("true", "false", "null")
        )
        return nodes.PathOperand(self._path()) if is_path else self._bound(self._value())

    def _bound(self, value: Value) -> nodes.ValueOperand:
        admit(value)
        name = f":{len(self.values)}"
        self.values[name] = value
        return nodes.ValueOperand(name)

    def _value(self) -> Value:
        token = self._token
        if token.kind == "text":
            self._at += 1
            return {"S": token.text[1:-1].replace("''", "'")}
        if token.kind == "number" or token.text in ("-", "+"):
            sign = "-" if self._skip("-") else ""
            self._skip("+")
            if self._token.kind != "number":
                self._refuse()
            self._at += 1
            return {"N": sign + self._tokens[self._at - 1].text}
        if self._skip("?"):
            if self._used >= len(self._parameters):
                raise ValidationException(
                    "Number of parameters in request and statement don't match."
                )
            self._used += 1
            return self._parameters[self._used - 1]
        word = self._word()
        if word in ("TRUE", "FALSE"):
            self._at += 1
            return {"BOOL": word == "TRUE"}
        if self._skip_word("NULL"):
            return {"NULL": True}
        return self._collection()

    def _collection(self) -> Value:
        self._deeper()
        found: Value
        if self._skip("["):
            found = {"L": self._listed(self._value, "]")}
        elif self._skip("{"):
            found = {"M": dict(self._listed(self._pair, "}"))}
        elif self._skip("<<"):
            found = _set_of(self._listed(self._value, ">>"))
        else:
            self._refuse()
        self._depth -= 1
        return found

    def _pair(self) -> tuple[str, Value]:
        token = self._token
        if token.kind == "text":
            self._at += 1
            name = token.text[1:-1].replace("''", "'")
        else:
            name = self._name()
        self._expect(":")
        return name, self._value()


def _set_of(elements: list[Value]) -> Value:
    kinds = {next(iter(each)) for each in elements}
    if len(kinds) != 1 or not kinds <= {"S", "N", "B"}:
        raise ValidationException("A set holds texts, numbers or binary values of one type.")
    [kind] = kinds
    return {f"{kind}S": [each[kind] for each in elements]}


def _is_path(operand: nodes.Operand) -> bool:
    return isinstance(operand, nodes.PathOperand)
