"""Deployments: snapshots of an API, which stages serve."""

from __future__ import annotations

from typing import Any

from fogline.apis.deployments import find_stage, require_deployment, snapshot_of
from fogline.apis.parts import inside, parts_of, thawed
from fogline.aws.call import Call
from fogline.services.apigateway.deploying import (
    add_stage,
    check_deployable,
    deploy,
    save_stage,
)
from fogline.services.apigateway.errors import BadRequestException
from fogline.services.apigateway.lookup import Request, Result, lock_api, require_api
from fogline.services.apigateway.pages import page_of
from fogline.services.apigateway.patching import REPLACE_REMOVE, Patches, Path
from fogline.services.apigateway.paths import sorted_by_path
from fogline.services.apigateway.service import ApiGateway
from fogline.services.apigateway.stage_rules import canary_of, new_stage
from fogline.store.documents import Document
from fogline.store.store import Tx

_PATCHES = Patches((Path("/description", REPLACE_REMOVE),))


def create_deployment(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api_id = request["restApiId"]
    with gateway.store.write() as tx:
        lock_api(tx, call, api_id)
        api = require_api(gateway, tx, call, api_id)
        check_deployable(api)
        deployment = deploy(gateway, tx, call, api, request.get("description"))
        if request.get("stageName"):
            _serve(gateway, tx, call, request, deployment["id"])
    return deployment


def get_deployment(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api_id, id = request["restApiId"], request["deploymentId"]
    embed = request.get("embed") or ()
    if any(name != "apisummary" for name in embed):
        raise BadRequestException(
            "Invalid embed parameter specified. Valid options are [apisummary]"
        )
    with gateway.store.read() as tx:
        require_api(gateway, tx, call, api_id)
        deployment = require_deployment(gateway.tables, tx, call, api_id, id)
        if embed:
            snapshot = snapshot_of(gateway.tables, tx, call, api_id, id)
            assert snapshot is not None, "every deployment has one"
            return {**deployment, "apiSummary": _summary(snapshot)}
    return deployment


def get_deployments(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api_id = request["restApiId"]
    with gateway.store.read() as tx:
        require_api(gateway, tx, call, api_id)
        found = list(parts_of(gateway.tables.deployments, tx, call, api_id))
    newest = sorted(found, key=lambda each: each[1]["createdDate"], reverse=True)
    return page_of(dict(newest), request, gateway.limits)


def update_deployment(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api_id, id = request["restApiId"], request["deploymentId"]
    with gateway.store.write() as tx:
        lock_api(tx, call, api_id)
        require_api(gateway, tx, call, api_id)
        deployment = thawed(require_deployment(gateway.tables, tx, call, api_id, id))
        _PATCHES.apply(deployment, request.get("patchOperations"))
        gateway.tables.deployments.save(
            tx, call.account, call.region, inside(api_id, id), deployment
        )
    return deployment


def delete_deployment(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api_id, id, tables = request["restApiId"], request["deploymentId"], gateway.tables
    with gateway.store.write() as tx:
        lock_api(tx, call, api_id)
        require_api(gateway, tx, call, api_id)
        require_deployment(gateway.tables, tx, call, api_id, id)
        for _, stage in parts_of(tables.stages, tx, call, api_id):
            if id in (stage["deploymentId"], stage.get("canarySettings", {}).get("deploymentId")):
                raise BadRequestException(
                    "Active stages pointing to this deployment must be moved or deleted"
                )
        for documents in (tables.deployments, tables.snapshots):
            documents.remove(tx, call.account, call.region, inside(api_id, id))
    return {}


def _serve(gateway: ApiGateway, tx: Tx, call: Call, request: Request, deployment_id: str) -> None:
    """Let the stage that the request names serve a new deployment, or be its canary's."""
    api_id, canary = request["restApiId"], request.get("canarySettings")
    found = find_stage(gateway.tables, tx, call, api_id, request["stageName"])
    if canary is not None:
        if found is None:
            raise BadRequestException(
                "Canary settings can only be specified for a stage that exists."
            )
        stage = thawed(found)
        stage["canarySettings"] = canary_of({**canary, "deploymentId": deployment_id})
        stage["lastUpdatedDate"] = call.now
        save_stage(gateway, tx, call, api_id, stage)
        return
    described = {**request, "deploymentId": deployment_id}
    if request.get("stageDescription"):
        described["description"] = request["stageDescription"]
    else:
        described.pop("description", None)
    if found is None:
        add_stage(gateway, tx, call, api_id, new_stage(described, call.now))
        return
    stage = thawed(found)
    stage |= {"deploymentId": deployment_id, "lastUpdatedDate": call.now}
    _refresh(stage, described)
    save_stage(gateway, tx, call, api_id, stage)


def _refresh(stage: dict[str, Any], described: Request) -> None:
    """What else a deployment says of the stage that it goes to."""
    for name in ("description", "cacheClusterEnabled", "cacheClusterSize", "tracingEnabled"):
        if described.get(name) is not None:
            stage[name] = described[name]
    if described.get("variables"):
        stage["variables"] = {**stage.get("variables", {}), **described["variables"]}


def _summary(snapshot: Document) -> dict[str, Any]:
    return {
        resource["path"]: {
            verb: {
                "authorizationType": method["authorizationType"],
                "apiKeyRequired": method["apiKeyRequired"],
            }
            for verb, method in resource["resourceMethods"].items()
        }
        for resource in sorted_by_path(snapshot["resources"])
        if resource["resourceMethods"]
    }
