"""JSON patterns: `{ $.status = 404 && $.user.name = "a*" }`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from fogline.services.logs.filter_patterns.expressions import (
    REGEXES_MAX,
    Expression,
    Reader,
    refuse,
    spelled,
    tokens_of,
)

_STEP = re.compile(r"""\.?\[(?:(\d+)|(\*)|"([^"]*)"|'([^']*)')\]|\.(?:([\w-]+)|(\*))""")
_VALUES_MAX = 10_000

Step = str | int | None
"""A name, an index, or None for every one."""


@dataclass(frozen=True, slots=True)
class Selectors:
    """Matches messages that are JSON objects or arrays."""

    expression: Expression
    steps: Mapping[str, tuple[Step, ...]]

    def matches(self, message: str) -> bool:
        document = _parsed(message)
        if document is None:
            return False
        return self.expression(lambda field: _values(document, self.steps[field]))

    def extract(self, message: str) -> Mapping[str, str]:
        document = _parsed(message)
        found: dict[str, str] = {}
        for field, steps in self.steps.items():
            for value in _values(document, steps):
                found[field] = (
                    orjson.dumps(value).decode()
                    if isinstance(value, (dict, list))
                    else spelled(value)
                )
                break
        return found


def read_selectors(text: str) -> Selectors:
    """Compile a pattern in braces."""
    if not text.endswith("}"):
        refuse("a brace is not closed")
    tokens = tokens_of(text[1:-1])
    if sum(kind == "regex" for kind, _ in tokens) > REGEXES_MAX:
        refuse(f"it has more than {REGEXES_MAX} regular expressions")
    reader = Reader(tokens, "field")
    expression = reader.read()
    return Selectors(expression, {field: _steps_of(field) for field in reader.fields})


def _steps_of(field: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    for index, every, double, single, name, all_names in _STEP.findall(field[1:]):
        if every or all_names:
            steps.append(None)
        else:
            steps.append(int(index) if index else double or single or name)
    return tuple(steps)


def _parsed(message: str) -> Any:
    if message.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return orjson.loads(message)
    except orjson.JSONDecodeError:
        return None


def _values(document: Any, steps: tuple[Step, ...]) -> Iterable[Any]:
    values = [document]
    for step in steps:
        below: list[Any] = []
        for value in values:
            if step is None:
                if isinstance(value, dict):
                    below += value.values()
                elif isinstance(value, list):
                    below += value
            elif isinstance(step, int):
                if isinstance(value, list) and step < len(value):
                    below.append(value[step])
            elif isinstance(value, dict) and step in value:
                below.append(value[step])
        values = below[:_VALUES_MAX]
    return values
