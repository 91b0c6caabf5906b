"""The plan of an update: what will be added, modified, replaced and removed, as data.

It compares what stands (resource rows) with what a new template asks for, and is what a change set
shows. The engine compares once more when it gets to each resource, when all values are known.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fogline.ports.resources import ResourceType
from fogline.services.cloudformation.intrinsics import is_known
from fogline.services.cloudformation.references import references
from fogline.services.cloudformation.template import Resource


@dataclass(frozen=True, slots=True)
class Detail:
    """One reason why a resource changes."""

    attribute: str
    name: str = ""
    recreation: str = "Never"
    source: str = "DirectModification"
    evaluation: str = "Static"
    cause: str = ""
    before: Any = None
    after: Any = None
    change: str = "Modify"

    def described(self, with_values: bool) -> dict[str, Any]:
        target: dict[str, Any] = {
            "Attribute": self.attribute,
            "RequiresRecreation": self.recreation,
        }
        if self.name:
            target["Name"] = self.name
        if with_values:
            target["Path"] = f"/{self.attribute}/{self.name}" if self.name else f"/{self.attribute}"
            target["AttributeChangeType"] = self.change
            if self.before is not None:
                target["BeforeValue"] = _value_text(self.before)
            if self.after is not None:
                target["AfterValue"] = _value_text(self.after)
        shown = {"Target": target, "Evaluation": self.evaluation, "ChangeSource": self.source}
        if self.cause:
            shown["CausingEntity"] = self.cause
        return shown


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one resource."""

    action: str
    logical_id: str
    type: str
    physical_id: str = ""
    replacement: str = ""
    policy_action: str = ""
    scope: tuple[str, ...] = ()
    details: tuple[Detail, ...] = ()
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None

    def described(self, with_values: bool) -> dict[str, Any]:
        """As DescribeChangeSet shows it."""
        change: dict[str, Any] = {
            "Action": self.action,
            "LogicalResourceId": self.logical_id,
            "ResourceType": self.type,
            "Scope": list(self.scope),
            "Details": [detail.described(with_values) for detail in self.details],
        }
        if self.physical_id:
            change["PhysicalResourceId"] = self.physical_id
        if self.replacement:
            change["Replacement"] = self.replacement
        if self.policy_action:
            change["PolicyAction"] = self.policy_action
        if with_values:
            if self.before is not None:
                change["BeforeContext"] = _value_text({"Properties": self.before})
            if self.after is not None:
                change["AfterContext"] = _value_text({"Properties": self.after})
        return {"Type": "Resource", "ResourceChange": change}


@dataclass(frozen=True, slots=True)
class Standing:
    """A resource as it stands."""

    type: str
    physical_id: str
    properties: Mapping[str, Any]
    raw_properties: Mapping[str, Any]
    metadata: Any = None
    deletion_policy: str = "Delete"
    update_replace_policy: str = "Delete"


@dataclass(slots=True)
class Progress:
    """What the plan has found so far; the scope that evaluates properties reads it."""

    added: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    may_be_replaced: set[str] = field(default_factory=set)
    modified: set[str] = field(default_factory=set)

    def is_new(self, logical_id: str) -> bool:
        return logical_id in self.added or logical_id in self.replaced


def changed_properties(
    kind: ResourceType, before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, str]:
    """The top-level properties that differ, each with what that means: Never, Conditionally, Always."""
    changed: dict[str, str] = {}
    for name in [*before, *(key for key in after if key not in before)]:
        if before.get(name) != after.get(name) or (name in before) != (name in after):
            changed[name] = _recreation(kind, name, before.get(name), after.get(name))
    return changed


def _recreation(kind: ResourceType, name: str, before: Any, after: Any) -> str:
    if kind.update is None or name in kind.create_only:
        return "Always"
    if any(
        path.startswith(name + ".") and _at(before, path) != _at(after, path)
        for path in kind.create_only
    ):
        return "Always"
    if name in kind.conditional or any(
        path.startswith(name + ".") and _at(before, path) != _at(after, path)
        for path in kind.conditional
    ):
        return "Conditionally"
    return "Never"


