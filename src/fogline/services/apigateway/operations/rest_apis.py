"""REST APIs themselves, made one by one or from OpenAPI documents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fogline.apis.parts import parts_of, remove_parts, thawed
from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.apigateway.api_document import new_api
from fogline.services.apigateway.api_settings import (
    check_settings,
    shown_api,
    whole_endpoint,
    whole_policy,
)
from fogline.services.apigateway.errors import BadRequestException, LimitExceededException
from fogline.services.apigateway.importing import Import, read_described
from fogline.services.apigateway.lookup import (
    Request,
    Result,
    changed_api,
    lock_api,
    read_api,
    require_api,
)
from fogline.services.apigateway.pages import answer, page_size, page_start
from fogline.services.apigateway.patching import (
    ADD_REMOVE,
    ALL,
    REPLACE_REMOVE,
    Form,
    Patches,
    Path,
    read_boolean,
    read_integer,
)
from fogline.services.apigateway.service import ApiGateway
from fogline.services.apigateway.tag_rules import read_tags
from fogline.store.store import Tx

_PATCHES = Patches(
    (
        Path("/apiKeySource"),
        Path("/binaryMediaTypes/{type}", ALL, form=Form.ELEMENT),
        Path("/description", REPLACE_REMOVE),
        Path("/disableExecuteApiEndpoint", read=read_boolean),
        Path("/endpointAccessMode", REPLACE_REMOVE),
        Path("/endpointConfiguration/ipAddressType"),
        Path("/endpointConfiguration/types/{type}", form=Form.ELEMENT),
        Path("/endpointConfiguration/vpcEndpointIds", ADD_REMOVE, form=Form.LISTED),
        Path(
            "/minimumCompressionSize",
            REPLACE_REMOVE,
            lambda value: read_integer(value) if value else None,
        ),
        Path("/name"),
        Path("/policy", REPLACE_REMOVE),
        Path("/securityPolicy"),
        Path("/version", REPLACE_REMOVE),
    )
)
_SETTINGS = (
    "name",
    "description",
    "version",
    "binaryMediaTypes",
    "minimumCompressionSize",
    "apiKeySource",
    "disableExecuteApiEndpoint",
    "securityPolicy",
    "endpointAccessMode",
)


def create_rest_api(gateway: ApiGateway, call: Call, request: Request) -> Result:
    if request.get("description") == "":
        raise BadRequestException("Description cannot be an empty string")
    settings = given({name: request.get(name) for name in _SETTINGS})
    settings["endpointConfiguration"] = whole_endpoint(request.get("endpointConfiguration"))
    settings["tags"] = read_tags(request.get("tags"), call, gateway.limits)
    api = new_api(gateway.ids, call, settings)
    check_settings(api["restApi"], gateway.limits)
    if request.get("policy"):
        about = api["restApi"]
        about["policy"] = whole_policy(request["policy"], call, about["id"])
    with gateway.store.write() as tx:
        if request.get("cloneFrom"):
            cloned = thawed(require_api(gateway, tx, call, request["cloneFrom"]))
            root = cloned["restApi"]["rootResourceId"]
            about = {**cloned["restApi"], **api["restApi"], "rootResourceId": root}
            api = {**cloned, "restApi": about}
        _add(gateway, tx, call, api)
    return shown_api(api)


def get_rest_api(gateway: ApiGateway, call: Call, request: Request) -> Result:
    return shown_api(read_api(gateway, call, request["restApiId"]))


def get_rest_apis(gateway: ApiGateway, call: Call, request: Request) -> Result:
    size = page_size(request, gateway.limits)
    with gateway.store.read() as tx:
        found = gateway.tables.apis.page(
            tx, call.account, call.region, after=page_start(request), limit=size + 1
        )
    return answer([(id, shown_api(api)) for id, api in found], size)


def update_rest_api(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["restApiId"]) as api:
        about = api["restApi"]
        changed = _PATCHES.apply(about, request.get("patchOperations"))
        if about.get("minimumCompressionSize") is None:
            about.pop("minimumCompressionSize", None)
        if "/endpointConfiguration/types/{type}" in changed:
            _suit_type(about["endpointConfiguration"])
        if "/policy" in changed and about.get("policy"):
            about["policy"] = whole_policy(about["policy"], call, about["id"])
        check_settings(about, gateway.limits)
    return shown_api(api, has_tags=True)


def delete_rest_api(gateway: ApiGateway, call: Call, request: Request) -> Result:
    id, tables = request["restApiId"], gateway.tables
    with gateway.store.write() as tx:
        lock_api(tx, call, id)
        require_api(gateway, tx, call, id)
        for name, _ in tables.domain_names.page(tx, call.account, call.region):
            if any(one["restApiId"] == id for _, one in parts_of(tables.mappings, tx, call, name)):
                raise BadRequestException(
                    "Please remove all base path mappings related to the API in your account before deleting the API."
                )
        tables.apis.remove(tx, call.account, call.region, id)
        for documents in (tables.deployments, tables.snapshots, tables.stages):
            remove_parts(documents, tx, call, id)
    return {}


def import_rest_api(gateway: ApiGateway, call: Call, request: Request) -> Result:
    described = read_described(request, call)
    # A document without a title makes an API that says when it came.
    when = datetime.fromtimestamp(call.now / 1000, UTC)
    name = described.name or f"Imported on {when:%Y-%m-%dT%H:%M:%SZ}"
    api = new_api(gateway.ids, call, {"name": name}, has_models=False)
    Import(gateway, call, api, request).overwrite(described)
    check_settings(api["restApi"], gateway.limits)
    with gateway.store.write() as tx:
        _add(gateway, tx, call, api)
    return shown_api(api) | _warnings(described.warnings)


def put_rest_api(gateway: ApiGateway, call: Call, request: Request) -> Result:
    described = read_described(request, call)
    with changed_api(gateway, call, request["restApiId"]) as api:
        bringing = Import(gateway, call, api, request)
        if request.get("mode") == "overwrite":
            bringing.overwrite(described)
        else:
            bringing.merge(described)
        check_settings(api["restApi"], gateway.limits)
    return shown_api(api, has_tags=True) | _warnings(described.warnings)


def _add(gateway: ApiGateway, tx: Tx, call: Call, api: dict[str, Any]) -> None:
    apis = gateway.tables.apis
    tx.lock(f"apigateway-apis:{call.account}:{call.region}")
    if apis.count(tx, call.account, call.region) >= gateway.limits.apis_max:
        raise LimitExceededException(kind="REST APIs", scope="account")
    apis.save(tx, call.account, call.region, api["restApi"]["id"], api)


def _suit_type(endpoint: dict[str, Any]) -> None:
    """Private APIs have both kinds of addresses, and they alone are in a VPC."""
    if endpoint["types"] == ["PRIVATE"]:
        endpoint["ipAddressType"] = "dualstack"
    else:
        endpoint.pop("vpcEndpointIds", None)


def _warnings(warnings: Sequence[str]) -> dict[str, Any]:
    return {"warnings": list(warnings)} if warnings else {}
