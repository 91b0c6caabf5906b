"""Domain names as HTTP and WebSocket APIs spell them: the same that REST APIs have, in other words.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fogline.apis.domain_targets import edge_target, regional_target
from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.apigatewayv2.errors import BadRequestException
from fogline.world.ids import Ids

_NAME = re.compile(r"(\*\.)?([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z0-9-]{2,63}")
_MODES = {
    "API_MAPPING_ONLY": "BASE_PATH_MAPPING_ONLY",
    "ROUTING_RULE_ONLY": "ROUTING_RULE_ONLY",
    "ROUTING_RULE_THEN_API_MAPPING": "ROUTING_RULE_THEN_BASE_PATH_MAPPING",
}
_MODES_SHOWN = {theirs: ours for ours, theirs in _MODES.items()}
_OF_TYPES = {
    "EDGE": ("certificateArn", "certificateName"),
    "REGIONAL": ("regionalCertificateArn", "regionalCertificateName"),
}


def new_domain(ids: Ids, call: Call, request: Mapping[str, Any]) -> dict[str, Any]:
    """A domain name, as it is kept. Raises BadRequestException."""
    name = request["DomainName"].lower()  # asked for in capitals, it isn't found: as on AWS
    if _NAME.fullmatch(name) is None:
        raise BadRequestException(f"Invalid domain name specified: {name[:253]}")
    if not request.get("DomainNameConfigurations"):
        raise BadRequestException("Domain name configurations are required")
    domain: dict[str, Any] = {
        "domainName": name,
        "securityPolicy": "TLS_1_2",
        "routingMode": _MODES["API_MAPPING_ONLY"],
        "token": ids.lowers(10),
        "createdDate": call.now,
    }
    change_domain(domain, request)
    return domain


def change_domain(domain: dict[str, Any], request: Mapping[str, Any]) -> None:
    """Change a domain name as it is kept. Raises BadRequestException."""
    if request.get("DomainNameConfigurations"):
        _configure(domain, request["DomainNameConfigurations"])
    if request.get("RoutingMode"):
        domain["routingMode"] = _MODES[request["RoutingMode"]]
    mutual = request.get("MutualTlsAuthentication")
    if mutual is not None:
        known = domain.pop("mutualTlsAuthentication", {})
        uri = mutual.get("TruststoreUri", known.get("truststoreUri"))
        version = mutual.get("TruststoreVersion", known.get("truststoreVersion"))
        if uri:
            if not uri.startswith("s3://"):
                raise BadRequestException("Invalid truststore URI. It must be an address in S3")
            said = {"truststoreUri": uri, "truststoreVersion": version}
            domain["mutualTlsAuthentication"] = given(said)


def _configure(domain: dict[str, Any], configurations: list[Mapping[str, Any]]) -> None:
    types = [each.get("EndpointType") or "REGIONAL" for each in configurations]
    if len(set(types)) < len(types):
        raise BadRequestException("A domain name has one configuration of each endpoint type")
    for members in _OF_TYPES.values():
        for member in members:
            domain.pop(member, None)
    first = configurations[0]
    domain["endpointConfiguration"] = {
        "types": types,
        "ipAddressType": first.get("IpAddressType") or "ipv4",
    }
    for kind, each in zip(types, configurations, strict=True):
        certificate, name = _OF_TYPES[kind]
        said = {certificate: each.get("CertificateArn"), name: each.get("CertificateName")}
        domain.update(given(said))
    if first.get("SecurityPolicy"):
        domain["securityPolicy"] = first["SecurityPolicy"]
    if first.get("OwnershipVerificationCertificateArn"):
        owner = first["OwnershipVerificationCertificateArn"]
        domain["ownershipVerificationCertificateArn"] = owner


def is_shown(domain: Mapping[str, Any]) -> bool:
    """False for private domain names, which only REST APIs have."""
    return "PRIVATE" not in domain["endpointConfiguration"]["types"]


def shown_domain(call: Call, domain: Mapping[str, Any]) -> dict[str, Any]:
    """What GetDomainName shows."""
    name = domain["domainName"]
    shown: dict[str, Any] = {
        "ApiMappingSelectionExpression": "$request.basepath",
        "DomainName": name,
        "DomainNameArn": f"arn:aws:apigateway:{call.region}:{call.account}:/domainnames/{name}",
        "DomainNameConfigurations": [
            _configuration(call, domain, kind) for kind in domain["endpointConfiguration"]["types"]
        ],
        "RoutingMode": _MODES_SHOWN.get(domain["routingMode"], domain["routingMode"]),
        "Tags": dict(domain.get("tags") or {}),
    }
    mutual = domain.get("mutualTlsAuthentication")
    if mutual:
        shown["MutualTlsAuthentication"] = {
            f"{member[0].upper()}{member[1:]}": value for member, value in mutual.items()
        }
    return shown


def _configuration(call: Call, domain: Mapping[str, Any], kind: str) -> dict[str, Any]:
    is_edge = kind == "EDGE"
    token = domain["token"]
    target = edge_target(token) if is_edge else regional_target(token, call.region)
    certificate, name = _OF_TYPES[kind]
    return given(
        {
            "ApiGatewayDomainName": target.name,
            "CertificateArn": domain.get(certificate),
            "CertificateName": domain.get(name),
            "CertificateUploadDate": domain["createdDate"] if is_edge else None,
            "DomainNameStatus": "AVAILABLE",
            "EndpointType": kind,
            "HostedZoneId": target.zone,
            "IpAddressType": domain["endpointConfiguration"].get("ipAddressType"),
            "OwnershipVerificationCertificateArn": domain.get(
                "ownershipVerificationCertificateArn"
            ),
            "SecurityPolicy": domain["securityPolicy"],
        }
    )
