"""A template taken apart: its sections, checked as CloudFormation checks them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fogline.services.cloudformation.circles import circle_of
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.limits import LIMITS, Limits
from fogline.services.cloudformation.references import References, references
from fogline.services.cloudformation.rules import check_rules

VERSION = "2010-09-09"
_SECTIONS = frozenset(
    ("AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions",
     "Transform", "Hooks", "Resources", "Outputs")
)  # fmt: skip
_MAPS = (
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Hooks",
    "Resources",
    "Outputs",
)
_RESOURCE_MEMBERS = frozenset(
    ("Type", "Properties", "DependsOn", "Condition", "Metadata", "DeletionPolicy", "UpdateReplacePolicy",
     "CreationPolicy", "UpdatePolicy", "Description")
)  # fmt: skip
_DELETION_POLICIES = ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot")
_REPLACE_POLICIES = ("Delete", "Retain", "Snapshot")
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]+\Z")

PSEUDO_PARAMETERS = frozenset(
    ("AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition", "AWS::Region",
     "AWS::StackId", "AWS::StackName", "AWS::URLSuffix")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Resource:
    """One entry of the Resources section, unresolved."""

    logical_id: str
    type: str
    properties: Mapping[str, Any]
    depends_on: tuple[str, ...] = ()
    condition: str | None = None
    deletion_policy: Any = "Delete"
    update_replace_policy: Any = "Delete"
    metadata: Any = None
    creation_policy: Any = None
    update_policy: Any = None


@dataclass(frozen=True, slots=True)
class Output:
    """One entry of the Outputs section, unresolved."""

    name: str
    value: Any
    description: Any = None
    export: Any = None
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A template without transforms, or after them."""

    document: Mapping[str, Any]
    description: str = ""
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    mappings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)
    resources: Mapping[str, Resource] = field(default_factory=dict)
    outputs: Mapping[str, Output] = field(default_factory=dict)

    def types(self) -> list[str]:
        """The types it names, each once, sorted."""
        return sorted({resource.type for resource in self.resources.values()})


def declared_transforms(document: Mapping[str, Any]) -> list[Any]:
    """The entries of the Transform section, in order: names, or maps of Name and Parameters."""
    declared = document.get("Transform")
    if declared is None:
        return []
    entries = declared if isinstance(declared, list) else [declared]
    for entry in entries:
        name = entry.get("Name") if isinstance(entry, dict) else entry
        if not isinstance(name, str):
            raise ValidationError(
                "Template format error: Every Transform must have a name of type String."
            )
    return entries


def read_template(document: Mapping[str, Any], limits: Limits = LIMITS) -> Template:
    """The template in `document`, every part of it checked, apart from what its values say."""
    check_sections(document)
    parameters = check_parameters(document.get("Parameters", {}), limits)
    resources = _resources(document.get("Resources"), limits)
    check_rules(document.get("Rules", {}), parameters)
    template = Template(
        document=document,
        description=str(document.get("Description", "")),
        parameters=parameters,
        mappings=_mappings(document.get("Mappings", {}), limits),
        conditions=document.get("Conditions", {}),
        resources=resources,
        outputs=_outputs(document.get("Outputs", {}), limits),
    )
    _check_names(template)
    _check_conditions(template)
    _check_resources(template)
    _check_outputs(template)
    return template


