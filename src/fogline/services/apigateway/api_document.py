"""A new API, with what API Gateway puts into each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.parts import ID_CHARACTERS
from fogline.aws.call import Call
from fogline.world.ids import Ids

_API_ID_CHARACTERS = 10
_EMPTY = """{
  "$schema": "http://json-schema.org/draft-04/schema#",
  "title" : "Empty Schema",
  "type" : "object"
}"""
_ERROR = """{
  "$schema" : "http://json-schema.org/draft-04/schema#",
  "title" : "Error Schema",
  "type" : "object",
  "properties" : {
    "message" : { "type" : "string" }
  }
}"""
_DEFAULT_MODELS = (
    ("Empty", "This is a default empty schema model", _EMPTY),
    ("Error", "This is a default error schema model", _ERROR),
)


def new_api(
    ids: Ids, call: Call, settings: Mapping[str, Any], *, has_models: bool = True
) -> dict[str, Any]:
    """An API with nothing but a root. One that is imported has no models of API Gateway's."""
    root = ids.lowers(_API_ID_CHARACTERS)
    return {
        "restApi": {
            "id": ids.lowers(_API_ID_CHARACTERS),
            "createdDate": call.now,
            "apiKeySource": "HEADER",
            "endpointConfiguration": {"types": ["EDGE"], "ipAddressType": "ipv4"},
            "disableExecuteApiEndpoint": False,
            "rootResourceId": root,
            **settings,
        },
        "resources": {root: {"id": root, "path": "/", "resourceMethods": {}}},
        "models": _default_models(ids) if has_models else {},
        "requestValidators": {},
        "authorizers": {},
        "gatewayResponses": {},
        "documentationParts": {},
        "documentationVersions": {},
    }


def _default_models(ids: Ids) -> dict[str, Any]:
    return {
        name: {
            "id": ids.lowers(ID_CHARACTERS),
            "name": name,
            "description": description,
            "schema": schema,
            "contentType": "application/json",
        }
        for name, description, schema in _DEFAULT_MODELS
    }


def models_url(api_id: str) -> str:
    """Where references in schemas lead to."""
    return f"https://apigateway.amazonaws.com/restapis/{api_id}/models"
