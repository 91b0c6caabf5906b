"""Importing: what an OpenAPI document describes becomes an API, or is merged into one.

What has a name that it had before (a path, a model, an authorizer) keeps its id.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from fogline.apis.parts import fresh_id
from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.aws.members import given
from fogline.aws.openapi import Api, InvalidDocument, path_in_api, read_api, schema_with_urls
from fogline.aws.openapi.api import Authorizer, Integration, IntegrationResponse, Method, Model
from fogline.services.apigateway.api_document import models_url
from fogline.services.apigateway.api_settings import whole_endpoint, whole_policy
from fogline.services.apigateway.documentation import place_of, whole_location
from fogline.services.apigateway.errors import BadRequestException
from fogline.services.apigateway.integration_rules import check_integration, with_defaults
from fogline.services.apigateway.lookup import Request
from fogline.services.apigateway.paths import check_place, path_parameters, path_under
from fogline.services.apigateway.service import ApiGateway

_MODES = ("ignore", "prepend", "split")
_TTL_SECONDS = 300


def read_described(request: Request, call: Call) -> Api:
    """The API that a request's body describes. Raises BadRequestException."""
    body = request["body"]
    variables = {
        "AWS::AccountId": call.account,
        "AWS::Partition": "aws",
        "AWS::Region": call.region,
        "AWS::URLSuffix": "amazonaws.com",
    }
    try:
        described = read_api(bytes(body).decode(), variables)
    except (InvalidDocument, UnicodeDecodeError) as error:
        text = str(error) if isinstance(error, InvalidDocument) else "Invalid OpenAPI input."
        raise BadRequestException(text) from None
    if described.warnings and request.get("failOnWarnings"):
        listed = "".join(f"\n\t{warning}" for warning in described.warnings)
        raise BadRequestException(f"Warnings found during import:{listed}")
    return described


