"""From what a client sends to a template that can be deployed, or the reason why it cannot.

Everything that can be known before a resource is touched is checked here: the template, its parameters,
its transforms, the types and properties it uses, the capabilities it needs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fogline.aws.call import Call
from fogline.ports.api import Api
from fogline.ports.resources import ResourceType, ResourceTypes
from fogline.services.cloudformation.dependencies import dependencies
from fogline.services.cloudformation.document import read_document
from fogline.services.cloudformation.errors import (
    InsufficientCapabilitiesException,
    ValidationError,
)
from fogline.services.cloudformation.intrinsics import NO_VALUE, evaluate
from fogline.services.cloudformation.limits import LIMITS
from fogline.services.cloudformation.outside import Outside
from fogline.services.cloudformation.parameter_scope import ParameterScope
from fogline.services.cloudformation.parameters import Parameter, resolve_parameters
from fogline.services.cloudformation.references import references
from fogline.services.cloudformation.rules import hold_to_rules
from fogline.services.cloudformation.template import (
    Resource,
    Template,
    check_parameters,
    check_sections,
    read_template,
    refuse_nulls,
    with_policies,
)
from fogline.services.cloudformation.transform import (
    Surroundings,
    transform,
    transform_names,
)

_IAM_NAMES = {
    "AWS::IAM::AccessKey": "",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Policy": "",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::UserToGroupAddition": "",
}


@dataclass(frozen=True, slots=True)
class Submitted:
    """A template as it was sent, with its parameters, before any transform."""

    text: str
    document: Mapping[str, Any]
    parameters: Mapping[str, Parameter]
    transforms: tuple[str, ...]

    def values(self) -> dict[str, Any]:
        return {name: parameter.value for name, parameter in self.parameters.items()}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A template that can be deployed."""

    original: str
    processed: str
    template: Template
    parameters: Mapping[str, Parameter]
    active: Mapping[str, Resource]
    order: tuple[str, ...]
    """The active resources, those that are needed first."""

    def values(self) -> dict[str, Any]:
        return {name: parameter.value for name, parameter in self.parameters.items()}


def template_text(request: Mapping[str, Any], api: Api, call: Call) -> str | None:
    """The text of the template a request brings, by body or by URL; None if it brings none."""
    body, url = request.get("TemplateBody"), request.get("TemplateURL")
    if body is not None and url is not None:
        raise ValidationError("Only one of TemplateBody or TemplateUrl can be specified.")
    if body is not None:
        text = str(body)
        if len(text.encode()) > LIMITS.template_body_bytes_max:
            raise ValidationError(
                f"1 validation error detected: Value '{text[:200]}' at 'templateBody' failed to satisfy constraint: "
                f"Member must have length less than or equal to {LIMITS.template_body_bytes_max}"
            )
        return text
    return Outside(api, call).template(str(url)) if url else None


def submit(
    text: str,
    given: Sequence[Mapping[str, Any]],
    previous: Mapping[str, str] | None,
    outside: Outside,
) -> Submitted:
    """The template in `text` with the values of its parameters."""
    document = read_document(text)
    check_sections(document)
    refuse_nulls(document)
    declared = check_parameters(document.get("Parameters", {}))
    transforms = tuple(transform_names(document))
    if not transforms:
        read_template(document)
    parameters = resolve_parameters(declared, given, previous, outside)
    return Submitted(text, document, parameters, transforms)


def check_auto_expand(submitted: Submitted, capabilities: Sequence[str]) -> None:
    """Creating or updating directly, without a change set to look at, needs a word about transforms."""
    if submitted.transforms and "CAPABILITY_AUTO_EXPAND" not in capabilities:
        raise InsufficientCapabilitiesException(capabilities="CAPABILITY_AUTO_EXPAND")


def prepare(
    submitted: Submitted,
    call: Call,
    types: ResourceTypes,
    outside: Outside,
    *,
    stack_id: str,
    stack_name: str,
    capabilities: Sequence[str],
    managed_policies: Mapping[str, str],
) -> Prepared:
    """The template after its transforms, found fit to be deployed."""
    document = submitted.document
    processed_text = submitted.text
    if submitted.transforms:
        around = Surroundings(
            call.account,
            call.region,
            {**submitted.values(), "AWS::StackName": stack_name, "AWS::StackId": stack_id},
            outside.fetch,
            managed_policies,
        )
        document = transform(document, around)
        processed_text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    template = read_template(document)
    scope = ParameterScope(
        call.account,
        call.region,
        submitted.values(),
        template.mappings,
        template.conditions,
        stack_id=stack_id,
        stack_name=stack_name,
    )
    hold_to_rules(document.get("Rules", {}), scope)
    for name in template.conditions:
        scope.condition(name)
    needs = dependencies(template, scope.condition)
    active = {
        name: with_policies(template.resources[name], lambda value: evaluate(value, scope))
        for name in needs
    }
    _check_capabilities(template, capabilities)
    _check_types(active, types)
    _check_resources(active, types, scope)
    _check_attributes(active, template, types, scope.condition)
    for output in template.outputs.values():
        if output.condition is None or scope.condition(output.condition):
            evaluate(output.value, scope)
    return Prepared(
        submitted.text, processed_text, template, submitted.parameters, active, order_of(needs)
    )


