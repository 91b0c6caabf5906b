"""JSON Schema, draft 4: a schema is compiled once, and then says where and why a value does not fit it.

Schemas come from users, so what they can cost is bounded: patterns are matched in linear time, nothing is ever
fetched, and a schema that unfolds into too many others is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from fogline.aws.schema_bounds import InvalidSchema, Schema, Unfolding

__all__ = ["InvalidSchema", "Validator", "compile_schema"]

_WORK_MAX = 50_000
"""How many schemas and parts of a value may meet while its errors are gathered. (That it fits takes less to say.)"""
_ERRORS_MAX = 20
_REASON_CHARACTERS_MAX = 300
_PATTERN_BYTES_MAX = 200_000
_PATTERN_CACHE_BYTES_MAX = 1_000_000


class Validator:
    """A compiled schema. Safe to use from any thread."""

    def __init__(self, compiled: Any, width: int) -> None:
        self._compiled = compiled
        self._width = width
        """How many schemas at most look into the parts of one and the same value."""

    def fits(self, value: Any) -> bool:
        """True if the value fits the schema."""
        try:
            return bool(self._compiled.is_valid(value))
        except ValueError:
            return False

    def errors(self, value: Any) -> list[str]:
        """Where and why the value does not fit, as `path: reason`; the first few of them, empty when it fits."""
        try:
            if not _is_little(value, self._width):
                return (
                    [] if self.fits(value) else ["$: it does not fit; it is too large to say why"]
                )
            return [
                f"{_path(error.instance_path)}: {_shortened(error.message)}"
                for error in islice(self._compiled.iter_errors(value), _ERRORS_MAX)
            ]
        except ValueError as broken:  # text that is not Unicode, values nested without end
            return [f"$: {_shortened(str(broken))}"]


def compile_schema(schema: Schema) -> Validator:
    """Make a validator of a schema (JSON values only). Raises InvalidSchema."""
    # Imported on first use: not everyone has schemas, and the library takes longer to load than a service.
    import jsonschema_rs

    unfolding = Unfolding(schema)
    unfolding.check()
    patterns = jsonschema_rs.RegexOptions(
        size_limit=_PATTERN_BYTES_MAX, dfa_size_limit=_PATTERN_CACHE_BYTES_MAX
    )
    try:
        compiled = jsonschema_rs.Draft4Validator(
            dict(schema), pattern_options=patterns, offline=True
        )
    except jsonschema_rs.ValidationError as broken:
        where = _path(broken.instance_path)
        hint = " that can be matched in linear time" if '"regex"' in broken.message else ""
        raise InvalidSchema(f"{where}: {_shortened(broken.message)}{hint}") from None
    except (ValueError, jsonschema_rs.ReferencingError) as broken:
        raise InvalidSchema(_shortened(str(broken).partition("\n")[0])) from None
    return Validator(compiled, unfolding.width)


def _is_little(value: Any, width: int) -> bool:
    """True if schemas of that width can be held against every part of the value without much work."""
    work, meeting, parts = 0, 1, [value]
    while parts:
        work += meeting * len(parts)
        if work > _WORK_MAX:
            return False
        inner: list[Any] = []
        for part in parts:
            if isinstance(part, Mapping):
                inner += part.values()
            elif isinstance(part, list):
                inner += part
        parts, meeting = inner, meeting * width
    return True


def _path(steps: list[str | int]) -> str:
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text or "$"


def _shortened(reason: str) -> str:
    if len(reason) <= _REASON_CHARACTERS_MAX:
        return reason
    half = _REASON_CHARACTERS_MAX // 2
    return f"{reason[:half]} ... {reason[-half:]}"
