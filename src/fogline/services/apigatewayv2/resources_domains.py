"""The CloudFormation types of custom domain names, what is mapped to them, and VPC links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.ports.resources import Context, Done, Properties, ResourceType
from fogline.services.apigatewayv2.resource_changes import (
    ask,
    changed,
    members,
    retag,
    wrong_kinds,
)

# ---- AWS::ApiGatewayV2::DomainName

_DOMAIN = ("DomainNameConfigurations", "MutualTlsAuthentication", "RoutingMode")
_DOMAIN_DEFAULTS = {
    "MutualTlsAuthentication": {"TruststoreUri": ""},
    "RoutingMode": "API_MAPPING_ONLY",
}


def _create_domain(context: Context, properties: Properties) -> Done:
    request = members(properties, ("DomainName", *_DOMAIN))
    tags = context.tags(properties.get("Tags"))
    return _domain(context, ask(context, "CreateDomainName", {**request, "Tags": tags}))


def _update_domain(context: Context, name: str, old: Properties, new: Properties) -> Done:
    request = changed(old, new, _DOMAIN, _DOMAIN_DEFAULTS)
    made = ask(context, "UpdateDomainName", {"DomainName": name, **request})
    retag(context, f"/domainnames/{name}", old, new)
    return _domain(context, made)


def _delete_domain(context: Context, name: str, properties: Properties) -> None:
    ask(context, "DeleteDomainName", {"DomainName": name})


def _domain(context: Context, found: Mapping[str, Any]) -> Done:
    name = found["DomainName"]
    first: Mapping[str, Any] = next(iter(found.get("DomainNameConfigurations") or ()), {})
    arn = f"arn:aws:apigateway:{context.call.region}::/domainnames/{name}"
    return Done(
        name,
        {
            "DomainNameArn": found.get("DomainNameArn") or arn,
            "RegionalDomainName": first.get("ApiGatewayDomainName", ""),
            "RegionalHostedZoneId": first.get("HostedZoneId", ""),
        },
    )


def _check_domain(properties: Properties) -> str | None:
    kinds = {"DomainNameConfigurations": list, "MutualTlsAuthentication": Mapping}
    return wrong_kinds(properties, kinds)


# ---- AWS::ApiGatewayV2::ApiMapping

_MAPPING = ("ApiId", "ApiMappingKey", "Stage")


def _create_mapping(context: Context, properties: Properties) -> Done:
    request = members(properties, ("DomainName", *_MAPPING))
    id = ask(context, "CreateApiMapping", request)["ApiMappingId"]
    return Done(id, {"ApiMappingId": id})


def _update_mapping(context: Context, id: str, old: Properties, new: Properties) -> Done:
    request = changed(old, new, _MAPPING, {"ApiMappingKey": ""})
    ask(context, "UpdateApiMapping", {**_mapping(id, new), **request})
    return Done(id, {"ApiMappingId": id})


def _delete_mapping(context: Context, id: str, properties: Properties) -> None:
    ask(context, "DeleteApiMapping", _mapping(id, properties))


def _mapping(id: str, properties: Properties) -> dict[str, Any]:
    return {"DomainName": properties["DomainName"], "ApiMappingId": id}


# ---- AWS::ApiGatewayV2::VpcLink


def _create_link(context: Context, properties: Properties) -> Done:
    request = members(properties, ("Name", "SecurityGroupIds", "SubnetIds"))
    tags = context.tags(properties.get("Tags"))
    id = ask(context, "CreateVpcLink", {**request, "Tags": tags})["VpcLinkId"]
    return Done(id, {"VpcLinkId": id})


def _update_link(context: Context, id: str, old: Properties, new: Properties) -> Done:
    ask(context, "UpdateVpcLink", {"VpcLinkId": id, "Name": new["Name"]})
    retag(context, f"/vpclinks/{id}", old, new)
    return Done(id, {"VpcLinkId": id})


def _delete_link(context: Context, id: str, properties: Properties) -> None:
    ask(context, "DeleteVpcLink", {"VpcLinkId": id})


DOMAINS: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::ApiGatewayV2::DomainName",
        properties=frozenset(("DomainName", *_DOMAIN, "Tags")),
        required=frozenset(("DomainName",)),
        create_only=frozenset(("DomainName",)),
        attributes=frozenset(("DomainNameArn", "RegionalDomainName", "RegionalHostedZoneId")),
        primary_identifier="DomainName",
        check=_check_domain,
        create=_create_domain,
        update=_update_domain,
        delete=_delete_domain,
    ),
    ResourceType(
        name="AWS::ApiGatewayV2::ApiMapping",
        properties=frozenset((*_MAPPING, "DomainName")),
        required=frozenset(("ApiId", "DomainName", "Stage")),
        create_only=frozenset(("DomainName",)),
        attributes=frozenset(("ApiMappingId",)),
        create=_create_mapping,
        update=_update_mapping,
        delete=_delete_mapping,
    ),
    ResourceType(
        name="AWS::ApiGatewayV2::VpcLink",
        properties=frozenset(("Name", "SecurityGroupIds", "SubnetIds", "Tags")),
        required=frozenset(("Name", "SubnetIds")),
        create_only=frozenset(("SecurityGroupIds", "SubnetIds")),
        attributes=frozenset(("VpcLinkId",)),
        create=_create_link,
        update=_update_link,
        delete=_delete_link,
    ),
)
