"""Stage variables in addresses."""

from __future__ import annotations

from collections.abc import Mapping

_FRONT = "${stageVariables."


def with_stage_variables(text: str, variables: Mapping[str, str]) -> str:
    """The text with `${stageVariables.name}` filled in; what is not there leaves nothing."""
    if _FRONT not in text:
        return text
    first, *parts = text.split(_FRONT)
    filled = [first]
    for part in parts:
        name, end, rest = part.partition("}")
        filled.append(variables.get(name, "") + rest if end else _FRONT + part)
    return "".join(filled)
