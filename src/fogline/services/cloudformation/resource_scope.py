"""What names mean once resources exist: references and attributes of what stands in a stack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.intrinsics import KNOWN_AFTER_APPLY
from fogline.services.cloudformation.parameter_scope import ParameterScope

_Row = Mapping[str, Any]


class ResourceScope(ParameterScope):
    """Answers resources from their rows. `is_final`: what is not there is an error, not yet unknown.

    `imports` gathers the names of the exports that were asked for.
    """

    def __init__(
        self,
        account: str,
        region: str,
        parameters: Mapping[str, Any],
        mappings: Mapping[str, Any],
        conditions: Mapping[str, Any],
        *,
        stack_id: str,
        stack_name: str,
        notification_arns: list[str] | None = None,
        find: Callable[[str], _Row | None],
        export: Callable[[str], str | None],
        is_final: bool,
    ) -> None:
        super().__init__(
            account,
            region,
            parameters,
            mappings,
            conditions,
            stack_id=stack_id,
            stack_name=stack_name,
            notification_arns=notification_arns,
        )
        self._find = find
        self._export = export
        self._is_final = is_final
        self.imports: set[str] = set()

    def reference(self, name: str) -> Any:
        if name in self._values:
            return self._known(name)
        row = self._find(name)
        if row is not None:
            return row["physical_id"]
        if self._is_final:
            raise ValidationError(f"Unresolved resource dependencies [{name}]")
        return KNOWN_AFTER_APPLY

    def attribute(self, logical_id: str, name: str) -> Any:
        row = self._find(logical_id)
        if row is None:
            if self._is_final:
                raise ValidationError(f"Unresolved resource dependencies [{logical_id}]")
            return KNOWN_AFTER_APPLY
        if name in row["attributes"]:
            return row["attributes"][name]
        if self._is_final:
            raise ValidationError(
                f"Resource type {row['type']} does not support attribute {{{name}}}."
            )
        return KNOWN_AFTER_APPLY

    def imported(self, export: str) -> Any:
        self.imports.add(export)
        value = self._export(export)
        if value is None:
            if self._is_final:
                raise ValidationError(f"No export named {export} found.")
            return KNOWN_AFTER_APPLY
        return value