def check_sections(document: Mapping[str, Any]) -> None:
    """The outermost shape, which must be right even before transforms."""
    unknown = sorted(key for key in document if key not in _SECTIONS)
    if unknown and not ("Globals" in unknown and "Transform" in document):
        raise ValidationError(f"Invalid template property or properties [{', '.join(unknown)}]")
    version = document.get("AWSTemplateFormatVersion", VERSION)
    if version != VERSION:
        raise ValidationError(
            "Template format error: unsupported value for AWSTemplateFormatVersion. No such version. "
            f"Supported versions are: [{VERSION}]"
        )
    for name in _MAPS:
        if name in document and not isinstance(document[name], dict):
            if document[name] is None:
                _refuse_null([name])
            raise ValidationError(f"Template format error: Any {name} member must be an object.")
    description = document.get("Description", "")
    if not isinstance(description, str):
        raise ValidationError("Template format error: 'Description' must be a string.")
    if len(description.encode()) > LIMITS.description_bytes_max:
        raise ValidationError(
            f"Template format error: 'Description' length is greater than {LIMITS.description_bytes_max}."
        )
    if not document.get("Resources"):
        raise ValidationError(
            "Template format error: At least one Resources member must be defined."
        )


def refuse_nulls(value: Any, path: list[str] | None = None) -> None:
    """Nothing in a template may be null."""
    path = path or []
    if value is None:
        _refuse_null(path)
    elif isinstance(value, dict):
        for key, item in value.items():
            refuse_nulls(item, [*path, key])
    elif isinstance(value, list):
        for index, item in enumerate(value):
            refuse_nulls(item, [*path, str(index)])


def _refuse_null(path: list[str]) -> None:
    raise ValidationError(f"[/{'/'.join(path)}] 'null' values are not allowed in templates")


def _count(section: str, members: Mapping[str, Any], most: int) -> None:
    if len(members) > most:
        raise ValidationError(
            f"Template format error: Number of {section}, {len(members)}, is greater than maximum allowed, {most}"
        )


def check_parameters(
    section: Mapping[str, Any], limits: Limits = LIMITS
) -> Mapping[str, Mapping[str, Any]]:
    """The Parameters section, found to be well formed."""
    _count("parameters", section, limits.parameters_max)
    for name, declared in section.items():
        if not _ALPHANUMERIC.match(name):
            raise ValidationError(
                f"Template format error: Parameter name {name} is non alphanumeric."
            )
        if not isinstance(declared, dict):
            raise ValidationError("Template format error: Any Parameters member must be an object.")
        if not isinstance(declared.get("Type"), str):
            raise ValidationError(
                f"Template format error: [/Parameters/{name}] Every Parameters object must contain a Type member."
            )
    return section


def _mappings(section: Mapping[str, Any], limits: Limits) -> Mapping[str, Mapping[str, Any]]:
    _count("mappings", section, limits.mappings_max)
    for name, tops in section.items():
        if name == "Fn::Transform":
            continue
        if not isinstance(tops, dict):
            raise ValidationError(
                f"Template format error: Every Mappings member {name} must be a map"
            )
        _count("mapping attributes", tops, limits.mapping_attributes_max)
        for top, seconds in tops.items():
            if not isinstance(seconds, dict):
                raise ValidationError(
                    f"Template format error: Every Mappings member {top} must be a map"
                )
            for value in seconds.values():
                if isinstance(value, dict) or value is None:
                    raise ValidationError(
                        "Template format error: Every Mappings attribute must be a String or a List."
                    )
    return section


def _resources(section: Mapping[str, Any] | None, limits: Limits) -> dict[str, Resource]:
    assert section is not None
    _count("resources", section, limits.resources_max)
    return {name: _resource(name, declared) for name, declared in section.items()}


