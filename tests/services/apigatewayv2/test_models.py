"""Models of WebSocket APIs."""

from __future__ import annotations

import json

import pytest
from tests.services.apigatewayv2.conftest import ApiOfTests, Refusal

_SCHEMA = json.dumps({"type": "object", "properties": {"id": {"type": "integer"}}})


def test_a_model_is_a_schema(chat: ApiOfTests) -> None:
    made = chat.create_model(Name="Pet", Schema=_SCHEMA, Description="a pet")
    del made["ResponseMetadata"]
    assert made == {
        "ContentType": "application/json",
        "Description": "a pet",
        "ModelId": made["ModelId"],
        "Name": "Pet",
        "Schema": _SCHEMA,
    }
    shown = chat.get_model(ModelId=made["ModelId"])
    del shown["ResponseMetadata"]
    assert shown == made
    assert chat.get_models()["Items"] == [made]


def test_a_sample_template_has_the_shape_of_its_model(chat: ApiOfTests) -> None:
    id = chat.create_model(Name="Pet", Schema=_SCHEMA)["ModelId"]
    assert chat.get_model_template(ModelId=id)["Value"] == (
        "#set($inputRoot = $input.path('$'))\n{\n  \"id\" : $inputRoot.id\n}"
    )


def test_a_sample_template_has_the_shape_of_models_that_its_own_refers_to(
    chat: ApiOfTests,
) -> None:
    chat.create_model(Name="Pet", Schema=_SCHEMA)
    address = f"https://apigateway.amazonaws.com/restapis/{chat.id}/models/Pet"
    schema = {"type": "object", "properties": {"pet": {"$ref": address}}}
    id = chat.create_model(Name="Owner", Schema=json.dumps(schema))["ModelId"]
    assert '"id" : $inputRoot.pet.id' in chat.get_model_template(ModelId=id)["Value"]


def test_a_model_is_changed(chat: ApiOfTests, refusal: Refusal) -> None:
    id = chat.create_model(Name="Pet", Schema=_SCHEMA)["ModelId"]
    assert chat.update_model(ModelId=id, Name="Cat", Schema="{}")["Name"] == "Cat"
    refused = refusal(chat.update_model, ModelId=id, Schema="[]")
    assert refused.message.endswith("[Invalid model schema specified]")
    assert chat.get_model(ModelId=id)["Schema"] == "{}"


@pytest.mark.parametrize("name", ["a b", "a-b", "é"])
def test_names_are_alphanumeric(chat: ApiOfTests, refusal: Refusal, name: str) -> None:
    refused = refusal(chat.create_model, Name=name, Schema="{}")
    assert refused == ("BadRequestException", f"Model name must be alphanumeric: {name}")


def test_a_schema_is_not_too_large(chat: ApiOfTests, refusal: Refusal) -> None:
    filling = len('{"title": ""}')
    largest = json.dumps({"title": "x" * (32_768 - filling)})
    assert chat.create_model(Name="A", Schema=largest)["Schema"] == largest
    refused = refusal(chat.create_model, Name="B", Schema=largest + " ")
    assert refused.message == "Schema can have at most 32768 characters"


def test_a_name_is_had_once(chat: ApiOfTests, refusal: Refusal) -> None:
    chat.create_model(Name="Pet", Schema="{}")
    refused = refusal(chat.create_model, Name="Pet", Schema="{}")
    assert refused == ("ConflictException", "Model name already exists for this API")


def test_routes_name_models_without_holding_them(chat: ApiOfTests, refusal: Refusal) -> None:
    chat.route("send", RequestModels={"$default": "Pet"}, ModelSelectionExpression="$d")
    id = chat.create_model(Name="Pet", Schema="{}")["ModelId"]
    chat.delete_model(ModelId=id)
    assert refusal(chat.get_model, ModelId=id) == (
        "NotFoundException",
        "Invalid Model identifier specified",
    )


def test_http_apis_have_no_models(api: ApiOfTests, refusal: Refusal) -> None:
    refused = refusal(api.create_model, Name="Pet", Schema="{}")
    assert refused.message == "Models are only supported for protocol type WEBSOCKET"
