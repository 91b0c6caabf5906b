"""Authorizers, domain names, API mappings and VPC links in templates."""

from __future__ import annotations

from typing import Any

from tests.services.apigatewayv2.templates.conftest import API, Deploy, one, shop

from fogline.testing.plugin import Account

CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/c"
INVOCATION = (
    "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:us-east-1:000000000000:function:f/invocations"
)


def test_authorizers_guard_routes_and_change_in_place(deploy: Deploy, gateway: Any) -> None:
    jwt = one(
        "Authorizer",
        ApiId=API,
        Name="jwt",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": "https://i.example", "Audience": ["a"]},
    )
    function = one(
        "Authorizer",
        ApiId=API,
        Name="function",
        AuthorizerType="REQUEST",
        AuthorizerUri=INVOCATION,
        AuthorizerPayloadFormatVersion="2.0",
        EnableSimpleResponses="true",
        AuthorizerResultTtlInSeconds="30",
        IdentitySource=["$request.header.who"],
    )
    resources = shop(Jwt=jwt, Function=function)
    resources["Pets"]["Properties"] |= {
        "AuthorizationType": "JWT",
        "AuthorizerId": {"Ref": "Jwt"},
        "AuthorizationScopes": ["s"],
    }
    outputs = {"Id": API, "Jwt": {"Fn::GetAtt": ["Jwt", "AuthorizerId"]}, "F": {"Ref": "Function"}}
    made = deploy(resources, outputs)
    authorizer = gateway.get_authorizer(ApiId=made["Id"], AuthorizerId=made["F"])
    assert authorizer["AuthorizerResultTtlInSeconds"] == 30
    assert authorizer["EnableSimpleResponses"] is True
    jwt["Properties"]["JwtConfiguration"] = {"Issuer": "https://j.example", "Audience": ["b"]}
    resources["Pets"]["Properties"] |= {
        "AuthorizationType": "CUSTOM",
        "AuthorizerId": {"Ref": "Function"},
    }
    del resources["Pets"]["Properties"]["AuthorizationScopes"]
    assert deploy(resources, outputs, update=True) == made
    authorizer = gateway.get_authorizer(ApiId=made["Id"], AuthorizerId=made["Jwt"])
    assert authorizer["JwtConfiguration"] == {"Issuer": "https://j.example", "Audience": ["b"]}
    route = gateway.get_routes(ApiId=made["Id"])["Items"][0]
    assert route["AuthorizerId"] == made["F"]


def test_an_authorizer_may_be_asked_about_everybody(deploy: Deploy, gateway: Any) -> None:
    authorizer = one(
        "Authorizer", ApiId=API, Name="a", AuthorizerType="REQUEST", AuthorizerUri=INVOCATION
    )
    id = deploy(shop("WEBSOCKET", Guard=authorizer))["Id"]
    assert not gateway.get_authorizers(ApiId=id)["Items"][0].get("IdentitySource")


