from collections.abc import Callable
from typing import Any

import pytest

from fogline.aws.jsonata import compile_expression


@pytest.fixture
def evaluate() -> Callable[..., Any]:
    """Evaluates an expression with the given variables; chance is always one half."""

    def evaluate(text: str, **variables: Any) -> Any:
        return compile_expression(text).evaluate(
            variables,
            now=1_700_000_000_123,
            next_chance=lambda: 0.5,
            new_id=lambda: "0b9f7a5e-0000-4000-8000-000000000001",
        )

    return evaluate
