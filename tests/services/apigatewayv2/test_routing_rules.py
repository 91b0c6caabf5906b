"""Routing rules of domain names, and wildcards among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import urllib3
from tests.services.apigatewayv2.conftest import ApiOfTests, Refusal

from fogline.testing.plugin import Account

Get = Callable[..., tuple[int, str]]
_ANYTHING: dict[str, Any] = {"Conditions": [], "Priority": 100}


@pytest.fixture
def get(fogline: Account) -> Get:
    """Asks for a path under a host; status and body of the answer."""
    pool = urllib3.PoolManager(retries=False)

    def get(host: str, path: str, **headers: str) -> tuple[int, str]:
        url = f"{fogline.platform.endpoint}{path}"
        answer = pool.request("GET", url, headers={"Host": host, **headers}, timeout=30.0)
        return answer.status, answer.data.decode()

    return get


@pytest.fixture
def rest(fogline: Account) -> str:
    """A REST API with a stage `dev` that says what it was asked for."""
    client = fogline.client("apigateway")
    made = client.create_rest_api(name="old")
    proxy = client.create_resource(
        restApiId=made["id"], parentId=made["rootResourceId"], pathPart="{proxy+}"
    )["id"]
    for resource in (made["rootResourceId"], proxy):
        one = {"restApiId": made["id"], "resourceId": resource, "httpMethod": "GET"}
        client.put_method(**one, authorizationType="NONE")
        client.put_integration(
            **one, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}
        )
        client.put_method_response(**one, statusCode="200")
        client.put_integration_response(
            **one,
            statusCode="200",
            responseTemplates={"application/json": "$input.params('proxy')|$context.domainName"},
        )
    client.create_deployment(restApiId=made["id"], stageName="dev")
    return str(made["id"])


@pytest.fixture
def domain(gateway: Any, fogline: Account) -> str:
    """A domain name that routes by rules, then by mappings."""
    name = f"shop{fogline.id}.localhost"
    gateway.create_domain_name(
        DomainName=name,
        DomainNameConfigurations=[{"EndpointType": "REGIONAL"}],
        RoutingMode="ROUTING_RULE_THEN_API_MAPPING",
    )
    return name


def _invoke(api: str, **settings: Any) -> list[dict[str, Any]]:
    return [{"InvokeApi": {"ApiId": api, "Stage": "dev", **settings}}]


def test_a_rule_is_kept(gateway: Any, rest: str, domain: str, refusal: Refusal) -> None:
    wanted = {
        "Actions": _invoke(rest, StripBasePath=True),
        "Conditions": [{"MatchBasePaths": {"AnyOf": ["users"]}}],
        "Priority": 10,
    }
    made = gateway.create_routing_rule(DomainName=domain, **wanted)
    del made["ResponseMetadata"]
    id = made["RoutingRuleId"]
    assert made["RoutingRuleArn"].endswith(f":/domainnames/{domain}/routingrules/{id}")
    assert {name: made[name] for name in wanted} == wanted
    one = {"DomainName": domain, "RoutingRuleId": id}
    shown = gateway.get_routing_rule(**one)
    del shown["ResponseMetadata"]
    assert shown == made
    other = gateway.create_routing_rule(
        DomainName=domain, **{**_ANYTHING, "Priority": 5}, Actions=_invoke(rest)
    )
    page = gateway.list_routing_rules(DomainName=domain, MaxResults=1)
    assert [each["RoutingRuleId"] for each in page["RoutingRules"]] == [other["RoutingRuleId"]]
    rest_of = gateway.list_routing_rules(DomainName=domain, NextToken=page["NextToken"])
    assert [each["RoutingRuleId"] for each in rest_of["RoutingRules"]] == [id]
    changed = gateway.put_routing_rule(**one, **{**wanted, "Priority": 20})
    assert (changed["Priority"], changed["RoutingRuleId"]) == (20, id)
    gateway.delete_routing_rule(**one)
    missing = ("NotFoundException", "Invalid Routing Rule identifier specified")
    assert refusal(gateway.get_routing_rule, **one) == missing
    assert refusal(gateway.put_routing_rule, **one, **wanted) == missing


def test_rules_lead_to_apis_before_mappings_do(
    gateway: Any, rest: str, domain: str, get: Get
) -> None:
    gateway.create_api_mapping(DomainName=domain, ApiId=rest, Stage="dev", ApiMappingKey="a")
    create = gateway.create_routing_rule
    create(
        DomainName=domain,
        Priority=1,
        Conditions=[
            {"MatchBasePaths": {"AnyOf": ["a"]}},
            {"MatchHeaders": {"AnyOf": [{"Header": "X-Version", "ValueGlob": "b*"}]}},
        ],
        Actions=_invoke(rest),
    )
    create(
        DomainName=domain,
        Priority=2,
        Conditions=[{"MatchBasePaths": {"AnyOf": ["c/d"]}}],
        Actions=_invoke(rest, StripBasePath=True),
    )
    assert get(domain, "/a/x", **{"X-Version": "beta"}) == (200, f"a/x|{domain}")
    assert get(domain, "/a/x") == (200, f"x|{domain}")
    assert get(domain, "/c/d/x") == (200, f"x|{domain}")
    assert get(domain, "/c/x")[0] == 403
    gateway.update_domain_name(DomainName=domain, RoutingMode="ROUTING_RULE_ONLY")
    assert get(domain, "/a/x")[0] == 403
    gateway.update_domain_name(DomainName=domain, RoutingMode="API_MAPPING_ONLY")
    assert get(domain, "/a/x", **{"X-Version": "beta"}) == (200, f"x|{domain}")
    assert get(domain, "/c/d/x")[0] == 403


def test_a_wildcard_stands_for_one_label(
    gateway: Any, rest: str, fogline: Account, get: Get
) -> None:
    name = f"w{fogline.id}.localhost"
    gateway.create_domain_name(
        DomainName=f"*.{name}", DomainNameConfigurations=[{"EndpointType": "REGIONAL"}]
    )
    gateway.create_api_mapping(DomainName=f"*.{name}", ApiId=rest, Stage="dev")
    assert get(f"tenant.{name}", "/x") == (200, f"x|tenant.{name}")
    assert get(f"a.tenant.{name}", "/x")[0] != 200
    assert get(name, "/x")[0] != 200


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"Actions": []}, "A routing rule has one action"),
        ({"Conditions": [{}]}, "A condition is either about base paths or about headers"),
        (
            {"Conditions": [{"MatchBasePaths": {"AnyOf": ["a"]}}] * 2},
            "A routing rule can have at most 1 MatchBasePaths conditions",
        ),
        (
            {"Conditions": [{"MatchHeaders": {"AnyOf": [{"Header": "a", "ValueGlob": "b"}]}}] * 3},
            "A routing rule can have at most 2 MatchHeaders conditions",
        ),
        ({"Conditions": [{"MatchBasePaths": {"AnyOf": []}}]}, "between 1 and 100 alternatives"),
        ({"Conditions": [{"MatchBasePaths": {"AnyOf": ["a//b"]}}]}, "Invalid base path"),
        (
            {"Conditions": [{"MatchHeaders": {"AnyOf": [{"Header": "a", "ValueGlob": "b*c"}]}}]},
            "Invalid header condition specified: a: b*c",
        ),
        ({"Priority": 1_000_001}, "1000000"),
    ],
)
def test_rules_are_held_to_their_rules(
    gateway: Any, rest: str, domain: str, refusal: Refusal, changes: dict[str, Any], told: str
) -> None:
    wanted = {**_ANYTHING, "Actions": _invoke(rest), **changes}
    refused = refusal(gateway.create_routing_rule, DomainName=domain, **wanted)
    assert refused.code == "BadRequestException"
    assert told in refused.message


def test_a_rule_leads_to_a_stage_of_a_rest_api(
    gateway: Any, rest: str, domain: str, api: ApiOfTests, refusal: Refusal
) -> None:
    create = gateway.create_routing_rule
    api.create_stage(StageName="dev")
    refused = refusal(create, DomainName=domain, **_ANYTHING, Actions=_invoke(api.id))
    assert refused.message == "Invalid REST API identifier specified"
    refused = refusal(create, DomainName=domain, **_ANYTHING, Actions=_invoke(rest, Stage="no"))
    assert refused.message == "Invalid stage identifier specified"
    refused = refusal(create, DomainName="a.example.com", **_ANYTHING, Actions=_invoke(rest))
    assert refused.code == "NotFoundException"


def test_priorities_differ_and_rules_are_bounded(
    gateway: Any, rest: str, domain: str, refusal: Refusal
) -> None:
    create = gateway.create_routing_rule
    for priority in range(1, 51):
        create(DomainName=domain, Priority=priority, Conditions=[], Actions=_invoke(rest))
    first = gateway.list_routing_rules(DomainName=domain)["RoutingRules"][0]
    refused = refusal(
        gateway.put_routing_rule,
        DomainName=domain,
        RoutingRuleId=first["RoutingRuleId"],
        Priority=2,
        Conditions=[],
        Actions=_invoke(rest),
    )
    assert refused == (
        "ConflictException",
        "A routing rule with priority 2 already exists for this domain name",
    )
    refused = refusal(create, DomainName=domain, **_ANYTHING, Actions=_invoke(rest))
    assert refused.code == "TooManyRequestsException"
    gateway.delete_domain_name(DomainName=domain)