class Import:
    """One import into one API, which it changes."""

    def __init__(
        self, gateway: ApiGateway, call: Call, api: dict[str, Any], request: Request
    ) -> None:
        self._ids = gateway.ids
        self._limits = gateway.limits
        self._call = call
        self._api = api
        self._parameters: Mapping[str, str] = request.get("parameters") or {}
        mode = self._parameters.get("basepath", "ignore")
        if mode not in _MODES:
            raise BadRequestException(
                f"Invalid base path mode specified. Valid options are [{', '.join(_MODES)}]"
            )
        self._base_path_mode = mode

    def overwrite(self, described: Api) -> None:
        """Let the API be what is described, and nothing more."""
        api = self._api
        before = {
            name: api[name] for name in ("resources", "models", "requestValidators", "authorizers")
        }
        root = api["restApi"]["rootResourceId"]
        api |= {
            "resources": {root: {"id": root, "path": "/", "resourceMethods": {}}},
            "models": {},
            "requestValidators": {},
            "authorizers": {},
            "gatewayResponses": {},
            "documentationParts": {},
        }
        about = api["restApi"]
        for name in ("description", "version", "binaryMediaTypes", "minimumCompressionSize"):
            about.pop(name, None)
        about["apiKeySource"] = "HEADER"
        self._bring(described, before)

    def merge(self, described: Api) -> None:
        """Add to the API what is described; what has the same name is replaced."""
        self._bring(described, self._api)

    def _bring(self, described: Api, before: Mapping[str, Any]) -> None:
        self._bring_settings(described)
        self._bring_models(described.models, before["models"])
        self._bring_validators(described, before["requestValidators"])
        self._bring_authorizers(described.authorizers, before["authorizers"])
        for response in described.gateway_responses:
            self._api["gatewayResponses"][response.type] = given(
                {
                    "responseType": response.type,
                    "statusCode": response.status_code,
                    "responseParameters": dict(response.parameters),
                    "responseTemplates": dict(response.templates),
                }
            )
        ids = {resource["path"]: id for id, resource in before["resources"].items()}
        for path in described.paths:
            self._resource(self._path(described, path), ids)
        for method in described.methods:
            self._bring_method(method, self._path(described, method.path), ids)
        if self._parameters.get("ignore") != "documentation":
            self.bring_documentation(described)

    # ---- the API as a whole

    def _bring_settings(self, described: Api) -> None:
        about = self._api["restApi"]
        about |= given(
            {
                "name": described.name or None,
                "description": described.description or None,
                "version": described.version,
                "minimumCompressionSize": described.minimum_compression_bytes,
                "apiKeySource": described.api_key_source,
                "disableExecuteApiEndpoint": described.has_disabled_endpoint,
                "securityPolicy": described.security_policy,
            }
        )
        if described.binary_media_types:
            known = about.get("binaryMediaTypes") or []
            about["binaryMediaTypes"] = list(dict.fromkeys([*known, *described.binary_media_types]))
        if described.policy is not None:
            text = orjson.dumps(described.policy).decode()
            about["policy"] = whole_policy(text, self._call, about["id"])
        self._bring_endpoint(described)

    def _bring_endpoint(self, described: Api) -> None:
        about = self._api["restApi"]
        asked = self._parameters.get("endpointConfigurationTypes")
        types = asked.split(",") if asked else list(described.endpoint_types)
        if types:
            about["endpointConfiguration"] = whole_endpoint(
                given({"types": types, "ipAddressType": described.ip_address_type})
            )
        elif described.ip_address_type:
            about["endpointConfiguration"]["ipAddressType"] = described.ip_address_type
        if described.vpc_endpoint_ids:
            about["endpointConfiguration"]["vpcEndpointIds"] = list(described.vpc_endpoint_ids)

    # ---- parts by name

    def _bring_models(self, models: Sequence[Model], before: Mapping[str, Any]) -> None:
        url = models_url(self._api["restApi"]["id"])
        found = self._api["models"]
        for model in models:
            schema = schema_with_urls(model.schema, url)
            found[model.name] = given(
                {
                    "id": before.get(model.name, {}).get("id") or self._ids.lowers(6),
                    "name": model.name,
                    "description": model.description,
                    "schema": orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode(),
                    "contentType": model.content_type,
                }
            )

    def _bring_validators(self, described: Api, before: Mapping[str, Any]) -> None:
        found = self._api["requestValidators"]
        names = {one["name"]: id for id, one in before.items()}
        for validator in described.request_validators:
            id = names.get(validator.name) or fresh_id(self._ids, found)
            found[id] = {
                "id": id,
                "name": validator.name,
                "validateRequestBody": validator.validates_body,
                "validateRequestParameters": validator.validates_parameters,
            }

    def _bring_authorizers(
        self, authorizers: Sequence[Authorizer], before: Mapping[str, Any]
    ) -> None:
        found = self._api["authorizers"]
        names = {one["name"]: id for id, one in before.items()}
        for authorizer in authorizers:
            id = names.get(authorizer.name) or fresh_id(self._ids, found)
            found[id] = {"id": id, **_authorizer(authorizer)}

    # ---- paths and methods

    def _path(self, described: Api, path: str) -> str:
        whole = path_in_api(path, described.base_path, self._base_path_mode)
        return whole.rstrip("/") or "/"

    def _resource(self, path: str, ids: Mapping[str, str]) -> dict[str, Any]:
        """The resource at that path, made if it is not there, with those above it."""
        resources = self._api["resources"]
        found: dict[str, Any] = resources[self._api["restApi"]["rootResourceId"]]
        for part in path.split("/")[1:] if path != "/" else ():
            below = path_under(found["path"], part)
            known = next(
                (
                    one
                    for one in resources.values()
                    if one.get("parentId") == found["id"] and one["pathPart"] == part
                ),
                None,
            )
            if known is None:
                _reporting(
                    f"Unable to create resource at path '{path}'",
                    lambda parent=found, part=part: check_place(resources, parent, part),  # type: ignore[misc]
                )
                if len(resources) >= self._limits.resources_max:
                    raise BadRequestException(
                        "Maximum number of resources for this API has been reached. "
                        "Please contact AWS if you need additional resources."
                    )
                known = {
                    "id": ids.get(below) or fresh_id(self._ids, resources),
                    "parentId": found["id"],
                    "pathPart": part,
                    "path": below,
                    "resourceMethods": {},
                }
                resources[known["id"]] = known
            found = known
        return found

    def _bring_method(self, method: Method, path: str, ids: Mapping[str, str]) -> None:
        resource = self._resource(path, ids)
        verb = method.http_method
        made = given(
            {
                "httpMethod": verb,
                "authorizationType": method.authorization_type,
                "authorizerId": self._named("authorizers", method.authorizer),
                "authorizationScopes": list(method.authorization_scopes) or None,
                "apiKeyRequired": method.is_api_key_required,
                "requestValidatorId": self._named("requestValidators", method.request_validator),
                "operationName": method.operation_name,
                "requestParameters": {
                    **{f"method.request.path.{name}": True for name in path_parameters(path)},
                    **method.request_parameters,
                },
                "requestModels": dict(method.request_models),
            }
        )
        made["methodResponses"] = {
            response.status_code: {
                "statusCode": response.status_code,
                "responseParameters": dict(response.parameters),
                "responseModels": dict(response.models),
            }
            for response in method.responses
        }
        if method.integration is not None:
            integration = _integration(method.integration, resource["id"])
            _reporting(
                f"Unable to put integration on '{verb}' for resource at path '{path}'",
                lambda: check_integration(integration, self._limits),
            )
            made["methodIntegration"] = integration
        resource["resourceMethods"][verb] = made

    def _named(self, parts: str, name: str | None) -> str | None:
        """The id of what has that name."""
        if not name:
            return None
        return next((id for id, one in self._api[parts].items() if one["name"] == name), None)

    # ---- documentation

    def bring_documentation(self, described: Api) -> list[str]:
        """Take over what the document says for readers; the ids of those parts."""
        parts, brought = self._api["documentationParts"], []
        places = {place_of(part["location"]): id for id, part in parts.items()}
        for part in described.documentation_parts:
            location = whole_location(dict(part.location))
            id = places.get(place_of(location)) or fresh_id(self._ids, parts)
            properties = orjson.dumps(part.properties).decode()
            parts[id] = {"id": id, "location": location, "properties": properties}
            brought.append(id)
        version = described.documentation_version
        if version:
            self._api["documentationVersions"].setdefault(
                version,
                {
                    "version": version,
                    "createdDate": self._call.now,
                    "parts": list(parts.values()),
                },
            )
        return brought


