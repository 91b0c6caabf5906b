"""What names mean before any resource exists: parameters, pseudo parameters, mappings, conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.intrinsics import KNOWN_AFTER_APPLY, NO_VALUE, truth


def zones_of(region: str) -> list[str]:
    """The availability zones of a region: three, named as AWS names them."""
    return [region + letter for letter in "abc"]


class ParameterScope:
    """Answers parameters, pseudo parameters, mappings and conditions; of all else it knows nothing."""

    def __init__(
        self,
        account: str,
        region: str,
        parameters: Mapping[str, Any],
        mappings: Mapping[str, Any],
        conditions: Mapping[str, Any] | None = None,
        *,
        stack_id: str = "",
        stack_name: str = "",
        notification_arns: list[str] | None = None,
    ) -> None:
        self._values: dict[str, Any] = {
            **parameters,
            "AWS::AccountId": account,
            "AWS::Region": region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": NO_VALUE,
            "AWS::NotificationARNs": notification_arns or [],
        }
        if stack_id:
            self._values["AWS::StackId"] = stack_id
            self._values["AWS::StackName"] = stack_name
        self._mappings = mappings
        self._definitions = conditions or {}
        self._truths: dict[str, bool] = {}
        self._asked: set[str] = set()

    def reference(self, name: str) -> Any:
        return self._known(name) if name in self._values else KNOWN_AFTER_APPLY

    def _known(self, name: str) -> Any:
        # A parameter may have `AWS::NoValue` for its value, and means it (recorded).
        value = self._values[name]
        return NO_VALUE if value == "AWS::NoValue" else value

    def attribute(self, logical_id: str, name: str) -> Any:
        return KNOWN_AFTER_APPLY

    def condition(self, name: str) -> bool:
        if name not in self._truths:
            if name not in self._definitions:
                raise ValidationError(
                    f"Template error: unresolved condition dependency {name} in Fn::If"
                )
            if name in self._asked:
                raise ValidationError(
                    f"Template format error: Circular dependencies between conditions: [{name}]"
                )
            self._asked.add(name)
            self._truths[name] = truth(self._definitions[name], self)
        return self._truths[name]

    def mapping(self, name: str) -> Mapping[str, Any] | None:
        found = self._mappings.get(name)
        return found if isinstance(found, dict) else None

    def imported(self, export: str) -> Any:
        return KNOWN_AFTER_APPLY

    def zones(self, region: str) -> list[str]:
        return zones_of(region)
