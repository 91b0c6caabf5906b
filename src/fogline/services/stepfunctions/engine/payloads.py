"""Payloads: the JSON texts that states are given and give, and how large they may be."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import orjson

from fogline.aws.states.failures import DATA_LIMIT_EXCEEDED, RUNTIME, StateFailed
from fogline.aws.states.texts import json_text

_DEPTH_MAX = 500
"""Of what states make: deeper values could not be written from everywhere."""


def read_payload(text: str | bytes) -> Any:
    """The value of a text that is known to be JSON."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:  # what only the standard library reads: numbers beyond 64 bits
        return json.loads(text)


def payload_text(value: Any) -> str:
    """A value as AWS writes it into histories: compact JSON. Raises StateFailed where it is nested too deeply."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # nested deeply, a number beyond 64 bits, or half a character
        _require_depth(value)
        return json_text(value)


def payload_bytes(value: Any) -> bytes:
    """The same, for values that were written before: of payloads, and a little around them."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


def _require_depth(value: Any) -> None:
    level = [value]
    for _ in range(_DEPTH_MAX):
        level = [
            part
            for each in level
            if isinstance(each, dict | list)
            for part in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise StateFailed(RUNTIME, f"A value is nested deeper than {_DEPTH_MAX} levels.")


def require_payload(text: str, of: str, bytes_max: int) -> None:
    """Raises StateFailed for a result of the state or task `of` that is too large.

    Recorded: test_lambda_value_size_limit. A character takes four bytes at most: most texts are not encoded
    to be counted.
    """
    if len(text) * 4 <= bytes_max or len(text.encode()) <= bytes_max:
        return
    raise StateFailed(
        DATA_LIMIT_EXCEEDED,
        f"The state/task '{of}' returned a result with a size exceeding the maximum number of bytes "
        "service limit.",
    )


def require_variables(texts: Iterable[str], state: str, bytes_max: int) -> None:
    """Raises StateFailed for values of variables that are too large together.

    https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html#variable-limits
    """
    if sum(len(text.encode()) for text in texts) > bytes_max:
        raise StateFailed(
            DATA_LIMIT_EXCEEDED,
            f"The state/task '{state}' sets variables with a size exceeding the maximum number of bytes "
            "service limit.",
        )


def require_input(text: str, state: str, bytes_max: int) -> None:
    """Raises StateFailed for an input that a state makes too large for its task, branch or iteration."""
    if len(text) * 4 > bytes_max and len(text.encode()) > bytes_max:
        raise StateFailed(
            DATA_LIMIT_EXCEEDED,
            f"The state/task '{state}' makes an input with a size exceeding the maximum number of bytes "
            "service limit.",
        )
