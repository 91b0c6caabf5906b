"""Models of WebSocket APIs."""

from __future__ import annotations

import orjson

from fogline.apis.model_bundles import whole_schema
from fogline.apis.model_templates import sample_template
from fogline.aws.call import Call
from fogline.aws.json_schema import InvalidSchema
from fogline.services.apigatewayv2.lookup import (
    Request,
    Result,
    changed_api,
    read_api,
    require_part,
)
from fogline.services.apigatewayv2.models import (
    KIND,
    add_model,
    change_model,
    remove_model,
    shown_model,
)
from fogline.services.apigatewayv2.pages import page_of
from fogline.services.apigatewayv2.service import ApiGatewayV2


def create_model(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        return shown_model(add_model(gateway, api, request))


def get_model(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["ApiId"])
    return shown_model(require_part(api["models"], request["ModelId"], KIND))


def get_model_template(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["ApiId"])
    model = require_part(api["models"], request["ModelId"], KIND)
    schemas = {each["Name"]: each.get("Schema") or "" for each in api["models"].values()}
    try:
        schema = whole_schema(model["Name"], schemas)
    except (InvalidSchema, orjson.JSONDecodeError):  # of another content type than JSON
        schema = None
    return {"Value": sample_template(schema or {})}


def get_models(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["ApiId"])
    return page_of(api["models"], request, gateway.limits, shown_model)


def update_model(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        model = require_part(api["models"], request["ModelId"], KIND)
        change_model(gateway, api, model, request)
        return shown_model(model)


def delete_model(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        remove_model(api, request["ModelId"])
    return {}
