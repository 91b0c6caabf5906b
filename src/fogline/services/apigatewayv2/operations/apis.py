"""HTTP and WebSocket APIs themselves."""

from __future__ import annotations

from typing import Any

from fogline.apis.domains import Domains
from fogline.aws.call import Call
from fogline.services.apigatewayv2.api_settings import change_settings, new_api, shown_api
from fogline.services.apigatewayv2.deploying import add_stage, auto_deploy
from fogline.services.apigatewayv2.errors import BadRequestException, TooManyRequestsException
from fogline.services.apigatewayv2.lookup import (
    Request,
    Result,
    changed_api,
    lock_api,
    read_api,
    require_api,
)
from fogline.services.apigatewayv2.pages import page_of_documents
from fogline.services.apigatewayv2.quick_create import (
    add_quick_parts,
    change_quick_parts,
    is_quick,
)
from fogline.services.apigatewayv2.service import ApiGatewayV2
from fogline.services.apigatewayv2.stage_rules import new_stage
from fogline.services.apigatewayv2.tables import parts_of, remove_parts
from fogline.services.apigatewayv2.tag_rules import read_tags
from fogline.store.store import Tx


def create_api(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    tags = read_tags(request.get("Tags"), call, gateway.limits)
    api = new_api(gateway.ids, call, request["ProtocolType"], {**request, "Tags": tags})
    if is_quick(request):
        add_quick_parts(gateway, api, request)
    id = api["api"]["ApiId"]
    with gateway.store.write() as tx:
        add_api(gateway, tx, call, api)
        if is_quick(request):
            followed = {"StageName": "$default", "AutoDeploy": True}
            stage = new_stage(followed, api, gateway.limits, call.now)
            add_stage(gateway, tx, call, id, {**stage, "ApiGatewayManaged": True})
            auto_deploy(gateway, tx, call, id)
    return shown_api(gateway, call, api)


def get_api(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    return shown_api(gateway, call, read_api(gateway, call, request["ApiId"]))


def get_apis(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with gateway.store.read() as tx:
        return page_of_documents(
            gateway.tables.apis,
            tx,
            call,
            request,
            gateway.limits,
            lambda api: shown_api(gateway, call, api),
        )


def update_api(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        change_settings(api, request)
        if is_quick(request):
            change_quick_parts(gateway, api, request)
    return shown_api(gateway, call, api)


def delete_api(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    id, tables = request["ApiId"], gateway.tables
    with gateway.store.write() as tx:
        lock_api(tx, call, id)
        require_api(gateway, tx, call, id)
        if _is_mapped(tables.domains, tx, call, id):
            raise BadRequestException(
                "Please remove all base path mappings related to the API in your account before "
                "deleting the API."
            )
        tables.apis.remove(tx, call.account, call.region, id)
        for documents in (tables.deployments, tables.snapshots, tables.stages):
            remove_parts(documents, tx, call, id)
    return {}


def delete_cors_configuration(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["ApiId"]) as api:
        api["api"].pop("CorsConfiguration", None)
    return {}


def add_api(gateway: ApiGatewayV2, tx: Tx, call: Call, api: dict[str, Any]) -> None:
    """Keep a new API. Raises TooManyRequestsException."""
    apis = gateway.tables.apis
    tx.lock(f"apigatewayv2-apis:{call.account}:{call.region}")
    if apis.count(tx, call.account, call.region) >= gateway.limits.apis_max:
        raise TooManyRequestsException(kind="APIs", scope="account")
    apis.save(tx, call.account, call.region, api["api"]["ApiId"], api)


def _is_mapped(domains: Domains, tx: Tx, call: Call, api_id: str) -> bool:
    return any(
        mapping["restApiId"] == api_id
        for domain, _ in domains.names.page(tx, call.account, call.region)
        for _, mapping in parts_of(domains.mappings, tx, call, domain)
    )
