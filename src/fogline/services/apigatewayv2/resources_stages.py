"""The CloudFormation types of stages and deployments."""

from __future__ import annotations

from collections.abc import Mapping

from fogline.ports.resources import Context, Done, Properties, ResourceType, text
from fogline.services.apigatewayv2.resource_changes import (
    ask,
    changed,
    entries,
    members,
    retag,
    wrong_kinds,
)

# ---- AWS::ApiGatewayV2::Stage

_STAGE = (
    "AccessLogSettings",
    "AutoDeploy",
    "ClientCertificateId",
    "DefaultRouteSettings",
    "DeploymentId",
    "Description",
    "RouteSettings",
)
_DEFAULTS = {
    "AutoDeploy": False,
    "ClientCertificateId": "",
    "DefaultRouteSettings": {},
    "Description": "",
}


def _create_stage(context: Context, properties: Properties) -> Done:
    request = members(properties, ("ApiId", "StageName", *_STAGE, "StageVariables"))
    tags = context.tags(properties.get("Tags"))
    made = ask(context, "CreateStage", {**request, "Tags": tags})
    return Done(made["StageName"])


def _update_stage(context: Context, name: str, old: Properties, new: Properties) -> Done:
    where = {"ApiId": new["ApiId"], "StageName": name}
    if old.get("AccessLogSettings") and not new.get("AccessLogSettings"):
        ask(context, "DeleteAccessLogSettings", where)
    kept = new.get("RouteSettings") or {}
    for key in old.get("RouteSettings") or {}:
        if key not in kept:
            ask(context, "DeleteRouteSettings", {**where, "RouteKey": key})
    request = changed(old, new, _STAGE, _DEFAULTS)
    request["StageVariables"] = entries(old.get("StageVariables"), new.get("StageVariables"))
    ask(context, "UpdateStage", {**where, **request})
    retag(context, f"/apis/{new['ApiId']}/stages/{name}", old, new)
    return Done(name)


def _delete_stage(context: Context, name: str, properties: Properties) -> None:
    ask(context, "DeleteStage", {"ApiId": properties["ApiId"], "StageName": name})


def _check_stage(properties: Properties) -> str | None:
    names = ("AccessLogSettings", "DefaultRouteSettings", "RouteSettings", "StageVariables")
    return wrong_kinds(properties, dict.fromkeys(names, Mapping))


# ---- AWS::ApiGatewayV2::Deployment


def _create_deployment(context: Context, properties: Properties) -> Done:
    request = members(properties, ("ApiId", "Description", "StageName"))
    id = ask(context, "CreateDeployment", request)["DeploymentId"]
    return Done(id, {"DeploymentId": id})


def _update_deployment(context: Context, id: str, old: Properties, new: Properties) -> Done:
    where = {"ApiId": new["ApiId"]}
    if new.get("Description") != old.get("Description"):
        description = text(new.get("Description") or "")
        request = {**where, "DeploymentId": id, "Description": description}
        ask(context, "UpdateDeployment", request)
    stage = new.get("StageName")
    if stage and stage != old.get("StageName"):
        ask(context, "UpdateStage", {**where, "StageName": stage, "DeploymentId": id})
    return Done(id, {"DeploymentId": id})


def _delete_deployment(context: Context, id: str, properties: Properties) -> None:
    """One that a template gave to a stage stays as long as that serves it, and goes with the API."""
    where = {"ApiId": properties["ApiId"]}
    stage = properties.get("StageName")
    if stage:
        stages = ask(context, "GetStages", {**where, "MaxResults": "500"})["Items"]
        if any(one["StageName"] == stage and one.get("DeploymentId") == id for one in stages):
            return
    ask(context, "DeleteDeployment", {**where, "DeploymentId": id})


STAGES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::ApiGatewayV2::Stage",
        properties=frozenset(("ApiId", "StageName", *_STAGE, "StageVariables", "Tags")),
        required=frozenset(("ApiId", "StageName")),
        create_only=frozenset(("ApiId", "StageName")),
        check=_check_stage,
        create=_create_stage,
        update=_update_stage,
        delete=_delete_stage,
    ),
    ResourceType(
        name="AWS::ApiGatewayV2::Deployment",
        properties=frozenset(("ApiId", "Description", "StageName")),
        required=frozenset(("ApiId",)),
        create_only=frozenset(("ApiId",)),
        attributes=frozenset(("DeploymentId",)),
        create=_create_deployment,
        update=_update_deployment,
        delete=_delete_deployment,
    ),
)
