"""Models: the JSON Schemas of what the routes of a WebSocket API take.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.model_schemas import check_model_schema
from fogline.apis.parts import fresh_id
from fogline.aws.members import given, without_empty
from fogline.services.apigatewayv2.errors import (
    BadRequestException,
    ConflictException,
    TooManyRequestsException,
)
from fogline.services.apigatewayv2.limits import Limits
from fogline.services.apigatewayv2.lookup import require_part
from fogline.services.apigatewayv2.service import ApiGatewayV2

KIND = "Model"
_MEMBERS = ("ContentType", "Description", "Name", "Schema")


def add_model(
    gateway: ApiGatewayV2, api: Mapping[str, Any], members: Mapping[str, Any]
) -> dict[str, Any]:
    """A new model, in its API. Raises BadRequestException, ConflictException, TooManyRequestsException."""
    models = api["models"]
    if api["api"]["ProtocolType"] != "WEBSOCKET":
        raise BadRequestException("Models are only supported for protocol type WEBSOCKET")
    if len(models) >= gateway.limits.models_max:
        raise TooManyRequestsException(kind="Models", scope="API")
    model: dict[str, Any] = {"ContentType": "application/json", **given(members, *_MEMBERS)}
    _check(api, model, gateway.limits)
    id = fresh_id(gateway.ids, models, 6)
    models[id] = {"ModelId": id, **model}
    added: dict[str, Any] = models[id]
    return added


def change_model(
    gateway: ApiGatewayV2,
    api: Mapping[str, Any],
    model: dict[str, Any],
    members: Mapping[str, Any],
) -> None:
    """Change a model. Raises BadRequestException, ConflictException."""
    model.update(given(members, *_MEMBERS))
    _check(api, model, gateway.limits)


def remove_model(api: Mapping[str, Any], id: str) -> None:
    """Raises NotFoundException. Routes name models without holding them, before they are there and after."""
    require_part(api["models"], id, KIND)
    del api["models"][id]


def shown_model(model: Mapping[str, Any]) -> dict[str, Any]:
    """What GetModel shows."""
    return without_empty(model, "Description")


def _check(api: Mapping[str, Any], model: Mapping[str, Any], limits: Limits) -> None:
    name, schema = model["Name"], model.get("Schema", "")
    if not (name.isascii() and name.isalnum() and len(name) <= 128):
        raise BadRequestException("Model name must be alphanumeric: " + name[:300])
    for other in api["models"].values():
        if other["Name"] == name and other["ModelId"] != model.get("ModelId"):
            raise ConflictException("Model name already exists for this API")
    if len(model.get("Description", "")) > 1_024:
        raise BadRequestException("Description can have at most 1024 characters")
    if not 1 <= len(model["ContentType"]) <= 256:
        raise BadRequestException("ContentType must have between 1 and 256 characters")
    if len(schema) > limits.schema_characters_max:
        raise BadRequestException(
            f"Schema can have at most {limits.schema_characters_max} characters"
        )
    if "json" in model["ContentType"]:
        check_model_schema(schema)
