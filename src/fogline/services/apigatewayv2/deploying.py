"""Deployments: what an API is at one moment, kept as it was; and the stages that follow its changes by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.deployments import find_stage
from fogline.aws.call import Call
from fogline.services.apigatewayv2.errors import (
    BadRequestException,
    TooManyRequestsException,
)
from fogline.services.apigatewayv2.service import ApiGatewayV2
from fogline.services.apigatewayv2.tables import inside, parts_of
from fogline.store.store import Tx

_NO_ROUTES = {
    "HTTP": "Unable to deploy API because no routes exist in this API",
    "WEBSOCKET": "At least one route is required before deploying the Api.",
}
_AUTOMATIC = "Automatic deployment triggered by changes to the Api configuration"


def deploy(
    gateway: ApiGatewayV2,
    tx: Tx,
    call: Call,
    api_id: str,
    description: str | None = None,
    *,
    is_automatic: bool = False,
) -> dict[str, Any]:
    """Keep the API as it is; the new deployment. Raises BadRequestException, TooManyRequestsException."""
    tables = gateway.tables
    api = tables.apis.find(tx, call.account, call.region, api_id)
    assert api is not None, "who deploys an API has it"
    if not api["routes"]:
        raise BadRequestException(_NO_ROUTES[api["api"]["ProtocolType"]])
    count = sum(1 for _ in parts_of(tables.deployments, tx, call, api_id))
    if count >= gateway.limits.deployments_max:
        raise TooManyRequestsException(kind="deployments", scope="API")
    deployment: dict[str, Any] = {
        "AutoDeployed": is_automatic,
        "CreatedDate": call.now,
        "DeploymentId": gateway.ids.lowers(6),
        "DeploymentStatus": "DEPLOYED",
    }
    if description is not None:
        deployment["Description"] = description
    name = inside(api_id, deployment["DeploymentId"])
    tables.deployments.save(tx, call.account, call.region, name, deployment)
    tables.snapshots.save(tx, call.account, call.region, name, api)
    return deployment


def auto_deploy(gateway: ApiGatewayV2, tx: Tx, call: Call, api_id: str) -> None:
    """Deploy an API that has changed to its stages with AutoDeploy, if there are any.

    Automatic deployments that no stage shows any more are let go. An API without any route can't be deployed; its
    stages stay at what they have and say so.
    """
    stages = [stage for _, stage in parts_of(gateway.tables.stages, tx, call, api_id)]
    following = [stage for stage in stages if stage.get("AutoDeploy")]
    if not following:
        return
    api = gateway.tables.apis.find(tx, call.account, call.region, api_id)
    assert api is not None, "who changes an API has it"
    if not api["routes"]:
        reason = _NO_ROUTES[api["api"]["ProtocolType"]]
        told: dict[str, Any] = {
            "LastDeploymentStatusMessage": f"Deployment attempt failed: {reason}"
        }
    else:
        id = deploy(gateway, tx, call, api_id, _AUTOMATIC, is_automatic=True)["DeploymentId"]
        told = {
            "DeploymentId": id,
            "LastDeploymentStatusMessage": f"Successfully deployed stage with deployment ID '{id}'",
            "LastUpdatedDate": call.now,
        }
    for stage in following:
        save_stage(gateway, tx, call, api_id, {**stage, **told})
    remove_unused(gateway, tx, call, api_id)


def remove_unused(gateway: ApiGatewayV2, tx: Tx, call: Call, api_id: str) -> None:
    """Let go of automatic deployments that no stage shows any more."""
    tables = gateway.tables
    used = {stage.get("DeploymentId") for _, stage in parts_of(tables.stages, tx, call, api_id)}
    for id, deployment in parts_of(tables.deployments, tx, call, api_id):
        if deployment["AutoDeployed"] and id not in used:
            remove_deployment(gateway, tx, call, api_id, id)


def remove_deployment(gateway: ApiGatewayV2, tx: Tx, call: Call, api_id: str, id: str) -> None:
    for documents in (gateway.tables.deployments, gateway.tables.snapshots):
        documents.remove(tx, call.account, call.region, inside(api_id, id))


def has_stage(gateway: ApiGatewayV2, tx: Tx, call: Call, api_id: str, name: str) -> bool:
    return find_stage(gateway.tables, tx, call, api_id, name) is not None


def save_stage(
    gateway: ApiGatewayV2, tx: Tx, call: Call, api_id: str, stage: Mapping[str, Any]
) -> None:
    name = inside(api_id, stage["StageName"])
    gateway.tables.stages.save(tx, call.account, call.region, name, stage)


def add_stage(
    gateway: ApiGatewayV2, tx: Tx, call: Call, api_id: str, stage: Mapping[str, Any]
) -> None:
    """Raises TooManyRequestsException."""
    count = sum(1 for _ in parts_of(gateway.tables.stages, tx, call, api_id))
    if count >= gateway.limits.stages_max:
        raise TooManyRequestsException(kind="stages", scope="API")
    save_stage(gateway, tx, call, api_id, stage)
