"""Models and their sample templates."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.services.apigateway.conftest import MakeApi, Refusal, RestApi, patch

from fogline.testing.plugin import Account


def put(api: RestApi, name: str = "Pet", **schema: Any) -> Any:
    described = json.dumps({"type": "object", **schema})
    return api.create_model(name=name, contentType="application/json", schema=described)


def test_a_model_is_kept_patched_and_deleted(api: RestApi, refusal: Refusal) -> None:
    put(api)
    changed = api.update_model(
        modelName="Pet", patchOperations=patch("replace", "/schema", '{"type": "array"}')
    )
    assert json.loads(changed["schema"]) == {"type": "array"}
    assert api.get_model(modelName="Pet")["schema"] == changed["schema"]
    api.delete_model(modelName="Pet")
    assert refusal(api.get_model, modelName="Pet") == (
        "NotFoundException",
        "Invalid model name specified: Pet",
    )


def test_patches_say_what_is_possible(api: RestApi, refusal: Refusal) -> None:
    put(api)
    for op, message in (
        (
            "add",
            "Invalid patch path  '/name' specified for op 'add'. Please choose supported operations",
        ),
        (
            "replace",
            "Invalid patch path  '/name' specified for op 'replace'. Must be one of: [/description, /schema]",
        ),
    ):
        refused = refusal(
            api.update_model, modelName="Pet", patchOperations=patch(op, "/name", "x")
        )
        assert refused == ("BadRequestException", message)


DEEP = '{"a": ' + "[" * 300 + "]" * 300 + "}"


@pytest.mark.parametrize("schema", ["", "no", "[]", DEEP])
def test_schemas_that_are_none_are_refused(api: RestApi, refusal: Refusal, schema: str) -> None:
    refused = refusal(api.create_model, name="Pet", contentType="application/json", schema=schema)
    assert refused.code == "BadRequestException"


def test_a_model_in_use_stays(api: RestApi, refusal: Refusal) -> None:
    put(api)
    api.method(requestModels={"application/json": "Pet"})
    assert refusal(api.delete_model, modelName="Pet") == (
        "ConflictException",
        "Cannot delete model 'Pet', is referenced in method request: //GET",
    )


def test_a_flat_model_has_all_that_it_refers_to(api: RestApi) -> None:
    url = f"https://apigateway.amazonaws.com/restapis/{api.id}/models"
    put(api, "Pet", properties={"friend": {"$ref": f"{url}/Pet"}, "home": {"$ref": f"{url}/Home"}})
    put(api, "Home", properties={"street": {"type": "string"}})
    schema = json.loads(api.get_model(modelName="Pet", flatten=True)["schema"])
    assert schema["properties"]["home"] == {"$ref": "#/definitions/Home"}
    assert schema["definitions"]["Home"]["properties"] == {"street": {"type": "string"}}
    assert schema["definitions"]["Pet"]["properties"]["friend"] == {"$ref": "#/definitions/Pet"}


def test_a_sample_template_has_the_shape_of_its_model(api: RestApi) -> None:
    put(
        api,
        properties={
            "name": {"type": "string"},
            "age": {"type": "integer"},
            "toys": {"type": "array", "items": {"type": "string"}},
        },
    )
    template = api.get_model_template(modelName="Pet")["value"]
    assert template.startswith("#set($inputRoot = $input.path('$'))\n{")
    assert '"name" : "$inputRoot.name"' in template
    assert '"age" : $inputRoot.age' in template
    assert "#foreach($elem in $inputRoot.toys)" in template


def test_a_model_that_is_in_itself_has_a_sample_that_ends(make_api: MakeApi) -> None:
    api = make_api()
    url = f"https://apigateway.amazonaws.com/restapis/{api.id}/models/Pet"
    friends = {f"friend{number}": {"$ref": url} for number in range(9)}
    put(api, properties=friends)
    assert len(api.get_model_template(modelName="Pet")["value"]) < 2_000_000


def test_apis_have_their_models_for_themselves(make_api: MakeApi, fogline: Account) -> None:
    put(make_api("one"))
    names = {model["name"] for model in make_api("two").get_models()["items"]}
    assert names == {"Empty", "Error"}
