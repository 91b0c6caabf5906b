"""The CloudFormation types of layers: versions, and who may use them."""

from __future__ import annotations

from typing import Any

from fogline.ports.resources import (
    Context,
    Done,
    Properties,
    ResourceType,
    integer,
)

_NAME_CHARACTERS_MAX = 64
_STATEMENT_CHARACTERS_MAX = 100


def _create_layer(context: Context, properties: Properties) -> Done:
    content = properties["Content"]
    made = context.ask(
        "lambda",
        "PublishLayerVersion",
        {
            "LayerName": properties.get("LayerName") or context.name(_NAME_CHARACTERS_MAX),
            "Description": properties.get("Description"),
            "Content": {
                name: content[name]
                for name in ("S3Bucket", "S3Key", "S3ObjectVersion")
                if content.get(name) is not None
            },
            "CompatibleArchitectures": properties.get("CompatibleArchitectures"),
            "CompatibleRuntimes": properties.get("CompatibleRuntimes"),
            "LicenseInfo": properties.get("LicenseInfo"),
        },
    )
    return Done(made["LayerVersionArn"], {"LayerVersionArn": made["LayerVersionArn"]})


def _layer_parts(arn: str) -> dict[str, Any]:
    layer, _, version = arn.rpartition(":")
    return {"LayerName": layer, "VersionNumber": integer(version)}


def _delete_layer(context: Context, arn: str, properties: Properties) -> None:
    context.ask("lambda", "DeleteLayerVersion", _layer_parts(arn))


def _create_layer_permission(context: Context, properties: Properties) -> Done:
    statement = context.name(_STATEMENT_CHARACTERS_MAX)
    arn = properties["LayerVersionArn"]
    context.ask(
        "lambda",
        "AddLayerVersionPermission",
        {
            **_layer_parts(arn),
            "StatementId": statement,
            "Action": properties["Action"],
            "Principal": properties["Principal"],
            "OrganizationId": properties.get("OrganizationId"),
        },
    )
    identifier = f"{arn}#{statement}"
    return Done(identifier, {"Id": identifier})


def _delete_layer_permission(context: Context, identifier: str, properties: Properties) -> None:
    arn, _, statement = identifier.partition("#")
    context.ask(
        "lambda",
        "RemoveLayerVersionPermission",
        {**_layer_parts(arn), "StatementId": statement},
    )


LAYERS: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::Lambda::LayerVersion",
        properties=frozenset(
            (
                "CompatibleArchitectures",
                "CompatibleRuntimes",
                "Content",
                "Description",
                "LayerName",
                "LicenseInfo",
            )
        ),
        required=frozenset(("Content",)),
        attributes=frozenset(("LayerVersionArn",)),
        create=_create_layer,
        delete=_delete_layer,
    ),
    ResourceType(
        name="AWS::Lambda::LayerVersionPermission",
        properties=frozenset(("Action", "LayerVersionArn", "OrganizationId", "Principal")),
        required=frozenset(("Action", "LayerVersionArn", "Principal")),
        attributes=frozenset(("Id",)),
        create=_create_layer_permission,
        delete=_delete_layer_permission,
    ),
)