def _resource(name: str, declared: Any) -> Resource:
    if not isinstance(declared, dict):
        raise ValidationError("Template format error: Any Resources member must be an object.")
    if not _ALPHANUMERIC.match(name):
        raise ValidationError(f"Template format error: Resource name {name} is non alphanumeric.")
    for key in declared:
        if key not in _RESOURCE_MEMBERS:
            raise ValidationError(f"Invalid template resource property '{key}'")
    if not isinstance(declared.get("Type"), str) or not declared["Type"]:
        raise ValidationError(
            f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
        )
    properties = declared.get("Properties", {})
    if properties is None:
        _refuse_null(["Resources", name, "Properties"])
    if not isinstance(properties, dict):
        raise ValidationError(
            f"Template format error: [/Resources/{name}/Properties] must be an object."
        )
    return Resource(
        logical_id=name,
        type=declared["Type"],
        properties=properties,
        depends_on=_depends_on(name, declared.get("DependsOn", [])),
        condition=_condition_name(declared.get("Condition"), f"/Resources/{name}"),
        deletion_policy=_policy(name, "DeletionPolicy", declared, _DELETION_POLICIES),
        update_replace_policy=_policy(name, "UpdateReplacePolicy", declared, _REPLACE_POLICIES),
        metadata=declared.get("Metadata"),
        creation_policy=declared.get("CreationPolicy"),
        update_policy=declared.get("UpdatePolicy"),
    )


def _depends_on(name: str, declared: Any) -> tuple[str, ...]:
    names = declared if isinstance(declared, list) else [declared]
    if not all(isinstance(item, str) for item in names):
        raise ValidationError(
            f"Template format error: [/Resources/{name}/DependsOn] every DependsOn value must be a String."
        )
    return tuple(dict.fromkeys(names))


def _condition_name(declared: Any, path: str) -> str | None:
    if declared is not None and not isinstance(declared, str):
        raise ValidationError(
            f"Template format error: [{path}] Every Condition member must be a string."
        )
    return declared


def with_policies(resource: Resource, evaluated: Callable[[Any], Any]) -> Resource:
    """The resource with its policies known, which may be given by functions of parameters."""
    if isinstance(resource.deletion_policy, str) and isinstance(
        resource.update_replace_policy, str
    ):
        return resource
    found = {
        member: policy if isinstance(policy := evaluated(given), str) else "Delete"
        for member, given in (
            ("DeletionPolicy", resource.deletion_policy),
            ("UpdateReplacePolicy", resource.update_replace_policy),
        )
    }
    name = resource.logical_id
    return replace(
        resource,
        deletion_policy=_policy(name, "DeletionPolicy", found, _DELETION_POLICIES),
        update_replace_policy=_policy(name, "UpdateReplacePolicy", found, _REPLACE_POLICIES),
    )


def _policy(name: str, member: str, declared: Mapping[str, Any], allowed: tuple[str, ...]) -> Any:
    policy = declared.get(member, "Delete")
    if isinstance(policy, dict):
        return policy
    if policy not in allowed:
        raise ValidationError(
            f"Template error: Unrecognized {member} {policy} for resource {name}; "
            f"it must be one of {', '.join(allowed)}"
            if isinstance(policy, str)
            else f"Template format error: Every {member} member must be a string."
        )
    return policy


def _outputs(section: Mapping[str, Any], limits: Limits) -> dict[str, Output]:
    _count("outputs", section, limits.outputs_max)
    return {name: _output(name, declared) for name, declared in section.items()}


def _output(name: str, declared: Any) -> Output:
    if not isinstance(declared, dict):
        raise ValidationError(
            f"Template format error: Output {name} is malformed. It must be an object."
        )
    if not _ALPHANUMERIC.match(name):
        raise ValidationError(f"Template format error: Outputs name {name} is non alphanumeric.")
    for key in declared:
        if key not in ("Value", "Description", "Export", "Condition"):
            raise ValidationError(f"Invalid template outputs property '{key}'")
    if declared.get("Value") is None:
        raise ValidationError(
            f"Template format error: [/Outputs/{name}] Every Outputs member must contain a Value object"
        )
    export = declared.get("Export")
    if export is not None and (not isinstance(export, dict) or set(export) != {"Name"}):
        raise ValidationError(
            f"Template format error: Output {name} is malformed. Export must have a Name."
        )
    return Output(
        name=name,
        value=declared["Value"],
        description=declared.get("Description"),
        export=export["Name"] if export else None,
        condition=_condition_name(declared.get("Condition"), f"/Outputs/{name}"),
    )


