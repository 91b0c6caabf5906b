"""Base path mappings: which stage of which API stands under a path of a domain name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fogline.apis.deployments import require_stage
from fogline.apis.domains import NO_PATH
from fogline.apis.parts import inside, parts_of, thawed
from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    LimitExceededException,
    NotFoundException,
)
from fogline.services.apigateway.holdings import lock_held, page_of_held, require_held
from fogline.services.apigateway.lookup import Request, Result
from fogline.services.apigateway.operations.domain_names import no_domain
from fogline.services.apigateway.patching import REPLACE_REMOVE, Patches, Path
from fogline.services.apigateway.service import ApiGateway
from fogline.store.documents import Document
from fogline.store.store import Tx

_PATH = re.compile(r"[a-zA-Z0-9$\-_.+!*'()/]{1,300}")
_PATCHES = Patches((Path("/basePath"), Path("/restapiId"), Path("/stage", REPLACE_REMOVE)))


def create_base_path_mapping(gateway: ApiGateway, call: Call, request: Request) -> Result:
    domain = request["domainName"]
    mapping = given(
        {
            "basePath": request.get("basePath") or NO_PATH,
            "restApiId": request["restApiId"],
            "stage": request.get("stage") or None,
            "apiMappingId": gateway.ids.lowers(6),
        }
    )
    mappings = gateway.tables.mappings
    with gateway.store.write() as tx:
        lock_held(tx, call, domain)
        require_held(gateway.tables.domain_names, tx, call, domain, no_domain())
        _check(gateway, tx, call, mapping)
        name = inside(domain, mapping["basePath"])
        if mappings.find(tx, call.account, call.region, name) is not None:
            raise ConflictException("Base path already exists for this domain name")
        if (
            sum(1 for _ in parts_of(mappings, tx, call, domain))
            >= gateway.limits.base_path_mappings_max
        ):
            raise LimitExceededException(kind="base path mappings", scope="domain name")
        mappings.save(tx, call.account, call.region, name, mapping)
    return _shown(mapping)


def get_base_path_mapping(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with gateway.store.read() as tx:
        return _shown(_require(gateway, tx, call, request))


def get_base_path_mappings(gateway: ApiGateway, call: Call, request: Request) -> Result:
    domain, tables = request["domainName"], gateway.tables
    with gateway.store.read() as tx:
        require_held(tables.domain_names, tx, call, domain, no_domain())
    front = inside(domain, "")
    return page_of_held(gateway, tables.mappings, call, request, _shown, prefix=front)


def update_base_path_mapping(gateway: ApiGateway, call: Call, request: Request) -> Result:
    domain, mappings = request["domainName"], gateway.tables.mappings
    with gateway.store.write() as tx:
        lock_held(tx, call, domain)
        mapping = thawed(_require(gateway, tx, call, request))
        before = mapping["basePath"]
        mapping["restapiId"] = mapping.pop("restApiId")  # as the path of a patch spells it
        _PATCHES.apply(mapping, request.get("patchOperations"))
        mapping["restApiId"] = mapping.pop("restapiId")
        mapping["basePath"] = mapping["basePath"] or NO_PATH
        if not mapping.get("stage"):
            mapping.pop("stage", None)
        _check(gateway, tx, call, mapping)
        name = inside(domain, mapping["basePath"])
        if mapping["basePath"] != before:
            if mappings.find(tx, call.account, call.region, name) is not None:
                raise ConflictException("Base path already exists for this domain name")
            mappings.remove(tx, call.account, call.region, inside(domain, before))
        mappings.save(tx, call.account, call.region, name, mapping)
    return _shown(mapping)


def delete_base_path_mapping(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with gateway.store.write() as tx:
        lock_held(tx, call, request["domainName"])
        mapping = _require(gateway, tx, call, request)
        name = inside(request["domainName"], mapping["basePath"])
        gateway.tables.mappings.remove(tx, call.account, call.region, name)
    return {}


def _shown(mapping: Document) -> dict[str, Any]:
    return {name: value for name, value in mapping.items() if name != "apiMappingId"}


def _require(gateway: ApiGateway, tx: Tx, call: Call, request: Request) -> Document:
    domain = request["domainName"]
    require_held(gateway.tables.domain_names, tx, call, domain, no_domain())
    name = inside(domain, request["basePath"] or NO_PATH)
    missing = NotFoundException("Invalid base path mapping identifier specified")
    return require_held(gateway.tables.mappings, tx, call, name, missing)


def _check(gateway: ApiGateway, tx: Tx, call: Call, mapping: Mapping[str, Any]) -> None:
    path = mapping["basePath"]
    if path != NO_PATH and _PATH.fullmatch(path) is None:
        raise BadRequestException(
            "API Gateway V1 doesn't support the slash character (/) in base path mappings."
            if path.startswith("/")
            else "Invalid base path specified"
        )
    api_id = mapping["restApiId"]
    if gateway.tables.apis.find(tx, call.account, call.region, api_id) is None:
        raise BadRequestException("Invalid REST API identifier specified")
    if mapping.get("stage"):
        require_stage(gateway.tables, tx, call, api_id, mapping["stage"])