def order_of(needs: Mapping[str, set[str]]) -> tuple[str, ...]:
    """The names, each after all that it needs; otherwise in their own order."""
    order: list[str] = []
    waiting = dict(needs)
    done: set[str] = set()
    while waiting:
        ready = [name for name, others in waiting.items() if others <= done]
        assert ready, "circles are refused before"
        for name in ready:
            del waiting[name]
        done.update(ready)
        order.extend(ready)
    return tuple(order)


def _check_types(active: Mapping[str, Resource], types: ResourceTypes) -> None:
    """Refuse types we do not have. Resources whose condition is false are not asked for anything."""
    named = sorted({resource.type for resource in active.values()})
    unknown = [name for name in named if types.find(name) is None]
    if unknown:
        raise ValidationError(
            f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]. "
            "Fogline does not support them yet; nothing was created."
        )


def _check_resources(
    active: Mapping[str, Resource], types: ResourceTypes, scope: ParameterScope
) -> None:
    """Every property must be one we honour: all others are named, before anything is created."""
    unsupported: list[str] = []
    for name, resource in active.items():
        kind = types.find(resource.type)
        assert kind is not None
        properties = evaluate(resource.properties, scope)
        if not isinstance(properties, dict):
            raise ValidationError(
                f"Template format error: [/Resources/{name}/Properties] must be an object."
            )
        _check_policies(resource, kind)
        if kind.properties:
            extra = [key for key in properties if key not in kind.properties]
            if extra:
                unsupported.append(f"{name} ({resource.type}): {', '.join(sorted(extra))}")
        missing = sorted(key for key in kind.required if key not in properties)
        if missing:
            keys = "\n".join(f"#: required key [{key}] not found" for key in missing)
            raise ValidationError(
                f"Properties validation failed for resource {name} with message:\n{keys}"
            )
    if unsupported:
        raise ValidationError(
            "Encountered unsupported properties: "
            f"[{'; '.join(unsupported)}]. Fogline does not support them; nothing was created."
        )


def _check_policies(resource: Resource, kind: ResourceType) -> None:
    for policy, value in (
        ("deletion policy", resource.deletion_policy),
        ("update replace policy", resource.update_replace_policy),
    ):
        if value == "Snapshot" and not kind.has_snapshot:
            raise ValidationError(
                f"Template error: resource type {resource.type} does not support {policy} Snapshot"
            )


def _check_attributes(
    active: Mapping[str, Resource],
    template: Template,
    types: ResourceTypes,
    condition: Callable[[str], bool],
) -> None:
    for resource in active.values():
        found = references(resource.properties, condition)
        for logical_id, name in sorted(found.attributes | found.sub_attributes):
            target = template.resources[logical_id].type
            if name and not supports_attribute(types, target, name):
                raise ValidationError(
                    f"Template error: resource {logical_id} does not support attribute type {name} in Fn::GetAtt"
                )


def supports_attribute(types: ResourceTypes, type_name: str, attribute: str) -> bool:
    """Whether Fn::GetAtt may ask resources of that type for the attribute."""
    kind = types.find(type_name)
    if kind is None or not kind.attributes:
        return True
    return (
        "*" in kind.attributes
        or attribute in kind.attributes
        or f"{attribute.partition('.')[0]}.*" in kind.attributes
    )


def _check_capabilities(template: Template, capabilities: Sequence[str]) -> None:
    """Refuse IAM resources that the client has not acknowledged."""
    needed = needed_capabilities(template)
    if not needed:
        return
    acceptable = {
        "CAPABILITY_IAM": ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"),
        "CAPABILITY_NAMED_IAM": ("CAPABILITY_NAMED_IAM",),
    }[needed]
    if not any(capability in capabilities for capability in acceptable):
        raise InsufficientCapabilitiesException(capabilities=needed)


def needed_capabilities(template: Template) -> str:
    """The IAM capability that a template needs, "" for none."""
    needed = ""
    for resource in template.resources.values():
        named_by = _IAM_NAMES.get(resource.type)
        if named_by is None:
            continue
        named = resource.properties.get(named_by) if named_by else None
        if named is not None and named is not NO_VALUE and named != {"Ref": "AWS::NoValue"}:
            return "CAPABILITY_NAMED_IAM"
        needed = "CAPABILITY_IAM"
    return needed


def iam_types(template: Template) -> list[str]:
    """The types that make capabilities necessary, sorted."""
    return [name for name in template.types() if name in _IAM_NAMES]
