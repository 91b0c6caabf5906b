"""The CloudFormation types of what an account has besides: domain names, certificates, VPC links, settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.domains import NO_PATH
from fogline.ports.resources import Context, Done, Properties, ResourceType, text
from fogline.services.apigateway.resource_changes import (
    ask,
    members,
    patch,
    retag,
    value_patches,
)

# ---- AWS::ApiGateway::DomainName

_DOMAIN = {
    "CertificateArn": "/certificateArn",
    "EndpointAccessMode": "/endpointAccessMode",
    "OwnershipVerificationCertificateArn": "/ownershipVerificationCertificateArn",
    "RegionalCertificateArn": "/regionalCertificateArn",
    "RoutingMode": "/routingMode",
    "SecurityPolicy": "/securityPolicy",
}
_ADDRESSES = (
    "DistributionDomainName",
    "DistributionHostedZoneId",
    "DomainNameArn",
    "RegionalDomainName",
    "RegionalHostedZoneId",
)


def _create_domain(context: Context, properties: Properties) -> Done:
    made = ask(
        context,
        "CreateDomainName",
        {
            **members(properties, "DomainName", *_DOMAIN),
            "endpointConfiguration": members(properties.get("EndpointConfiguration")) or None,
            "mutualTlsAuthentication": members(properties.get("MutualTlsAuthentication")) or None,
            "tags": context.tags(properties.get("Tags")),
        },
    )
    return _domain(made)


def _domain(found: Mapping[str, Any]) -> Done:
    attributes = {name: found.get(name[:1].lower() + name[1:], "") for name in _ADDRESSES}
    return Done(found["domainName"], attributes)


def _update_domain(context: Context, name: str, old: Properties, new: Properties) -> Done:
    where = {"domainName": name}
    patches = value_patches(old, new, _DOMAIN)
    before, after = (
        [text(each) for each in (one.get("EndpointConfiguration") or {}).get("Types") or ()]
        for one in (old, new)
    )
    if after and before != after:
        found = ask(context, "GetDomainName", where)["endpointConfiguration"]["types"]
        front = "/endpointConfiguration/types/"
        patches += [{"op": "add", "path": front + each} for each in after if each not in found]
        patches += [{"op": "remove", "path": front + each} for each in found if each not in after]
    if old.get("MutualTlsAuthentication") and not new.get("MutualTlsAuthentication"):
        patches.append({"op": "remove", "path": "/mutualTlsAuthentication"})
    else:
        paths = {
            "TruststoreUri": "/mutualTlsAuthentication/truststoreUri",
            "TruststoreVersion": "/mutualTlsAuthentication/truststoreVersion",
        }
        before_trust, trust = (one.get("MutualTlsAuthentication") or {} for one in (old, new))
        patches += value_patches(before_trust, trust, paths)
    patch(context, "UpdateDomainName", where, patches)
    retag(context, f"/domainnames/{name}", old, new)
    return _domain(ask(context, "GetDomainName", where))


def _delete_domain(context: Context, name: str, properties: Properties) -> None:
    ask(context, "DeleteDomainName", {"domainName": name})


# ---- AWS::ApiGateway::BasePathMapping


def _create_mapping(context: Context, properties: Properties) -> Done:
    request = members(properties, "DomainName", "BasePath", "RestApiId", "Stage")
    made = ask(context, "CreateBasePathMapping", request)
    return Done(f"{properties['DomainName']}|{made['basePath']}")


def _update_mapping(context: Context, id: str, old: Properties, new: Properties) -> Done:
    changed = value_patches(old, new, {"RestApiId": "/restapiId", "Stage": "/stage"})
    patch(context, "UpdateBasePathMapping", _mapping(new), changed)
    return Done(id)


def _delete_mapping(context: Context, id: str, properties: Properties) -> None:
    ask(context, "DeleteBasePathMapping", _mapping(properties))


def _mapping(properties: Properties) -> Mapping[str, Any]:
    path = properties.get("BasePath") or NO_PATH
    return {"domainName": properties["DomainName"], "basePath": path}


# ---- AWS::ApiGateway::Account


def _put_account(context: Context, properties: Properties) -> Done:
    patches = value_patches({}, properties, {"CloudWatchRoleArn": "/cloudwatchRoleArn"})
    patch(context, "UpdateAccount", {}, patches)
    id = context.name()
    return Done(id, {"Id": id})


def _update_account(context: Context, id: str, old: Properties, new: Properties) -> Done:
    patches = value_patches(old, new, {"CloudWatchRoleArn": "/cloudwatchRoleArn"})
    patch(context, "UpdateAccount", {}, patches)
    return Done(id, {"Id": id})


def _delete_account(context: Context, id: str, properties: Properties) -> None:
    """What a stack has said of the account stays (recorded)."""


# ---- AWS::ApiGateway::ClientCertificate


def _create_certificate(context: Context, properties: Properties) -> Done:
    tags = context.tags(properties.get("Tags"))
    request = {"description": properties.get("Description"), "tags": tags}
    id = ask(context, "GenerateClientCertificate", request)["clientCertificateId"]
    return Done(id, {"ClientCertificateId": id})


def _update_certificate(context: Context, id: str, old: Properties, new: Properties) -> Done:
    where = {"clientCertificateId": id}
    changed = value_patches(old, new, {"Description": "!/description"})
    patch(context, "UpdateClientCertificate", where, changed)
    retag(context, f"/clientcertificates/{id}", old, new)
    return Done(id, {"ClientCertificateId": id})


def _delete_certificate(context: Context, id: str, properties: Properties) -> None:
    ask(context, "DeleteClientCertificate", {"clientCertificateId": id})


# ---- AWS::ApiGateway::VpcLink


def _create_link(context: Context, properties: Properties) -> Done:
    request = members(properties, "Name", "Description", "TargetArns")
    tags = context.tags(properties.get("Tags"))
    id = ask(context, "CreateVpcLink", {**request, "tags": tags})["id"]
    return Done(id, {"VpcLinkId": id})


def _update_link(context: Context, id: str, old: Properties, new: Properties) -> Done:
    changed = value_patches(old, new, {"Name": "/name", "Description": "!/description"})
    patch(context, "UpdateVpcLink", {"vpcLinkId": id}, changed)
    retag(context, f"/vpclinks/{id}", old, new)
    return Done(id, {"VpcLinkId": id})


def _delete_link(context: Context, id: str, properties: Properties) -> None:
    ask(context, "DeleteVpcLink", {"vpcLinkId": id})


HOLDINGS: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::ApiGateway::DomainName",
        properties=frozenset(
            (*_DOMAIN, "DomainName", "EndpointConfiguration", "MutualTlsAuthentication", "Tags")
        ),
        required=frozenset(("DomainName",)),
        create_only=frozenset(("DomainName",)),
        attributes=frozenset(_ADDRESSES),
        primary_identifier="DomainName",
        create=_create_domain,
        update=_update_domain,
        delete=_delete_domain,
    ),
    ResourceType(
        name="AWS::ApiGateway::BasePathMapping",
        properties=frozenset(("BasePath", "DomainName", "RestApiId", "Stage")),
        required=frozenset(("DomainName", "RestApiId")),
        create_only=frozenset(("BasePath", "DomainName")),
        create=_create_mapping,
        update=_update_mapping,
        delete=_delete_mapping,
    ),
    ResourceType(
        name="AWS::ApiGateway::Account",
        properties=frozenset(("CloudWatchRoleArn",)),
        attributes=frozenset(("Id",)),
        create=_put_account,
        update=_update_account,
        delete=_delete_account,
    ),
    ResourceType(
        name="AWS::ApiGateway::ClientCertificate",
        properties=frozenset(("Description", "Tags")),
        attributes=frozenset(("ClientCertificateId",)),
        create=_create_certificate,
        update=_update_certificate,
        delete=_delete_certificate,
    ),
    ResourceType(
        name="AWS::ApiGateway::VpcLink",
        properties=frozenset(("Description", "Name", "Tags", "TargetArns")),
        required=frozenset(("Name", "TargetArns")),
        create_only=frozenset(("TargetArns",)),
        attributes=frozenset(("VpcLinkId",)),
        create=_create_link,
        update=_update_link,
        delete=_delete_link,
    ),
)
