"""The CloudFormation types of private custom domain names, which templates name by their ARNs.

A private name answers here as any other: there is no VPC that only some could be in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fogline.apis.template_documents import as_text
from fogline.ports.resources import Context, Done, Properties, ResourceRefused, ResourceType, text
from fogline.services.apigateway.resource_changes import (
    ask,
    members,
    patch,
    retag,
    value_patches,
)

_ARN = re.compile(r"arn:[a-z0-9-]+:apigateway:[^:]*:[^:]*:/domainnames/([^+/]+)(?:\+([^/]+))?")

# ---- AWS::ApiGateway::DomainNameV2

_SETTINGS = {
    "CertificateArn": "/certificateArn",
    "EndpointAccessMode": "/endpointAccessMode",
    "Policy": "/policy",
    "RoutingMode": "/routingMode",
}


def _create_domain(context: Context, properties: Properties) -> Done:
    policy = properties.get("Policy")
    request = members(
        properties,
        "CertificateArn",
        "DomainName",
        "EndpointAccessMode",
        "RoutingMode",
        "SecurityPolicy",
    )
    kinds = members(properties.get("EndpointConfiguration")) or {"types": ["PRIVATE"]}
    made = ask(
        context,
        "CreateDomainName",
        {
            **request,
            "endpointConfiguration": kinds,
            "policy": as_text(policy) if policy else None,
            "tags": context.tags(properties.get("Tags")),
        },
    )
    return _domain(made)


def _update_domain(context: Context, arn: str, old: Properties, new: Properties) -> Done:
    where = _named(arn)
    patch(context, "UpdateDomainName", where, value_patches(old, new, _SETTINGS))
    retag(context, f"/domainnames/{where['domainName']}", old, new)
    return _domain(ask(context, "GetDomainName", where))


def _delete_domain(context: Context, arn: str, properties: Properties) -> None:
    ask(context, "DeleteDomainName", _named(arn))


def _domain(found: Mapping[str, Any]) -> Done:
    arn = found["domainNameArn"]
    return Done(arn, {"DomainNameArn": arn, "DomainNameId": found.get("domainNameId", "")})


def _named(arn: object) -> dict[str, Any]:
    """The name and the id that the ARN of a domain name has in it."""
    found = _ARN.fullmatch(text(arn))
    if found is None:
        raise ResourceRefused(f"{text(arn)[:200]} is not the ARN of a domain name.")
    return {"domainName": found[1], "domainNameId": found[2]}


def _check_domain(properties: Properties) -> str | None:
    endpoint = properties.get("EndpointConfiguration")
    if endpoint is not None and not isinstance(endpoint, Mapping):
        return "EndpointConfiguration must be an object."
    if (endpoint or {}).get("Types") not in (None, ["PRIVATE"]):
        return "Only private domain names are AWS::ApiGateway::DomainNameV2."
    return None


# ---- AWS::ApiGateway::BasePathMappingV2

_NO_PATH = "(none)"


def _create_mapping(context: Context, properties: Properties) -> Done:
    request = members(properties, "BasePath", "RestApiId", "Stage")
    domain = _named(properties["DomainNameArn"])
    made = ask(context, "CreateBasePathMapping", {**domain, **request})
    arn = f"{text(properties['DomainNameArn'])}/basepathmappings/{made['basePath']}"
    return Done(arn, {"BasePathMappingArn": arn})


def _update_mapping(context: Context, arn: str, old: Properties, new: Properties) -> Done:
    changed = value_patches(old, new, {"RestApiId": "/restapiId", "Stage": "/stage"})
    patch(context, "UpdateBasePathMapping", _mapping(new), changed)
    return Done(arn, {"BasePathMappingArn": arn})


def _delete_mapping(context: Context, arn: str, properties: Properties) -> None:
    ask(context, "DeleteBasePathMapping", _mapping(properties))


def _mapping(properties: Properties) -> dict[str, Any]:
    path = properties.get("BasePath") or _NO_PATH
    return {**_named(properties["DomainNameArn"]), "basePath": path}


PRIVATE_DOMAINS: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::ApiGateway::DomainNameV2",
        properties=frozenset(
            (*_SETTINGS, "DomainName", "EndpointConfiguration", "SecurityPolicy", "Tags")
        ),
        required=frozenset(("DomainName",)),
        create_only=frozenset(("DomainName", "EndpointConfiguration", "SecurityPolicy")),
        attributes=frozenset(("DomainNameArn", "DomainNameId")),
        primary_identifier="DomainName",
        check=_check_domain,
        create=_create_domain,
        update=_update_domain,
        delete=_delete_domain,
    ),
    ResourceType(
        name="AWS::ApiGateway::BasePathMappingV2",
        properties=frozenset(("BasePath", "DomainNameArn", "RestApiId", "Stage")),
        required=frozenset(("DomainNameArn", "RestApiId")),
        create_only=frozenset(("BasePath", "DomainNameArn")),
        attributes=frozenset(("BasePathMappingArn",)),
        create=_create_mapping,
        update=_update_mapping,
        delete=_delete_mapping,
    ),
)
