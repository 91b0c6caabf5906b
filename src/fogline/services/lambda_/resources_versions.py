"""The CloudFormation types of versions and aliases, with the concurrency that is kept ready for them."""

from __future__ import annotations

from typing import Any

from fogline.ports.resources import (
    Context,
    Done,
    Properties,
    ResourceRefused,
    ResourceType,
    integer,
)

# ---- AWS::Lambda::Version


def _create_version(context: Context, properties: Properties) -> Done:
    name = properties["FunctionName"]
    known = context.ask("lambda", "GetFunctionConfiguration", {"FunctionName": name})
    before = _versions(context, known["FunctionName"])
    made = context.ask(
        "lambda",
        "PublishVersion",
        {
            "FunctionName": known["FunctionName"],
            "Description": properties.get("Description"),
            "CodeSha256": properties.get("CodeSha256"),
        },
    )
    if made["Version"] in before:
        raise ResourceRefused(
            f"A version for this Lambda function exists ( {made['Version']} ). Modify the function "
            "to create a new version."
        )
    _provision(context, known["FunctionName"], made["Version"], {}, properties)
    return Done(
        made["FunctionArn"], {"Version": made["Version"], "FunctionArn": made["FunctionArn"]}
    )


def _versions(context: Context, name: str) -> set[str]:
    found: set[str] = set()
    marker = None
    while True:
        page = context.ask(
            "lambda", "ListVersionsByFunction", {"FunctionName": name, "Marker": marker}
        )
        found.update(version["Version"] for version in page["Versions"])
        marker = page.get("NextMarker")
        if not marker:
            return found


def _provision(
    context: Context, name: str, qualifier: str, old: Properties, new: Properties
) -> None:
    before, after = old.get("ProvisionedConcurrencyConfig"), new.get("ProvisionedConcurrencyConfig")
    where = {"FunctionName": name, "Qualifier": qualifier}
    if after and after != before:
        count = integer(after["ProvisionedConcurrentExecutions"])
        context.ask(
            "lambda",
            "PutProvisionedConcurrencyConfig",
            {**where, "ProvisionedConcurrentExecutions": count},
        )
    elif before and not after:
        context.ask("lambda", "DeleteProvisionedConcurrencyConfig", where)


def _delete_version(context: Context, arn: str, properties: Properties) -> None:
    context.ask("lambda", "DeleteFunction", {"FunctionName": arn})


# ---- AWS::Lambda::Alias


def _routing(properties: Properties) -> dict[str, Any] | None:
    routing = properties.get("RoutingConfig")
    if routing is None:
        return None
    weights = routing.get("AdditionalVersionWeights") or []
    return {
        "AdditionalVersionWeights": {
            str(each["FunctionVersion"]): float(each["FunctionWeight"]) for each in weights
        }
    }


def _create_alias(context: Context, properties: Properties) -> Done:
    made = context.ask(
        "lambda",
        "CreateAlias",
        {
            "FunctionName": properties["FunctionName"],
            "Name": properties["Name"],
            "FunctionVersion": properties["FunctionVersion"],
            "Description": properties.get("Description"),
            "RoutingConfig": _routing(properties),
        },
    )
    _provision(context, properties["FunctionName"], properties["Name"], {}, properties)
    return Done(made["AliasArn"], {"AliasArn": made["AliasArn"]})


def _update_alias(context: Context, arn: str, old: Properties, new: Properties) -> Done:
    context.ask(
        "lambda",
        "UpdateAlias",
        {
            "FunctionName": new["FunctionName"],
            "Name": new["Name"],
            "FunctionVersion": new["FunctionVersion"],
            "Description": new.get("Description") or "",
            "RoutingConfig": _routing(new) or {"AdditionalVersionWeights": {}},
        },
    )
    _provision(context, new["FunctionName"], new["Name"], old, new)
    return Done(arn, {"AliasArn": arn})


def _delete_alias(context: Context, arn: str, properties: Properties) -> None:
    context.ask(
        "lambda",
        "DeleteAlias",
        {"FunctionName": properties["FunctionName"], "Name": properties["Name"]},
    )


VERSIONS: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::Lambda::Version",
        properties=frozenset(
            ("CodeSha256", "Description", "FunctionName", "ProvisionedConcurrencyConfig")
        ),
        required=frozenset(("FunctionName",)),
        not_built=frozenset(("FunctionScalingConfig", "RuntimePolicy")),
        attributes=frozenset(("Version", "FunctionArn")),
        create=_create_version,
        delete=_delete_version,
    ),
    ResourceType(
        name="AWS::Lambda::Alias",
        properties=frozenset(
            (
                "Description",
                "FunctionName",
                "FunctionVersion",
                "Name",
                "ProvisionedConcurrencyConfig",
                "RoutingConfig",
            )
        ),
        required=frozenset(("FunctionName", "FunctionVersion", "Name")),
        create_only=frozenset(("FunctionName", "Name")),
        attributes=frozenset(("AliasArn",)),
        create=_create_alias,
        update=_update_alias,
        delete=_delete_alias,
    ),
)
