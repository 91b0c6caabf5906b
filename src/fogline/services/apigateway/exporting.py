"""Exporting: what a stage serves as an OpenAPI document, 2.0 or 3.0, with API Gateway's extensions if asked for.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-export-api.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from fogline.aws.members import given
from fogline.services.apigateway.paths import sorted_by_path

_X = "x-amazon-apigateway-"
_PLACES = {"path": "path", "querystring": "query", "header": "header"}
_API_KEY = {"type": "apiKey", "name": "x-api-key", "in": "header"}
_SIGNED = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    _X + "authtype": "awsSigv4",
}
_INTEGRATION = (
    "uri",
    "httpMethod",
    "connectionType",
    "connectionId",
    "credentials",
    "requestParameters",
    "requestTemplates",
    "contentHandling",
    "timeoutInMillis",
    "cacheNamespace",
    "cacheKeyParameters",
    "tlsConfig",
    "responseTransferMode",
    "integrationTarget",
)


class Export:
    """One document of one snapshot of an API."""

    def __init__(
        self, snapshot: Mapping[str, Any], stage: str, region: str, *, is_old: bool, extensions: str
    ) -> None:
        self._api = snapshot
        self._about = snapshot["restApi"]
        self._stage = stage
        self._region = region
        self._is_old = is_old
        wanted = {word.strip() for word in extensions.split(",") if word.strip()}
        self._is_whole = "apigateway" in wanted
        self._has_integrations = bool(wanted & {"apigateway", "integrations"})
        self._has_validators = bool(wanted & {"apigateway", "validators"})
        self._has_responses = bool(wanted & {"apigateway", "gatewayresponses"})
        self._has_authorizers = bool(wanted & {"apigateway", "authorizers", "integrations"})
        self._schemes: dict[str, Any] = {}

    def document(self) -> dict[str, Any]:
        """The document. What it needs of security schemes is known once its paths are written."""
        paths = self._paths()
        host = f"{self._about['id']}.execute-api.{self._region}.amazonaws.com"
        models = {
            name: self._schema(model)
            for name, model in sorted(self._api["models"].items())
            if name in self._used()
        }
        if self._is_old:
            document: dict[str, Any] = {
                "swagger": "2.0",
                "info": self._info(),
                "host": host,
                "basePath": f"/{self._stage}",
                "schemes": ["https"],
                "paths": paths,
                "securityDefinitions": self._schemes or None,
                "definitions": models or None,
            }
        else:
            server = {
                "url": f"https://{host}/{{basePath}}",
                "variables": {"basePath": {"default": self._stage}},
            }
            parts = given({"schemas": models or None, "securitySchemes": self._schemes or None})
            document = {
                "openapi": "3.0.1",
                "info": self._info(),
                "servers": [server],
                "paths": paths,
                "components": parts,
            }
        return given({**document, **self._extensions()})

    def _info(self) -> dict[str, Any]:
        made = datetime.fromtimestamp(self._about["createdDate"] / 1000, UTC)
        return given(
            {
                "title": self._about["name"],
                "description": self._about.get("description") or None,
                "version": self._about.get("version") or f"{made:%Y-%m-%dT%H:%M:%SZ}",
            }
        )

    # ---- paths

    def _paths(self) -> dict[str, Any]:
        return {
            resource["path"]: {
                _X + "any-method" if verb == "ANY" else verb.lower(): self._operation(method)
                for verb, method in resource["resourceMethods"].items()
            }
            for resource in sorted_by_path(self._api["resources"])
            if resource["resourceMethods"]
        }

    def _operation(self, method: Mapping[str, Any]) -> dict[str, Any]:
        models = method["requestModels"]
        parameters = [
            self._parameter(name, is_required)
            for name, is_required in method["requestParameters"].items()
        ]
        produced = sorted(
            {
                kind
                for response in method["methodResponses"].values()
                for kind in response["responseModels"]
            }
        )
        operation: dict[str, Any] = {"operationId": method.get("operationName")}
        if self._is_old:
            for model in dict.fromkeys(models.values()):
                body = {"in": "body", "name": model, "required": True, "schema": self._ref(model)}
                parameters.append(body)
            operation |= {"consumes": sorted(models) or None, "produces": produced or None}
        elif models:
            content = {kind: {"schema": self._ref(model)} for kind, model in models.items()}
            operation["requestBody"] = {"content": content, "required": True}
        operation |= {
            "parameters": parameters or None,
            "responses": {
                status: self._response(response)
                for status, response in sorted(method["methodResponses"].items())
            },
            "security": self._security(method) or None,
        }
        validator = self._api["requestValidators"].get(method.get("requestValidatorId", ""))
        if validator is not None and self._has_validators:
            operation[_X + "request-validator"] = validator["name"]
        if self._has_integrations and "methodIntegration" in method:
            operation[_X + "integration"] = _integration(method["methodIntegration"])
        return given(operation)

    def _parameter(self, name: str, is_required: bool) -> dict[str, Any]:
        _, _, place, shown = name.split(".", 3)
        place = place.replace("multivalue", "")
        text: dict[str, Any] = (
            {"type": "string"} if self._is_old else {"schema": {"type": "string"}}
        )
        required = is_required or place == "path"
        asked = {"required": required} if required or self._is_old else {}
        return {"name": shown, "in": _PLACES[place], **asked, **text}

    def _response(self, response: Mapping[str, Any]) -> dict[str, Any]:
        text: dict[str, Any] = (
            {"type": "string"} if self._is_old else {"schema": {"type": "string"}}
        )
        headers = {name.split(".", 3)[3]: text for name in response["responseParameters"]}
        models = response["responseModels"]
        described: dict[str, Any] = {
            "description": f"{response['statusCode']} response",
            "headers": headers or None,
        }
        if self._is_old:
            described["schema"] = self._ref(next(iter(models.values()))) if models else None
        else:
            content = {kind: {"schema": self._ref(model)} for kind, model in models.items()}
            described["content"] = content
        return given(described)

    def _ref(self, model: str) -> dict[str, str]:
        front = "#/definitions/" if self._is_old else "#/components/schemas/"
        return {"$ref": front + model}

    # ---- who may call

    def _security(self, method: Mapping[str, Any]) -> list[dict[str, Any]]:
        needed: list[dict[str, Any]] = []
        if method["apiKeyRequired"]:
            self._schemes["api_key"] = dict(_API_KEY)
            needed.append({"api_key": []})
        authorizer = self._api["authorizers"].get(method.get("authorizerId", ""))
        if method["authorizationType"] == "AWS_IAM":
            self._schemes["sigv4"] = dict(_SIGNED)
            needed.append({"sigv4": []})
        elif authorizer is not None:
            self._schemes[authorizer["name"]] = self._scheme(authorizer)
            needed.append({authorizer["name"]: list(method.get("authorizationScopes") or ())})
        return needed

    def _scheme(self, authorizer: Mapping[str, Any]) -> dict[str, Any]:
        source = authorizer.get("identitySource") or ""
        front = "method.request.header."
        is_header = source.startswith(front) and "," not in source
        scheme: dict[str, Any] = {
            "type": "apiKey",
            "name": source.removeprefix(front) if is_header else "Unused",
            "in": "header",
        }
        if not self._has_authorizers:
            return scheme
        scheme[_X + "authtype"] = authorizer.get("authType")
        scheme[_X + "authorizer"] = given(
            {
                "type": authorizer["type"].lower(),
                "authorizerUri": authorizer.get("authorizerUri"),
                "authorizerCredentials": authorizer.get("authorizerCredentials"),
                "authorizerResultTtlInSeconds": authorizer.get("authorizerResultTtlInSeconds"),
                "identityValidationExpression": authorizer.get("identityValidationExpression"),
                "identitySource": source or None,
                "providerARNs": authorizer.get("providerARNs"),
            }
        )
        return given(scheme)

    # ---- models

    def _used(self) -> set[str]:
        """The models that methods name, and those that these refer to."""
        waiting = [
            model
            for resource in self._api["resources"].values()
            for method in resource["resourceMethods"].values()
            for named in (
                method["requestModels"],
                *(response["responseModels"] for response in method["methodResponses"].values()),
            )
            for model in named.values()
        ]
        if self._is_whole:
            waiting += self._api["models"]
        used: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in used or name not in self._api["models"]:
                continue
            used.add(name)
            waiting += _referred(_read(self._api["models"][name]))
        return used

    def _schema(self, model: Mapping[str, Any]) -> Any:
        schema = _read(model)
        if isinstance(schema, dict):
            schema.pop("$schema", None)
        return self._pointing(schema)

    def _pointing(self, value: Any) -> Any:
        """A schema with references as the document has them."""
        if isinstance(value, list):
            return [self._pointing(each) for each in value]
        if not isinstance(value, dict):
            return value
        reference = value.get("$ref")
        if isinstance(reference, str) and "/models/" in reference:
            return self._ref(reference.rpartition("/models/")[2])
        return {name: self._pointing(each) for name, each in value.items()}

    # ---- the rest

    def _extensions(self) -> dict[str, Any]:
        about = self._about
        policy = about.get("policy")
        validators = {
            validator["name"]: {
                "validateRequestBody": validator["validateRequestBody"],
                "validateRequestParameters": validator["validateRequestParameters"],
            }
            for validator in self._api["requestValidators"].values()
            if validator.get("name")
        }
        responses = {
            kind: given(
                {
                    name: response.get(name) or None
                    for name in ("statusCode", "responseParameters", "responseTemplates")
                }
            )
            for kind, response in self._api["gatewayResponses"].items()
        }
        asked = {
            _X + "request-validators": (validators or None) if self._has_validators else None,
            _X + "gateway-responses": (responses or None) if self._has_responses else None,
        }
        if not self._is_whole:
            return asked
        return {
            **asked,
            _X + "binary-media-types": about.get("binaryMediaTypes") or None,
            _X + "minimum-compression-size": about.get("minimumCompressionSize"),
            _X + "api-key-source": about["apiKeySource"]
            if about["apiKeySource"] != "HEADER"
            else None,
            _X + "policy": orjson.loads(policy) if policy else None,
        }


def _integration(integration: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: integration.get(name) or None for name in _INTEGRATION}
    responses = {
        response.get("selectionPattern") or "default": given(
            {
                name: response.get(name) or None
                for name in (
                    "statusCode",
                    "responseParameters",
                    "responseTemplates",
                    "contentHandling",
                )
            }
        )
        for response in integration["integrationResponses"].values()
    }
    return given(
        {
            "type": integration["type"].lower(),
            **shown,
            "responses": responses or None,
            "passthroughBehavior": integration["passthroughBehavior"].lower(),
        }
    )


def _read(model: Mapping[str, Any]) -> Any:
    try:
        return orjson.loads(model.get("schema") or "{}")
    except ValueError:
        return {}


def _referred(value: Any) -> list[str]:
    if isinstance(value, list):
        return [name for each in value for name in _referred(each)]
    if not isinstance(value, dict):
        return []
    reference = value.get("$ref")
    own = [reference.rpartition("/models/")[2]] if isinstance(reference, str) else []
    return own + [name for each in value.values() for name in _referred(each)]
