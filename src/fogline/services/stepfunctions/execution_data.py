"""Execution data: what events tell of inputs, outputs and results, and how they look without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DATA = frozenset(
    (
        "input",
        "inputDetails",
        "output",
        "outputDetails",
        "parameters",
        "assignedVariables",
        "assignedVariablesDetails",
    )
)


def without_data(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event, with nothing of what the execution works on."""
    return {
        name: {key: each for key, each in value.items() if key not in _DATA}
        if isinstance(value, dict)
        else value
        for name, value in event.items()
    }
