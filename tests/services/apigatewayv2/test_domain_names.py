"""Custom domain names, which all kinds of APIs share."""

from __future__ import annotations

from typing import Any

import pytest
from tests.services.apigatewayv2.conftest import Refusal

from fogline.testing.plugin import Account

_CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/c"
_REGIONAL = {"EndpointType": "REGIONAL", "CertificateArn": _CERTIFICATE}


def test_a_name_is_kept_in_small_letters(gateway: Any) -> None:
    made = gateway.create_domain_name(
        DomainName="Big.Example.com", DomainNameConfigurations=[_REGIONAL]
    )
    assert made["DomainName"] == "big.example.com"
    assert gateway.get_domain_name(DomainName="big.example.com")["DomainName"] == "big.example.com"


def test_a_domain_name_tells_what_to_point_it_to(gateway: Any) -> None:
    made = gateway.create_domain_name(
        DomainName="api.example.com", DomainNameConfigurations=[_REGIONAL], Tags={"a": "b"}
    )
    del made["ResponseMetadata"]
    (configuration,) = made["DomainNameConfigurations"]
    target = configuration["ApiGatewayDomainName"]
    assert target.startswith("d-")
    assert target.endswith(".execute-api.us-east-1.amazonaws.com")
    assert configuration == {
        **_REGIONAL,
        "ApiGatewayDomainName": target,
        "DomainNameStatus": "AVAILABLE",
        "HostedZoneId": "Z1UJRXOUMOOFQ8",
        "IpAddressType": "ipv4",
        "SecurityPolicy": "TLS_1_2",
    }
    assert made["ApiMappingSelectionExpression"] == "$request.basepath"
    assert made["RoutingMode"] == "API_MAPPING_ONLY"
    assert made["Tags"] == {"a": "b"}
    shown = gateway.get_domain_name(DomainName="api.example.com")
    del shown["ResponseMetadata"]
    assert shown == made
    assert gateway.get_domain_names()["Items"] == [made]


def test_domain_names_of_rest_apis_are_the_same(gateway: Any, fogline: Account) -> None:
    rest = fogline.client("apigateway")
    rest.create_domain_name(
        domainName="old.example.com",
        regionalCertificateArn=_CERTIFICATE,
        endpointConfiguration={"types": ["REGIONAL"]},
    )
    gateway.create_domain_name(DomainName="new.example.com", DomainNameConfigurations=[_REGIONAL])
    (configuration,) = gateway.get_domain_name(DomainName="old.example.com")[
        "DomainNameConfigurations"
    ]
    shown = rest.get_domain_name(domainName="old.example.com")
    assert configuration["ApiGatewayDomainName"] == shown["regionalDomainName"]
    assert configuration["CertificateArn"] == _CERTIFICATE
    other = rest.get_domain_name(domainName="new.example.com")
    assert other["regionalCertificateArn"] == _CERTIFICATE
    assert other["endpointConfiguration"]["types"] == ["REGIONAL"]
    gateway.delete_domain_name(DomainName="old.example.com")
    assert [one["domainName"] for one in rest.get_domain_names()["items"]] == ["new.example.com"]


def test_a_domain_name_is_changed(gateway: Any, refusal: Refusal) -> None:
    name = {"DomainName": "api.example.com"}
    gateway.create_domain_name(**name, DomainNameConfigurations=[_REGIONAL])
    changed = gateway.update_domain_name(
        **name,
        DomainNameConfigurations=[{**_REGIONAL, "IpAddressType": "dualstack"}],
        MutualTlsAuthentication={"TruststoreUri": "s3://b/t.pem", "TruststoreVersion": "1"},
    )
    assert changed["DomainNameConfigurations"][0]["IpAddressType"] == "dualstack"
    assert changed["MutualTlsAuthentication"] == {
        "TruststoreUri": "s3://b/t.pem",
        "TruststoreVersion": "1",
    }
    without = gateway.update_domain_name(**name, MutualTlsAuthentication={"TruststoreUri": ""})
    assert "MutualTlsAuthentication" not in without
    refused = refusal(
        gateway.update_domain_name, **name, MutualTlsAuthentication={"TruststoreUri": "http://a"}
    )
    assert refused.code == "BadRequestException"


@pytest.mark.parametrize("name", ["example", "a..com", "-a.example.com", "a_b.example.com"])
def test_a_domain_name_is_one(gateway: Any, refusal: Refusal, name: str) -> None:
    refused = refusal(
        gateway.create_domain_name, DomainName=name, DomainNameConfigurations=[_REGIONAL]
    )
    assert refused == ("BadRequestException", f"Invalid domain name specified: {name}")


def test_a_domain_name_is_had_once_and_configured(gateway: Any, refusal: Refusal) -> None:
    one = {"DomainName": "*.example.com", "DomainNameConfigurations": [_REGIONAL]}
    gateway.create_domain_name(**one)
    assert refusal(gateway.create_domain_name, **one) == (
        "BadRequestException",
        "The domain name you provided already exists.",
    )
    assert refusal(gateway.create_domain_name, DomainName="a.example.com").message == (
        "Domain name configurations are required"
    )


def test_a_deleted_domain_name_is_gone(gateway: Any, refusal: Refusal) -> None:
    gateway.create_domain_name(DomainName="a.example.com", DomainNameConfigurations=[_REGIONAL])
    gateway.delete_domain_name(DomainName="a.example.com")
    missing = ("NotFoundException", "Invalid domain name identifier specified")
    assert refusal(gateway.get_domain_name, DomainName="a.example.com") == missing
    assert refusal(gateway.delete_domain_name, DomainName="a.example.com") == missing
