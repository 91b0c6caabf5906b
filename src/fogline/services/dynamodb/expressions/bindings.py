"""The placeholders of one request: what `#name` and `:value` stand for, and whether all are used."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fogline.services.dynamodb.errors import ValidationException
from fogline.services.dynamodb.expressions import compiled
from fogline.services.dynamodb.expressions.compiled import Condition
from fogline.services.dynamodb.values import Value, admit

_ALIAS = re.compile(r"#[A-Za-z0-9_]+")
_PLACEHOLDER = re.compile(r":[A-Za-z0-9_]+")

_NONE: Mapping[str, Any] = {}


class Bindings:
    """The names and values of a request, checked as soon as they are seen.

    `expressions` are the parameters of the operation that may hold an expression; `legacy` those of
    its older form, which cannot be given together with them.
    """

    __slots__ = ("_names_used", "_values_used", "names", "values")

    def __init__(
        self,
        request: Mapping[str, Any],
        expressions: Sequence[str],
        legacy: Sequence[str] = (),
    ) -> None:
        for name in legacy:
            if name in request:
                _refuse_mixture(request, expressions, legacy)
                break
        self.names: Mapping[str, str] = _NONE
        self.values: Mapping[str, Value] = _NONE
        self._names_used: frozenset[str] = frozenset()
        self._values_used: tuple[str, ...] = ()
        if "ExpressionAttributeNames" in request or "ExpressionAttributeValues" in request:
            self._bind(request, expressions)

    def _bind(self, request: Mapping[str, Any], expressions: Sequence[str]) -> None:
        names = request.get("ExpressionAttributeNames")
        values = request.get("ExpressionAttributeValues")
        if not any(name in request for name in expressions):
            if names is not None:
                raise ValidationException(
                    "ExpressionAttributeNames can only be specified when using expressions"
                )
            # A projection binds no values, so it is not among those that are missing.
            missing = [name for name in expressions if name != "ProjectionExpression"]
            raise ValidationException(
                "ExpressionAttributeValues can only be specified when using expressions: "
                f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} null"
            )
        if names is not None:
            _check_names(names)
            self.names = names
        if values is not None:
            _check_values(values)
            self.values = values

    def condition(self, kind: str, text: str) -> Condition:
        return self._bound(compiled.condition(kind, text, self.names))

    def key_condition(self, text: str) -> compiled.KeyCondition:
        return self._bound(compiled.key_condition("KeyConditionExpression", text, self.names))

    def update(self, text: str) -> compiled.Update:
        return self._bound(compiled.update("UpdateExpression", text, self.names))

    def projection(self, text: str) -> compiled.Projection:
        return self._bound(compiled.projection("ProjectionExpression", text, self.names))

    def _bound(self, expression: compiled.E) -> compiled.E:
        expression.check(self.values)
        self._names_used |= expression.names_used
        self._values_used += expression.values_used
        return expression

    def refuse_unused(self) -> None:
        """Refuse what was given and stands in none of the expressions."""
        if len(self.names) > len(self._names_used):
            raise _unused("Names", self.names.keys() - self._names_used)
        if self.values:
            unused = self.values.keys() - set(self._values_used)
            if unused:
                raise _unused("Values", unused)


def _unused(what: str, keys: set[str]) -> ValidationException:
    return ValidationException(
        f"Value provided in ExpressionAttribute{what} unused in expressions: "
        f"keys: {{{', '.join(sorted(keys))}}}"
    )


def _check_names(names: Mapping[str, str]) -> None:
    if not names:
        raise ValidationException("ExpressionAttributeNames must not be empty")
    for alias, name in names.items():
        if not _ALIAS.fullmatch(alias):
            raise ValidationException(
                f'ExpressionAttributeNames contains invalid key: Syntax error; key: "{alias}"'
            )
        if not name:
            raise ValidationException(
                "ExpressionAttributeNames contains invalid value: "
                f"Empty attribute name for key {alias}"
            )


def _check_values(values: Mapping[str, Value]) -> None:
    if not values:
        raise ValidationException("ExpressionAttributeValues must not be empty")
    for name, value in values.items():
        if not _PLACEHOLDER.fullmatch(name):
            raise ValidationException(
                f'ExpressionAttributeValues contains invalid key: Syntax error; key: "{name}"'
            )
        try:
            admit(value)
        except ValidationException as refusal:
            raise ValidationException(
                f"ExpressionAttributeValues contains invalid value: {refusal.text} for key {name}"
            ) from None


def _refuse_mixture(
    request: Mapping[str, Any], expressions: Sequence[str], legacy: Sequence[str]
) -> None:
    new = [name for name in expressions if name in request]
    if new:
        old = [name for name in legacy if name in request]
        raise ValidationException(
            "Can not use both expression and non-expression parameters in the same request: "
            f"Non-expression parameters: {{{', '.join(old)}}} "
            f"Expression parameters: {{{', '.join(new)}}}"
        )
