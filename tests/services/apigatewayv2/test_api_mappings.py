"""API mappings: which stage of which API stands under a path of a domain name."""

from __future__ import annotations

from typing import Any

import pytest
from tests.services.apigatewayv2.conftest import ApiOfTests, Refusal

from fogline.testing.plugin import Account

_DOMAIN = "api.example.com"


@pytest.fixture
def served(gateway: Any, api: ApiOfTests) -> dict[str, str]:
    """What a mapping is made of: a domain name, and a stage of an HTTP API."""
    gateway.create_domain_name(
        DomainName=_DOMAIN, DomainNameConfigurations=[{"EndpointType": "REGIONAL"}]
    )
    api.create_stage(StageName="dev")
    return {"DomainName": _DOMAIN, "ApiId": api.id, "Stage": "dev"}


def test_a_stage_stands_under_a_path(gateway: Any, served: dict[str, str]) -> None:
    made = gateway.create_api_mapping(**served, ApiMappingKey="shop/v1")
    del made["ResponseMetadata"]
    assert made == {
        "ApiId": served["ApiId"],
        "ApiMappingId": made["ApiMappingId"],
        "ApiMappingKey": "shop/v1",
        "Stage": "dev",
    }
    one = {"DomainName": _DOMAIN, "ApiMappingId": made["ApiMappingId"]}
    shown = gateway.get_api_mapping(**one)
    del shown["ResponseMetadata"]
    assert shown == made
    assert gateway.get_api_mappings(DomainName=_DOMAIN)["Items"] == [made]
    changed = gateway.update_api_mapping(**one, ApiId=served["ApiId"], ApiMappingKey="")
    assert changed["ApiMappingKey"] == ""
    assert len(gateway.get_api_mappings(DomainName=_DOMAIN)["Items"]) == 1


def test_mappings_of_rest_apis_are_the_same(
    gateway: Any, fogline: Account, served: dict[str, str]
) -> None:
    rest = fogline.client("apigateway")
    old = rest.create_rest_api(name="old")
    rest.put_method(
        restApiId=old["id"],
        resourceId=old["rootResourceId"],
        httpMethod="GET",
        authorizationType="NONE",
    )
    rest.put_integration(
        restApiId=old["id"], resourceId=old["rootResourceId"], httpMethod="GET", type="MOCK"
    )
    rest.create_deployment(restApiId=old["id"], stageName="prod")
    rest.create_base_path_mapping(
        domainName=_DOMAIN, restApiId=old["id"], stage="prod", basePath="old"
    )
    own = gateway.create_api_mapping(
        DomainName=_DOMAIN, ApiId=old["id"], Stage="prod", ApiMappingKey="new"
    )
    gateway.create_api_mapping(**served)
    shown = gateway.get_api_mappings(DomainName=_DOMAIN)["Items"]
    assert [(one["ApiMappingKey"], one["Stage"]) for one in shown] == [
        ("", "dev"),
        ("new", "prod"),
        ("old", "prod"),
    ]
    listed = rest.get_base_path_mappings(domainName=_DOMAIN)["items"]
    assert {one["basePath"] for one in listed} == {"(none)", "new", "old"}
    rest.update_base_path_mapping(
        domainName=_DOMAIN,
        basePath="old",
        patchOperations=[{"op": "replace", "path": "/basePath", "value": "elder"}],
    )
    changed = gateway.update_api_mapping(
        DomainName=_DOMAIN, ApiMappingId=shown[2]["ApiMappingId"], ApiId=old["id"]
    )
    assert changed["ApiMappingKey"] == "elder"
    rest.delete_base_path_mapping(domainName=_DOMAIN, basePath="new")
    ids = {one["ApiMappingId"] for one in gateway.get_api_mappings(DomainName=_DOMAIN)["Items"]}
    assert own["ApiMappingId"] not in ids


