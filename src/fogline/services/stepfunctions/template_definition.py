"""The definition of a state machine as a template gives it: as a text, as an object, or as a file in S3."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import orjson

from fogline.ports.resources import Context, Properties, ResourceRefused, text
from fogline.services.stepfunctions.limits import Limits

SOURCES = ("Definition", "DefinitionS3Location", "DefinitionString")

_BYTES_MAX = Limits().definition_bytes_max
_VALUES_MAX = _BYTES_MAX
_SUBSTITUTED = re.compile(r"\$\{([^${}\s]{1,256})\}")


def check_sources(properties: Properties) -> str | None:
    """Why this is not one definition; None if it is."""
    given = [name for name in SOURCES if properties.get(name) is not None]
    if len(given) != 1:
        return f"Exactly one of {', '.join(SOURCES)} must be given."
    value = properties[given[0]]
    wanted = (str, "a text") if given[0] == "DefinitionString" else (Mapping, "an object")
    if not isinstance(value, wanted[0]):
        return f"{given[0]} must be {wanted[1]}."
    substitutions = properties.get("DefinitionSubstitutions", {})
    if not isinstance(substitutions, Mapping) or any(
        isinstance(one, (Mapping, list)) for one in substitutions.values()
    ):
        return "DefinitionSubstitutions must be a map of names to plain values."
    return None


def read_definition(context: Context, properties: Properties) -> str:
    """The definition, with its substitutions. Raises ResourceRefused."""
    if (location := properties.get("DefinitionS3Location")) is not None:
        return _as_json(_substituted(_fetch(context, location), properties))
    if (written := properties.get("DefinitionString")) is not None:
        return _substituted(written, properties)
    return _substituted(json.dumps(properties["Definition"], ensure_ascii=False), properties)


def _substituted(definition: str, properties: Properties) -> str:
    """`${name}` gives way to what the map says, in the text as it stands; names that it does not know stay."""
    values = properties.get("DefinitionSubstitutions") or {}

    def replacement(match: re.Match[str]) -> str:
        return text(values[match[1]]) if match[1] in values else match[0]

    return _SUBSTITUTED.sub(replacement, definition) if values else definition


def _fetch(context: Context, location: Mapping[str, Any]) -> str:
    request = {
        "Bucket": location.get("Bucket"),
        "Key": location.get("Key"),
        "VersionId": location.get("Version"),
    }
    body = context.ask("s3", "GetObject", request)["Body"]
    content: bytes = body if isinstance(body, bytes) else body.read(_BYTES_MAX + 1)
    if len(content) > _BYTES_MAX:
        raise ResourceRefused(f"The definition in {request['Key']} is too large.")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise ResourceRefused(f"The definition in {request['Key']} is not UTF-8.") from None


def _as_json(definition: str) -> str:
    """A file may be written in YAML; what begins as JSON is left alone, so that its errors are told as they are."""
    if definition.lstrip().startswith("{"):
        return definition
    import yaml

    class Loader(yaml.SafeLoader):
        """Reads what looks like a date as text: JSON has none."""

        yaml_implicit_resolvers = {
            first: [each for each in rules if each[0] != "tag:yaml.org,2002:timestamp"]
            for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    try:
        document = yaml.load(definition, Loader)  # noqa: S506 - a SafeLoader
        if _count(document, {}) > _VALUES_MAX:
            raise ResourceRefused("The definition is too large once its aliases are written out.")
        return orjson.dumps(document).decode()
    except (yaml.YAMLError, orjson.JSONEncodeError, RecursionError) as error:
        raise ResourceRefused(f"The definition is neither JSON nor YAML: {error}") from None


def _count(value: Any, known: dict[int, int]) -> int:
    """How many values there are, each counted as often as it is named."""
    if not isinstance(value, (dict, list)):
        return 1
    if id(value) not in known:
        members = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_count(one, known) for one in members)
    return known[id(value)]
