"""The sample mapping template of a model: a document of its shape, with every value taken from the request.

Source: https://docs.aws.amazon.com/apigateway/latest/api/API_GetModelTemplate.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DEPTH_MAX = 20
_LINES_MAX = 5_000


def sample_template(schema: Mapping[str, Any]) -> str:
    """A template in VTL."""
    definitions = schema.get("definitions")
    writer = _Writer(definitions if isinstance(definitions, dict) else {})
    body = writer.value(schema, "$inputRoot", 0)
    return f"#set($inputRoot = $input.path('$'))\n{body}"


class _Writer:
    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions
        self._lines = 0

    def value(self, schema: Any, source: str, depth: int) -> str:
        described = self._resolved(schema)
        self._lines += 1
        if depth > _DEPTH_MAX or self._lines > _LINES_MAX:
            return "null"
        kind, properties = described.get("type"), described.get("properties")
        if isinstance(properties, dict):
            return self._members(properties, source, depth)
        if kind == "array":
            return self._elements(described.get("items"), source, depth)
        if kind == "object":
            return "{ }"
        return f'"{source}"' if kind == "string" else source

    def _resolved(self, schema: Any) -> Mapping[str, Any]:
        for _ in range(_DEPTH_MAX):
            reference = schema.get("$ref") if isinstance(schema, dict) else None
            if not isinstance(reference, str):
                break
            schema = self._definitions.get(reference.rpartition("/")[2])
        return schema if isinstance(schema, dict) else {}

    def _members(self, properties: Mapping[str, Any], source: str, depth: int) -> str:
        inner = "  " * (depth + 1)
        written = [
            f'{inner}"{name}" : {self.value(schema, f"{source}.{name}", depth + 1)}'
            for name, schema in properties.items()
        ]
        return "{\n" + ",\n".join(written) + "\n" + "  " * depth + "}"

    def _elements(self, items: Any, source: str, depth: int) -> str:
        inner = "  " * (depth + 1)
        element = self.value(items, "$elem", depth + 1)
        return (
            f"[\n#foreach($elem in {source})\n{inner}{element}#if($foreach.hasNext),#end\n#end\n"
            + "  " * depth
            + "]"
        )
