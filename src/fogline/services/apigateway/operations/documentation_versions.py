"""Documentation versions: what an API said for its readers at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.deployments import require_stage
from fogline.apis.parts import parts_of, thawed
from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.apigateway.deploying import save_stage
from fogline.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    LimitExceededException,
    NotFoundException,
)
from fogline.services.apigateway.lookup import (
    Request,
    Result,
    changed_api,
    lock_api,
    read_api,
)
from fogline.services.apigateway.pages import page_of
from fogline.services.apigateway.patching import REPLACE_REMOVE, Patches, Path
from fogline.services.apigateway.service import ApiGateway

_VERSIONS = "documentationVersions"
_PATCHES = Patches((Path("/description", REPLACE_REMOVE),))


def create_documentation_version(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api_id, name = request["restApiId"], request["documentationVersion"]
    with gateway.store.write() as tx:
        lock_api(tx, call, api_id)
        with changed_api(gateway, call, api_id) as api:
            versions = api[_VERSIONS]
            if name in versions:
                raise ConflictException("Version already exists")
            if not api["documentationParts"]:
                raise BadRequestException("No documentation parts defined on this API")
            if len(versions) >= gateway.limits.documentation_versions_max:
                raise LimitExceededException(kind="documentation versions", scope="API")
            version = given(
                {
                    "version": name,
                    "createdDate": call.now,
                    "description": request.get("description"),
                    "parts": list(api["documentationParts"].values()),
                }
            )
            versions[name] = version
        if request.get("stageName"):
            stage = thawed(require_stage(gateway.tables, tx, call, api_id, request["stageName"]))
            stage |= {"documentationVersion": name, "lastUpdatedDate": call.now}
            save_stage(gateway, tx, call, api_id, stage)
    return _shown(version)


def get_documentation_version(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["restApiId"])
    return _shown(_require(api, request["documentationVersion"]))


def get_documentation_versions(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["restApiId"])
    return page_of(api[_VERSIONS], request, gateway.limits, _shown)


def update_documentation_version(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["restApiId"]) as api:
        version = _require(api, request["documentationVersion"])
        _PATCHES.apply(version, request.get("patchOperations"))
    return _shown(version)


def delete_documentation_version(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api_id, name = request["restApiId"], request["documentationVersion"]
    with gateway.store.write() as tx:
        lock_api(tx, call, api_id)
        with changed_api(gateway, call, api_id) as api:
            _require(api, name)
            for _, stage in parts_of(gateway.tables.stages, tx, call, api_id):
                if stage.get("documentationVersion") == name:
                    raise BadRequestException(
                        "Active stages pointing to this documentation version must be moved or deleted"
                    )
            del api[_VERSIONS][name]
    return {}


def _require(api: Mapping[str, Any], name: str) -> Any:
    found = api[_VERSIONS].get(name)
    if found is None:
        raise NotFoundException("Invalid Documentation version specified")
    return found


def _shown(version: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in version.items() if name != "parts"}
