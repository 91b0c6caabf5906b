"""The CloudFormation types of deployments and stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fogline.ports.resources import Context, Done, Properties, ResourceType, text
from fogline.services.apigateway.errors import NotFoundException
from fogline.services.apigateway.resource_changes import (
    Patch,
    ask,
    entry_patches,
    members,
    patch,
    retag,
    value_patches,
)

_METHOD_SETTINGS = {
    "CacheDataEncrypted": "caching/dataEncrypted",
    "CacheTtlInSeconds": "caching/ttlInSeconds",
    "CachingEnabled": "caching/enabled",
    "DataTraceEnabled": "logging/dataTrace",
    "LoggingLevel": "logging/loglevel",
    "MetricsEnabled": "metrics/enabled",
    "ThrottlingBurstLimit": "throttling/burstLimit",
    "ThrottlingRateLimit": "throttling/rateLimit",
}
_STAGE = {
    "CacheClusterEnabled": "!/cacheClusterEnabled",
    "CacheClusterSize": "/cacheClusterSize",
    "ClientCertificateId": "/clientCertificateId",
    "DeploymentId": "/deploymentId",
    "Description": "/description",
    "DocumentationVersion": "/documentationVersion",
    "TracingEnabled": "!/tracingEnabled",
}
_CANARY = {
    "DeploymentId": "/canarySettings/deploymentId",
    "PercentTraffic": "/canarySettings/percentTraffic",
    "UseStageCache": "/canarySettings/useStageCache",
}
_ACCESS_LOG = {
    "DestinationArn": "/accessLogSettings/destinationArn",
    "Format": "/accessLogSettings/format",
}
_OFF = {"CacheClusterEnabled": False, "TracingEnabled": False}


# ---- AWS::ApiGateway::Deployment


def _create_deployment(context: Context, properties: Properties) -> Done:
    described = properties.get("StageDescription") or {}
    request = {
        **members(properties, "RestApiId", "StageName", "Description"),
        "stageDescription": described.get("Description"),
        **members(
            described, "CacheClusterEnabled", "CacheClusterSize", "TracingEnabled", "Variables"
        ),
        "canarySettings": _canary(properties.get("DeploymentCanarySettings")),
    }
    made = ask(context, "CreateDeployment", request)
    if properties.get("StageName") and described:
        _describe_stage(context, properties, described)
    return Done(made["id"], {"DeploymentId": made["id"]})


def _describe_stage(context: Context, properties: Properties, described: Properties) -> None:
    """What a deployment says of the stage that it makes: settings for all methods stand beside those of single ones."""
    every = {name: described[name] for name in _METHOD_SETTINGS if name in described}
    settings = list(described.get("MethodSettings") or ())
    if every:
        settings.insert(0, {"ResourcePath": "/*", "HttpMethod": "*", **every})
    where = {"restApiId": properties["RestApiId"], "stageName": properties["StageName"]}
    patches = value_patches(
        {},
        described,
        {name: _STAGE[name] for name in ("ClientCertificateId", "DocumentationVersion")},
    )
    patches += value_patches({}, described.get("AccessLogSetting") or {}, _ACCESS_LOG)
    patch(context, "UpdateStage", where, patches + _method_patches(settings))


def _update_deployment(context: Context, id: str, old: Properties, new: Properties) -> Done:
    where = {"restApiId": new["RestApiId"], "deploymentId": id}
    changed = value_patches(old, new, {"Description": "/description"})
    patch(context, "UpdateDeployment", where, changed)
    name = new.get("StageName")
    if name and (
        name != old.get("StageName") or new.get("StageDescription") != old.get("StageDescription")
    ):
        _serve(context, id, new)
    return Done(id, {"DeploymentId": id})


def _serve(context: Context, id: str, properties: Properties) -> None:
    """Let the stage that the template names serve the deployment that is there."""
    described = properties.get("StageDescription") or {}
    where = {"restApiId": properties["RestApiId"], "stageName": properties["StageName"]}
    try:
        ask(context, "GetStage", where)
    except NotFoundException:
        named = members(described, "Description", "Variables", "TracingEnabled")
        ask(context, "CreateStage", {**where, **named, "deploymentId": id})
    else:
        patches = [{"op": "replace", "path": "/deploymentId", "value": id}]
        patches += value_patches({}, described, {"Description": "/description"})
        patches += entry_patches({}, described.get("Variables"), "/variables")
        patch(context, "UpdateStage", where, patches)
    _describe_stage(context, properties, described)


def _delete_deployment(context: Context, id: str, properties: Properties) -> None:
    """A stage that it made goes with it, unless that has moved on to another deployment."""
    api, stage = properties["RestApiId"], properties.get("StageName")
    if stage:
        found = ask(context, "GetStages", {"restApiId": api, "deploymentId": id})["item"]
        if any(one["stageName"] == stage for one in found):
            ask(context, "DeleteStage", {"restApiId": api, "stageName": stage})
    ask(context, "DeleteDeployment", {"restApiId": api, "deploymentId": id})


# ---- AWS::ApiGateway::Stage


def _create_stage(context: Context, properties: Properties) -> Done:
    api = properties["RestApiId"]
    name = text(properties.get("StageName") or properties.get("DeploymentId", ""))
    ask(
        context,
        "CreateStage",
        {
            "restApiId": api,
            "stageName": name,
            **members(
                properties,
                "CacheClusterEnabled",
                "CacheClusterSize",
                "DeploymentId",
                "Description",
                "DocumentationVersion",
                "TracingEnabled",
                "Variables",
            ),
            "canarySettings": _canary(_stage_canary(properties)),
            "tags": context.tags(properties.get("Tags")),
        },
    )
    patches = value_patches({}, properties, {"ClientCertificateId": _STAGE["ClientCertificateId"]})
    patches += value_patches({}, properties.get("AccessLogSetting") or {}, _ACCESS_LOG)
    patches += _method_patches(properties.get("MethodSettings") or ())
    patch(context, "UpdateStage", {"restApiId": api, "stageName": name}, patches)
    return Done(name)


def _update_stage(context: Context, name: str, old: Properties, new: Properties) -> Done:
    where = {"restApiId": new["RestApiId"], "stageName": name}
    found = ask(context, "GetStage", where)
    patches = value_patches(old, {**_OFF, **new}, _STAGE)
    patches += entry_patches(found.get("variables"), new.get("Variables"), "/variables")
    patches += _canary_patches(found, _stage_canary(old), _stage_canary(new))
    if new.get("AccessLogSetting"):
        patches += value_patches({}, new["AccessLogSetting"], _ACCESS_LOG)
    elif old.get("AccessLogSetting"):
        patches.append({"op": "remove", "path": "/accessLogSettings"})
    patches += [{"op": "remove", "path": f"/{key}"} for key in found["methodSettings"]]
    patches += _method_patches(new.get("MethodSettings") or ())
    patch(context, "UpdateStage", where, patches)
    retag(context, f"/restapis/{new['RestApiId']}/stages/{name}", old, new)
    return Done(name)


def _delete_stage(context: Context, name: str, properties: Properties) -> None:
    ask(context, "DeleteStage", {"restApiId": properties["RestApiId"], "stageName": name})


def _stage_canary(properties: Properties) -> Mapping[str, Any] | None:
    """The canary of a stage; one that names no deployment serves that of its stage, as SAM's do."""
    settings = properties.get("CanarySetting")
    return {"DeploymentId": properties.get("DeploymentId"), **settings} if settings else None


