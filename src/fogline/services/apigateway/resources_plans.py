"""The CloudFormation types of API keys and usage plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.ports.resources import Context, Done, Properties, ResourceType, boolean, text
from fogline.services.apigateway.resource_changes import (
    Patch,
    ask,
    escaped,
    list_patches,
    members,
    patch,
    retag,
    value_patches,
)

# ---- AWS::ApiGateway::ApiKey

_KEY = {"CustomerId": "!/customerId", "Description": "!/description", "Enabled": "/enabled"}


def _create_key(context: Context, properties: Properties) -> Done:
    names = ("CustomerId", "Description", "Value", "GenerateDistinctId")
    enabled = properties.get("Enabled")
    made = ask(
        context,
        "CreateApiKey",
        {
            **members(properties, *names),
            "name": properties.get("Name") or context.name(),
            "enabled": boolean(enabled) if enabled is not None else False,
            "stageKeys": [members(stage) for stage in properties.get("StageKeys") or ()],
            "tags": context.tags(properties.get("Tags")),
        },
    )
    return Done(made["id"], {"APIKeyId": made["id"]})


def _update_key(context: Context, id: str, old: Properties, new: Properties) -> Done:
    patches = value_patches(old, {"Enabled": False, **new}, _KEY)
    patches += list_patches(_stages_of_key(old), _stages_of_key(new), "/stages")
    patch(context, "UpdateApiKey", {"apiKey": id}, patches)
    retag(context, f"/apikeys/{id}", old, new)
    return Done(id, {"APIKeyId": id})


def _stages_of_key(properties: Properties) -> list[str]:
    return [
        f"{stage.get('RestApiId')}/{stage.get('StageName')}"
        for stage in properties.get("StageKeys") or ()
    ]


def _delete_key(context: Context, id: str, properties: Properties) -> None:
    ask(context, "DeleteApiKey", {"apiKey": id})


# ---- AWS::ApiGateway::UsagePlan

_LIMITS = {"RateLimit": "rateLimit", "BurstLimit": "burstLimit"}
_QUOTA = {"Limit": "/quota/limit", "Offset": "/quota/offset", "Period": "/quota/period"}


def _create_plan(context: Context, properties: Properties) -> Done:
    throttle, quota = properties.get("Throttle"), properties.get("Quota")
    made = ask(
        context,
        "CreateUsagePlan",
        {
            "name": properties.get("UsagePlanName") or context.name(),
            "description": properties.get("Description"),
            "apiStages": [_stage(stage) for stage in properties.get("ApiStages") or ()],
            "throttle": members(throttle) or None,
            "quota": members(quota) or None,
            "tags": context.tags(properties.get("Tags")),
        },
    )
    return Done(made["id"], {"Id": made["id"]})


def _stage(stage: Mapping[str, Any]) -> dict[str, Any]:
    throttle = stage.get("Throttle") or {}
    return {
        **members(stage, "ApiId", "Stage"),
        "throttle": {method: members(limits) for method, limits in throttle.items()},
    }


def _update_plan(context: Context, id: str, old: Properties, new: Properties) -> Done:
    patches = value_patches(old, new, {"Description": "/description", "UsagePlanName": "/name"})
    patches = [each for each in patches if each != {"op": "remove", "path": "/name"}]
    for name, paths in (
        ("Throttle", {key: f"/throttle/{member}" for key, member in _LIMITS.items()}),
        ("Quota", _QUOTA),
    ):
        if old.get(name) and not new.get(name):
            patches.append({"op": "remove", "path": f"/{name.lower()}"})
        else:
            patches += value_patches(old.get(name) or {}, new.get(name) or {}, paths)
    patches += _stage_patches(_stages(old), _stages(new))
    patch(context, "UpdateUsagePlan", {"usagePlanId": id}, patches)
    retag(context, f"/usageplans/{id}", old, new)
    return Done(id, {"Id": id})


def _stages(properties: Properties) -> dict[str, Mapping[str, Any]]:
    return {
        f"{stage.get('ApiId')}:{stage.get('Stage')}": stage.get("Throttle") or {}
        for stage in properties.get("ApiStages") or ()
    }


def _stage_patches(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Patch]:
    """A stage whose methods have other limits goes and comes back: so only what is new holds."""
    patches = [
        {"op": "remove", "path": "/apiStages", "value": name}
        for name in old
        if old[name] != new.get(name)
    ]
    for name, throttle in new.items():
        if old.get(name) == throttle:
            continue
        patches.append({"op": "add", "path": "/apiStages", "value": name})
        for method, limits in throttle.items():
            path, _, verb = method.rpartition("/")
            front = f"/apiStages/{escaped(name)}/throttle/{escaped(path)}/{verb}"
            patches += [
                {"op": "replace", "path": f"{front}/{member}", "value": text(limits[key])}
                for key, member in _LIMITS.items()
                if limits.get(key) is not None
            ]
    return patches


def _delete_plan(context: Context, id: str, properties: Properties) -> None:
    found = ask(context, "GetUsagePlan", {"usagePlanId": id})
    gone = [f"{stage['apiId']}:{stage['stage']}" for stage in found["apiStages"]]
    patch(context, "UpdateUsagePlan", {"usagePlanId": id}, list_patches(gone, (), "/apiStages"))
    ask(context, "DeleteUsagePlan", {"usagePlanId": id})


def _check_plan(properties: Properties) -> str | None:
    stages = properties.get("ApiStages")
    if stages is not None and not (
        isinstance(stages, list) and all(isinstance(each, Mapping) for each in stages)
    ):
        return "ApiStages must be a list of objects."
    return None


# ---- AWS::ApiGateway::UsagePlanKey


def _create_plan_key(context: Context, properties: Properties) -> Done:
    ask(context, "CreateUsagePlanKey", members(properties, "KeyId", "KeyType", "UsagePlanId"))
    id = f"{properties['KeyId']}:{properties['UsagePlanId']}"
    return Done(id, {"Id": id})


def _delete_plan_key(context: Context, id: str, properties: Properties) -> None:
    ask(context, "DeleteUsagePlanKey", members(properties, "KeyId", "UsagePlanId"))


PLANS: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::ApiGateway::ApiKey",
        properties=frozenset((*_KEY, "GenerateDistinctId", "Name", "StageKeys", "Tags", "Value")),
        create_only=frozenset(("GenerateDistinctId", "Name", "Value")),
        attributes=frozenset(("APIKeyId",)),
        create=_create_key,
        update=_update_key,
        delete=_delete_key,
    ),
    ResourceType(
        name="AWS::ApiGateway::UsagePlan",
        properties=frozenset(
            ("ApiStages", "Description", "Quota", "Tags", "Throttle", "UsagePlanName")
        ),
        attributes=frozenset(("Id",)),
        check=_check_plan,
        create=_create_plan,
        update=_update_plan,
        delete=_delete_plan,
    ),
    ResourceType(
        name="AWS::ApiGateway::UsagePlanKey",
        properties=frozenset(("KeyId", "KeyType", "UsagePlanId")),
        required=frozenset(("KeyId", "KeyType", "UsagePlanId")),
        attributes=frozenset(("Id",)),
        create=_create_plan_key,
        delete=_delete_plan_key,
    ),
)
