"""HTTP APIs from OpenAPI documents, and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from fogline.testing.plugin import Account

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
INVOCATION = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
PROXY = {
    "type": "aws_proxy",
    "httpMethod": "POST",
    "uri": FUNCTION,
    "payloadFormatVersion": "2.0",
}
JWT = {
    "type": "oauth2",
    "x-amazon-apigateway-authorizer": {
        "type": "jwt",
        "jwtConfiguration": {"issuer": "https://issuer.example", "audience": ["a", "b"]},
        "identitySource": "$request.header.Authorization",
    },
}


def operation(**more: Any) -> dict[str, Any]:
    return {"x-amazon-apigateway-integration": PROXY, **more}


def document(paths: dict[str, Any] | None = None, **members: Any) -> str:
    return json.dumps(
        {
            "openapi": "3.0.1",
            "info": {"title": "shop", "version": "1.0", "description": "all of it"},
            "paths": {"/pets": {"get": operation()}} if paths is None else paths,
            **members,
        }
    )


def schemes(**named: Any) -> dict[str, Any]:
    return {"components": {"securitySchemes": named}}


@pytest.fixture
def gateway(fogline: Account) -> Any:
    return fogline.client("apigatewayv2")


class Imported:
    """An API as it is after an import."""

    def __init__(self, gateway: Any, body: str, **options: Any) -> None:
        self.about = gateway.import_api(Body=body, **options)
        self.id = self.about["ApiId"]
        self._gateway = gateway

    @property
    def routes(self) -> dict[str, Any]:
        found = self._gateway.get_routes(ApiId=self.id)["Items"]
        return {each["RouteKey"]: each for each in found}

    def integration(self, key: str) -> Any:
        id = self.routes[key]["Target"].removeprefix("integrations/")
        return self._gateway.get_integration(ApiId=self.id, IntegrationId=id)

    @property
    def authorizers(self) -> dict[str, Any]:
        found = self._gateway.get_authorizers(ApiId=self.id)["Items"]
        return {each["Name"]: each for each in found}


def refused(gateway: Any, body: str, **options: Any) -> str:
    with pytest.raises(ClientError) as caught:
        gateway.import_api(Body=body, **options)
    error = caught.value.response["Error"]
    assert error["Code"] == "BadRequestException"
    return str(error["Message"])


def test_a_document_becomes_an_api(gateway: Any) -> None:
    tags = [{"name": "team", "x-amazon-apigateway-tag-value": "pets"}, {"name": "other"}]
    cors = {
        "allowOrigins": ["https://a.example"],
        "allowMethods": ["GET"],
        "allowCredentials": True,
        "maxAge": 60,
    }
    made = Imported(
        gateway,
        document(
            tags=tags,
            **{"x-amazon-apigateway-cors": cors, "x-amazon-apigateway-importexport-version": "1.0"},
        ),
    )
    about = gateway.get_api(ApiId=made.id)
    assert (about["Name"], about["Version"], about["Description"]) == ("shop", "1.0", "all of it")
    assert (about["ProtocolType"], about["Tags"]) == ("HTTP", {"team": "pets", "other": ""})
    assert about["CorsConfiguration"] == {
        "AllowOrigins": ["https://a.example"],
        "AllowMethods": ["GET"],
        "AllowCredentials": True,
        "MaxAge": 60,
    }
    assert made.about["ApiEndpoint"] == about["ApiEndpoint"]
    assert "Warnings" not in about


def endpoint(**configuration: Any) -> list[dict[str, Any]]:
    """Servers of a document that say how the API is reached."""
    extension = {"x-amazon-apigateway-endpoint-configuration": configuration}
    return [{"url": "https://a.example", **extension}]


def test_a_document_says_how_the_api_is_reached(gateway: Any) -> None:
    servers = endpoint(disableExecuteApiEndpoint=True, ipAddressType="dualstack")
    about = Imported(gateway, document(servers=servers)).about
    assert (about["DisableExecuteApiEndpoint"], about["IpAddressType"]) == (True, "dualstack")


def test_each_operation_is_a_route(gateway: Any) -> None:
    made = Imported(
        gateway,
        document(
            {
                "/": {"get": operation(operationId="Root")},
                "/pets/{id}": {"x-amazon-apigateway-any-method": operation()},
                "/files/{name+}": {"put": operation()},
                "/$default": {"x-amazon-apigateway-any-method": operation(isDefaultRoute=True)},
                "x-other": {},
            }
        ),
    )
    assert set(made.routes) == {"GET /", "ANY /pets/{id}", "PUT /files/{name+}", "$default"}
    assert made.routes["GET /"]["OperationName"] == "Root"
    assert made.routes["GET /"]["AuthorizationType"] == "NONE"


def test_an_integration_has_what_the_document_says(gateway: Any) -> None:
    said = {
        "type": "AWS_PROXY",
        "integrationSubtype": "SQS-SendMessage",
        "credentials": "arn:aws:iam::000000000000:role/r",
        "requestParameters": {"QueueUrl": "$request.header.q", "MessageBody": "$request.body"},
        "payloadFormatVersion": "1.0",
        "timeoutInMillis": 5000,
        "connectionType": "INTERNET",
    }
    changed = {
        "type": "http_proxy",
        "httpMethod": "get",
        "uri": "https://a.example/{proxy}",
        "requestParameters": {"append:header.a": "b"},
        "responseParameters": {"500": {"overwrite:statuscode": "503"}},
        "payloadFormatVersion": 1.0,
        "tlsConfig": {"serverNameToVerify": "b.example"},
    }
    made = Imported(
        gateway,
        document(
            {
                "/sqs": {"post": {"x-amazon-apigateway-integration": said}},
                "/http": {"get": {"x-amazon-apigateway-integration": changed}},
            }
        ),
    )
    integration = made.integration("POST /sqs")
    assert integration["IntegrationSubtype"] == "SQS-SendMessage"
    assert integration["CredentialsArn"] == said["credentials"]
    assert integration["RequestParameters"] == said["requestParameters"]
    assert integration["TimeoutInMillis"] == 5000
    integration = made.integration("GET /http")
    assert integration["IntegrationMethod"] == "GET"
    assert integration["ResponseParameters"] == changed["responseParameters"]
    assert integration["TlsConfig"] == {"ServerNameToVerify": "b.example"}
    assert integration["PayloadFormatVersion"] == "1.0"


def test_routes_may_share_an_integration_by_reference(gateway: Any) -> None:
    reference = {"$ref": "#/components/x-amazon-apigateway-integrations/one"}
    paths = {path: {"get": {"x-amazon-apigateway-integration": reference}} for path in ("/a", "/b")}
    components = {"x-amazon-apigateway-integrations": {"one": PROXY}}
    made = Imported(gateway, document(paths, components=components))
    assert made.routes["GET /a"]["Target"] == made.routes["GET /b"]["Target"]
    assert len(gateway.get_integrations(ApiId=made.id)["Items"]) == 1


def test_authorizers_guard_the_routes_that_ask_for_them(gateway: Any) -> None:
    function = {
        "type": "apiKey",
        "name": "Unused",
        "in": "header",
        "x-amazon-apigateway-authorizer": {
            "type": "request",
            "authorizerUri": INVOCATION,
            "authorizerPayloadFormatVersion": 2.0,
            "enableSimpleResponses": True,
            "identitySource": "$request.header.A, $request.querystring.b",
            "authorizerResultTtlInSeconds": "60",
        },
    }
    signed = {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "awsSigv4",
    }
    made = Imported(
        gateway,
        document(
            {
                "/all": {"get": operation()},
                "/function": {"get": operation(security=[{"function": []}])},
                "/signed": {"get": operation(security=[{"signed": []}])},
                "/open": {"get": operation(security=[])},
            },
            security=[{"jwt": ["pets:read", "pets:write"]}],
            **schemes(jwt=JWT, function=function, signed=signed),
        ),
    )
    jwt, lambda_ = made.authorizers["jwt"], made.authorizers["function"]
    assert jwt["JwtConfiguration"] == {"Audience": ["a", "b"], "Issuer": "https://issuer.example"}
    assert lambda_["IdentitySource"] == ["$request.header.A", "$request.querystring.b"]
    assert lambda_["AuthorizerPayloadFormatVersion"] == "2.0"
    assert (lambda_["EnableSimpleResponses"], lambda_["AuthorizerResultTtlInSeconds"]) == (True, 60)
    routes = made.routes
    assert routes["GET /all"]["AuthorizationType"] == "JWT"
    assert routes["GET /all"]["AuthorizerId"] == jwt["AuthorizerId"]
    assert routes["GET /all"]["AuthorizationScopes"] == ["pets:read", "pets:write"]
    assert routes["GET /function"]["AuthorizationType"] == "CUSTOM"
    assert routes["GET /signed"]["AuthorizationType"] == "AWS_IAM"
    assert routes["GET /open"]["AuthorizationType"] == "NONE"


def test_an_issuer_is_found_by_its_configuration(gateway: Any) -> None:
    scheme = {
        "type": "openIdConnect",
        "openIdConnectUrl": "https://i.example/pool/.well-known/openid-configuration",
        "x-amazon-apigateway-authorizer": {
            "type": "jwt",
            "jwtConfiguration": {"audience": ["a"]},
        },
    }
    made = Imported(gateway, document(**schemes(auto=scheme)))
    authorizer = made.authorizers["auto"]
    assert authorizer["JwtConfiguration"]["Issuer"] == "https://i.example/pool"
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]


@pytest.mark.parametrize(
    ("mode", "key"),
    [
        ("ignore", "GET /pets"),
        ("prepend", "GET /a/b/pets"),
        ("split", "GET /b/pets"),
        (None, "GET /pets"),
    ],
)
def test_a_base_path_is_taken_as_asked(gateway: Any, mode: str | None, key: str) -> None:
    servers = [
        {"url": "https://x.example/{basePath}", "variables": {"basePath": {"default": "a/b"}}}
    ]
    options = {"Basepath": mode} if mode else {}
    assert set(Imported(gateway, document(servers=servers), **options).routes) == {key}


def test_variables_of_aws_are_resolved(gateway: Any, fogline: Account) -> None:
    uri = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:f"
    paths = {"/": {"get": {"x-amazon-apigateway-integration": {**PROXY, "uri": uri}}}}
    made = Imported(gateway, document(paths))
    expected = f"arn:aws:lambda:us-east-1:{fogline.id}:function:f"
    assert made.integration("GET /")["IntegrationUri"] == expected


def test_yaml_is_read_as_well(gateway: Any) -> None:
    text = yaml.safe_dump(json.loads(document()))
    assert set(Imported(gateway, text).routes) == {"GET /pets"}


def test_what_http_apis_do_not_have_is_ignored_and_told(gateway: Any) -> None:
    schema = {"$ref": "#/components/schemas/Pet"}
    body = {"content": {"application/json": {"schema": schema}}}
    made = Imported(
        gateway,
        document(
            {"/pets": {"post": operation(requestBody=body)}},
            components={"schemas": {"Pet": {"type": "object"}}},
        ),
        FailOnWarnings=True,
    )
    assert [note for note in made.about["ImportInfo"] if "POST /pets" in note]


def test_integrations_that_http_apis_do_not_have_are_warned_of(gateway: Any) -> None:
    paths = {"/": {"get": {"x-amazon-apigateway-integration": {**PROXY, "type": "aws"}}}}
    made = Imported(gateway, document(paths))
    assert "'AWS'" in made.about["Warnings"][0]
    assert "Target" not in made.routes["GET /"]
    assert "'AWS'" in refused(gateway, document(paths), FailOnWarnings=True)
    assert len(gateway.get_apis()["Items"]) == 1


def test_a_cors_configuration_that_makes_no_sense_is_left_out(gateway: Any) -> None:
    body = document(**{"x-amazon-apigateway-cors": {"allowOrigins": "*"}})
    made = Imported(gateway, body)
    assert made.about["Warnings"] == ["CORS Scheme is malformed, ignoring."]
    assert "CorsConfiguration" not in made.about


def integrated(**integration: Any) -> dict[str, Any]:
    return {"/a": {"get": {"x-amazon-apigateway-integration": integration}}}


def guarded(*names: str) -> dict[str, Any]:
    return {"/a": {"get": operation(security=[{name: []} for name in names])}}


def authorizer(**described: Any) -> dict[str, Any]:
    return {"type": "oauth2", "x-amazon-apigateway-authorizer": described}


HOSTILE = {
    "nothing": "",
    "a list": "[]",
    "half of it": "{",
    "half of a list": "a: [",
    "no title": '{"openapi": "3.0.1"}',
    "2.0": '{"swagger": "2.0", "info": {"title": "a"}}',
    "3.1": '{"openapi": "3.1.0", "info": {"title": "a"}}',
    "a long title": '{"openapi": "3.0.1", "info": {"title": "' + "a" * 200 + '"}}',
    "no type": document(integrated()),
    "a type that is no text": document(integrated(type={})),
    "an address that is none": document(integrated(**{**PROXY, "uri": "no"})),
    "a reference to nothing": document(integrated(**{"$ref": "#/nowhere"})),
    "a path without a slash": document({"a": {"get": operation()}}),
    "a path that nobody can ask for": document({"/" + "a" * 10_240: {"get": operation()}}),
    "a variable twice": document({"/{a}/{a}": {"get": operation()}}),
    "greed in the middle": document({"/{a+}/b": {"get": operation()}}),
    "security that is no list": document({"/a": {"get": operation(security=5)}}),
    "an authorizer of REST APIs": document(guarded("x"), **schemes(x=authorizer(type="token"))),
    "two authorizers": document(guarded("x", "y"), **schemes(x=JWT, y=JWT)),
    "a JWT authorizer without issuer": document(**schemes(x=authorizer(type="jwt"))),
    "an authorizer without function": document(**schemes(x=authorizer(type="request"))),
    "a circle": document(
        integrated(**{"$ref": "#/components/x"}), components={"x": {"$ref": "#/components/x"}}
    ),
    "depth": '{"a":' * 5_000 + "1" + "}" * 5_000,
    "depth of lists": "[" * 100_000,
    "aliases of aliases": "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
    "an unknown kind of address": document(servers=endpoint(ipAddressType="ipv5")),
    "a tag of AWS": document(tags=[{"name": "aws:a", "x-amazon-apigateway-tag-value": "b"}]),
    "many tags": document(
        tags=[{"name": f"{n}", "x-amazon-apigateway-tag-value": "v"} for n in range(51)]
    ),
    "size": '{"openapi": "3.0.1", "x": "' + "a" * 6_300_000 + '"}',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_documents_that_make_no_api_are_refused(gateway: Any, body: str) -> None:
    assert refused(gateway, body)
    assert gateway.get_apis()["Items"] == []


def test_more_routes_than_an_api_may_have_are_refused(gateway: Any) -> None:
    paths = {f"/{number}": {"get": operation()} for number in range(301)}
    assert "Maximum number of" in refused(gateway, document(paths))


def test_a_reimport_leaves_only_what_is_described(gateway: Any) -> None:
    first = document(
        {"/a": {"get": operation()}, "/b": {"get": operation(security=[{"x": []}])}},
        **schemes(x=JWT),
    )
    made = Imported(gateway, first)
    before, authorizers = made.routes, made.authorizers
    second = document(
        {"/b": {"get": operation(security=[{"x": []}])}, "/c": {"get": operation()}},
        **schemes(x=JWT),
    )
    about = gateway.reimport_api(ApiId=made.id, Body=second)
    assert about["ApiId"] == made.id
    after = made.routes
    assert set(after) == {"GET /b", "GET /c"}
    assert after["GET /b"] == before["GET /b"]
    assert made.authorizers == authorizers
    assert len(gateway.get_integrations(ApiId=made.id)["Items"]) == 2


def test_a_reimport_that_is_refused_changes_nothing(gateway: Any) -> None:
    made = Imported(gateway, document())
    before = made.routes
    with pytest.raises(ClientError):
        gateway.reimport_api(ApiId=made.id, Body=document({"a": {}}))
    assert made.routes == before


def test_a_reimport_is_served_by_stages_that_deploy_themselves(gateway: Any) -> None:
    made = Imported(gateway, document())
    gateway.create_stage(ApiId=made.id, StageName="$default", AutoDeploy=True)
    before = gateway.get_stage(ApiId=made.id, StageName="$default")["DeploymentId"]
    gateway.reimport_api(ApiId=made.id, Body=document({"/c": {"get": operation()}}))
    assert gateway.get_stage(ApiId=made.id, StageName="$default")["DeploymentId"] != before


def test_websocket_apis_are_neither_imported_nor_exported(gateway: Any) -> None:
    id = gateway.create_api(
        Name="w", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )["ApiId"]
    with pytest.raises(ClientError, match="Only HTTP APIs"):
        gateway.reimport_api(ApiId=id, Body=document())
    with pytest.raises(ClientError, match="Only HTTP APIs"):
        gateway.export_api(ApiId=id, Specification="OAS30", OutputType="JSON")


def exported(gateway: Any, id: str, **options: Any) -> Any:
    asked = {"ApiId": id, "Specification": "OAS30", "OutputType": "JSON", **options}
    return yaml.safe_load(gateway.export_api(**asked)["body"].read())


def test_an_export_makes_the_same_api_again(gateway: Any) -> None:
    reference = {"$ref": "#/components/x-amazon-apigateway-integrations/one"}
    shared = {"x-amazon-apigateway-integration": reference}
    made = Imported(
        gateway,
        document(
            {
                "/pets/{id}": {"get": operation(security=[{"jwt": ["s"]}]), "put": shared},
                "/$default": {"x-amazon-apigateway-any-method": shared},
            },
            tags=[{"name": "team", "x-amazon-apigateway-tag-value": "pets"}],
            components={
                "x-amazon-apigateway-integrations": {"one": PROXY},
                "securitySchemes": {"jwt": JWT},
            },
            **{"x-amazon-apigateway-cors": {"allowOrigins": ["*"]}},
        ),
    )
    described = exported(gateway, made.id)
    assert described["info"]["title"] == "shop"
    assert described["x-amazon-apigateway-importexport-version"] == "1.0"
    again = Imported(gateway, json.dumps(described), FailOnWarnings=True)
    assert exported(gateway, again.id)["paths"].keys() == described["paths"].keys()
    assert set(again.routes) == set(made.routes)
    assert again.routes["GET /pets/{id}"]["AuthorizationScopes"] == ["s"]
    assert again.routes["PUT /pets/{id}"]["Target"] == again.routes["$default"]["Target"]
    for name in ("CorsConfiguration", "Tags", "Version", "Description"):
        assert again.about[name] == made.about[name]


def test_an_export_of_a_stage_is_what_it_serves(gateway: Any) -> None:
    made = Imported(gateway, document())
    gateway.create_deployment(ApiId=made.id)
    deployment = gateway.get_deployments(ApiId=made.id)["Items"][0]["DeploymentId"]
    gateway.create_stage(ApiId=made.id, StageName="prod", DeploymentId=deployment)
    gateway.reimport_api(ApiId=made.id, Body=document({"/cats": {"get": operation()}}))
    described = exported(gateway, made.id, StageName="prod", OutputType="YAML")
    assert list(described["paths"]) == ["/pets"]
    assert described["servers"][0]["variables"]["basePath"]["default"] == "prod"
    assert list(exported(gateway, made.id)["paths"]) == ["/cats"]


def test_an_export_may_leave_extensions_out(gateway: Any) -> None:
    body = document({"/a": {"get": operation(security=[{"jwt": []}])}}, **schemes(jwt=JWT))
    described = exported(gateway, Imported(gateway, body).id, IncludeExtensions=False)
    assert "x-amazon-apigateway" not in json.dumps(described)
    assert described["paths"]["/a"]["get"]["security"] == [{"jwt": []}]


@pytest.mark.parametrize(
    "options",
    [
        {"Specification": "OAS20"},
        {"OutputType": "XML"},
        {"ExportVersion": "2.0"},
        {"StageName": "none"},
    ],
)
def test_exports_that_are_not_there_are_refused(gateway: Any, options: dict[str, str]) -> None:
    id = Imported(gateway, document()).id
    with pytest.raises(ClientError) as caught:
        exported(gateway, id, **options)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 404)
