"""Models: the JSON Schemas of what methods take and give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.apis.model_schemas import check_model_schema
from fogline.apis.model_templates import sample_template
from fogline.apis.parts import fresh_id
from fogline.aws.call import Call
from fogline.aws.members import given, without_empty
from fogline.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    LimitExceededException,
    NotFoundException,
)
from fogline.services.apigateway.lookup import (
    Request,
    Result,
    changed_api,
    read_api,
)
from fogline.services.apigateway.pages import page_of
from fogline.services.apigateway.patching import Patches, Path
from fogline.services.apigateway.service import ApiGateway

_PATCHES = Patches((Path("/description"), Path("/schema")), is_listing=True)


def create_model(gateway: ApiGateway, call: Call, request: Request) -> Result:
    name = request["name"]
    if not (name.isascii() and name.isalnum()):
        raise BadRequestException("Model name must be alphanumeric: " + name[:300])
    with changed_api(gateway, call, request["restApiId"]) as api:
        models = api["models"]
        if name in models:
            raise ConflictException("Model name already exists for this REST API")
        if len(models) >= gateway.limits.models_max:
            raise LimitExceededException(kind="models", scope="API")
        ids = {model["id"]: model for model in models.values()}
        model = given(
            {
                "id": fresh_id(gateway.ids, ids),
                "name": name,
                "description": request.get("description"),
                "schema": request.get("schema"),
                "contentType": request["contentType"],
            }
        )
        _check_schema(model.get("schema"), request["contentType"])
        models[name] = model
    return _shown(model)


def get_model(gateway: ApiGateway, call: Call, request: Request) -> Result:
    name = request["modelName"]
    api = read_api(gateway, call, request["restApiId"], _missing(name))
    model = _require(api, name)
    if request.get("flatten") and model.get("schema"):
        model = {**model, "schema": _flat(api, model["schema"])}
    return _shown(model)


def get_models(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["restApiId"])
    return page_of(api["models"], request, gateway.limits, _shown)


def get_model_template(gateway: ApiGateway, call: Call, request: Request) -> Result:
    name = request["modelName"]
    api = read_api(gateway, call, request["restApiId"], _missing(name))
    model = _require(api, name)
    schema = orjson.loads(_flat(api, model.get("schema") or "{}"))
    return {"value": sample_template(schema)}


def update_model(gateway: ApiGateway, call: Call, request: Request) -> Result:
    name = request["modelName"]
    with changed_api(gateway, call, request["restApiId"], _missing(name)) as api:
        model = _require(api, name)
        changed = _PATCHES.apply(model, request.get("patchOperations"))
        if "/schema" in changed:
            _check_schema(model["schema"], model["contentType"])
    return _shown(model)


def delete_model(gateway: ApiGateway, call: Call, request: Request) -> Result:
    name = request["modelName"]
    with changed_api(gateway, call, request["restApiId"], _missing(name)) as api:
        _require(api, name)
        _check_unused(api, name)
        del api["models"][name]
    return {}


def _missing(name: str) -> NotFoundException:
    return NotFoundException(f"Invalid model name specified: {name}")


def _require(api: Mapping[str, Any], name: str) -> Any:
    found = api["models"].get(name)
    if found is None:
        raise _missing(name)
    return found


def _shown(model: Mapping[str, Any]) -> dict[str, Any]:
    return without_empty(model, "description")


def _check_schema(schema: str | None, content_type: str) -> None:
    if schema is None:
        return
    if not schema.strip():
        raise BadRequestException(
            "Model schema must have at least 1 property or array items defined"
        )
    if "json" in content_type:
        check_model_schema(schema)


def _check_unused(api: Mapping[str, Any], name: str) -> None:
    for resource in api["resources"].values():
        for verb, method in resource["resourceMethods"].items():
            where = f"{resource['path']}/{verb}"
            if name in method["requestModels"].values():
                raise ConflictException(
                    f"Cannot delete model '{name}', is referenced in method request: {where}"
                )
            for status, response in method["methodResponses"].items():
                if name in response["responseModels"].values():
                    raise ConflictException(
                        f"Cannot delete model '{name}', is referenced in method response: {where}/{status}"
                    )
    for other, model in api["models"].items():
        if other != name and f'/models/{name}"' in (model.get("schema") or ""):
            raise ConflictException(
                f"Cannot delete model '{name}', is referenced in model: {other}"
            )


def _flat(api: Mapping[str, Any], schema: str) -> str:
    """The schema with all that it refers to among its definitions."""
    definitions: dict[str, Any] = {}
    try:
        whole = _inlined(orjson.loads(schema), api["models"], definitions)
    except ValueError:
        return schema
    if definitions:
        whole["definitions"] = {**whole.get("definitions", {}), **definitions}
    return orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode()


def _inlined(value: Any, models: Mapping[str, Any], definitions: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_inlined(each, models, definitions) for each in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    name = reference.rpartition("/models/")[2] if isinstance(reference, str) else ""
    if name in models and reference != name:
        if name not in definitions:
            definitions[name] = {}
            text = models[name].get("schema") or "{}"
            definitions[name] = _inlined(orjson.loads(text), models, definitions)
        return {"$ref": f"#/definitions/{name}"}
    return {key: _inlined(each, models, definitions) for key, each in value.items()}
