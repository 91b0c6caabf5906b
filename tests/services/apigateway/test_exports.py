"""Exports: stages as OpenAPI documents."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from tests.services.apigateway.conftest import FUNCTION, Refusal, RestApi, patch
from tests.services.apigateway.test_rest_apis import PETS, imported

from fogline.aws.openapi import read_api


@pytest.fixture
def pets(gateway: Any) -> RestApi:
    api = imported(gateway)
    api.deploy()
    return api


def export(api: RestApi, kind: str = "oas30", extensions: str = "", **more: Any) -> Any:
    parameters = {"extensions": extensions} if extensions else {}
    answer = api.get_export(stageName="dev", exportType=kind, parameters=parameters, **more)
    return answer["body"].read()


def test_an_export_says_where_the_stage_is(pets: RestApi) -> None:
    host = f"{pets.id}.execute-api.us-east-1.amazonaws.com"
    old = json.loads(export(pets, "swagger"))
    assert (old["swagger"], old["host"], old["basePath"]) == ("2.0", host, "/dev")
    new = json.loads(export(pets))
    assert new["servers"][0]["url"] == f"https://{host}/{{basePath}}"
    assert new["info"] == {"title": "pets", "description": "All pets", "version": "7"}


def test_extensions_are_there_if_asked_for(pets: RestApi) -> None:
    plain = json.loads(export(pets))["paths"]["/pets/{id}"]["get"]
    assert "x-amazon-apigateway-integration" not in plain
    whole = json.loads(export(pets, extensions="apigateway"))
    integration = whole["paths"]["/pets/{id}"]["get"]["x-amazon-apigateway-integration"]
    assert (integration["type"], integration["uri"]) == ("aws_proxy", FUNCTION)
    assert whole["x-amazon-apigateway-binary-media-types"] == ["image/png"]


def test_validators_can_be_exported_alone(api: RestApi) -> None:
    validator = api.create_request_validator(name="body", validateRequestBody=True)["id"]
    api.mock()
    operations = patch("replace", "/requestValidatorId", validator)
    api.update_method(resourceId=api.root, httpMethod="GET", patchOperations=operations)
    api.deploy()
    document = json.loads(export(api, extensions="validators"))
    operation = document["paths"]["/"]["get"]
    assert operation["x-amazon-apigateway-request-validator"] == "body"
    assert "x-amazon-apigateway-integration" not in operation
    assert document["x-amazon-apigateway-request-validators"] == {
        "body": {"validateRequestBody": True, "validateRequestParameters": False}
    }


def test_what_a_published_version_says_is_exported_where_openapi_has_a_place_for_it(
    pets: RestApi,
) -> None:
    for location, properties in (
        ({"type": "API"}, {"info": {"description": "Of API", "x-a": 1}, "foo": 2, "x-b": 3}),
        ({"type": "RESOURCE", "path": "/pets/{id}"}, {"description": "unseen", "x-c": 4}),
        ({"type": "METHOD"}, {"summary": "Any method"}),
        ({"type": "METHOD", "path": "/pets/{id}", "method": "GET"}, {"summary": "One pet"}),
        ({"type": "PATH_PARAMETER", "path": "/pets", "name": "id"}, {"description": "Which"}),
        ({"type": "RESPONSE", "statusCode": "200"}, {"description": "As wished"}),
    ):
        pets.create_documentation_part(location=location, properties=json.dumps(properties))
    pets.create_documentation_version(documentationVersion="1", stageName="dev")
    assert "x-b" not in json.loads(export(pets))
    for kind in ("swagger", "oas30"):
        document = json.loads(export(pets, kind, "documentation"))
        assert (document["info"]["description"], document["info"]["x-a"]) == ("Of API", 1)
        assert document["x-b"] == 3
        assert "foo" not in document
        item = document["paths"]["/pets/{id}"]
        assert item["x-c"] == 4
        assert "description" not in item
        assert item["get"]["summary"] == "One pet"
        assert item["get"]["parameters"][0]["description"] == "Which"
        assert item["get"]["responses"]["200"]["description"] == "As wished"
        published = document["x-amazon-apigateway-documentation"]
        assert published["version"] == "1"
        assert {"location": {"type": "METHOD"}, "properties": {"summary": "Any method"}} in (
            published["documentationParts"]
        )


@pytest.mark.parametrize("kind", ["swagger", "oas30"])
def test_what_is_exported_can_be_imported_again(pets: RestApi, kind: str) -> None:
    before = read_api(json.dumps(PETS), {"AWS::Region": "us-east-1"})
    after = read_api(export(pets, kind, "apigateway").decode())
    integration = after.methods[0].integration
    assert integration is not None
    assert (integration.type, integration.uri) == ("AWS_PROXY", FUNCTION)
    assert after.methods[0].responses == before.methods[0].responses
    assert {model.name: model.schema for model in after.models} == {
        model.name: model.schema for model in before.models
    }
    assert after.request_validators == before.request_validators
    assert [one.type for one in after.authorizers] == ["TOKEN"]


def test_an_export_may_be_yaml(pets: RestApi) -> None:
    text = export(pets, accepts="application/yaml")
    assert yaml.safe_load(text) == json.loads(export(pets))


def test_kinds_of_documents_that_are_none_are_refused(pets: RestApi, refusal: Refusal) -> None:
    refused = refusal(pets.get_export, stageName="dev", exportType="raml")
    assert refused.code == "BadRequestException"
