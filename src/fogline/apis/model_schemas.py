"""Schemas of models, as requests bring them: read, and refused where they are none."""

from __future__ import annotations

from typing import Any

import orjson

from fogline.apis.errors import BadRequestException
from fogline.aws.schema_bounds import LEVELS_MAX


def check_model_schema(schema: str) -> None:
    """Raises BadRequestException."""
    try:
        read = orjson.loads(schema)
    except ValueError:
        read = None
    if not isinstance(read, dict) or _is_too_deep(read):
        raise BadRequestException(
            "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]"
        )


def _is_too_deep(value: Any) -> bool:
    """Whether it is nested deeper than whoever walks through it would follow."""
    level = [value]
    for _ in range(LEVELS_MAX):
        level = [
            inner
            for each in level
            if isinstance(each, (dict, list))
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return bool(level)
