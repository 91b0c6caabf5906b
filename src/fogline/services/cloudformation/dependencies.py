"""Dependencies: which resources of a template need which, and which wait although no template says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fogline.services.cloudformation.circles import circle_of
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.references import references
from fogline.services.cloudformation.template import Resource, Template

_SNAPSHOTS = {
    "AWS::ApiGateway::Deployment": ("RestApiId", ("AWS::ApiGateway::Method",)),
    "AWS::ApiGatewayV2::Deployment": (
        "ApiId",
        (
            "AWS::ApiGatewayV2::IntegrationResponse",
            "AWS::ApiGatewayV2::Route",
            "AWS::ApiGatewayV2::RouteResponse",
        ),
    ),
}
_RECORDS = ("AWS::Route53::RecordSet", "AWS::Route53::RecordSetGroup")
_DOMAINS = (
    "AWS::ApiGateway::DomainName",
    "AWS::ApiGateway::DomainNameV2",
    "AWS::ApiGatewayV2::DomainName",
)


def active_resources(template: Template, condition: Callable[[str], bool]) -> dict[str, Resource]:
    """The resources whose condition holds."""
    return {
        name: resource
        for name, resource in template.resources.items()
        if resource.condition is None or condition(resource.condition)
    }


def dependencies(template: Template, condition: Callable[[str], bool]) -> dict[str, set[str]]:
    """For each active resource, the active resources it needs, in the branches that are taken.

    A needed resource whose condition does not hold is refused; one that is only in DependsOn is let go.
    """
    active = active_resources(template, condition)
    needs: dict[str, set[str]] = {}
    unresolved: set[str] = set()
    for name, resource in active.items():
        named = references(resource.properties, condition).resources() & template.resources.keys()
        unresolved |= named - active.keys()
        needs[name] = named | {other for other in resource.depends_on if other in active}
    if unresolved:
        raise ValidationError(
            f"Template format error: Unresolved resource dependencies [{', '.join(sorted(unresolved))}] "
            "in the Resources block of the template"
        )
    for output in template.outputs.values():
        if output.condition is None or condition(output.condition):
            named = (
                references([output.value, output.export], condition).resources()
                & template.resources.keys()
            )
            unresolved |= named - active.keys()
    if unresolved:
        raise ValidationError(
            f"Unresolved resource dependencies [{', '.join(sorted(unresolved))}] in the Outputs block of the template"
        )
    circle = circle_of(needs)
    if circle:
        raise ValidationError(f"Circular dependency between resources: [{', '.join(circle)}]")
    _let_wait(active, needs, condition)
    return needs


def _let_wait(
    active: Mapping[str, Resource], needs: dict[str, set[str]], condition: Callable[[str], bool]
) -> None:
    """Let deployments wait for all methods, routes and responses of their API, and records for domain names.

    Many templates name only one of them in DependsOn, or none. On AWS the others are there in time: all are made at
    once. What waits for the deployment itself is not waited for.
    """
    for name, resource in active.items():
        if resource.type in _SNAPSHOTS:
            member, kept = _SNAPSHOTS[resource.type]
            api = references(resource.properties.get(member), condition).resources()
        elif resource.type in _RECORDS:
            member, kept, api = "", _DOMAINS, set()
        else:
            continue
        needs[name] |= {
            other
            for other, each in active.items()
            if each.type in kept
            and references(each.properties.get(member), condition).resources() == api
            and not _waits_for(other, name, needs)
        }


def _waits_for(name: str, other: str, needs: Mapping[str, set[str]]) -> bool:
    seen, left = {name}, [name]
    while left:
        for each in needs.get(left.pop(), ()):
            if each == other:
                return True
            if each not in seen:
                seen.add(each)
                left.append(each)
    return False
