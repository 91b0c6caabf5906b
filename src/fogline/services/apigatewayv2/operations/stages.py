"""Stages: the names under which deployments of an API are served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.deployments import find_stage, require_deployment, require_stage
from fogline.aws.call import Call
from fogline.services.apigatewayv2.deploying import (
    add_stage,
    auto_deploy,
    remove_unused,
    save_stage,
)
from fogline.services.apigatewayv2.errors import (
    BadRequestException,
    ConflictException,
    NotFoundException,
)
from fogline.services.apigatewayv2.lookup import Request, Result, lock_api, require_api
from fogline.services.apigatewayv2.pages import page_of_documents
from fogline.services.apigatewayv2.service import ApiGatewayV2
from fogline.services.apigatewayv2.stage_rules import (
    change_stage,
    new_stage,
    shown_stage,
)
from fogline.services.apigatewayv2.tables import inside, parts_of, thawed
from fogline.services.apigatewayv2.tag_rules import read_tags
from fogline.store.store import Tx


def create_stage(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api_id, name = request["ApiId"], request["StageName"]
    tags = read_tags(request.get("Tags"), call, gateway.limits)
    with gateway.store.write() as tx:
        lock_api(tx, call, api_id)
        api = require_api(gateway, tx, call, api_id)
        stage = new_stage(request, api, gateway.limits, call.now)
        stage["Tags"] = tags
        if find_stage(gateway.tables, tx, call, api_id, name) is not None:
            raise ConflictException("Stage already exists")
        _check_links(gateway, tx, call, api_id, stage)
        add_stage(gateway, tx, call, api_id, stage)
        return _deployed(gateway, tx, call, api_id, stage)


def get_stage(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api_id = request["ApiId"]
    with gateway.store.read() as tx:
        require_api(gateway, tx, call, api_id)
        return shown_stage(require_stage(gateway.tables, tx, call, api_id, request["StageName"]))


def get_stages(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api_id = request["ApiId"]
    with gateway.store.read() as tx:
        require_api(gateway, tx, call, api_id)
        documents, limits = gateway.tables.stages, gateway.limits
        return page_of_documents(
            documents, tx, call, request, limits, shown_stage, inside(api_id, "")
        )


def update_stage(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api_id = request["ApiId"]
    with gateway.store.write() as tx:
        lock_api(tx, call, api_id)
        api = require_api(gateway, tx, call, api_id)
        stage = thawed(require_stage(gateway.tables, tx, call, api_id, request["StageName"]))
        was_automatic = stage["AutoDeploy"]
        change_stage(stage, request, api, gateway.limits, call.now)
        _check_links(gateway, tx, call, api_id, stage)
        save_stage(gateway, tx, call, api_id, stage)
        if stage["AutoDeploy"] and not was_automatic:
            return _deployed(gateway, tx, call, api_id, stage)
        remove_unused(gateway, tx, call, api_id)
        return shown_stage(stage)


def delete_stage(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api_id, name, tables = request["ApiId"], request["StageName"], gateway.tables
    with gateway.store.write() as tx:
        lock_api(tx, call, api_id)
        require_api(gateway, tx, call, api_id)
        require_stage(gateway.tables, tx, call, api_id, name)
        for domain, _ in tables.domains.names.page(tx, call.account, call.region):
            for _, mapping in parts_of(tables.domains.mappings, tx, call, domain):
                if (mapping["restApiId"], mapping.get("stage")) == (api_id, name):
                    raise BadRequestException(
                        "Stages that are associated with a base path mapping can't be deleted. "
                        "Please remove the base path mapping first."
                    )
        tables.stages.remove(tx, call.account, call.region, inside(api_id, name))
        remove_unused(gateway, tx, call, api_id)
    return {}


def delete_access_log_settings(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with gateway.store.write() as tx:
        stage = _changing(gateway, tx, call, request)
        stage.pop("AccessLogSettings", None)
        save_stage(gateway, tx, call, request["ApiId"], stage)
    return {}


def delete_route_settings(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    key = request["RouteKey"]
    with gateway.store.write() as tx:
        stage = _changing(gateway, tx, call, request)
        if stage["RouteSettings"].pop(key, None) is None:
            raise NotFoundException(f"Unable to find RouteSettings by key {key[:256]}")
        save_stage(gateway, tx, call, request["ApiId"], stage)
    return {}


def reset_authorizers_cache(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    """Note when it was: what was kept before that is not served any more."""
    with gateway.store.write() as tx:
        stage = _changing(gateway, tx, call, request)
        stage["authorizersFlushedAt"] = call.now
        save_stage(gateway, tx, call, request["ApiId"], stage)
    return {}


def _changing(gateway: ApiGatewayV2, tx: Tx, call: Call, request: Request) -> dict[str, Any]:
    api_id = request["ApiId"]
    lock_api(tx, call, api_id)
    require_api(gateway, tx, call, api_id)
    return thawed(require_stage(gateway.tables, tx, call, api_id, request["StageName"]))


def _deployed(
    gateway: ApiGatewayV2, tx: Tx, call: Call, api_id: str, stage: Mapping[str, Any]
) -> Result:
    """The stage as it is shown, with its first deployment if it is to follow the API by itself."""
    if not stage["AutoDeploy"]:
        return shown_stage(stage)
    auto_deploy(gateway, tx, call, api_id)
    return shown_stage(require_stage(gateway.tables, tx, call, api_id, stage["StageName"]))


def _check_links(
    gateway: ApiGatewayV2, tx: Tx, call: Call, api_id: str, stage: Mapping[str, Any]
) -> None:
    if stage.get("DeploymentId"):
        require_deployment(gateway.tables, tx, call, api_id, stage["DeploymentId"])
