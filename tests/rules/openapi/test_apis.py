"""Documents as the APIs that they describe."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from fogline.aws.openapi import Api, InvalidDocument, path_in_api, read_api, schema_with_urls
from fogline.aws.openapi.api import DocumentationPart, GatewayResponse, Method, RequestValidator


def read(version: str = "3.0.1", **members: Any) -> Api:
    kind = "swagger" if version == "2.0" else "openapi"
    document = {kind: version, "info": {"title": "Pets", "version": "1"}, **members}
    return read_api(orjson.dumps(document).decode())


def read_method(operation: dict[str, Any], version: str = "3.0.1", **members: Any) -> Method:
    return read(version, paths={"/a/{b}": {"get": operation}}, **members).methods[0]


def test_what_the_document_says_of_the_whole_api() -> None:
    api = read(
        info={"title": "Pets", "version": 1.5, "description": "d"},
        **{
            "x-amazon-apigateway-api-key-source": "header",
            "x-amazon-apigateway-binary-media-types": ["*/*"],
            "x-amazon-apigateway-minimum-compression-size": 5,
            "x-amazon-apigateway-policy": {"Version": "2012-10-17"},
            "x-amazon-apigateway-endpoint-configuration": {
                "vpcEndpointIds": ["vpce-1"],
                "disableExecuteApiEndpoint": True,
            },
            "x-amazon-apigateway-cors": {"allowOrigins": ["*"]},
            "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": True}},
            "x-amazon-apigateway-gateway-responses": {
                "DEFAULT_4XX": {
                    "statusCode": 499,
                    "responseParameters": {"gatewayresponse.header.X": "'x'"},
                    "responseTemplates": {"application/json": "{}"},
                }
            },
            "x-amazon-apigateway-documentation": {
                "version": "7",
                "documentationParts": [{"location": {"type": "API"}, "properties": {"a": "b"}}],
            },
            "tags": [{"name": "team", "x-amazon-apigateway-tag-value": "x"}, {"name": "pets"}],
        },
    )
    assert (api.name, api.version, api.description) == ("Pets", "1.5", "d")
    assert (api.api_key_source, api.binary_media_types) == ("HEADER", ("*/*",))
    assert (api.minimum_compression_bytes, api.policy) == (5, {"Version": "2012-10-17"})
    assert (api.vpc_endpoint_ids, api.has_disabled_endpoint) == (("vpce-1",), True)
    assert api.cors == {"allowOrigins": ["*"]}
    assert api.request_validators == (RequestValidator("all", True, False),)
    assert api.gateway_responses == (
        GatewayResponse(
            "DEFAULT_4XX", "499", {"gatewayresponse.header.X": "'x'"}, {"application/json": "{}"}
        ),
    )
    assert api.documentation_parts == (DocumentationPart({"type": "API"}, {"a": "b"}),)
    assert (api.documentation_version, api.tags) == ("7", {"team": "x", "pets": ""})


def test_parameters_of_a_path_count_for_its_methods() -> None:
    api = read(
        paths={
            "/a/{b}": {
                "parameters": [
                    {"in": "path", "name": "b"},
                    {"$ref": "#/components/parameters/page"},
                ],
                "get": {"parameters": [{"in": "query", "name": "page", "required": True}]},
                "x-amazon-apigateway-any-method": {
                    "operationId": "All",
                    "parameters": [{"in": "cookie", "name": "c"}],
                },
            },
            "/empty": {},
        },
        components={"parameters": {"page": {"in": "query", "name": "page"}}},
    )
    assert api.paths == ("/a/{b}", "/empty")
    assert [(one.http_method, one.operation_name) for one in api.methods] == [
        ("GET", None),
        ("ANY", "All"),
    ]
    both = ("method.request.path.b", "method.request.querystring.page")
    assert api.methods[0].request_parameters == {both[0]: True, both[1]: True}
    assert api.methods[1].request_parameters == {both[0]: True, both[1]: False}


def test_bodies_and_responses_name_their_models() -> None:
    pet = {
        "type": "object",
        "description": "A pet",
        "properties": {"next": {"$ref": "#/components/schemas/Pet"}},
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
    api = read(
        paths={
            "/a": {
                "post": {
                    "requestBody": body,
                    "responses": {
                        "200": {"headers": {"X": {}}, **body},
                        "400": {"content": {"text/plain": {"schema": {"type": "string"}}}},
                        "404": {"$ref": "#/components/responses/none"},
                    },
                }
            }
        },
        components={"schemas": {"Pet": pet}, "responses": {"none": {"description": "none"}}},
    )  # fmt: skip
    method = api.methods[0]
    assert method.request_models == {"application/json": "Pet"}
    assert [one.status_code for one in method.responses] == ["200", "400", "404"]
    assert method.responses[0].parameters == {"method.response.header.X": False}
    assert method.responses[0].models == {"application/json": "Pet"}
    pet_model, inline = api.models
    assert (pet_model.name, pet_model.description) == ("Pet", "A pet")
    assert pet_model.schema["properties"]["next"] == {"$ref": "#/models/Pet"}
    assert inline.name.startswith("MODEL")
    assert method.responses[1].models == {"text/plain": inline.name}
    assert schema_with_urls(pet_model.schema, "https://x/models")["properties"]["next"] == {
        "$ref": "https://x/models/Pet"
    }


def test_swagger_names_bodies_by_what_is_consumed_and_produced() -> None:
    method = read_method(
        {
            "parameters": [{"in": "body", "name": "x", "schema": {"$ref": "#/definitions/Pet"}}],
            "produces": ["text/plain", "text/html"],
            "responses": {"200": {"schema": {"$ref": "#/definitions/Pet"}}},
        },
        "2.0",
        definitions={"Pet": {"type": "object"}},
        consumes=["application/xml"],
    )
    assert method.request_models == {"application/xml": "Pet"}
    assert method.responses[0].models == {"text/plain": "Pet", "text/html": "Pet"}


def test_a_model_that_cannot_be_is_warned_of() -> None:
    api = read(
        "2.0",
        paths={"/a": {"get": {"responses": {"200": {"schema": {"$ref": "#/definitions/my_pet"}}}}}},
        definitions={"my_pet": {"type": "object"}},
    )
    assert api.warnings == (
        "Model name must be alphanumeric: my_pet",
        "Reference to model 'my_pet' not found. Ignoring.",
    )
    assert api.models == ()
    assert api.methods[0].responses[0].models == {}


def test_an_integration_is_read_whole() -> None:
    integration = read_method(
        {
            "x-amazon-apigateway-integration": {
                "type": "aws",
                "httpMethod": "POST",
                "uri": "arn:aws:apigateway:us-east-1:sqs:path/1/q",
                "credentials": "arn:aws:iam::1:role/r",
                "requestParameters": {"integration.request.header.A": "'b'"},
                "requestTemplates": {"application/json": "Action=SendMessage"},
                "passthroughBehavior": "when_no_match",
                "contentHandling": "convert_to_text",
                "timeoutInMillis": "5000",
                "cacheKeyParameters": ["method.request.path.b"],
                "connectionType": "VPC_LINK",
                "connectionId": "${stageVariables.link}",
                "tlsConfig": {"insecureSkipVerification": True},
                "responses": {
                    "default": {"statusCode": 200, "responseTemplates": {"application/json": ""}},
                    "4\\d{2}": {"statusCode": "400", "responseParameters": {"method.response.header.X": "'x'"}},
                },
            }
        }
    ).integration  # fmt: skip
    assert integration is not None
    assert (integration.type, integration.http_method) == ("AWS", "POST")
    assert (integration.passthrough_behavior, integration.content_handling) == (
        "WHEN_NO_MATCH",
        "CONVERT_TO_TEXT",
    )
    assert integration.timeout_milliseconds == 5000
    assert integration.cache_key_parameters == ("method.request.path.b",)
    default, error = integration.responses
    assert (default.selection_pattern, default.status_code) == (None, "200")
    assert default.templates == {"application/json": ""}
    assert (error.selection_pattern, error.parameters) == (
        "4\\d{2}",
        {"method.response.header.X": "'x'"},
    )


def test_an_integration_may_be_among_the_components() -> None:
    integration = read_method(
        {"x-amazon-apigateway-integration": {"$ref": "#/components/x-amazon-apigateway-integrations/queue"}},
        components={
            "x-amazon-apigateway-integrations": {
                "queue": {
                    "type": "AWS_PROXY",
                    "integrationSubtype": "SQS-SendMessage",
                    "payloadFormatVersion": "1.0",
                    "requestParameters": {"QueueUrl": "u"},
                    "responseParameters": {"200": {"overwrite:header.a": "b"}},
                }
            }
        },
    ).integration  # fmt: skip
    assert integration is not None
    assert (integration.subtype, integration.payload_format_version) == ("SQS-SendMessage", "1.0")
    assert integration.response_parameters == {"200": {"overwrite:header.a": "b"}}


_SCHEMES = {
    "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
    "signed": {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "awsSigv4",
    },
    "token": {
        "type": "apiKey",
        "name": "Auth",
        "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {
            "type": "token",
            "authorizerUri": "arn:u",
            "authorizerCredentials": "arn:r",
            "identityValidationExpression": "^x",
            "authorizerResultTtlInSeconds": 60,
        },
    },
    "pool": {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "cognito_user_pools",
        "x-amazon-apigateway-authorizer": {
            "type": "cognito_user_pools",
            "providerARNs": ["arn:p"],
        },
    },
    "jwt": {
        "type": "oauth2",
        "x-amazon-apigateway-authorizer": {
            "type": "jwt",
            "identitySource": "$request.header.Authorization",
            "jwtConfiguration": {"issuer": "https://i", "audience": ["a"]},
        },
    },
}


@pytest.mark.parametrize(
    ("security", "expected"),
    [
        ([], ("NONE", None, (), False)),
        ([{"key": []}], ("NONE", None, (), True)),
        ([{"signed": []}, {"key": []}], ("AWS_IAM", None, (), True)),
        ([{"token": []}], ("CUSTOM", "token", (), False)),
        ([{"pool": ["s/read"]}], ("COGNITO_USER_POOLS", "pool", ("s/read",), False)),
        ([{"jwt": ["s"]}], ("JWT", "jwt", ("s",), False)),
        ([{"unknown": []}], ("NONE", None, (), False)),
    ],
)
def test_security_becomes_authorization(security: Any, expected: Any) -> None:
    method = read_method({"security": security}, components={"securitySchemes": _SCHEMES})
    assert (
        method.authorization_type,
        method.authorizer,
        method.authorization_scopes,
        method.is_api_key_required,
    ) == expected


def test_a_method_without_security_has_that_of_the_document() -> None:
    members = {"components": {"securitySchemes": _SCHEMES}, "security": [{"token": []}]}
    assert read_method({}, **members).authorizer == "token"
    assert read_method({"security": []}, **members).authorizer is None
    assert read_method({"x-amazon-apigateway-auth": {"type": "NONE"}}, **members).authorizer is None


def test_authorizers_are_read_whole() -> None:
    token, pool, jwt = read("2.0", securityDefinitions=_SCHEMES).authorizers
    assert (token.type, token.uri, token.credentials) == ("TOKEN", "arn:u", "arn:r")
    assert (token.identity_source, token.result_ttl_seconds) == ("method.request.header.Auth", 60)
    assert (token.auth_type, token.identity_validation_expression) == ("custom", "^x")
    assert (pool.type, pool.provider_arns) == ("COGNITO_USER_POOLS", ("arn:p",))
    assert (jwt.type, jwt.jwt_issuer, jwt.jwt_audience) == ("JWT", "https://i", ("a",))
    assert jwt.identity_source == "$request.header.Authorization"


def test_a_validator_of_the_document_counts_for_methods_without_their_own() -> None:
    members = {"x-amazon-apigateway-request-validator": "all"}
    assert read_method({}, **members).request_validator == "all"
    assert read_method(members | {"x-amazon-apigateway-request-validator": "body"}, **members).request_validator == (
        "body"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("version", "members", "base_path"),
    [
        ("2.0", {"basePath": "/a/b/"}, "/a/b"),
        ("2.0", {"basePath": "/"}, ""),
        ("2.0", {}, ""),
        ("3.0.0", {"servers": [{"url": "https://x.com/v1"}]}, "/v1"),
        ("3.0.0", {"servers": [{"url": "https://x.com/"}]}, ""),
        ("3.0.0", {"servers": {"variables": {"basePath": {"default": "/v1"}}}}, "/v1"),
        (
            "3.0.0",
            {"servers": [{"url": "https://x.com/{basePath}", "variables": {"basePath": {"default": "/prod"}}}]},
            "/prod",
        ),
    ],
)  # fmt: skip
def test_the_base_path_is_found(version: str, members: dict[str, Any], base_path: str) -> None:
    assert read(version, **members).base_path == base_path


def test_more_than_one_server_is_warned_of() -> None:
    assert read(servers=[{"url": "https://a"}, {"url": "https://b"}]).warnings == (
        "More than one server provided. Ignoring all but the first for defining endpoint configuration",
    )


@pytest.mark.parametrize(
    ("mode", "path"), [("ignore", "/e"), ("prepend", "/a/b/c/e"), ("split", "/b/c/e")]
)
def test_the_base_path_is_ignored_prepended_or_split(mode: str, path: str) -> None:
    assert path_in_api("/e", "/a/b/c", mode) == path
    assert path_in_api("/e", "", mode) == "/e"
    assert path_in_api("/", "/a", mode) == ("/a" if mode == "prepend" else "/")


@pytest.mark.parametrize("number", [1e300, -1e300, True, 1.5, "many"])
def test_numbers_that_no_api_can_keep_are_refused(number: Any) -> None:
    with pytest.raises(InvalidDocument):
        read(**{"x-amazon-apigateway-minimum-compression-size": number})


@pytest.mark.parametrize(
    "operation",
    [
        {"x-amazon-apigateway-integration": {}},
        {"x-amazon-apigateway-integration": {"type": "mock", "requestTemplates": {"a": {}}}},
        {"x-amazon-apigateway-integration": {"$ref": "#/nowhere"}},
        {"parameters": {}},
        {"responses": {"200": 1}},
        {"requestBody": {"$ref": "#/paths/~1a~1{b}/get/requestBody"}},
    ],
)
def test_malformed_methods_are_refused(operation: dict[str, Any]) -> None:
    with pytest.raises(InvalidDocument):
        read_method(operation)
