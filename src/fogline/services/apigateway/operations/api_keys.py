"""API keys: by what usage plans tell callers apart."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    NotFoundException,
)
from fogline.services.apigateway.holdings import (
    changed_held,
    check_room,
    lock_held,
    page_of_held,
    read_held,
    require_held,
)
from fogline.services.apigateway.limits import Limits
from fogline.services.apigateway.lookup import Request, Result
from fogline.services.apigateway.patching import (
    ADD_REMOVE,
    Form,
    Patches,
    Path,
    read_boolean,
)
from fogline.services.apigateway.plan_keys import put_key_into_plan, take_key_out_of_plans
from fogline.services.apigateway.service import ApiGateway
from fogline.services.apigateway.tag_rules import read_tags
from fogline.store.store import Tx

_ID_CHARACTERS = 10
_VALUE_CHARACTERS = 40
_ROWS_MAX = 10_000
_PATCHES = Patches(
    (
        Path("/description"),
        Path("/enabled", read=read_boolean),
        Path("/name"),
        Path("/customerId"),
        Path("/stages", ADD_REMOVE, form=Form.LISTED),
    ),
    is_listing=True,
)


def create_api_key(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with gateway.store.write() as tx:
        tags = read_tags(request.get("tags"), call, gateway.limits)
        key = _add(gateway, tx, call, {**request, "tags": tags})
    return _shown(key, has_value=True)


def get_api_key(gateway: ApiGateway, call: Call, request: Request) -> Result:
    key = read_held(gateway, gateway.tables.api_keys, call, request["apiKey"], _missing())
    return {"tags": {}, **_shown(key, has_value=bool(request.get("includeValue")))}


def get_api_keys(gateway: ApiGateway, call: Call, request: Request) -> Result:
    front, customer = request.get("nameQuery") or "", request.get("customerId")
    has_values = bool(request.get("includeValues"))
    return page_of_held(
        gateway,
        gateway.tables.api_keys,
        call,
        request,
        lambda key: _shown(key, has_value=has_values),
        keep=lambda key: (
            key.get("name", "").startswith(front) and customer in (None, key.get("customerId"))
        ),
    )


def update_api_key(gateway: ApiGateway, call: Call, request: Request) -> Result:
    documents = gateway.tables.api_keys
    with changed_held(gateway, documents, call, request["apiKey"], _missing()) as (_, key):
        # Stages of keys are kept under the name by which they are shown.
        key["stages"] = key.pop("stageKeys")
        _PATCHES.apply(key, request.get("patchOperations"))
        key["stageKeys"] = key.pop("stages")
        _check(key, gateway.limits)
        key["lastUpdatedDate"] = call.now
    return {"tags": {}, **_shown(key)}


def delete_api_key(gateway: ApiGateway, call: Call, request: Request) -> Result:
    id, tables = request["apiKey"], gateway.tables
    with gateway.store.write() as tx:
        lock_held(tx, call, id)
        key = require_held(tables.api_keys, tx, call, id, _missing())
        take_key_out_of_plans(tables, tx, call, id)
        tables.key_values.remove(tx, call.account, call.region, key["value"])
        tables.api_keys.remove(tx, call.account, call.region, id)
    return {}


def import_api_keys(gateway: ApiGateway, call: Call, request: Request) -> Result:
    """Keys from a file of comma-separated values. One that can't be had is a warning, or a refusal of all."""
    if request["format"] != "csv":
        raise BadRequestException("Invalid format specified. Valid options are [csv]")
    ids, warnings = [], []
    with gateway.store.write() as tx:
        for row in _rows(bytes(request["body"])):
            try:
                ids.append(_import(gateway, tx, call, row))
            except (BadRequestException, ConflictException, NotFoundException) as refusal:
                warnings.append(
                    f"Unable to import key '{row.get('name', '')[:100]}': {refusal.text}"
                )
        if warnings and request.get("failOnWarnings"):
            listed = "".join(f"\n\t{warning}" for warning in warnings)
            raise BadRequestException(f"Warnings found during import:{listed}")
    return {"ids": ids, "warnings": warnings}


def _rows(body: bytes) -> list[dict[str, str]]:
    """The rows of the file, by the names of its columns in lower case. Raises BadRequestException."""
    try:
        read = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error):
        raise BadRequestException("Unable to parse API key file.") from None
    if not read or len(read) > _ROWS_MAX:
        raise BadRequestException("API key file is empty or too large.")
    names = [name.strip().lower() for name in read[0]]
    if "name" not in names or "key" not in names:
        raise BadRequestException("API key file must have columns for Name and Key.")
    return [
        {name: value.strip() for name, value in zip(names, row, strict=False)}
        for row in read[1:]
        if any(value.strip() for value in row)
    ]


def _import(gateway: ApiGateway, tx: Tx, call: Call, row: Mapping[str, str]) -> str:
    described: dict[str, Any] = {
        "name": row.get("name"),
        "value": row.get("key"),
        "description": row.get("description") or None,
        "enabled": row.get("enabled", "true").lower() != "false",
        "tags": {},
    }
    plans = [plan.strip() for plan in row.get("usageplanids", "").split(",") if plan.strip()]
    with gateway.store.write() as inner:
        key = _add(gateway, inner, call, described)
        for plan in plans:
            put_key_into_plan(gateway, inner, call, plan, key)
    return str(key["id"])


def _missing() -> NotFoundException:
    return NotFoundException(kind="API Key")


def _add(gateway: ApiGateway, tx: Tx, call: Call, described: Mapping[str, Any]) -> dict[str, Any]:
    tables = gateway.tables
    key = given(
        {
            "id": gateway.ids.lowers(_ID_CHARACTERS),
            "value": described.get("value") or gateway.ids.lowers(_VALUE_CHARACTERS),
            "name": described.get("name") or None,
            "customerId": described.get("customerId"),
            "description": described.get("description"),
            "enabled": bool(described.get("enabled")),
            "createdDate": call.now,
            "lastUpdatedDate": call.now,
            "stageKeys": [
                f"{stage.get('restApiId')}/{stage.get('stageName')}"
                for stage in described.get("stageKeys") or ()
            ],
            "tags": described["tags"] or None,
        }
    )
    _check(key, gateway.limits)
    tx.lock(f"apigateway-key-value:{call.account}:{call.region}:{key['value']}")
    if tables.key_values.find(tx, call.account, call.region, key["value"]) is not None:
        raise ConflictException("API Key already exists")
    check_room(tables.api_keys, tx, call, gateway.limits.api_keys_max, "API keys")
    tables.api_keys.save(tx, call.account, call.region, key["id"], key)
    tables.key_values.save(tx, call.account, call.region, key["value"], {"id": key["id"]})
    return key


def _check(key: Mapping[str, Any], limits: Limits) -> None:
    name_max = limits.api_key_name_characters_max
    if len(key.get("name") or "") > name_max:
        raise BadRequestException(f"Invalid API Key name, can be at most {name_max} characters.")
    if len(key.get("description") or "") > limits.api_key_description_characters_max:
        raise BadRequestException("Invalid API Key description specified.")
    shortest, longest = limits.api_key_value_characters_min, limits.api_key_value_characters_max
    if len(key["value"]) < shortest:
        raise BadRequestException(f"API Key value should be at least {shortest} characters")
    if len(key["value"]) > longest or "\x00" in key["value"]:
        raise BadRequestException(f"API Key value should be at most {longest} characters")


def _shown(key: Mapping[str, Any], *, has_value: bool = False) -> dict[str, Any]:
    return {name: value for name, value in key.items() if has_value or name != "value"}
