"""The CloudFormation types of what an API consists of: routes, integrations, their responses, authorizers, models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.template_documents import as_text
from fogline.ports.resources import Context, Done, Properties, ResourceRefused, ResourceType
from fogline.services.apigatewayv2.resource_changes import (
    ask,
    changed,
    entries,
    members,
    wrong_kinds,
)

# ---- AWS::ApiGatewayV2::Route

_ROUTE = (
    "ApiKeyRequired",
    "AuthorizationScopes",
    "AuthorizationType",
    "AuthorizerId",
    "ModelSelectionExpression",
    "OperationName",
    "RequestModels",
    "RouteKey",
    "RouteResponseSelectionExpression",
    "Target",
)
_ROUTE_DEFAULTS = {
    "ApiKeyRequired": False,
    "AuthorizationScopes": [],
    "AuthorizationType": "NONE",
    "AuthorizerId": "",
    "ModelSelectionExpression": "",
    "OperationName": "",
    "RequestModels": {},
    "RouteResponseSelectionExpression": "",
    "Target": "",
}


def _create_route(context: Context, properties: Properties) -> Done:
    request = members(properties, ("ApiId", *_ROUTE, "RequestParameters"))
    id = ask(context, "CreateRoute", request)["RouteId"]
    return Done(id, {"RouteId": id})


def _update_route(context: Context, id: str, old: Properties, new: Properties) -> Done:
    where = {"ApiId": new["ApiId"], "RouteId": id}
    kept = new.get("RequestParameters") or {}
    for key in old.get("RequestParameters") or {}:
        if key not in kept:
            ask(context, "DeleteRouteRequestParameter", {**where, "RequestParameterKey": key})
    request = changed(old, new, _ROUTE, _ROUTE_DEFAULTS)
    ask(context, "UpdateRoute", {**where, **request, "RequestParameters": kept or None})
    return Done(id, {"RouteId": id})


def _delete_route(context: Context, id: str, properties: Properties) -> None:
    ask(context, "DeleteRoute", {"ApiId": properties["ApiId"], "RouteId": id})


# ---- AWS::ApiGatewayV2::RouteResponse

_ROUTE_RESPONSE = (
    "ModelSelectionExpression",
    "ResponseModels",
    "ResponseParameters",
    "RouteResponseKey",
)
_ROUTE_RESPONSE_DEFAULTS = {
    "ModelSelectionExpression": "",
    "ResponseModels": {},
    "ResponseParameters": {},
}


def _create_route_response(context: Context, properties: Properties) -> Done:
    request = members(properties, ("ApiId", "RouteId", *_ROUTE_RESPONSE))
    id = ask(context, "CreateRouteResponse", request)["RouteResponseId"]
    return Done(id, {"RouteResponseId": id})


def _update_route_response(context: Context, id: str, old: Properties, new: Properties) -> Done:
    request = changed(old, new, _ROUTE_RESPONSE, _ROUTE_RESPONSE_DEFAULTS)
    ask(context, "UpdateRouteResponse", {**_route_response(id, new), **request})
    return Done(id, {"RouteResponseId": id})


def _delete_route_response(context: Context, id: str, properties: Properties) -> None:
    ask(context, "DeleteRouteResponse", _route_response(id, properties))


def _route_response(id: str, properties: Properties) -> dict[str, Any]:
    return {**members(properties, ("ApiId", "RouteId")), "RouteResponseId": id}


# ---- AWS::ApiGatewayV2::Integration

_INTEGRATION = (
    "ConnectionId",
    "ConnectionType",
    "ContentHandlingStrategy",
    "CredentialsArn",
    "Description",
    "IntegrationMethod",
    "IntegrationSubtype",
    "IntegrationType",
    "IntegrationUri",
    "PassthroughBehavior",
    "PayloadFormatVersion",
    "TemplateSelectionExpression",
    "TimeoutInMillis",
    "TlsConfig",
)
_INTEGRATION_DEFAULTS = {
    "ConnectionId": "",
    "ConnectionType": "INTERNET",
    "CredentialsArn": "",
    "Description": "",
    "TemplateSelectionExpression": "",
    "TlsConfig": {},
}
_INTEGRATION_MAPS = ("RequestParameters", "RequestTemplates")


def _create_integration(context: Context, properties: Properties) -> Done:
    request = members(properties, ("ApiId", *_INTEGRATION, *_INTEGRATION_MAPS))
    request["ResponseParameters"] = _response_parameters(properties) or None
    id = ask(context, "CreateIntegration", request)["IntegrationId"]
    return Done(id, {"IntegrationId": id})


def _update_integration(context: Context, id: str, old: Properties, new: Properties) -> Done:
    before, after = _response_parameters(old), _response_parameters(new)
    gone: dict[str, Any] = {status: {} for status in before if status not in after}
    request = {
        **changed(old, new, _INTEGRATION, _INTEGRATION_DEFAULTS),
        **{name: entries(old.get(name), new.get(name)) for name in _INTEGRATION_MAPS},
        "ResponseParameters": {**gone, **after} or None,
    }
    ask(context, "UpdateIntegration", {"ApiId": new["ApiId"], "IntegrationId": id, **request})
    return Done(id, {"IntegrationId": id})


def _delete_integration(context: Context, id: str, properties: Properties) -> None:
    ask(context, "DeleteIntegration", {"ApiId": properties["ApiId"], "IntegrationId": id})


def _response_parameters(properties: Properties) -> dict[str, Any]:
    """What an integration changes in responses: templates have a list of sources and destinations for each status."""
    found = {}
    for status, said in (properties.get("ResponseParameters") or {}).items():
        if not isinstance(said, Mapping):
            raise ResourceRefused(f"ResponseParameters of {status} must be an object.")
        listed = said.get("ResponseParameters")
        found[status] = said if listed is None else _destinations(listed)
    return found


def _destinations(listed: Any) -> dict[str, Any]:
    if not isinstance(listed, list) or not all(
        isinstance(one, Mapping) and isinstance(one.get("Destination"), str) and "Source" in one
        for one in listed
    ):
        raise ResourceRefused("ResponseParameters must be a list of Destination and Source.")
    return {one["Destination"]: one["Source"] for one in listed}


# ---- AWS::ApiGatewayV2::IntegrationResponse

_INTEGRATION_RESPONSE = (
    "ContentHandlingStrategy",
    "IntegrationResponseKey",
    "TemplateSelectionExpression",
)
_RESPONSE_MAPS = ("ResponseParameters", "ResponseTemplates")


def _create_integration_response(context: Context, properties: Properties) -> Done:
    names = ("ApiId", "IntegrationId", *_INTEGRATION_RESPONSE, *_RESPONSE_MAPS)
    made = ask(context, "CreateIntegrationResponse", members(properties, names))
    id = made["IntegrationResponseId"]
    return Done(id, {"IntegrationResponseId": id})


def _update_integration_response(
    context: Context, id: str, old: Properties, new: Properties
) -> Done:
    request = {
        **changed(old, new, _INTEGRATION_RESPONSE, {"TemplateSelectionExpression": ""}),
        **{name: entries(old.get(name), new.get(name)) for name in _RESPONSE_MAPS},
    }
    ask(context, "UpdateIntegrationResponse", {**_integration_response(id, new), **request})
    return Done(id, {"IntegrationResponseId": id})


def _delete_integration_response(context: Context, id: str, properties: Properties) -> None:
    ask(context, "DeleteIntegrationResponse", _integration_response(id, properties))


def _integration_response(id: str, properties: Properties) -> dict[str, Any]:
    return {**members(properties, ("ApiId", "IntegrationId")), "IntegrationResponseId": id}


# ---- AWS::ApiGatewayV2::Authorizer

_AUTHORIZER = (
    "AuthorizerCredentialsArn",
    "AuthorizerPayloadFormatVersion",
    "AuthorizerResultTtlInSeconds",
    "AuthorizerType",
    "AuthorizerUri",
    "EnableSimpleResponses",
    "IdentitySource",
    "IdentityValidationExpression",
    "JwtConfiguration",
    "Name",
)
_AUTHORIZER_DEFAULTS = {
    "AuthorizerCredentialsArn": "",
    "AuthorizerResultTtlInSeconds": 0,
    "EnableSimpleResponses": False,
    "IdentitySource": [],
    "IdentityValidationExpression": "",
}


def _create_authorizer(context: Context, properties: Properties) -> Done:
    # Templates may leave out what the operation wants to be told: that there is none.
    request = {"IdentitySource": [], **members(properties, ("ApiId", *_AUTHORIZER))}
    id = ask(context, "CreateAuthorizer", request)["AuthorizerId"]
    return Done(id, {"AuthorizerId": id})


def _update_authorizer(context: Context, id: str, old: Properties, new: Properties) -> Done:
    request = changed(old, new, _AUTHORIZER, _AUTHORIZER_DEFAULTS)
    ask(context, "UpdateAuthorizer", {"ApiId": new["ApiId"], "AuthorizerId": id, **request})
    return Done(id, {"AuthorizerId": id})


def _delete_authorizer(context: Context, id: str, properties: Properties) -> None:
    ask(context, "DeleteAuthorizer", {"ApiId": properties["ApiId"], "AuthorizerId": id})


# ---- AWS::ApiGatewayV2::Model

_MODEL = ("ContentType", "Description", "Name")


def _create_model(context: Context, properties: Properties) -> Done:
    request = members(properties, ("ApiId", *_MODEL))
    request["Schema"] = as_text(properties["Schema"])
    id = ask(context, "CreateModel", request)["ModelId"]
    return Done(id, {"ModelId": id})


def _update_model(context: Context, id: str, old: Properties, new: Properties) -> Done:
    request = changed(old, new, _MODEL, {"ContentType": "application/json", "Description": ""})
    request["Schema"] = as_text(new["Schema"])
    ask(context, "UpdateModel", {"ApiId": new["ApiId"], "ModelId": id, **request})
    return Done(id, {"ModelId": id})


def _delete_model(context: Context, id: str, properties: Properties) -> None:
    ask(context, "DeleteModel", {"ApiId": properties["ApiId"], "ModelId": id})


def _check(properties: Properties) -> str | None:
    maps = ("RequestModels", "RequestParameters", "RequestTemplates", "ResponseModels")
    return wrong_kinds(
        properties,
        {
            **dict.fromkeys((*maps, "ResponseParameters", "ResponseTemplates"), Mapping),
            **dict.fromkeys(("JwtConfiguration", "TlsConfig"), Mapping),
            **dict.fromkeys(("AuthorizationScopes", "IdentitySource"), list),
        },
    )


ROUTES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::ApiGatewayV2::Route",
        properties=frozenset(("ApiId", *_ROUTE, "RequestParameters")),
        required=frozenset(("ApiId", "RouteKey")),
        create_only=frozenset(("ApiId",)),
        attributes=frozenset(("RouteId",)),
        check=_check,
        create=_create_route,
        update=_update_route,
        delete=_delete_route,
    ),
    ResourceType(
        name="AWS::ApiGatewayV2::RouteResponse",
        properties=frozenset(("ApiId", "RouteId", *_ROUTE_RESPONSE)),
        required=frozenset(("ApiId", "RouteId", "RouteResponseKey")),
        create_only=frozenset(("ApiId", "RouteId")),
        attributes=frozenset(("RouteResponseId",)),
        check=_check,
        create=_create_route_response,
        update=_update_route_response,
        delete=_delete_route_response,
    ),
    ResourceType(
        name="AWS::ApiGatewayV2::Integration",
        properties=frozenset(("ApiId", *_INTEGRATION, *_INTEGRATION_MAPS, "ResponseParameters")),
        required=frozenset(("ApiId", "IntegrationType")),
        create_only=frozenset(("ApiId",)),
        attributes=frozenset(("IntegrationId",)),
        check=_check,
        create=_create_integration,
        update=_update_integration,
        delete=_delete_integration,
    ),
    ResourceType(
        name="AWS::ApiGatewayV2::IntegrationResponse",
        properties=frozenset(("ApiId", "IntegrationId", *_INTEGRATION_RESPONSE, *_RESPONSE_MAPS)),
        required=frozenset(("ApiId", "IntegrationId", "IntegrationResponseKey")),
        create_only=frozenset(("ApiId", "IntegrationId")),
        attributes=frozenset(("IntegrationResponseId",)),
        check=_check,
        create=_create_integration_response,
        update=_update_integration_response,
        delete=_delete_integration_response,
    ),
    ResourceType(
        name="AWS::ApiGatewayV2::Authorizer",
        properties=frozenset(("ApiId", *_AUTHORIZER)),
        required=frozenset(("ApiId", "AuthorizerType", "Name")),
        create_only=frozenset(("ApiId",)),
        attributes=frozenset(("AuthorizerId",)),
        check=_check,
        create=_create_authorizer,
        update=_update_authorizer,
        delete=_delete_authorizer,
    ),
    ResourceType(
        name="AWS::ApiGatewayV2::Model",
        properties=frozenset(("ApiId", *_MODEL, "Schema")),
        required=frozenset(("ApiId", "Name", "Schema")),
        create_only=frozenset(("ApiId",)),
        attributes=frozenset(("ModelId",)),
        create=_create_model,
        update=_update_model,
        delete=_delete_model,
    ),
)
