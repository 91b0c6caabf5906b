"""Routing rules: which requests to a domain name go to which stage of a REST API."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fogline.apis.domains import lock_domain
from fogline.aws.call import Call
from fogline.services.apigatewayv2.errors import (
    BadRequestException,
    ConflictException,
    NotFoundException,
    TooManyRequestsException,
)
from fogline.services.apigatewayv2.lookup import Request, Result
from fogline.services.apigatewayv2.operations.domain_names import require_domain
from fogline.services.apigatewayv2.pages import page_of
from fogline.services.apigatewayv2.service import ApiGatewayV2
from fogline.services.apigatewayv2.tables import inside, parts_of
from fogline.store.documents import Document
from fogline.store.store import Tx

_HEADER = re.compile(r"[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,40}")
_GLOB = re.compile(r"\*?[^*]{1,126}\*?")
_BASE_PATH = re.compile(r"/?[a-zA-Z0-9$\-_.+!*'()]+(/[a-zA-Z0-9$\-_.+!*'()]+)*")
_KINDS = {"MatchBasePaths": 1, "MatchHeaders": 2}
"""Kinds of conditions, and how many of them a rule may have."""
_ALTERNATIVES_MAX = 100


def create_routing_rule(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    rule = _read(request, gateway.ids.lowers(6))
    domain = request["DomainName"]
    with gateway.store.write() as tx:
        lock_domain(tx, call, domain)
        require_domain(gateway, tx, call, domain)
        known = parts_of(gateway.tables.domains.rules, tx, call, domain)
        if sum(1 for _ in known) >= gateway.limits.rules_max:
            raise TooManyRequestsException(kind="Routing Rules", scope="domain name")
        _save(gateway, tx, call, domain, rule)
    return _shown(call, domain, rule)


def get_routing_rule(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with gateway.store.read() as tx:
        return _shown(call, request["DomainName"], _require(gateway, tx, call, request))


def list_routing_rules(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    domain, asked = request["DomainName"], request.get("MaxResults")
    with gateway.store.read() as tx:
        require_domain(gateway, tx, call, domain)
        found = dict(parts_of(gateway.tables.domains.rules, tx, call, domain))
    ordered = dict(sorted(found.items(), key=lambda named: int(named[1]["Priority"])))
    wanted = {"NextToken": request.get("NextToken"), "MaxResults": str(asked or "")}
    page = page_of(ordered, wanted, gateway.limits, lambda rule: _shown(call, domain, rule))
    return {"RoutingRules": page.pop("Items"), **page}


def put_routing_rule(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    rule = _read(request, request["RoutingRuleId"])
    domain = request["DomainName"]
    with gateway.store.write() as tx:
        lock_domain(tx, call, domain)
        _require(gateway, tx, call, request)
        _save(gateway, tx, call, domain, rule)
    return _shown(call, domain, rule)


def delete_routing_rule(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    domain, id = request["DomainName"], request["RoutingRuleId"]
    with gateway.store.write() as tx:
        lock_domain(tx, call, domain)
        _require(gateway, tx, call, request)
        gateway.tables.domains.rules.remove(tx, call.account, call.region, inside(domain, id))
    return {}


def _require(gateway: ApiGatewayV2, tx: Tx, call: Call, request: Request) -> Document:
    domain = request["DomainName"]
    require_domain(gateway, tx, call, domain)
    name = inside(domain, request["RoutingRuleId"])
    found = gateway.tables.domains.rules.find(tx, call.account, call.region, name)
    if found is None:
        raise NotFoundException(kind="Routing Rule")
    return found


def _save(gateway: ApiGatewayV2, tx: Tx, call: Call, domain: str, rule: Mapping[str, Any]) -> None:
    rules, id = gateway.tables.domains.rules, rule["RoutingRuleId"]
    for other, known in parts_of(rules, tx, call, domain):
        if known["Priority"] == rule["Priority"] and other != id:
            raise ConflictException(
                f"A routing rule with priority {rule['Priority']} already exists for this domain name"
            )
    action = rule["Actions"][0]["InvokeApi"]
    has_stage = gateway.find_rest_stage(tx, call, action["ApiId"], action["Stage"])
    if has_stage is None:
        raise BadRequestException("Invalid REST API identifier specified")
    if not has_stage:
        raise BadRequestException("Invalid stage identifier specified")
    rules.save(tx, call.account, call.region, inside(domain, id), rule)


def _read(request: Request, id: str) -> dict[str, Any]:
    """The rule of a request. Raises BadRequestException."""
    actions, conditions = request["Actions"], request["Conditions"]
    if len(actions) != 1:
        raise BadRequestException("A routing rule has one action")
    for kind, most in _KINDS.items():
        if sum(1 for condition in conditions if condition.get(kind)) > most:
            raise BadRequestException(f"A routing rule can have at most {most} {kind} conditions")
    return {
        "Actions": [{"InvokeApi": dict(actions[0]["InvokeApi"])}],
        "Conditions": [_condition(condition) for condition in conditions],
        "Priority": request["Priority"],
        "RoutingRuleId": id,
    }


def _condition(condition: Mapping[str, Any]) -> dict[str, Any]:
    said = [kind for kind in _KINDS if condition.get(kind)]
    if len(said) != 1:
        raise BadRequestException("A condition is either about base paths or about headers")
    kind = said[0]
    alternatives: Sequence[Any] = condition[kind]["AnyOf"]
    if not 1 <= len(alternatives) <= _ALTERNATIVES_MAX:
        raise BadRequestException(
            f"A condition must have between 1 and {_ALTERNATIVES_MAX} alternatives"
        )
    for each in alternatives:
        if kind == "MatchBasePaths":
            if _BASE_PATH.fullmatch(each) is None:
                raise BadRequestException(f"Invalid base path specified: {each[:300]}")
        elif _HEADER.fullmatch(each["Header"]) is None or not _is_glob(each["ValueGlob"]):
            raise BadRequestException(
                f"Invalid header condition specified: {each['Header'][:64]}: {each['ValueGlob'][:128]}"
            )
    return {kind: {"AnyOf": list(alternatives)}}


def _is_glob(value: str) -> bool:
    return value == "*" or _GLOB.fullmatch(value) is not None


def _shown(call: Call, domain: str, rule: Mapping[str, Any]) -> dict[str, Any]:
    front = f"arn:aws:apigateway:{call.region}:{call.account}:/domainnames/{domain}"
    return {**rule, "RoutingRuleArn": f"{front}/routingrules/{rule['RoutingRuleId']}"}
