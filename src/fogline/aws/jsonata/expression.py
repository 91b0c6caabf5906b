"""An expression: compiled once, evaluated often."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from fogline.aws.jsonata.compiler import compile_node
from fogline.aws.jsonata.errors import EvaluationFailed, InvalidExpression
from fogline.aws.jsonata.functions import FUNCTIONS
from fogline.aws.jsonata.limits import CACHED_MAX, STEPS_MAX
from fogline.aws.jsonata.parser import Parser
from fogline.aws.jsonata.references import References, references_of
from fogline.aws.jsonata.shape import Shaper
from fogline.aws.jsonata.values import MISSING, Frame, Node, Purse, Run, Sequence, plain


def _no_chance() -> float:
    raise EvaluationFailed("D3137", "There is no chance here")


def _no_id() -> str:
    raise EvaluationFailed("D3137", "There are no identifiers here")


class Expression:
    """A compiled expression; it keeps nothing of what it is evaluated with."""

    __slots__ = ("_node", "_references", "text")

    def __init__(self, text: str, node: Node, references: References) -> None:
        self.text = text
        self._node = node
        self._references = references

    @property
    def variables(self) -> frozenset[str]:
        """Variables that the expression takes from outside, `states` among them, without functions."""
        return self._references.variables

    @property
    def uses_context(self) -> bool:
        """True if it refers to `$`, `$$` or a bare name outside any path: in Step Functions they mean nothing."""
        return self._references.uses_context

    @property
    def context_names(self) -> tuple[str, ...]:
        """The bare names outside any path, and `$$`, in the order they stand."""
        return self._references.context_names

    def evaluate(
        self,
        variables: Mapping[str, Any],
        *,
        now: int = 0,
        next_chance: Callable[[], float] = _no_chance,
        new_id: Callable[[], str] = _no_id,
        context: Any = MISSING,
        steps: int = STEPS_MAX,
        purse: Purse | None = None,
    ) -> Any:
        """The result as JSON, or MISSING where there is none.

        Raises EvaluationFailed, and UnsupportedResult if the result is (or holds) a function. What is handed in
        is never changed; parts of it may be parts of the result.
        """
        root = context
        if isinstance(context, list):
            root = Sequence([context])
            root.is_wrapper = True
        if purse is not None:
            steps = min(steps, purse.steps)
        run = Run(root, now, next_chance, new_id, steps)
        frame = Frame(Frame(None, run, FUNCTIONS), run, dict(variables))
        try:
            result = self._node(root, frame)
            return MISSING if result is MISSING else plain(result, run)
        except RecursionError:
            raise EvaluationFailed("D1011") from None
        except ArithmeticError:
            raise EvaluationFailed("D1001", value="Infinity") from None
        finally:
            if purse is not None:
                purse.steps -= steps - max(run.steps, 0)


@lru_cache(CACHED_MAX)
def _compiled(text: str) -> Expression | InvalidExpression:
    try:
        tree = Parser(text).parse()
        references = references_of(tree)
        return Expression(text, compile_node(Shaper().shape(tree)), references)
    except InvalidExpression as error:
        return error
    except RecursionError:
        return InvalidExpression("S0601", 0)


def compile_expression(text: str) -> Expression:
    """Raises InvalidExpression. What was compiled before, or refused, is remembered."""
    compiled = _compiled(text)
    if isinstance(compiled, InvalidExpression):
        raise compiled
    return compiled