def _reporting(where: str, check: Callable[[], None]) -> None:
    """Raises BadRequestException that says where, for what the check refuses."""
    try:
        check()
    except AwsError as refusal:
        raise BadRequestException(
            f"Errors found during import:\n\t{where}: {refusal.text}"
        ) from None


def _authorizer(authorizer: Authorizer) -> dict[str, Any]:
    ttl = authorizer.result_ttl_seconds
    return given(
        {
            "name": authorizer.name,
            "type": authorizer.type,
            "providerARNs": list(authorizer.provider_arns) or None,
            "authType": authorizer.auth_type,
            "authorizerUri": authorizer.uri,
            "authorizerCredentials": authorizer.credentials,
            "identitySource": authorizer.identity_source,
            "identityValidationExpression": authorizer.identity_validation_expression,
            "authorizerResultTtlInSeconds": _TTL_SECONDS if ttl is None else ttl,
        }
    )


def _integration(described: Integration, resource_id: str) -> dict[str, Any]:
    responses = [_integration_response(each) for each in described.responses]
    return with_defaults(
        given(
            {
                "type": described.type,
                "httpMethod": described.http_method.upper() if described.http_method else None,
                "uri": described.uri,
                "connectionType": described.connection_type,
                "connectionId": described.connection_id,
                "credentials": described.credentials,
                "requestParameters": dict(described.request_parameters),
                "requestTemplates": dict(described.request_templates),
                "passthroughBehavior": described.passthrough_behavior,
                "contentHandling": described.content_handling,
                "timeoutInMillis": described.timeout_milliseconds,
                "cacheNamespace": described.cache_namespace,
                "cacheKeyParameters": list(described.cache_key_parameters),
                "tlsConfig": dict(described.tls_config) if described.tls_config else None,
                "responseTransferMode": described.response_transfer_mode,
                "integrationTarget": described.integration_target,
                "integrationResponses": {each["statusCode"]: each for each in responses},
            }
        ),
        resource_id,
    )


def _integration_response(described: IntegrationResponse) -> dict[str, Any]:
    return given(
        {
            "statusCode": described.status_code or "200",
            "selectionPattern": described.selection_pattern,
            "contentHandling": described.content_handling,
            "responseParameters": dict(described.parameters),
            "responseTemplates": dict(described.templates),
        }
    )
