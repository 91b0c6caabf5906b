"""The CloudFormation type that changes what API Gateway has made for a quick create."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.ports.resources import Context, Done, Properties, ResourceRefused, ResourceType
from fogline.services.apigatewayv2.resource_changes import ask, members, wrong_kinds

_INTEGRATION = ("Description", "IntegrationMethod", "PayloadFormatVersion", "TimeoutInMillis")
_ROUTE = ("AuthorizationScopes", "AuthorizationType", "AuthorizerId", "OperationName", "Target")
_STAGE = (
    "AccessLogSettings",
    "AutoDeploy",
    "DefaultRouteSettings",
    "Description",
    "RouteSettings",
    "StageVariables",
)


def _put(context: Context, properties: Properties) -> Done:
    api = {"ApiId": ask(context, "GetApi", {"ApiId": properties["ApiId"]})["ApiId"]}
    integration, route, stage = (properties.get(one) for one in ("Integration", "Route", "Stage"))
    if integration:
        found = _managed(ask(context, "GetIntegrations", api), "integration")
        where = {**api, "IntegrationId": found["IntegrationId"]}
        ask(context, "UpdateIntegration", {**where, **members(integration, _INTEGRATION)})
    if route:
        found = _managed(ask(context, "GetRoutes", api), "route")
        where = {**api, "RouteId": found["RouteId"]}
        ask(context, "UpdateRoute", {**where, **members(route, _ROUTE)})
    if stage:
        found = _managed(ask(context, "GetStages", api), "stage")
        where = {**api, "StageName": found["StageName"]}
        ask(context, "UpdateStage", {**where, **members(stage, _STAGE)})
    return Done(api["ApiId"], {"Id": api["ApiId"]})


def _update(context: Context, id: str, old: Properties, new: Properties) -> Done:
    return _put(context, new)


def _managed(found: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    for one in found.get("Items") or ():
        if one.get("ApiGatewayManaged"):
            item: Mapping[str, Any] = one
            return item
    raise ResourceRefused(f"The API has no {kind} that is managed by API Gateway.")


def _delete(context: Context, id: str, properties: Properties) -> None:
    """What has been changed stays so; it goes with its API."""


def _check(properties: Properties) -> str | None:
    return wrong_kinds(properties, dict.fromkeys(("Integration", "Route", "Stage"), Mapping))


OVERRIDES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::ApiGatewayV2::ApiGatewayManagedOverrides",
        properties=frozenset(("ApiId", "Integration", "Route", "Stage")),
        required=frozenset(("ApiId",)),
        create_only=frozenset(("ApiId",)),
        attributes=frozenset(("Id",)),
        check=_check,
        create=_put,
        update=_update,
        delete=_delete,
    ),
)
