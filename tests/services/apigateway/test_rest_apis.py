"""REST APIs: their settings, and APIs made from documents."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.services.apigateway.conftest import FUNCTION, MakeApi, Refusal, RestApi, patch

from fogline.testing.plugin import Account

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "execute-api:Invoke",
            "Resource": "execute-api:/*",
        }
    ],
}
PETS: dict[str, Any] = {
    "openapi": "3.0.1",
    "info": {"title": "pets", "version": "7", "description": "All pets"},
    "paths": {
        "/pets/{id}": {
            "get": {
                "operationId": "GetPet",
                "responses": {
                    "200": {
                        "description": "a pet",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}
                        },
                    }
                },
                "security": [{"tokens": []}],
                "x-amazon-apigateway-request-validator": "all",
                "x-amazon-apigateway-integration": {
                    "type": "aws_proxy",
                    "httpMethod": "POST",
                    "uri": FUNCTION.replace("us-east-1", "${AWS::Region}"),
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Pet": {
                "type": "object",
                "properties": {"friend": {"$ref": "#/components/schemas/Pet"}},
            }
        },
        "securitySchemes": {
            "tokens": {
                "type": "apiKey",
                "name": "Authorization",
                "in": "header",
                "x-amazon-apigateway-authtype": "custom",
                "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": FUNCTION},
            }
        },
    },
    "x-amazon-apigateway-request-validators": {
        "all": {"validateRequestBody": True, "validateRequestParameters": True}
    },
    "x-amazon-apigateway-binary-media-types": ["image/png"],
    "x-amazon-apigateway-gateway-responses": {
        "DEFAULT_4XX": {"responseParameters": {"gatewayresponse.header.X": "'y'"}}
    },
}


def imported(gateway: Any, document: dict[str, Any] | None = None, **settings: Any) -> RestApi:
    made = gateway.import_rest_api(body=json.dumps(document or PETS), **settings)
    return RestApi(gateway, made["id"], made["rootResourceId"])


def test_an_api_begins_with_a_root_and_two_models(gateway: Any) -> None:
    made = gateway.create_rest_api(name="shop")
    del made["ResponseMetadata"]
    assert gateway.get_rest_api(restApiId=made["id"])["rootResourceId"] == made["rootResourceId"]
    assert made == {
        "id": made["id"],
        "name": "shop",
        "createdDate": made["createdDate"],
        "apiKeySource": "HEADER",
        "endpointConfiguration": {"types": ["EDGE"], "ipAddressType": "ipv4"},
        "disableExecuteApiEndpoint": False,
        "rootResourceId": made["rootResourceId"],
    }
    api = RestApi(gateway, made["id"], made["rootResourceId"])
    assert {model["name"] for model in api.get_models()["items"]} == {"Empty", "Error"}
    assert api.get_resources()["items"] == [{"id": api.root, "path": "/"}]


def test_apis_are_listed_page_by_page(gateway: Any, make_api: MakeApi) -> None:
    ids = {make_api(f"api-{number}").id for number in range(5)}
    found, position = set(), {}
    while True:
        page = gateway.get_rest_apis(limit=2, **position)
        found |= {one["id"] for one in page["items"]}
        if "position" not in page:
            break
        position = {"position": page["position"]}
    assert found == ids


def test_what_is_deleted_is_gone_with_all_that_was_in_it(served: RestApi, refusal: Refusal) -> None:
    served.delete_rest_api()
    refused = refusal(served.get_stage, stageName="dev")
    assert refused.code == "NotFoundException"
    assert refused.message.startswith("Invalid API identifier specified ")
    assert refused.message.endswith(served.id)


def test_an_api_of_another_region_is_not_there(
    fogline: Account, api: RestApi, refusal: Refusal
) -> None:
    elsewhere = fogline.client("apigateway", "eu-west-1")
    assert refusal(elsewhere.get_rest_api, restApiId=api.id) == (
        "NotFoundException",
        f"Invalid API identifier specified {fogline.id}:{api.id}",
    )


def test_settings_are_patched(api: RestApi) -> None:
    changed = api.update_rest_api(
        patchOperations=[
            *patch("add", "/binaryMediaTypes/image~1png"),
            *patch("replace", "/name", "store"),
            *patch("replace", "/minimumCompressionSize", "1024"),
            *patch("replace", "/disableExecuteApiEndpoint", "true"),
            *patch("replace", "/endpointConfiguration/types/EDGE", "REGIONAL"),
        ]
    )
    assert changed["binaryMediaTypes"] == ["image/png"]
    assert changed["name"] == "store"
    assert changed["minimumCompressionSize"] == 1024
    assert changed["disableExecuteApiEndpoint"] is True
    assert changed["endpointConfiguration"]["types"] == ["REGIONAL"]
    assert changed["tags"] == {}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"description": ""}, "Description cannot be an empty string"),
        (
            {"endpointConfiguration": {"types": ["EDGE", "REGIONAL"]}},
            "Cannot create an api with multiple Endpoint Types.",
        ),
        (
            {"endpointConfiguration": {"types": ["PRIVATE"], "ipAddressType": "ipv4"}},
            "Only dualstack ipAddressType is supported for Private APIs.",
        ),
        (
            {"policy": "no policy"},
            "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.",
        ),
    ],
)
def test_settings_that_can_not_be_are_refused(
    gateway: Any, refusal: Refusal, settings: dict[str, Any], message: str
) -> None:
    refused = refusal(gateway.create_rest_api, name="shop", **settings)
    assert refused == ("BadRequestException", message)


def test_one_patch_that_is_refused_undoes_those_before_it(api: RestApi, refusal: Refusal) -> None:
    operations = [*patch("replace", "/name", "new"), *patch("replace", "/id", "x")]
    assert refusal(api.update_rest_api, patchOperations=operations) == (
        "BadRequestException",
        "Invalid patch path /id",
    )
    assert api.get_rest_api()["name"] == "shop"


def test_a_policy_is_shown_as_text_within_text_and_its_resources_are_whole(
    make_api: MakeApi, fogline: Account
) -> None:
    api = make_api(policy=json.dumps(POLICY))
    shown = json.loads(json.loads(f'"{api.get_rest_api()["policy"]}"'))
    whole = f"arn:aws:execute-api:us-east-1:{fogline.id}:{api.id}/*"
    assert shown["Statement"][0]["Resource"] == whole


def test_an_api_can_be_cloned(gateway: Any, api: RestApi) -> None:
    api.mock("POST", api.resource("orders"))
    made = gateway.create_rest_api(name="copy", cloneFrom=api.id)
    copy = RestApi(gateway, made["id"], made["rootResourceId"])
    assert made["id"] != api.id
    assert {one["path"] for one in copy.get_resources()["items"]} == {"/", "/orders"}


def test_a_document_becomes_an_api(gateway: Any, fogline: Account) -> None:
    api = imported(gateway)
    about = api.get_rest_api()
    assert (about["name"], about["version"], about["description"]) == ("pets", "7", "All pets")
    assert about["binaryMediaTypes"] == ["image/png"]
    found = {one["path"]: one for one in api.get_resources(embed=["methods"])["items"]}
    assert set(found) == {"/", "/pets", "/pets/{id}"}
    method = found["/pets/{id}"]["resourceMethods"]["GET"]
    [authorizer] = api.get_authorizers()["items"]
    [validator] = api.get_request_validators()["items"]
    assert method["authorizationType"] == "CUSTOM"
    assert method["authorizerId"] == authorizer["id"]
    assert method["requestValidatorId"] == validator["id"]
    assert method["requestParameters"] == {"method.request.path.id": True}
    assert method["methodIntegration"]["uri"] == FUNCTION
    assert method["methodResponses"]["200"]["responseModels"] == {"application/json": "Pet"}
    schema = json.loads(api.get_model(modelName="Pet")["schema"])
    url = f"https://apigateway.amazonaws.com/restapis/{api.id}/models/Pet"
    assert schema["properties"]["friend"] == {"$ref": url}
    response = api.get_gateway_response(responseType="DEFAULT_4XX")
    assert response["responseParameters"] == {"gatewayresponse.header.X": "'y'"}


@pytest.mark.parametrize(
    ("mode", "path"), [("ignore", "/test"), ("prepend", "/v1/x/test"), ("split", "/x/test")]
)
def test_a_base_path_stands_where_the_import_says(gateway: Any, mode: str, path: str) -> None:
    document = {
        "swagger": "2.0",
        "info": {"title": "t"},
        "basePath": "/v1/x",
        "paths": {
            "/test": {"get": {"x-amazon-apigateway-integration": {"type": "mock"}, "responses": {}}}
        },
    }
    api = imported(gateway, document, parameters={"basepath": mode})
    with_methods = [one["path"] for one in api.get_resources()["items"] if "resourceMethods" in one]
    assert with_methods == [path]


def test_merging_keeps_what_the_document_does_not_name(gateway: Any) -> None:
    api = imported(gateway)
    more = {
        **PETS,
        "paths": {
            "/pets": {
                "post": {"x-amazon-apigateway-integration": {"type": "mock"}, "responses": {}}
            }
        },
    }
    api.put_rest_api(mode="merge", body=json.dumps(more))
    found = {
        one["path"]: set(one.get("resourceMethods", ())) for one in api.get_resources()["items"]
    }
    assert found == {"/": set(), "/pets": {"POST"}, "/pets/{id}": {"GET"}}
    assert api.get_rest_api()["binaryMediaTypes"] == ["image/png"]


def test_overwriting_leaves_nothing_else_and_keeps_ids_of_paths(gateway: Any) -> None:
    api = imported(gateway)
    before = {one["path"]: one["id"] for one in api.get_resources()["items"]}
    less = {
        "openapi": "3.0.1",
        "info": {"title": "less"},
        "paths": {
            "/pets": {"get": {"x-amazon-apigateway-integration": {"type": "mock"}, "responses": {}}}
        },
    }
    changed = api.put_rest_api(mode="overwrite", body=json.dumps(less))
    assert changed["name"] == "less"
    assert "binaryMediaTypes" not in changed
    after = {one["path"]: one["id"] for one in api.get_resources()["items"]}
    assert after == {path: before[path] for path in ("/", "/pets")}
    assert api.get_models()["items"] == []


def test_an_import_says_where_it_failed(gateway: Any, refusal: Refusal) -> None:
    mock = {"x-amazon-apigateway-integration": {"type": "mock"}, "responses": {}}
    document = {
        "openapi": "3.0.1",
        "info": {"title": "t"},
        "paths": {"/{a}": {"get": mock}, "/{b}": {"get": mock}},
    }
    refused = refusal(gateway.import_rest_api, body=json.dumps(document))
    assert refused.message == (
        "Errors found during import:\n\tUnable to create resource at path '/{b}': A sibling ({a}) of this "
        "resource already has a variable path part -- only one is allowed"
    )
    assert gateway.get_rest_apis()["items"] == []


def test_an_api_of_a_document_without_a_title_says_when_it_came(gateway: Any) -> None:
    api = imported(gateway, {"openapi": "3.0", "info": {}, "paths": {}})
    assert re.fullmatch(r"Imported on \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", api.get_rest_api()["name"])


def test_warnings_fail_an_import_only_if_it_says_so(gateway: Any, refusal: Refusal) -> None:
    document = {
        "openapi": "3.0.1",
        "info": {"title": "t"},
        "paths": {},
        "components": {"schemas": {"no-name": {"type": "object"}}},
    }
    made = gateway.import_rest_api(body=json.dumps(document))
    assert made["warnings"] == ["Model name must be alphanumeric: no-name"]
    refused = refusal(gateway.import_rest_api, body=json.dumps(document), failOnWarnings=True)
    assert refused.message.startswith("Warnings found during import:\n\tModel name")


@pytest.mark.parametrize(
    "body", ["#", "[]", "{", "swagger: 1.0", "\0", '{"openapi": "3.0.1", "paths": 5}']
)
def test_what_is_no_document_is_refused(gateway: Any, refusal: Refusal, body: str) -> None:
    assert refusal(gateway.import_rest_api, body=body).code == "BadRequestException"