def _check_names(template: Template) -> None:
    both = sorted(set(template.parameters) & set(template.resources))
    if both:
        raise ValidationError(
            f"Template format error: Parameters and Resources share the same name: [{', '.join(both)}]"
        )


def _check_conditions(template: Template) -> None:
    names = _condition_names
    for definition in template.conditions.values():
        found = references(definition)
        unknown = sorted(found.resources() - set(template.parameters) - PSEUDO_PARAMETERS)
        if unknown:
            raise ValidationError(
                f"Template format error: Unresolved dependencies [{', '.join(unknown)}]. Cannot reference resources "
                "in the Conditions block of the template"
            )
        for name in sorted(names(definition) | found.conditions):
            if name not in template.conditions:
                raise ValidationError(
                    f"Template format error: Unresolved condition dependency {name} in the Conditions block "
                    "of the template"
                )
    circle = circle_of(
        {
            name: names(value) | references(value).conditions
            for name, value in template.conditions.items()
        }
    )
    if circle:
        raise ValidationError(
            f"Template format error: Circular dependencies between conditions: [{', '.join(circle)}]"
        )


def _condition_names(definition: Any) -> set[str]:
    """The conditions that a definition asks with `Condition: Name`."""
    if isinstance(definition, list):
        return set().union(*(_condition_names(item) for item in definition))
    if not isinstance(definition, dict):
        return set()
    if len(definition) == 1 and isinstance(definition.get("Condition"), str):
        return {definition["Condition"]}
    return set().union(*(_condition_names(item) for item in definition.values()))


def _check_resources(template: Template) -> None:
    unresolved: set[str] = set()
    for resource in template.resources.values():
        found = references(
            [resource.properties, resource.deletion_policy, resource.update_replace_policy]
        )
        _check_reference_conditions(template, found)
        if resource.condition is not None and resource.condition not in template.conditions:
            raise ValidationError(
                f"Template format error: Unresolved condition dependency {resource.condition} in the Resources "
                "block of the template"
            )
        unresolved |= _unresolved(template, found, resource.depends_on)
    if unresolved:
        raise ValidationError(
            f"Template format error: Unresolved resource dependencies [{', '.join(sorted(unresolved))}] "
            "in the Resources block of the template"
        )


def _unresolved(template: Template, found: References, others: Iterable[str]) -> set[str]:
    """Names that nothing in the template bears; undefined attributes are refused at once."""
    for logical_id, _ in sorted(found.attributes):
        if logical_id not in template.resources:
            raise ValidationError(
                f"Template error: instance of Fn::GetAtt references undefined resource {logical_id}"
            )
    for logical_id, name in sorted(found.sub_attributes):
        if logical_id not in template.resources:
            raise ValidationError(
                f"Template error: instance of Fn::Sub references invalid resource attribute {logical_id}.{name}"
            )
    known = template.resources.keys() | template.parameters.keys() | PSEUDO_PARAMETERS
    return {name for name in found.names if name not in known} | {
        name for name in others if name not in template.resources
    }


def _check_reference_conditions(template: Template, found: References) -> None:
    for name in sorted(found.conditions):
        if name not in template.conditions:
            raise ValidationError(
                f"Template error: unresolved condition dependency {name} in Fn::If"
            )


def _check_outputs(template: Template) -> None:
    unresolved: set[str] = set()
    for output in template.outputs.values():
        found = references([output.value, output.export])
        _check_reference_conditions(template, found)
        if output.condition is not None and output.condition not in template.conditions:
            raise ValidationError(
                f"Template format error: Unresolved condition dependency {output.condition} in the Outputs block "
                "of the template"
            )
        unresolved |= _unresolved(template, found, ())
    if unresolved:
        raise ValidationError(
            f"Template format error: Unresolved resource dependencies [{', '.join(sorted(unresolved))}] "
            "in the Outputs block of the template"
        )