def _at(value: Any, path: str) -> Any:
    for part in path.split(".")[1:]:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def replaces(
    kind: ResourceType,
    changed: Mapping[str, str],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> bool:
    """Whether these changes, all values known, make a new physical resource."""
    if "Always" in changed.values():
        return True
    if "Conditionally" in changed.values():
        return kind.replaces is None or kind.replaces(before, after)
    return False


def plan_changes(
    standing: Mapping[str, Standing],
    wanted: Mapping[str, Resource],
    order: list[str],
    kind_of: Callable[[str], ResourceType | None],
    evaluate: Callable[[Mapping[str, Any]], dict[str, Any]],
    changed_parameters: frozenset[str],
    progress: Progress,
    *,
    exactly: bool,
    tags_changed: bool = False,
) -> list[Change]:
    """Every change, by logical id. `order` names the wanted resources, those that are needed first.

    `evaluate` resolves properties with what `progress` says so far. `exactly` compares values alone, as a
    change set with property values does; otherwise a reference to an attribute of a modified resource
    counts as a possible change, too.
    """
    changes: list[Change] = []
    for logical_id in order:
        resource = wanted[logical_id]
        kind = kind_of(resource.type)
        present = standing.get(logical_id)
        if present is None:
            progress.added.add(logical_id)
            changes.append(
                Change("Add", logical_id, resource.type, after=evaluate(resource.properties))
            )
            continue
        if kind is None:
            continue
        change = _modification(
            present, resource, kind, evaluate, changed_parameters, progress, exactly, tags_changed
        )
        if change is not None:
            changes.append(change)
    for logical_id, present in standing.items():
        if logical_id not in wanted:
            changes.append(
                Change(
                    "Remove",
                    logical_id,
                    present.type,
                    present.physical_id,
                    policy_action="Retain"
                    if present.deletion_policy.startswith("Retain")
                    else present.deletion_policy,
                    before=present.properties,
                )
            )
    return sorted(changes, key=lambda change: change.logical_id)


def _modification(
    present: Standing,
    resource: Resource,
    kind: ResourceType,
    evaluate: Callable[[Mapping[str, Any]], dict[str, Any]],
    changed_parameters: frozenset[str],
    progress: Progress,
    exactly: bool,
    tags_changed: bool,
) -> Change | None:
    after = evaluate(resource.properties)
    changed = changed_properties(kind, present.properties, after)
    details: list[Detail] = []
    for name in [
        *present.properties,
        *(key for key in resource.properties if key not in present.properties),
    ]:
        if name in changed:
            details += _property_details(
                name, changed[name], present, resource, after, changed_parameters, progress, exactly
            )
        elif not exactly and name in resource.properties:
            details += _possible_details(name, kind, resource, progress)
    scope = ["Properties"] if details else []
    for attribute, old, new in (
        ("Metadata", present.metadata, resource.metadata),
        ("DeletionPolicy", present.deletion_policy, resource.deletion_policy),
        ("UpdateReplacePolicy", present.update_replace_policy, resource.update_replace_policy),
    ):
        if old != new:
            scope.append(attribute)
            details.append(Detail(attribute, before=old, after=new))
    if tags_changed and "Tags" in kind.properties:
        scope.append("Tags")
        details.append(Detail("Tags"))
    if not details:
        return None
    replacement = _replacement(details)
    logical_id = resource.logical_id
    progress.modified.add(logical_id)
    if replacement == "True":
        progress.replaced.add(logical_id)
    elif replacement == "Conditional":
        progress.may_be_replaced.add(logical_id)
    return Change(
        "Modify",
        logical_id,
        resource.type,
        present.physical_id,
        replacement,
        _replace_policy_action(resource) if replacement == "True" else "",
        tuple(scope),
        tuple(details),
        present.properties,
        after,
    )


def _replacement(details: list[Detail]) -> str:
    certain = {detail.recreation for detail in details if detail.evaluation == "Static"}
    possible = {detail.recreation for detail in details}
    if "Always" in certain:
        return "True"
    if "Always" in possible or "Conditionally" in possible:
        return "Conditional"
    return "False"


def _replace_policy_action(resource: Resource) -> str:
    return {
        "Retain": "ReplaceAndRetain",
        "Snapshot": "ReplaceAndSnapshot",
    }.get(resource.update_replace_policy, "ReplaceAndDelete")


def _property_details(
    name: str,
    recreation: str,
    present: Standing,
    resource: Resource,
    after: Mapping[str, Any],
    changed_parameters: frozenset[str],
    progress: Progress,
    exactly: bool,
) -> list[Detail]:
    """Why a property whose value changes does so: by hand, or through what it refers to."""
    old, new = present.properties.get(name), after.get(name)
    how = (
        "Modify"
        if name in present.properties and name in after
        else "Add"
        if name in after
        else "Remove"
    )
    common: dict[str, Any] = {"recreation": recreation, "before": old, "after": new, "change": how}
    raw_new = resource.properties.get(name)
    is_same_text = present.raw_properties.get(name) == raw_new and name in resource.properties
    causes: list[Detail] = []
    found = references(raw_new)
    if is_same_text:
        for parameter in sorted(found.names & changed_parameters):
            causes.append(
                Detail("Properties", name, source="ParameterReference", cause=parameter, **common)
            )
    by_parameter = bool(causes)
    causes += _resource_causes(name, found, common, progress)
    if by_parameter or (causes and exactly):
        causes.append(Detail("Properties", name, evaluation="Dynamic", **common))
    elif not causes:
        # A value only known after apply that nothing above explains may turn out the same.
        evaluation = "Static" if is_known(new) else "Dynamic"
        causes.append(Detail("Properties", name, evaluation=evaluation, **common))
    return causes


def _resource_causes(
    name: str, found: Any, common: dict[str, Any], progress: Progress
) -> list[Detail]:
    causes = []
    for logical_id in sorted(found.names):
        if progress.is_new(logical_id):
            causes.append(
                Detail("Properties", name, source="ResourceReference", cause=logical_id, **common)
            )
        elif logical_id in progress.may_be_replaced:
            causes.append(
                Detail(
                    "Properties",
                    name,
                    source="ResourceReference",
                    evaluation="Dynamic",
                    cause=logical_id,
                    **common,
                )
            )
    for logical_id, attribute in sorted(found.attributes | found.sub_attributes):
        if logical_id in progress.modified or logical_id in progress.added:
            causes.append(
                Detail(
                    "Properties",
                    name,
                    source="ResourceAttribute",
                    evaluation="Static" if progress.is_new(logical_id) else "Dynamic",
                    cause=f"{logical_id}.{attribute}",
                    **common,
                )
            )
    return causes


def _possible_details(
    name: str, kind: ResourceType, resource: Resource, progress: Progress
) -> list[Detail]:
    """A property whose value is the same as far as one can see, but reads what is being changed."""
    recreation = _recreation(kind, name, None, None)
    return _resource_causes(
        name, references(resource.properties[name]), {"recreation": recreation}, progress
    )


def _value_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