def test_what_is_mapped_is_there(gateway: Any, served: dict[str, str], refusal: Refusal) -> None:
    create = gateway.create_api_mapping
    refused = refusal(create, **{**served, "Stage": "nope"})
    assert refused == ("BadRequestException", "Invalid stage identifier specified")
    refused = refusal(create, **{**served, "ApiId": "nope"})
    assert refused.message.startswith("Invalid API identifier specified")
    refused = refusal(create, **{**served, "DomainName": "b.example.com"})
    assert refused == ("NotFoundException", "Invalid domain name identifier specified")
    missing = {"DomainName": _DOMAIN, "ApiMappingId": "nope"}
    assert refusal(gateway.get_api_mapping, **missing) == (
        "NotFoundException",
        "Invalid Api Mapping identifier specified",
    )


def test_a_path_is_had_once(gateway: Any, served: dict[str, str], refusal: Refusal) -> None:
    gateway.create_api_mapping(**served)
    other = gateway.create_api_mapping(**served, ApiMappingKey="a")["ApiMappingId"]
    conflict = ("ConflictException", "ApiMapping key already exists for this domain name")
    assert refusal(gateway.create_api_mapping, **served, ApiMappingKey="a") == conflict
    refused = refusal(
        gateway.update_api_mapping,
        DomainName=_DOMAIN,
        ApiMappingId=other,
        ApiId=served["ApiId"],
        ApiMappingKey="",
    )
    assert refused == conflict


@pytest.mark.parametrize("key", ["/a", "a/", "a//b", "a b", "x" * 301, "/".join("a" * 11)])
def test_paths_are_held_to_their_rules(
    gateway: Any, served: dict[str, str], refusal: Refusal, key: str
) -> None:
    refused = refusal(gateway.create_api_mapping, **served, ApiMappingKey=key)
    assert refused.code == "BadRequestException"


@pytest.mark.parametrize("key", ["x" * 300, "/".join("a" * 10), "a-b_c.d"])
def test_other_paths_are_taken(gateway: Any, served: dict[str, str], key: str) -> None:
    assert gateway.create_api_mapping(**served, ApiMappingKey=key)["ApiMappingKey"] == key


def test_websocket_apis_have_paths_of_one_level(
    gateway: Any, served: dict[str, str], chat: ApiOfTests, refusal: Refusal
) -> None:
    chat.create_stage(StageName="dev")
    mine = {**served, "ApiId": chat.id}
    assert gateway.create_api_mapping(**mine, ApiMappingKey="chat")["ApiMappingKey"] == "chat"
    refused = refusal(gateway.create_api_mapping, **mine, ApiMappingKey="chat/v1")
    assert "several levels are not supported" in refused.message


def test_websocket_apis_have_domain_names_of_their_own(
    gateway: Any, served: dict[str, str], chat: ApiOfTests, refusal: Refusal
) -> None:
    chat.create_stage(StageName="dev")
    own = gateway.create_api_mapping(**served, ApiMappingKey="shop")
    theirs = {**served, "ApiId": chat.id}
    refused = refusal(gateway.create_api_mapping, **theirs, ApiMappingKey="chat")
    assert refused.message == (
        "WebSocket APIs can't be mapped to the same domain name as HTTP or REST APIs"
    )
    moved = gateway.update_api_mapping(
        DomainName=_DOMAIN, ApiMappingId=own["ApiMappingId"], ApiId=chat.id
    )
    assert moved["ApiId"] == chat.id


def test_what_is_mapped_stays(
    gateway: Any, api: ApiOfTests, served: dict[str, str], refusal: Refusal
) -> None:
    id = gateway.create_api_mapping(**served)["ApiMappingId"]
    assert "base path mapping" in refusal(api.delete_stage, StageName="dev").message
    assert "base path mappings" in refusal(api.delete_api).message
    gateway.delete_api_mapping(DomainName=_DOMAIN, ApiMappingId=id)
    api.delete_stage(StageName="dev")
    api.delete_api()
