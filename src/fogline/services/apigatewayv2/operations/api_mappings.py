"""API mappings: which stage of which API, of any kind, stands under a path of a domain name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fogline.apis.deployments import find_stage
from fogline.apis.domains import NO_PATH, lock_domain
from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.apigatewayv2.errors import (
    ApiNotFound,
    BadRequestException,
    ConflictException,
    NotFoundException,
    TooManyRequestsException,
)
from fogline.services.apigatewayv2.limits import Limits
from fogline.services.apigatewayv2.lookup import Request, Result
from fogline.services.apigatewayv2.operations.domain_names import require_domain
from fogline.services.apigatewayv2.pages import page_of
from fogline.services.apigatewayv2.service import ApiGatewayV2
from fogline.services.apigatewayv2.tables import inside, parts_of
from fogline.store.store import Tx

_KEY = re.compile(r"[a-zA-Z0-9$\-_.+!*'()/]*")


def create_api_mapping(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    domain = request["DomainName"]
    mapping = {
        "basePath": request.get("ApiMappingKey") or NO_PATH,
        "restApiId": request["ApiId"],
        "stage": request["Stage"],
        "apiMappingId": gateway.ids.lowers(6),
    }
    with gateway.store.write() as tx:
        lock_domain(tx, call, domain)
        require_domain(gateway, tx, call, domain)
        mappings = gateway.tables.domains.mappings
        if sum(1 for _ in parts_of(mappings, tx, call, domain)) >= gateway.limits.mappings_max:
            raise TooManyRequestsException(kind="Api Mappings", scope="domain name")
        _save(gateway, tx, call, domain, mapping, None)
    return _shown(mapping)


def get_api_mapping(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with gateway.store.read() as tx:
        return _shown(_require(gateway, tx, call, request))


def get_api_mappings(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    domain = request["DomainName"]
    with gateway.store.read() as tx:
        require_domain(gateway, tx, call, domain)
        found = dict(parts_of(gateway.tables.domains.mappings, tx, call, domain))
    return page_of(found, request, gateway.limits, _shown)


def update_api_mapping(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    domain = request["DomainName"]
    with gateway.store.write() as tx:
        lock_domain(tx, call, domain)
        before = _require(gateway, tx, call, request)
        mapping = {**before, "restApiId": request["ApiId"]}
        if request.get("ApiMappingKey") is not None:
            mapping["basePath"] = request["ApiMappingKey"] or NO_PATH
        if request.get("Stage"):
            mapping["stage"] = request["Stage"]
        _save(gateway, tx, call, domain, mapping, before["basePath"])
    return _shown(mapping)


def delete_api_mapping(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    domain = request["DomainName"]
    with gateway.store.write() as tx:
        lock_domain(tx, call, domain)
        mapping = _require(gateway, tx, call, request)
        name = inside(domain, mapping["basePath"])
        gateway.tables.domains.mappings.remove(tx, call.account, call.region, name)
    return {}


def _require(gateway: ApiGatewayV2, tx: Tx, call: Call, request: Request) -> Mapping[str, Any]:
    domain = request["DomainName"]
    require_domain(gateway, tx, call, domain)
    for _, mapping in parts_of(gateway.tables.domains.mappings, tx, call, domain):
        if mapping["apiMappingId"] == request["ApiMappingId"]:
            return mapping
    raise NotFoundException(kind="Api Mapping")


def _save(
    gateway: ApiGatewayV2,
    tx: Tx,
    call: Call,
    domain: str,
    mapping: Mapping[str, Any],
    before: str | None,
) -> None:
    """Keep a mapping, in place of the one whose path was `before`."""
    mappings, path = gateway.tables.domains.mappings, mapping["basePath"]
    _check_key("" if path == NO_PATH else path, gateway.limits)
    _check_stage(gateway, tx, call, mapping)
    _check_neighbours(gateway, tx, call, domain, mapping)
    if path != before:
        if mappings.find(tx, call.account, call.region, inside(domain, path)) is not None:
            raise ConflictException("ApiMapping key already exists for this domain name")
        if before is not None:
            mappings.remove(tx, call.account, call.region, inside(domain, before))
    mappings.save(tx, call.account, call.region, inside(domain, path), mapping)


def _check_key(key: str, limits: Limits) -> None:
    if _KEY.fullmatch(key) is None:
        raise BadRequestException(
            "An ApiMapping key may contain only letters, numbers and one of $-_.+!*'(),"
        )
    if len(key) > limits.mapping_key_characters_max:
        most = limits.mapping_key_characters_max
        raise BadRequestException(f"API mapping key can have at most {most} characters")
    levels = key.split("/") if key else []
    if not all(levels):
        raise BadRequestException(
            "API mapping key should not start or end with a '/' or have consecutive '/'s."
        )
    if len(levels) > limits.mapping_levels_max:
        raise BadRequestException(
            f"API mapping key can have at most {limits.mapping_levels_max} levels"
        )


def _check_stage(gateway: ApiGatewayV2, tx: Tx, call: Call, mapping: Mapping[str, Any]) -> None:
    api_id, stage = mapping["restApiId"], mapping.get("stage") or ""
    api = gateway.tables.apis.find(tx, call.account, call.region, api_id)
    if api is None:
        has_stage = gateway.find_rest_stage(tx, call, api_id, stage)
        if has_stage is None:
            raise ApiNotFound(account=call.account, id=api_id)
    else:
        has_stage = find_stage(gateway.tables, tx, call, api_id, stage) is not None
    if stage and not has_stage:
        raise BadRequestException("Invalid stage identifier specified")
    if _is_websocket(api) and "/" in mapping["basePath"]:
        raise BadRequestException(
            "API mapping keys of several levels are not supported for protocol type WEBSOCKET"
        )


def _check_neighbours(
    gateway: ApiGatewayV2, tx: Tx, call: Call, domain: str, mapping: Mapping[str, Any]
) -> None:
    """A domain name leads to WebSocket APIs or to APIs of the other kinds, never to both."""

    def is_websocket(id: str) -> bool:
        return _is_websocket(gateway.tables.apis.find(tx, call.account, call.region, id))

    wanted = is_websocket(mapping["restApiId"])
    for _, other in parts_of(gateway.tables.domains.mappings, tx, call, domain):
        is_same = other["apiMappingId"] == mapping["apiMappingId"]
        if not is_same and is_websocket(other["restApiId"]) != wanted:
            raise BadRequestException(
                "WebSocket APIs can't be mapped to the same domain name as HTTP or REST APIs"
            )


def _is_websocket(api: Mapping[str, Any] | None) -> bool:
    return api is not None and api["api"]["ProtocolType"] == "WEBSOCKET"


def _shown(mapping: Mapping[str, Any]) -> dict[str, Any]:
    path = mapping["basePath"]
    return given(
        {
            "ApiId": mapping["restApiId"],
            "ApiMappingId": mapping["apiMappingId"],
            "ApiMappingKey": "" if path == NO_PATH else path,
            "Stage": mapping.get("stage"),
        }
    )
