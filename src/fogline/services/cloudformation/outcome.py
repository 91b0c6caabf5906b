"""What a finished stack shows: its outputs and its exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fogline.ports.resources import text as as_text
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.intrinsics import NO_VALUE, evaluate
from fogline.services.cloudformation.resource_scope import ResourceScope
from fogline.services.cloudformation.template import Template


@dataclass(frozen=True, slots=True)
class Outputs:
    """The outputs as DescribeStacks shows them, and the exports by name."""

    described: list[dict[str, Any]]
    exports: Mapping[str, str]


def outputs_of(template: Template, scope: ResourceScope, resolve: Callable[[Any], Any]) -> Outputs:
    """The outputs whose conditions hold, by name."""
    described: list[dict[str, Any]] = []
    exports: dict[str, str] = {}
    for name in sorted(template.outputs):
        output = template.outputs[name]
        if output.condition is not None and not scope.condition(output.condition):
            continue
        value = resolve(evaluate(output.value, scope))
        if value is NO_VALUE:
            continue
        shown: dict[str, Any] = {"OutputKey": name, "OutputValue": _text(name, value)}
        if output.description is not None:
            shown["Description"] = as_text(output.description)
        if output.export is not None:
            export = _text(name, evaluate(output.export, scope))
            if export in exports:
                raise ValidationError(f"Duplicate Export names: {export}")
            exports[export] = shown["OutputValue"]
            shown["ExportName"] = export
        described.append(shown)
    return Outputs(described, exports)


def _text(name: str, value: Any) -> str:
    if isinstance(value, dict | list) or value is NO_VALUE:
        raise ValidationError(
            f"Template format error: Output {name} is malformed. The Value field of every Outputs member must "
            "evaluate to a String."
        )
    return as_text(value)
