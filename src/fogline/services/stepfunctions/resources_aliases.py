"""The CloudFormation types for versions of a state machine and for the aliases that point to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.ports.resources import Context, Done, Properties, ResourceType, integer

_NAME_CHARACTERS_MAX = 80


def _ask(context: Context, operation: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
    return context.ask("stepfunctions", operation, request)


# ---- AWS::StepFunctions::StateMachineVersion


def _create_version(context: Context, properties: Properties) -> Done:
    made = _ask(
        context,
        "PublishStateMachineVersion",
        {
            "stateMachineArn": properties["StateMachineArn"],
            "revisionId": properties.get("StateMachineRevisionId"),
            "description": properties.get("Description"),
        },
    )
    arn = made["stateMachineVersionArn"]
    return Done(arn, {"Arn": arn})


def _delete_version(context: Context, arn: str, properties: Properties) -> None:
    _ask(context, "DeleteStateMachineVersion", {"stateMachineVersionArn": arn})


# ---- AWS::StepFunctions::StateMachineAlias


def _create_alias(context: Context, properties: Properties) -> Done:
    made = _ask(
        context,
        "CreateStateMachineAlias",
        {
            "name": properties.get("Name") or context.name(_NAME_CHARACTERS_MAX),
            "description": properties.get("Description"),
            "routingConfiguration": _routing(properties),
        },
    )
    return _alias(made["stateMachineAliasArn"])


def _alias(arn: str) -> Done:
    return Done(arn, {"Arn": arn})


def _update_alias(context: Context, arn: str, old: Properties, new: Properties) -> Done:
    _ask(
        context,
        "UpdateStateMachineAlias",
        {
            "stateMachineAliasArn": arn,
            "description": new.get("Description", ""),
            "routingConfiguration": _routing(new),
        },
    )
    return _alias(arn)


def _delete_alias(context: Context, arn: str, properties: Properties) -> None:
    _ask(context, "DeleteStateMachineAlias", {"stateMachineAliasArn": arn})


def _routing(properties: Properties) -> list[dict[str, Any]]:
    if (preference := properties.get("DeploymentPreference")) is not None:
        return [{"stateMachineVersionArn": preference["StateMachineVersionArn"], "weight": 100}]
    return [
        {
            "stateMachineVersionArn": route["StateMachineVersionArn"],
            "weight": integer(route["Weight"]),
        }
        for route in properties["RoutingConfiguration"]
    ]


def _check_alias(properties: Properties) -> str | None:
    routing = properties.get("RoutingConfiguration")
    preference = properties.get("DeploymentPreference")
    if (routing is None) == (preference is None):
        return "Exactly one of RoutingConfiguration and DeploymentPreference must be given."
    if preference is not None:
        return _check_preference(preference)
    if not isinstance(routing, list) or not all(
        isinstance(route, Mapping) and "StateMachineVersionArn" in route and "Weight" in route
        for route in routing
    ):
        return "Every route must have a StateMachineVersionArn and a Weight."
    return None


def _check_preference(preference: Any) -> str | None:
    if not isinstance(preference, Mapping) or not preference.get("StateMachineVersionArn"):
        return "DeploymentPreference must have a StateMachineVersionArn."
    kind = preference.get("Type")
    if kind in ("LINEAR", "CANARY"):
        return f"Fogline does not shift traffic {kind} yet; ALL_AT_ONCE works."
    if kind != "ALL_AT_ONCE":
        return "DeploymentPreference.Type must be ALL_AT_ONCE, LINEAR or CANARY."
    if preference.get("Alarms"):
        return "Fogline does not watch the Alarms of a DeploymentPreference yet."
    return None


ALIASES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::StepFunctions::StateMachineVersion",
        properties=frozenset(("Description", "StateMachineArn", "StateMachineRevisionId")),
        required=frozenset(("StateMachineArn",)),
        create_only=frozenset(("Description", "StateMachineArn", "StateMachineRevisionId")),
        attributes=frozenset(("Arn",)),
        create=_create_version,
        delete=_delete_version,
    ),
    ResourceType(
        name="AWS::StepFunctions::StateMachineAlias",
        properties=frozenset(
            ("DeploymentPreference", "Description", "Name", "RoutingConfiguration")
        ),
        create_only=frozenset(("Name",)),
        attributes=frozenset(("Arn",)),
        primary_identifier="Name",
        check=_check_alias,
        create=_create_alias,
        update=_update_alias,
        delete=_delete_alias,
    ),
)
