"""Documentation parts: what an API says for its readers, place by place."""

from __future__ import annotations

from fogline.apis.parts import fresh_id
from fogline.aws.call import Call
from fogline.services.apigateway.documentation import (
    check_properties,
    is_asked_for,
    place_of,
    whole_location,
)
from fogline.services.apigateway.errors import ConflictException, LimitExceededException
from fogline.services.apigateway.importing import Import, read_described
from fogline.services.apigateway.lookup import (
    Request,
    Result,
    changed_api,
    read_api,
    require_part,
)
from fogline.services.apigateway.pages import page_of
from fogline.services.apigateway.patching import Patches, Path
from fogline.services.apigateway.service import ApiGateway

_PARTS, _KIND = "documentationParts", "Documentation part"
_PATCHES = Patches((Path("/properties"),))


def create_documentation_part(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["restApiId"]) as api:
        location = whole_location(request["location"])
        check_properties(request["properties"])
        parts = api[_PARTS]
        if any(place_of(part["location"]) == place_of(location) for part in parts.values()):
            raise ConflictException(
                "Documentation part already exists for the specified location: "
                f"type '{location['type']}'"
            )
        if len(parts) >= gateway.limits.documentation_parts_max:
            raise LimitExceededException(kind="documentation parts", scope="API")
        part = {
            "id": fresh_id(gateway.ids, parts),
            "location": location,
            "properties": request["properties"],
        }
        parts[part["id"]] = part
    return part


def get_documentation_part(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["restApiId"])
    part: Result = require_part(api, _PARTS, request["documentationPartId"], _KIND)
    return part


def get_documentation_parts(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["restApiId"])
    # None is kept for a place without documentation, so that UNDOCUMENTED asks for none of them.
    is_wanted = request.get("locationStatus") != "UNDOCUMENTED"
    found = {
        id: part for id, part in api[_PARTS].items() if is_wanted and is_asked_for(part, request)
    }
    return page_of(found, request, gateway.limits)


def import_documentation_parts(gateway: ApiGateway, call: Call, request: Request) -> Result:
    described = read_described(request, call)
    with changed_api(gateway, call, request["restApiId"]) as api:
        if request.get("mode") == "overwrite":
            api[_PARTS] = {}
        brought = Import(gateway, call, api, {}).bring_documentation(described)
    warnings = {"warnings": list(described.warnings)} if described.warnings else {}
    return {"ids": brought, **warnings}


def update_documentation_part(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["restApiId"]) as api:
        part = require_part(api, _PARTS, request["documentationPartId"], _KIND)
        _PATCHES.apply(part, request.get("patchOperations"))
        check_properties(part["properties"])
    return dict(part)


def delete_documentation_part(gateway: ApiGateway, call: Call, request: Request) -> Result:
    id = request["documentationPartId"]
    with changed_api(gateway, call, request["restApiId"]) as api:
        require_part(api, _PARTS, id, _KIND)
        del api[_PARTS][id]
    return {}
