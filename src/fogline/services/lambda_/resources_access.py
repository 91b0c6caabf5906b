"""The CloudFormation types of who may call a function, and of its URL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.ports.resources import (
    Context,
    Done,
    Properties,
    ResourceType,
    boolean,
)

_STATEMENT_CHARACTERS_MAX = 100

# ---- AWS::Lambda::Permission


_PERMISSION = (
    "Action", "FunctionName", "Principal", "SourceArn", "SourceAccount", "EventSourceToken",
    "FunctionUrlAuthType", "PrincipalOrgID",
)  # fmt: skip


def _create_permission(context: Context, properties: Properties) -> Done:
    statement = context.name(_STATEMENT_CHARACTERS_MAX)
    via_url = properties.get("InvokedViaFunctionUrl")
    context.ask(
        "lambda",
        "AddPermission",
        {
            "StatementId": statement,
            "InvokedViaFunctionUrl": None if via_url is None else boolean(via_url),
            **{each: properties.get(each) for each in _PERMISSION},
        },
    )
    return Done(statement, {"Id": statement})


def _delete_permission(context: Context, statement: str, properties: Properties) -> None:
    context.ask(
        "lambda",
        "RemovePermission",
        {"FunctionName": properties["FunctionName"], "StatementId": statement},
    )


# ---- AWS::Lambda::Url


def _url_request(properties: Properties) -> dict[str, Any]:
    return {
        "FunctionName": properties["TargetFunctionArn"],
        "Qualifier": properties.get("Qualifier"),
        "AuthType": properties["AuthType"],
        "Cors": properties.get("Cors"),
        "InvokeMode": properties.get("InvokeMode"),
    }


def _url(made: Mapping[str, Any]) -> Done:
    arn = made["FunctionArn"]
    return Done(arn, {"FunctionArn": arn, "FunctionUrl": made["FunctionUrl"]})


def _create_url(context: Context, properties: Properties) -> Done:
    return _url(context.ask("lambda", "CreateFunctionUrlConfig", _url_request(properties)))


def _update_url(context: Context, arn: str, old: Properties, new: Properties) -> Done:
    return _url(context.ask("lambda", "UpdateFunctionUrlConfig", _url_request(new)))


def _delete_url(context: Context, arn: str, properties: Properties) -> None:
    context.ask("lambda", "DeleteFunctionUrlConfig", {"FunctionName": arn})


ACCESS: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::Lambda::Permission",
        properties=frozenset((*_PERMISSION, "InvokedViaFunctionUrl")),
        required=frozenset(("Action", "FunctionName", "Principal")),
        attributes=frozenset(("Id",)),
        create=_create_permission,
        delete=_delete_permission,
    ),
    ResourceType(
        name="AWS::Lambda::Url",
        properties=frozenset(("AuthType", "Cors", "InvokeMode", "Qualifier", "TargetFunctionArn")),
        required=frozenset(("AuthType", "TargetFunctionArn")),
        create_only=frozenset(("Qualifier", "TargetFunctionArn")),
        attributes=frozenset(("FunctionArn", "FunctionUrl")),
        create=_create_url,
        update=_update_url,
        delete=_delete_url,
    ),
)
