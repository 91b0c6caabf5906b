from __future__ import annotations

import io
import json
import sys
import zipfile

import pytest

from fogline.services.schemas.discovered import write_event
from fogline.services.schemas.inference import infer


@pytest.fixture
def binding(schemas, registry, make_schema, order) -> dict:
    """Names the schema of an order."""
    document = write_event("com.shop", "order placed", infer(order))
    make_schema("com.shop@OrderPlaced", document, "OpenApi3")
    return {"RegistryName": registry, "SchemaName": "com.shop@OrderPlaced"}


def test_a_code_binding_is_ready_once_it_is_put(schemas, binding, refusal) -> None:
    request = {**binding, "Language": "Python36"}
    for function in (schemas.describe_code_binding, schemas.get_code_binding_source):
        assert refusal(function, **request)[:2] == ("NotFoundException", 404)
    made = schemas.put_code_binding(**request)
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 202
    found = schemas.describe_code_binding(**request)
    assert (found["Status"], found["SchemaVersion"]) == ("CREATE_COMPLETE", "1")
    assert found["CreationDate"] == made["CreationDate"]
    schemas.get_waiter("code_binding_exists").wait(**request)


def test_python_code_is_imported_and_used(schemas, binding, order, tmp_path, monkeypatch) -> None:
    request = {**binding, "Language": "Python36"}
    schemas.put_code_binding(**request)
    body = schemas.get_code_binding_source(**request)["Body"].read()
    zipfile.ZipFile(io.BytesIO(body)).extractall(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    from schema.com.shop.orderplaced import AWSEvent, Marshaller, OrderPlaced

    event = Marshaller.unmarshall(order, AWSEvent)
    assert isinstance(event.detail, OrderPlaced)
    assert event.detail_type == "order placed"
    assert event.detail.lines[0].sku == "a"
    assert Marshaller.marshall(event) == order
    for name in [name for name in sys.modules if name.split(".")[0] == "schema"]:
        monkeypatch.delitem(sys.modules, name)


def test_typescript_code_has_an_interface_for_each_object(schemas, binding) -> None:
    request = {**binding, "Language": "TypeScript3"}
    schemas.put_code_binding(**request)
    body = schemas.get_code_binding_source(**request)["Body"].read()
    archive = zipfile.ZipFile(io.BytesIO(body))
    assert archive.namelist() == ["schema/com/shop/orderplaced/index.ts"]
    text = archive.read(archive.namelist()[0]).decode()
    for name in ("AWSEvent", "OrderPlaced", "Customer", "LinesItem"):
        assert f"export interface {name} {{\n" in text
    assert "  lines: Array<LinesItem>;\n" in text


def test_each_version_has_a_binding_of_its_own(schemas, binding, refusal) -> None:
    request = {**binding, "Language": "Python36"}
    schemas.put_code_binding(**request)
    schemas.update_schema(**binding, Type="JSONSchemaDraft4", Content=json.dumps({"title": "x"}))
    assert refusal(schemas.describe_code_binding, **request)[0] == "NotFoundException"
    assert schemas.describe_code_binding(SchemaVersion="1", **request)["SchemaVersion"] == "1"
    schemas.delete_schema_version(SchemaVersion="1", **binding)
    refused = refusal(schemas.describe_code_binding, SchemaVersion="1", **request)
    assert refused[0] == "NotFoundException"


def test_languages_that_are_not_built_say_so(schemas, binding, refusal) -> None:
    for language, code in (("Java8", "NotImplemented"), ("Go1", "NotImplemented")):
        assert refusal(schemas.put_code_binding, Language=language, **binding)[0] == code
    refused = refusal(schemas.put_code_binding, Language="Cobol", **binding)
    assert refused[0] == "BadRequestException"


def test_a_document_without_schemas_has_no_code(schemas, registry, make_schema, refusal) -> None:
    empty = {"openapi": "3.0.0", "info": {"title": "T", "version": "1"}, "paths": {}}
    make_schema("empty", empty, "OpenApi3")
    request = {"RegistryName": registry, "SchemaName": "empty", "Language": "Python36"}
    assert refusal(schemas.put_code_binding, **request)[0] == "BadRequestException"
