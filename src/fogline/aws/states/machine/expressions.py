"""What is wrong with a path, an expression or a text of JSONata, in the words AWS has for it; and what they read."""

from __future__ import annotations

from typing import Any

from fogline.aws import jsonata
from fogline.aws.jsonpath import InvalidPath, compile_path, compile_reference
from fogline.aws.states.expressions import compile_expression
from fogline.aws.states.failures import InvalidExpression
from fogline.aws.states.machine.diagnostic import Code
from fogline.aws.states.payload_templates import compile_template

INVALID_PATH = "Value must be a valid JSONPath."


def is_path(text: str) -> bool:
    """A path into the input (`$`), the context object (`$$`) or a variable (`$name`)."""
    try:
        compile_path(text)
    except InvalidPath:
        return False
    return True


def reference_problem(text: str, *, may_read_context: bool) -> str | None:
    """Why the text names no single value. AWS takes the context object only where a Choice compares."""
    if not text.startswith("$"):
        return "Value is not a Reference Path: Reference path didn't start with '$'"
    try:
        path = compile_path(text)
    except InvalidPath as invalid:
        return f"Value is not a Reference Path: {invalid}"
    if path.root == "$$" and not may_read_context:
        return "Value is not a Reference Path: the Context object cannot be used here"
    if not path.is_definite:
        return "Value is not a Reference Path: it may name more than one value"
    return None


def result_path_problem(text: str) -> str | None:
    """Why no result can be put there: it must be a single place in the input."""
    if not text.startswith("$"):
        return "Value is not a Reference Path: Reference path didn't start with '$'"
    try:
        compile_reference(text)
    except InvalidPath as invalid:
        return f"Value is not a Reference Path: {invalid}"
    return None


def is_expression(value: Any) -> bool:
    """Whether a field `x.$` of a payload template may have this value: a path, or a call of an intrinsic function."""
    if not isinstance(value, str):
        return False
    try:
        compile_expression(value)
    except InvalidExpression:
        return False
    return True


def looks_like_expression(value: Any) -> bool:
    """Whether someone seems to have meant an expression (the warnings NO_DOLLAR, NO_PATH, PASS_RESULT_IS_STATIC)."""
    if not isinstance(value, str) or not value.startswith(("$.", "$$.", "$[", "States.")):
        return False
    return is_expression(value)


def jsonata_problems(text: str) -> list[tuple[Code, str]]:
    """What AWS refuses in a text of JSONata (measured: syntax, and names where there is nothing to look in)."""
    try:
        expression = jsonata.compile_expression(text)
    except jsonata.InvalidExpression as invalid:
        return [(Code.INVALID_JSONATA_EXPRESSION, invalid.message)]
    return [_unknown(name) for name in expression.context_names]


def _unknown(name: str) -> tuple[Code, str]:
    if name == "$$":
        return Code.INVALID_JSONATA_EXPRESSION, "The symbol '$$' is not supported."
    message = f"Reference to '{name}' at the top level is not supported."
    return Code.UNSUPPORTED_JSONATA_EXPRESSION, message


def variables_in_path(text: Any) -> frozenset[str]:
    """The variables that a path, or an intrinsic function's call, reads."""
    if not isinstance(text, str) or not is_expression(text):
        return frozenset()
    return frozenset(compile_expression(text).variables)


def variables_in_template(template: Any) -> frozenset[str]:
    try:
        return frozenset(compile_template(template).variables)
    except InvalidExpression:
        return frozenset()


def variables_in_jsonata(value: Any) -> frozenset[str]:
    """The variables that all expressions in a value read, without the reserved `$states`."""
    found: set[str] = set()
    for _, text in jsonata.expressions_in(value):
        try:
            found |= jsonata.compile_expression(text).variables
        except jsonata.InvalidExpression:
            continue
    return frozenset(found - {"states"})
