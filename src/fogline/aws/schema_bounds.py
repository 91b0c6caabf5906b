"""What a JSON Schema leads to: the schemas in it, and how many there are once its references are followed.

Schemas come from users. One that unfolds without end, or into too many others, is refused before anyone uses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

LEVELS_MAX = 120
"""How deep a schema may be nested, and how long a chain of references may be."""
_UNFOLDED_MAX = 10_000
"""How many schemas may apply to one and the same value, once all references are followed."""
_EXPANDED_MAX = 1_000_000
"""How many schemas there are once each reference is replaced by what it means."""

_OF_LISTS = ("allOf", "anyOf", "oneOf")
_OF_MAPS = ("properties", "patternProperties", "definitions", "dependencies")
_OF_ONE = ("not", "items", "additionalItems", "additionalProperties")
_OF_PARTS = ("properties", "patternProperties", "items", "additionalItems", "additionalProperties")
"""Keywords whose schemas apply to parts of the value; the others apply to the value itself."""

_INDEX = re.compile("[0-9]{1,6}", re.ASCII)

Schema = Mapping[str, Any]


class InvalidSchema(Exception):
    """It is no schema of draft 4, or one that could not be held to a bound; the text says why."""


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


def find_in(document: Any, pointer: str) -> Any:
    """What a JSON pointer points at, or None."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, Mapping):
            document = document.get(name)
        elif isinstance(document, list) and _INDEX.fullmatch(name) and int(name) < len(document):
            document = document[int(name)]
        else:
            return None
    return document


class Unfolding:
    """Counts how many schemas apply to one value, through references and combinations.

    `width` is, for the worst value, how many look into the value's parts; known after `check`.
    """

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._counts: dict[int, tuple[int, int]] = {}
        """Of each schema: how many apply to its value, and how many of those look into the value's parts."""
        self.width = 1
        self._open: set[int] = set()

    def check(self) -> None:
        """Raises InvalidSchema for what is nested too deeply, unfolds too far, or refers to elsewhere."""
        self._check(self._root, 0)
        self._check_expanded()

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

    def _count(self, schema: Any, level: int) -> tuple[int, int]:
        if not isinstance(schema, Mapping):
            return 1, 0
        key = id(schema)
        if key in self._counts:
            return self._counts[key]
        if key in self._open:
            raise InvalidSchema("A schema refers to itself without end")
        if level > LEVELS_MAX:
            raise InvalidSchema(f"References may form chains of {LEVELS_MAX} at most")
        self._open.add(key)
        count, width = 1, int("$ref" not in schema and any(name in schema for name in _OF_PARTS))
        for inner in self._beside(schema):
            counts, widths = self._count(inner, level + 1)
            count, width = count + counts, width + widths
        if count > _UNFOLDED_MAX:
            raise InvalidSchema("A schema unfolds into too many others")
        self.width = max(self.width, width)
        self._open.discard(key)
        self._counts[key] = count, width
        return count, width

    def _check_expanded(self) -> None:
        """Add up the sizes of all schemas, the inner ones first; what refers to itself counts once."""
        sizes: dict[int, int] = {}
        way = [(self._root, iter(self._following(self._root)))]
        sizes[id(self._root)] = 1
        while way:
            schema, following = way[-1]
            inner = next(following, None)
            if inner is None:
                way.pop()
                if way:
                    sizes[id(way[-1][0])] += sizes[id(schema)]
            elif id(inner) in sizes:
                sizes[id(schema)] += sizes[id(inner)]
            else:
                self._count(inner, 0)  # references lead to places that were not walked through
                sizes[id(inner)] = 1
                way.append((inner, iter(self._following(inner))))
            if sizes[id(schema)] > _EXPANDED_MAX:
                raise InvalidSchema("A schema unfolds into too many others")

    def _following(self, schema: Schema) -> list[Schema]:
        """The schemas that this one leads to."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            found = [self._referred(reference)]
        else:
            found = [inner for word, _, inner in subschemas(schema) if word != "definitions"]
        return [each for each in found if isinstance(each, Mapping)]

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
