"""HTTP and WebSocket APIs themselves, and quick create."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.services.apigatewayv2.conftest import FUNCTION, ApiOfTests, Refusal

from fogline.testing.plugin import Account


def test_an_http_api_is_complete_when_its_maker_says_little(gateway: Any) -> None:
    made = gateway.create_api(Name="shop", ProtocolType="HTTP")
    del made["ResponseMetadata"]
    id = made["ApiId"]
    assert re.fullmatch(r"[a-z0-9]{10}", id)
    assert re.fullmatch(rf"http://{id}\.execute-api\.us-east-1\.localhost:\d+", made["ApiEndpoint"])
    assert {name: made[name] for name in made if name not in ("ApiEndpoint", "CreatedDate")} == {
        "ApiId": id,
        "ApiKeySelectionExpression": "$request.header.x-api-key",
        "DisableExecuteApiEndpoint": False,
        "IpAddressType": "ipv4",
        "Name": "shop",
        "ProtocolType": "HTTP",
        "RouteSelectionExpression": "$request.method $request.path",
        "Tags": {},
    }
    shown = gateway.get_api(ApiId=id)
    del shown["ResponseMetadata"]
    assert shown == made


def test_a_websocket_api_says_how_its_routes_are_selected(gateway: Any, refusal: Refusal) -> None:
    made = gateway.create_api(
        Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )
    assert made["ApiEndpoint"].startswith(f"ws://{made['ApiId']}.execute-api.us-east-1.localhost")
    assert made["DisableSchemaValidation"] is False
    refused = refusal(gateway.create_api, Name="chat", ProtocolType="WEBSOCKET")
    assert refused.code == "BadRequestException"
    assert "RouteSelectionExpression is a required parameter" in refused.message


def test_apis_of_other_kinds_do_not_show(gateway: Any, fogline: Account, refusal: Refusal) -> None:
    rest = fogline.client("apigateway").create_rest_api(name="old")["id"]
    own = gateway.create_api(Name="new", ProtocolType="HTTP")["ApiId"]
    assert [one["ApiId"] for one in gateway.get_apis()["Items"]] == [own]
    listed = fogline.client("apigateway").get_rest_apis()["items"]
    assert [one["id"] for one in listed] == [rest]
    refused = refusal(gateway.get_api, ApiId=rest)
    assert refused.code == "NotFoundException"
    assert refused.message.startswith("Invalid API identifier specified ")
    assert refused.message.endswith(f":{rest}")


def test_apis_come_in_pages(gateway: Any, refusal: Refusal) -> None:
    made = {gateway.create_api(Name=f"a{n}", ProtocolType="HTTP")["ApiId"] for n in range(3)}
    first = gateway.get_apis(MaxResults="2")
    rest = gateway.get_apis(MaxResults="2", NextToken=first["NextToken"])
    assert "NextToken" not in rest
    assert {one["ApiId"] for one in [*first["Items"], *rest["Items"]]} == made
    assert refusal(gateway.get_apis, MaxResults="0").code == "BadRequestException"
    assert refusal(gateway.get_apis, NextToken="%%%").code == "BadRequestException"


def test_an_api_is_updated_in_what_is_said(gateway: Any, api: ApiOfTests) -> None:
    changed = api.update_api(
        Name="store", Description="of all", Version="2", DisableExecuteApiEndpoint=True
    )
    assert (changed["Name"], changed["Description"], changed["Version"]) == ("store", "of all", "2")
    assert gateway.get_api(ApiId=api.id)["DisableExecuteApiEndpoint"] is True


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"Name": " "}, "API name must have between 1 and 128 characters"),
        ({"Name": "x" * 129}, "API name must have between 1 and 128 characters"),
        ({"Description": "x" * 1_025}, "Description can have at most 1024 characters"),
        ({"ApiKeySelectionExpression": "$context.authorizer.usageIdentifierKey"}, "not supported"),
        ({"RouteSelectionExpression": "$request.body.action"}, "${request.method} ${request.path}"),
    ],
)
def test_http_apis_are_held_to_their_rules(
    gateway: Any, refusal: Refusal, settings: dict[str, Any], told: str
) -> None:
    refused = refusal(gateway.create_api, **{"Name": "shop", "ProtocolType": "HTTP", **settings})
    assert refused.code == "BadRequestException"
    assert told in refused.message


def test_the_longest_name_is_taken(gateway: Any) -> None:
    assert gateway.create_api(Name="x" * 128, ProtocolType="HTTP")["Name"] == "x" * 128


def test_either_spelling_of_the_route_selection_is_taken(gateway: Any) -> None:
    made = gateway.create_api(
        Name="a",
        ProtocolType="HTTP",
        RouteSelectionExpression="${request.method} ${request.path}",
    )
    assert made["RouteSelectionExpression"] == "$request.method $request.path"


def test_cors_is_configured_and_let_go(api: ApiOfTests) -> None:
    cors = {
        "AllowCredentials": True,
        "AllowOrigins": ["https://example.com", "http://localhost:3000"],
        "AllowMethods": ["GET", "*"],
        "AllowHeaders": ["x-a"],
        "ExposeHeaders": ["x-b"],
        "MaxAge": 86_400,
    }
    assert api.update_api(CorsConfiguration=cors)["CorsConfiguration"] == cors
    api.delete_cors_configuration()
    assert "CorsConfiguration" not in api.get_api()


@pytest.mark.parametrize(
    ("cors", "told"),
    [
        (
            {"AllowCredentials": True, "AllowOrigins": ["*"]},
            "allow-credentials is not supported if 'allow-origin' is *",
        ),
        ({"AllowOrigins": ["example.com"]}, "Invalid format for origin example.com."),
        ({"AllowMethods": ["FETCH"]}, "Invalid value for allow-methods: FETCH"),
        ({"AllowHeaders": ["a b"]}, "Invalid header name in AllowHeaders: a b"),
    ],
)
def test_cors_is_held_to_its_rules(
    api: ApiOfTests, refusal: Refusal, cors: dict[str, Any], told: str
) -> None:
    refused = refusal(api.update_api, CorsConfiguration=cors)
    assert refused.code == "BadRequestException"
    assert told in refused.message


def test_any_origin_is_allowed_without_credentials(api: ApiOfTests) -> None:
    shown = api.update_api(CorsConfiguration={"AllowOrigins": ["*"]})["CorsConfiguration"]
    assert shown == {"AllowOrigins": ["*"]}


def test_websocket_apis_have_no_cors(chat: ApiOfTests, refusal: Refusal) -> None:
    refused = refusal(chat.update_api, CorsConfiguration={"AllowOrigins": ["*"]})
    assert refused.message == "CORS is not supported for protocol type WEBSOCKET"


def test_quick_create_makes_all_that_a_function_needs(gateway: Any) -> None:
    made = gateway.create_api(Name="quick", ProtocolType="HTTP", Target=FUNCTION)
    id = made["ApiId"]
    (integration,) = gateway.get_integrations(ApiId=id)["Items"]
    (route,) = gateway.get_routes(ApiId=id)["Items"]
    (stage,) = gateway.get_stages(ApiId=id)["Items"]
    assert integration["ApiGatewayManaged"] is True
    assert integration["IntegrationUri"] == FUNCTION
    assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == (
        "AWS_PROXY",
        "2.0",
    )
    assert (route["RouteKey"], route["Target"], route["ApiGatewayManaged"]) == (
        "$default",
        f"integrations/{integration['IntegrationId']}",
        True,
    )
    assert (stage["StageName"], stage["AutoDeploy"], stage["ApiGatewayManaged"]) == (
        "$default",
        True,
        True,
    )
    assert stage["DeploymentId"] in stage["LastDeploymentStatusMessage"]


def test_quick_create_takes_an_address_and_a_route_key(gateway: Any) -> None:
    id = gateway.create_api(
        Name="quick", ProtocolType="HTTP", Target="https://example.com", RouteKey="GET /pets"
    )["ApiId"]
    (integration,) = gateway.get_integrations(ApiId=id)["Items"]
    assert (integration["IntegrationType"], integration["IntegrationMethod"]) == (
        "HTTP_PROXY",
        "ANY",
    )
    gateway.update_api(ApiId=id, Target=FUNCTION, RouteKey="POST /pets")
    (integration,) = gateway.get_integrations(ApiId=id)["Items"]
    (route,) = gateway.get_routes(ApiId=id)["Items"]
    assert (integration["IntegrationType"], integration["IntegrationMethod"]) == (
        "AWS_PROXY",
        "POST",
    )
    assert route["RouteKey"] == "POST /pets"


def test_what_quick_create_made_can_not_all_be_deleted(gateway: Any, refusal: Refusal) -> None:
    id = gateway.create_api(Name="quick", ProtocolType="HTTP", Target=FUNCTION)["ApiId"]
    (integration,) = gateway.get_integrations(ApiId=id)["Items"]
    (route,) = gateway.get_routes(ApiId=id)["Items"]
    gateway.delete_route(ApiId=id, RouteId=route["RouteId"])
    refused = refusal(
        gateway.delete_integration, ApiId=id, IntegrationId=integration["IntegrationId"]
    )
    assert refused.message == "Integrations that are managed by API Gateway can't be deleted"


def test_quick_create_is_for_http_apis(gateway: Any, api: ApiOfTests, refusal: Refusal) -> None:
    refused = refusal(
        gateway.create_api,
        Name="chat",
        ProtocolType="WEBSOCKET",
        RouteSelectionExpression="$request.body.action",
        Target=FUNCTION,
    )
    assert refused.message == "Quick create is not supported for protocol type WEBSOCKET"
    assert "quick create" in refusal(api.update_api, Target=FUNCTION).message
    refused = refusal(gateway.create_api, Name="a", ProtocolType="HTTP", RouteKey="GET /")
    assert refused.message == "Target is a required parameter for quick create"


def test_a_deleted_api_leaves_nothing(gateway: Any, refusal: Refusal) -> None:
    id = gateway.create_api(Name="quick", ProtocolType="HTTP", Target=FUNCTION)["ApiId"]
    gateway.delete_api(ApiId=id)
    assert refusal(gateway.delete_api, ApiId=id).status == 404
    assert refusal(gateway.get_stages, ApiId=id).code == "NotFoundException"
    assert gateway.get_apis()["Items"] == []


@pytest.mark.parametrize("id", ["a\x00b", "a|b", "%", "é"])
def test_no_name_is_too_odd_to_be_missing(gateway: Any, refusal: Refusal, id: str) -> None:
    assert refusal(gateway.get_api, ApiId=id).code == "NotFoundException"
    assert refusal(gateway.get_stage, ApiId=id, StageName=id).code == "NotFoundException"
    assert refusal(gateway.get_domain_name, DomainName=id).code == "NotFoundException"
