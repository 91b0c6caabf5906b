"""Stages: the names under which deployments of an API are served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.deployments import find_stage, require_deployment, require_stage
from fogline.apis.parts import inside, parts_of, thawed
from fogline.aws.call import Call
from fogline.services.apigateway.deploying import add_stage, save_stage
from fogline.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    NotFoundException,
)
from fogline.services.apigateway.lookup import Request, Result, lock_api, require_api
from fogline.services.apigateway.service import ApiGateway
from fogline.services.apigateway.stage_rules import new_stage, patch_stage
from fogline.services.apigateway.tag_rules import read_tags
from fogline.store.store import Tx


def create_stage(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api_id = request["restApiId"]
    tags = read_tags(request.get("tags"), call, gateway.limits)
    with gateway.store.write() as tx:
        lock_api(tx, call, api_id)
        api = require_api(gateway, tx, call, api_id)
        stage = new_stage(request, call.now)
        if tags:
            stage["tags"] = tags
        if find_stage(gateway.tables, tx, call, api_id, stage["stageName"]) is not None:
            raise ConflictException("Stage already exists")
        _check_links(gateway, tx, call, api, stage)
        add_stage(gateway, tx, call, api_id, stage)
    return _shown(stage)


def get_stage(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with gateway.store.read() as tx:
        require_api(gateway, tx, call, request["restApiId"])
        return _shown(
            require_stage(gateway.tables, tx, call, request["restApiId"], request["stageName"])
        )


def get_stages(gateway: ApiGateway, call: Call, request: Request) -> Result:
    deployment = request.get("deploymentId")
    with gateway.store.read() as tx:
        require_api(gateway, tx, call, request["restApiId"])
        found = [
            _shown(stage)
            for _, stage in parts_of(gateway.tables.stages, tx, call, request["restApiId"])
            if deployment in (None, stage["deploymentId"])
        ]
    return {"item": found}


def update_stage(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api_id = request["restApiId"]
    with gateway.store.write() as tx:
        lock_api(tx, call, api_id)
        api = require_api(gateway, tx, call, api_id)
        stage = thawed(require_stage(gateway.tables, tx, call, api_id, request["stageName"]))
        patch_stage(stage, request.get("patchOperations"))
        if "canarySettings" in stage:  # one that is attached begins with what the stage serves
            stage["canarySettings"].setdefault("deploymentId", stage["deploymentId"])
        _check_links(gateway, tx, call, api, stage)
        stage["lastUpdatedDate"] = call.now
        save_stage(gateway, tx, call, api_id, stage)
    return _shown(stage)


def delete_stage(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api_id, name, tables = request["restApiId"], request["stageName"], gateway.tables
    with gateway.store.write() as tx:
        lock_api(tx, call, api_id)
        require_api(gateway, tx, call, api_id)
        require_stage(gateway.tables, tx, call, api_id, name)
        for domain, _ in tables.domain_names.page(tx, call.account, call.region):
            for _, mapping in parts_of(tables.mappings, tx, call, domain):
                if (mapping["restApiId"], mapping.get("stage")) == (api_id, name):
                    raise BadRequestException(
                        "Stages that are associated with a base path mapping can't be deleted. "
                        "Please remove the base path mapping first."
                    )
        tables.stages.remove(tx, call.account, call.region, inside(api_id, name))
    return {}


def flush_stage_cache(gateway: ApiGateway, call: Call, request: Request) -> Result:
    _flush(gateway, call, request, "cacheFlushedAt")
    return {}


def flush_stage_authorizers_cache(gateway: ApiGateway, call: Call, request: Request) -> Result:
    _flush(gateway, call, request, "authorizersFlushedAt")
    return {}


def _flush(gateway: ApiGateway, call: Call, request: Request, mark: str) -> None:
    """Note when it was: what was kept before that is not served any more."""
    api_id = request["restApiId"]
    with gateway.store.write() as tx:
        lock_api(tx, call, api_id)
        require_api(gateway, tx, call, api_id)
        stage = require_stage(gateway.tables, tx, call, api_id, request["stageName"])
        save_stage(gateway, tx, call, api_id, {**stage, mark: call.now})


def _check_links(
    gateway: ApiGateway, tx: Tx, call: Call, api: Mapping[str, Any], stage: Mapping[str, Any]
) -> None:
    api_id = api["restApi"]["id"]
    require_deployment(gateway.tables, tx, call, api_id, stage["deploymentId"])
    canary = stage.get("canarySettings")
    if canary is not None:
        if not canary.get("deploymentId"):
            raise BadRequestException("Deployment id is required for canary settings")
        require_deployment(gateway.tables, tx, call, api_id, canary["deploymentId"])
    version = stage.get("documentationVersion")
    if version and version not in api["documentationVersions"]:
        raise NotFoundException("Invalid Documentation version specified")
    certificate = stage.get("clientCertificateId")
    certificates = gateway.tables.client_certificates
    if certificate and certificates.find(tx, call.account, call.region, certificate) is None:
        raise NotFoundException("Invalid Client Certificate identifier specified")


_MARKS = ("cacheFlushedAt", "authorizersFlushedAt")


def _shown(stage: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in stage.items() if name not in _MARKS}
    has_cache = stage["cacheClusterEnabled"]
    shown["cacheClusterStatus"] = "AVAILABLE" if has_cache else "NOT_AVAILABLE"
    return shown