def _canary(settings: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return members(settings) if settings else None


def _canary_patches(
    found: Mapping[str, Any], old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> list[Patch]:
    if new == old:
        return []
    gone = [{"op": "remove", "path": "/canarySettings"}] if "canarySettings" in found else []
    if not new:
        return gone
    overrides = new.get("StageVariableOverrides")
    return [
        *gone,
        *value_patches({}, new, _CANARY),
        *entry_patches({}, overrides, "/canarySettings/stageVariableOverrides"),
    ]


def _method_patches(settings: Sequence[Mapping[str, Any]]) -> list[Patch]:
    return [
        {
            "op": "replace",
            "path": f"/{_resource(each)}/{text(each.get('HttpMethod', '*'))}/{end}",
            "value": text(each[name]),
        }
        for each in settings
        for name, end in _METHOD_SETTINGS.items()
        if each.get(name) is not None
    ]


def _resource(setting: Mapping[str, Any]) -> str:
    """The path of a setting's resource as one segment; templates have it escaped or not."""
    path = text(setting.get("ResourcePath", "/*"))
    if path in ("/*", "*"):
        return "*"
    bare = path.removeprefix("/").removeprefix("~1")
    return "~1" + bare.replace("/", "~1")


def _check_stage(properties: Properties) -> str | None:
    settings = properties.get("MethodSettings")
    if settings is not None and not (
        isinstance(settings, list) and all(isinstance(each, Mapping) for each in settings)
    ):
        return "MethodSettings must be a list of objects."
    for name in ("AccessLogSetting", "CanarySetting", "Variables"):
        if properties.get(name) is not None and not isinstance(properties[name], Mapping):
            return f"{name} must be an object."
    return None


def _check_deployment(properties: Properties) -> str | None:
    described = properties.get("StageDescription")
    if described is not None and not isinstance(described, Mapping):
        return "StageDescription must be an object."
    return _check_stage(described) if described else None


STAGES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::ApiGateway::Deployment",
        properties=frozenset(
            (
                "DeploymentCanarySettings",
                "Description",
                "RestApiId",
                "StageDescription",
                "StageName",
            )
        ),
        required=frozenset(("RestApiId",)),
        create_only=frozenset(("DeploymentCanarySettings", "RestApiId")),
        attributes=frozenset(("DeploymentId",)),
        check=_check_deployment,
        create=_create_deployment,
        update=_update_deployment,
        delete=_delete_deployment,
    ),
    ResourceType(
        name="AWS::ApiGateway::Stage",
        properties=frozenset(
            (
                *_STAGE,
                "AccessLogSetting",
                "CanarySetting",
                "MethodSettings",
                "RestApiId",
                "StageName",
                "Tags",
                "Variables",
            )
        ),
        required=frozenset(("RestApiId",)),
        create_only=frozenset(("RestApiId", "StageName")),
        check=_check_stage,
        create=_create_stage,
        update=_update_stage,
        delete=_delete_stage,
    ),
)
