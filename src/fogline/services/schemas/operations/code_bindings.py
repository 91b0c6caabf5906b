"""Code bindings: code made from a schema, as a zip file. It is ready as soon as it is asked for."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from fogline.aws.call import Call
from fogline.aws.errors import NotImplementedByFogline
from fogline.aws.json_schema import InvalidSchema
from fogline.services.schemas.content import OPENAPI
from fogline.services.schemas.errors import BadRequestException, NotFoundException
from fogline.services.schemas.lookup import require_schema, require_version
from fogline.services.schemas.openapi import draft4_of, root_of
from fogline.services.schemas.python_code import python_files
from fogline.services.schemas.record_types import record_types
from fogline.services.schemas.service import Schemas
from fogline.services.schemas.typescript_code import typescript_files
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_schemas import type_defs as types

Result = Mapping[str, Any]

_WRITERS = {"Python36": python_files, "TypeScript3": typescript_files}
_NOT_BUILT = ("Java8", "Go1")


def put_code_binding(
    schemas: Schemas, call: Call, request: types.PutCodeBindingRequestTypeDef
) -> Result:
    language = request["Language"]
    _check_language(language)
    with schemas.store.write() as tx:
        schema, version = _require(schemas, tx, call, request)
        _archive(schema, version, language)  # refuses what no code can be made from
        key = f"{schema['registry']}/{schema['name']}"
        place = (call.account, call.region)
        before = schemas.tables.find_binding(tx, place, key, version["number"], language)
        binding = {
            "number": version["number"],
            "created": before["created"] if before else call.now,
            "modified": call.now,
        }
        schemas.tables.save_binding(tx, place, key, binding, language)
    return _described(binding)


def describe_code_binding(
    schemas: Schemas, call: Call, request: types.DescribeCodeBindingRequestTypeDef
) -> Result:
    with schemas.store.read() as tx:
        _, _, binding = _require_binding(schemas, tx, call, request)
    return _described(binding)


def get_code_binding_source(
    schemas: Schemas, call: Call, request: types.GetCodeBindingSourceRequestTypeDef
) -> Result:
    with schemas.store.read() as tx:
        schema, version, _ = _require_binding(schemas, tx, call, request)
    return {"Body": _archive(schema, version, request["Language"])}


def _check_language(language: str) -> None:
    if language in _NOT_BUILT:
        raise NotImplementedByFogline(service="schemas", operation=f"code bindings for {language}")
    if language not in _WRITERS:
        raise BadRequestException(f"Language must be one of {', '.join((*_WRITERS, *_NOT_BUILT))}.")


def _require(
    schemas: Schemas, tx: Tx, call: Call, request: Mapping[str, Any]
) -> tuple[Document, Document]:
    schema = require_schema(schemas, tx, call, request["RegistryName"], request["SchemaName"])
    return schema, require_version(schemas, tx, call, schema, request.get("SchemaVersion"))


def _require_binding(
    schemas: Schemas, tx: Tx, call: Call, request: Mapping[str, Any]
) -> tuple[Document, Document, Document]:
    """Schema, version and code binding. Raises NotFoundException."""
    language = request["Language"]
    _check_language(language)
    schema, version = _require(schemas, tx, call, request)
    key = f"{schema['registry']}/{schema['name']}"
    place = (call.account, call.region)
    binding = schemas.tables.find_binding(tx, place, key, version["number"], language)
    if binding is None:
        raise NotFoundException(thing=f"A code binding of {schema['name']} for {language}")
    return schema, version, binding


def _archive(schema: Document, version: Document, language: str) -> bytes:
    """The zip file. Raises BadRequestException for what no code can be made from."""
    document = orjson.loads(version["content"])
    try:
        if version["type"] == OPENAPI:
            title, draft4 = root_of(document), draft4_of(document)
        else:
            title, draft4 = str(document.get("title") or schema["name"]), document
        records = record_types(draft4, title)
    except (InvalidSchema, RecursionError) as broken:
        raise BadRequestException(f"No code can be made from the schema: {broken}.") from None
    files = _WRITERS[language](_package(schema["name"]), records)
    return _zip(files)


def _package(name: str) -> list[str]:
    """`order@NewOrder` lies in `schema.order.neworder`, where the clients of AWS look for it."""
    parts = [re.sub(r"[^0-9a-z]", "_", part) for part in re.split(r"[.@]", name.lower()) if part]
    return ["schema", *(f"_{part}" if part[0].isdigit() else part for part in parts)]


def _zip(files: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            entry = zipfile.ZipInfo(path)  # of 1980: the same schema gives the same bytes
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text.encode(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _described(binding: Document) -> dict[str, Any]:
    return {
        "CreationDate": binding["created"],
        "LastModified": binding["modified"],
        "SchemaVersion": str(binding["number"]),
        "Status": "CREATE_COMPLETE",
    }
