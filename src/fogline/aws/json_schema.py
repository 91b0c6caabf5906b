"""JSON Schema, draft 4: a schema is compiled once, and then says where and why a value does not fit it.

Schemas come from users, so what they can cost is bounded: patterns are matched in linear time, nothing is ever
fetched, and a schema that unfolds into too many others is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import unquote

LEVELS_MAX = 120
"""How deep a schema may be nested, and how long a chain of references may be."""
_UNFOLDED_MAX = 10_000
"""How many schemas may apply to one and the same value, once all references are followed."""
_ERRORS_MAX = 20
_REASON_CHARACTERS_MAX = 300
_PATTERN_BYTES_MAX = 200_000
_PATTERN_CACHE_BYTES_MAX = 1_000_000

_OF_LISTS = ("allOf", "anyOf", "oneOf")
_OF_MAPS = ("properties", "patternProperties", "definitions", "dependencies")
_OF_ONE = ("not", "items", "additionalItems", "additionalProperties")

Schema = Mapping[str, Any]


class InvalidSchema(Exception):
    """It is no schema of draft 4, or one that could not be held to a bound; the text says why."""


class Validator:
    """A compiled schema. Safe to use from any thread."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def fits(self, value: Any) -> bool:
        """True if the value fits the schema."""
        try:
            return bool(self._compiled.is_valid(value))
        except ValueError:
            return False

    def errors(self, value: Any) -> list[str]:
        """Where and why the value does not fit, as `path: reason`; the first few of them, empty when it fits."""
        try:
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

    _Unfolding(schema).check()
    patterns = jsonschema_rs.RegexOptions(
        size_limit=_PATTERN_BYTES_MAX, dfa_size_limit=_PATTERN_CACHE_BYTES_MAX
    )
    try:
        return Validator(
            jsonschema_rs.Draft4Validator(dict(schema), pattern_options=patterns, offline=True)
        )
    except jsonschema_rs.ValidationError as broken:
        where = _path(broken.instance_path)
        hint = " that can be matched in linear time" if '"regex"' in broken.message else ""
        raise InvalidSchema(f"{where}: {_shortened(broken.message)}{hint}") from None
    except (ValueError, jsonschema_rs.ReferencingError) as broken:
        raise InvalidSchema(_shortened(str(broken).partition("\n")[0])) from None


def subschemas(schema: Schema) -> Iterator[tuple[str, str, Any]]:
    """Keyword, name (or "") and schema of every schema that stands directly in this one."""
    for keyword in _OF_LISTS:
        inner = schema.get(keyword)
        if isinstance(inner, list):
            for each in inner:
                yield keyword, "", each
    for keyword in _OF_MAPS:
        inner = schema.get(keyword)
        if isinstance(inner, Mapping):
            for name, each in inner.items():
                yield keyword, name, each
    for keyword in _OF_ONE:
        inner = schema.get(keyword)
        if isinstance(inner, list):
            for each in inner:
                yield keyword, "", each
        elif inner is not None:
            yield keyword, "", inner


class _Unfolding:
    """Counts how many schemas apply to one value, through references and combinations."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._counts: dict[int, int] = {}
        self._open: set[int] = set()

    def check(self) -> None:
        """Raises InvalidSchema for what is nested too deeply, unfolds too far, or refers to elsewhere."""
        self._check(self._root, 0)

    def _check(self, schema: Any, level: int) -> None:
        if not isinstance(schema, Mapping):
            return
        if level > LEVELS_MAX:
            raise InvalidSchema(f"A schema may be nested {LEVELS_MAX} levels deep at most")
        if level and isinstance(schema.get("id"), str):
            raise InvalidSchema("Only the outermost schema may have an id")
        self._count(schema, 0)
        for _, _, inner in subschemas(schema):
            self._check(inner, level + 1)

    def _count(self, schema: Any, level: int) -> int:
        if not isinstance(schema, Mapping):
            return 1
        key = id(schema)
        if key in self._counts:
            return self._counts[key]
        if key in self._open:
            raise InvalidSchema("A schema refers to itself without end")
        if level > LEVELS_MAX:
            raise InvalidSchema(f"References may form chains of {LEVELS_MAX} at most")
        self._open.add(key)
        count = 1
        for inner in self._beside(schema):
            count += self._count(inner, level + 1)
        if count > _UNFOLDED_MAX:
            raise InvalidSchema("A schema unfolds into too many others")
        self._open.discard(key)
        self._counts[key] = count
        return count

    def _beside(self, schema: Schema) -> list[Any]:
        """The schemas that apply to the same value as this one."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return [self._referred(reference)]
        return [
            inner
            for keyword, _, inner in subschemas(schema)
            if keyword in _OF_LISTS or keyword in ("not", "dependencies")
        ]

    def _referred(self, reference: str) -> Any:
        if reference != "#" and not reference.startswith("#/"):
            raise InvalidSchema(f"Only references within the schema are followed, not {reference}")
        found = find_in(self._root, unquote(reference[1:]))
        if found is None:
            raise InvalidSchema(f"The reference {reference} leads nowhere")
        return found


def find_in(document: Any, pointer: str) -> Any:
    """What a JSON pointer points at, or None."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, Mapping):
            document = document.get(name)
        elif isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        else:
            return None
    return document


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
