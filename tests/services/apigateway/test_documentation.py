"""Documentation parts and versions."""

from __future__ import annotations

import json

import pytest
from tests.services.apigateway.conftest import Refusal, RestApi, patch

ABOUT = json.dumps({"description": "A shop"})


def test_a_part_is_kept_patched_and_deleted(api: RestApi, refusal: Refusal) -> None:
    made = api.create_documentation_part(
        location={"type": "METHOD", "method": "GET"}, properties=ABOUT
    )
    assert made["location"] == {"type": "METHOD", "method": "GET", "path": "/"}
    id = made["id"]
    changed = api.update_documentation_part(
        documentationPartId=id, patchOperations=patch("replace", "/properties", "{}")
    )
    assert changed["properties"] == "{}"
    assert api.get_documentation_part(documentationPartId=id)["properties"] == "{}"
    assert api.get_documentation_parts(type="API")["items"] == []
    assert [one["id"] for one in api.get_documentation_parts(path="/")["items"]] == [id]
    api.delete_documentation_part(documentationPartId=id)
    assert refusal(api.get_documentation_part, documentationPartId=id).status == 404


@pytest.mark.parametrize(
    ("location", "properties"),
    [
        ({"type": "API", "path": "/"}, ABOUT),
        ({"type": "MODEL"}, ABOUT),
        ({"type": "API"}, "[]"),
        ({"type": "API"}, "no"),
    ],
)
def test_parts_that_can_not_be_are_refused(
    api: RestApi, refusal: Refusal, location: dict[str, str], properties: str
) -> None:
    refused = refusal(api.create_documentation_part, location=location, properties=properties)
    assert refused.code == "BadRequestException"


def test_a_place_has_one_part(api: RestApi, refusal: Refusal) -> None:
    api.create_documentation_part(location={"type": "API"}, properties=ABOUT)
    refused = refusal(api.create_documentation_part, location={"type": "API"}, properties=ABOUT)
    assert refused.code == "ConflictException"


def test_parts_come_from_documents(api: RestApi) -> None:
    document = {
        "openapi": "3.0.1",
        "info": {"title": "t"},
        "paths": {},
        "x-amazon-apigateway-documentation": {
            "documentationParts": [{"location": {"type": "API"}, "properties": {"a": 1}}]
        },
    }
    [id] = api.import_documentation_parts(mode="overwrite", body=json.dumps(document))["ids"]
    assert json.loads(api.get_documentation_part(documentationPartId=id)["properties"]) == {"a": 1}


def test_a_version_is_kept_and_goes_to_a_stage(served: RestApi, refusal: Refusal) -> None:
    served.create_documentation_part(location={"type": "API"}, properties=ABOUT)
    served.create_documentation_version(documentationVersion="1", stageName="dev")
    assert served.get_stage(stageName="dev")["documentationVersion"] == "1"
    changed = served.update_documentation_version(
        documentationVersion="1", patchOperations=patch("replace", "/description", "first")
    )
    assert changed["description"] == "first"
    assert served.get_documentation_version(documentationVersion="1")["description"] == "first"
    assert [one["version"] for one in served.get_documentation_versions()["items"]] == ["1"]
    refused = refusal(served.delete_documentation_version, documentationVersion="1")
    assert refused.code == "BadRequestException"
    served.delete_stage(stageName="dev")
    served.delete_documentation_version(documentationVersion="1")
    assert served.get_documentation_versions()["items"] == []
