"""Resources: the tree of an API's paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.parts import fresh_id
from fogline.aws.call import Call
from fogline.services.apigateway.errors import BadRequestException, LimitExceededException
from fogline.services.apigateway.lookup import (
    Request,
    Result,
    changed_api,
    no_resource,
    read_api,
    require_resource,
)
from fogline.services.apigateway.pages import page_of
from fogline.services.apigateway.patching import Patches, Path
from fogline.services.apigateway.paths import (
    check_place,
    descendants,
    path_under,
    place_resource,
)
from fogline.services.apigateway.service import ApiGateway
from fogline.services.apigateway.showing import shown_method

_PATCHES = Patches((Path("/parentId"), Path("/pathPart")), is_listing=True)


def create_resource(gateway: ApiGateway, call: Call, request: Request) -> Result:
    part = request["pathPart"]
    with changed_api(gateway, call, request["restApiId"]) as api:
        resources = api["resources"]
        parent = require_resource(api, request["parentId"])
        check_place(resources, parent, part)
        if len(resources) >= gateway.limits.resources_max:
            raise LimitExceededException(kind="resources", scope="API")
        resource = {
            "id": fresh_id(gateway.ids, resources),
            "parentId": parent["id"],
            "pathPart": part,
            "path": path_under(parent["path"], part),
            "resourceMethods": {},
        }
        resources[resource["id"]] = resource
    return _shown(resource)


def get_resource(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["restApiId"], no_resource())
    embedded = _has_methods(request)
    return _shown(require_resource(api, request["resourceId"]), has_methods=embedded)


def get_resources(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["restApiId"])
    embedded = _has_methods(request)
    return page_of(
        api["resources"],
        request,
        gateway.limits,
        lambda resource: _shown(resource, has_methods=embedded),
    )


def update_resource(gateway: ApiGateway, call: Call, request: Request) -> Result:
    id = request["resourceId"]
    with changed_api(gateway, call, request["restApiId"], no_resource()) as api:
        resource = require_resource(api, id)
        wanted = {name: resource.get(name, "") for name in ("parentId", "pathPart")}
        changed = _PATCHES.apply(wanted, request.get("patchOperations"))
        if changed and "parentId" not in resource:
            raise BadRequestException(f"Root resource cannot update its {min(changed)[1:]}.")
        if changed:
            place_resource(api["resources"], id, wanted["parentId"], wanted["pathPart"])
    return _shown(resource)


def delete_resource(gateway: ApiGateway, call: Call, request: Request) -> Result:
    id = request["resourceId"]
    with changed_api(gateway, call, request["restApiId"], no_resource()) as api:
        if "parentId" not in require_resource(api, id):
            raise BadRequestException("Root resource cannot be deleted.")
        for gone in [id, *descendants(api["resources"], id)]:
            del api["resources"][gone]
    return {}


def _has_methods(request: Request) -> bool:
    embed = request.get("embed") or ()
    if any(name != "methods" for name in embed):
        raise BadRequestException("Invalid embed parameter specified. Valid options are [methods]")
    return bool(embed)


def _shown(resource: Mapping[str, Any], *, has_methods: bool = False) -> dict[str, Any]:
    methods = resource["resourceMethods"]
    shown = {name: value for name, value in resource.items() if name != "resourceMethods"}
    if methods:
        shown["resourceMethods"] = {
            verb: shown_method(method) if has_methods else {} for verb, method in methods.items()
        }
    return shown