def test_a_stage_stands_under_a_domain_name(deploy: Deploy, gateway: Any, fogline: Account) -> None:
    name = f"a{fogline.id}.example.com"
    domain = one(
        "DomainName",
        DomainName=name,
        DomainNameConfigurations=[
            {
                "CertificateArn": CERTIFICATE,
                "EndpointType": "REGIONAL",
                "SecurityPolicy": "TLS_1_2",
            }
        ],
        Tags={"team": "pets"},
    )
    stage = one("Stage", "Pets", ApiId=API, StageName="prod", AutoDeploy=True)
    mapping = one(
        "ApiMapping",
        ApiId=API,
        DomainName={"Ref": "Domain"},
        Stage={"Ref": "Stage"},
        ApiMappingKey="v1/pets",
    )
    resources = shop(Domain=domain, Stage=stage, Mapping=mapping)
    outputs = {
        "Domain": {"Ref": "Domain"},
        "Arn": {"Fn::GetAtt": ["Domain", "DomainNameArn"]},
        "Target": {"Fn::GetAtt": ["Domain", "RegionalDomainName"]},
        "Zone": {"Fn::GetAtt": ["Domain", "RegionalHostedZoneId"]},
        "Mapping": {"Fn::GetAtt": ["Mapping", "ApiMappingId"]},
    }
    made = deploy(resources, outputs)
    shown = gateway.get_domain_name(DomainName=name)
    assert made["Domain"] == name
    assert made["Target"] == shown["DomainNameConfigurations"][0]["ApiGatewayDomainName"]
    assert made["Zone"] == shown["DomainNameConfigurations"][0]["HostedZoneId"]
    assert shown["Tags"]["team"] == "pets"
    where = {"DomainName": name, "ApiMappingId": made["Mapping"]}
    assert gateway.get_api_mapping(**where)["ApiMappingKey"] == "v1/pets"
    del mapping["Properties"]["ApiMappingKey"]
    assert deploy(resources, outputs, update=True) == made
    assert not gateway.get_api_mapping(**where).get("ApiMappingKey")


def test_vpc_links_are_kept(deploy: Deploy, gateway: Any) -> None:
    link = one("VpcLink", Name="l", SubnetIds=["subnet-1"], SecurityGroupIds=["sg-1"])
    outputs = {"Link": {"Fn::GetAtt": ["Link", "VpcLinkId"]}}
    made = deploy({"Link": link}, outputs)
    link["Properties"]["Name"] = "m"
    assert deploy({"Link": link}, outputs, update=True) == made
    assert gateway.get_vpc_link(VpcLinkId=made["Link"])["Name"] == "m"
    link["Properties"]["SubnetIds"] = ["subnet-2"]
    assert deploy({"Link": link}, outputs, update=True) != made


def test_rules_lead_from_a_domain_name_to_stages(
    deploy: Deploy, gateway: Any, fogline: Account
) -> None:
    name = f"u{fogline.id}.example.com"
    configuration = {"CertificateArn": CERTIFICATE, "EndpointType": "REGIONAL"}
    rest = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "shop"}}
    rule = one(
        "RoutingRule",
        DomainNameArn={"Fn::GetAtt": ["Domain", "DomainNameArn"]},
        Priority="5",
        Conditions=[{"MatchBasePaths": {"AnyOf": ["pets"]}}],
        Actions=[{"InvokeApi": {"ApiId": {"Ref": "Rest"}, "Stage": "prod"}}],
    )
    resources = {
        "Rest": rest,
        "Method": {
            "Type": "AWS::ApiGateway::Method",
            "Properties": {
                "RestApiId": {"Ref": "Rest"},
                "ResourceId": {"Fn::GetAtt": ["Rest", "RootResourceId"]},
                "HttpMethod": "GET",
                "Integration": {"Type": "MOCK"},
            },
        },
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "Properties": {"RestApiId": {"Ref": "Rest"}, "StageName": "prod"},
        },
        "Domain": one(
            "DomainName",
            DomainName=name,
            DomainNameConfigurations=[configuration],
            RoutingMode="ROUTING_RULE_THEN_API_MAPPING",
        ),
        "Rule": {**rule, "DependsOn": "Deployment"},
    }
    outputs = {"Rule": {"Ref": "Rule"}, "Id": {"Fn::GetAtt": ["Rule", "RoutingRuleId"]}}
    made = deploy(resources, outputs)
    assert made["Rule"].endswith(f"/{made['Id']}")
    where = {"DomainName": name, "RoutingRuleId": made["Id"]}
    assert gateway.get_routing_rule(**where)["Priority"] == 5
    rule["Properties"]["Priority"] = 7
    resources["Rule"] = {**rule, "DependsOn": "Deployment"}
    assert deploy(resources, outputs, update=True) == made
    assert gateway.get_routing_rule(**where)["Priority"] == 7
