"""The CloudFormation type of routing rules, which names its domain by its ARN."""

from __future__ import annotations

import re
from typing import Any

from fogline.ports.resources import Context, Done, Properties, ResourceRefused, ResourceType, text
from fogline.services.apigatewayv2.resource_changes import ask, members, wrong_kinds

_ARN = re.compile(r"arn:[a-z0-9-]+:apigateway:[^:]*:[^:]*:/domainnames/([^+/]+)(?:\+[^/]+)?")
_RULE = ("Actions", "Conditions", "Priority")


def _create_rule(context: Context, properties: Properties) -> Done:
    request = {**_domain(properties), **members(properties, _RULE)}
    return _rule(ask(context, "CreateRoutingRule", request))


def _update_rule(context: Context, arn: str, old: Properties, new: Properties) -> Done:
    request = {**_named(arn, new), **members(new, _RULE)}
    return _rule(ask(context, "PutRoutingRule", request))


def _delete_rule(context: Context, arn: str, properties: Properties) -> None:
    ask(context, "DeleteRoutingRule", _named(arn, properties))


def _rule(found: Any) -> Done:
    arn, id = found["RoutingRuleArn"], found["RoutingRuleId"]
    return Done(arn, {"RoutingRuleArn": arn, "RoutingRuleId": id})


def _named(arn: str, properties: Properties) -> dict[str, str]:
    return {**_domain(properties), "RoutingRuleId": arn.rpartition("/")[2]}


def _domain(properties: Properties) -> dict[str, str]:
    arn = text(properties["DomainNameArn"])
    found = _ARN.fullmatch(arn)
    if found is None:
        raise ResourceRefused(f"{arn[:200]} is not the ARN of a domain name.")
    return {"DomainName": found[1]}


def _check(properties: Properties) -> str | None:
    return wrong_kinds(properties, {"Actions": list, "Conditions": list})


RULES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::ApiGatewayV2::RoutingRule",
        properties=frozenset((*_RULE, "DomainNameArn")),
        required=frozenset((*_RULE, "DomainNameArn")),
        create_only=frozenset(("DomainNameArn",)),
        attributes=frozenset(("RoutingRuleArn", "RoutingRuleId")),
        check=_check,
        create=_create_rule,
        update=_update_rule,
        delete=_delete_rule,
    ),
)
