"""The CloudFormation types that Lambda owns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.ports.resources import (
    Context,
    Done,
    Properties,
    ResourceRefused,
    ResourceType,
    boolean,
    integer,
)
from fogline.services.lambda_.cfn_response import inline_package

_NAME_CHARACTERS_MAX = 64
_STATEMENT_CHARACTERS_MAX = 100

# ---- AWS::Lambda::Function

# What UpdateFunctionConfiguration takes, and what stands for a property that was taken away.
_SETTINGS: Mapping[str, Any] = {
    "Description": "",
    "Handler": None,
    "Runtime": None,
    "Role": None,
    "Timeout": 3,
    "MemorySize": 128,
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "Layers": [],
    "DeadLetterConfig": {"TargetArn": ""},
    "TracingConfig": {"Mode": "PassThrough"},
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
    "LoggingConfig": {"LogFormat": "Text"},
    "SnapStart": {"ApplyOn": "None"},
}
_FUNCTION_NOT_BUILT = frozenset(
    (
        "CapacityProviderConfig", "CodeSigningConfigArn", "DurableConfig", "FileSystemConfigs",
        "FunctionScalingConfig", "ImageConfig", "PublishToLatestPublished",
    )
)  # fmt: skip
_INLINE_RUNTIMES = ("python", "nodejs")


def _code(properties: Properties) -> dict[str, Any]:
    code = properties["Code"]
    given = {
        name: code[name]
        for name in ("S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri")
        if code.get(name) is not None
    }
    if code.get("ZipFile") is not None:
        runtime = str(properties.get("Runtime") or "")
        if not runtime.startswith(_INLINE_RUNTIMES):
            raise ResourceRefused(
                "ZipFile can only be used when Runtime is set to either of nodejs, python."
            )
        given["ZipFile"] = inline_package(str(code["ZipFile"]), runtime)
    return given


def _setting(name: str, value: Any) -> Any:
    """A property as the operation takes it: empty for one that was taken away."""
    if name == "Environment" and value is not None:
        return {"Variables": dict((value or {}).get("Variables") or {})}
    if name == "VpcConfig" and value is not None:
        return {"SubnetIds": [], "SecurityGroupIds": [], **value}
    return value


def _create_function(context: Context, properties: Properties) -> Done:
    name = properties.get("FunctionName") or context.name(_NAME_CHARACTERS_MAX)
    context.ask(
        "lambda",
        "CreateFunction",
        {
            "FunctionName": name,
            "Code": _code(properties),
            "PackageType": properties.get("PackageType"),
            "Architectures": properties.get("Architectures"),
            "KMSKeyArn": properties.get("KmsKeyArn"),
            "TenancyConfig": properties.get("TenancyConfig"),
            "Tags": context.tags(properties.get("Tags")),
            **{each: _setting(each, properties.get(each)) for each in _SETTINGS},
        },
    )
    _reserve(context, name, {}, properties)
    _manage(context, name, {}, properties)
    return _function(context, name)


def _function(context: Context, name: str) -> Done:
    found = context.ask("lambda", "GetFunctionConfiguration", {"FunctionName": name})
    return Done(
        name,
        {
            "Arn": found["FunctionArn"],
            "FunctionName": name,
            "SnapStartResponse.ApplyOn": found["SnapStart"]["ApplyOn"],
            "SnapStartResponse.OptimizationStatus": found["SnapStart"]["OptimizationStatus"],
        },
    )


def _reserve(context: Context, name: str, old: Properties, new: Properties) -> None:
    before, after = (
        old.get("ReservedConcurrentExecutions"),
        new.get("ReservedConcurrentExecutions"),
    )
    if after is not None and after != before:
        context.ask(
            "lambda",
            "PutFunctionConcurrency",
            {"FunctionName": name, "ReservedConcurrentExecutions": integer(after)},
        )
    elif after is None and before is not None:
        context.ask("lambda", "DeleteFunctionConcurrency", {"FunctionName": name})


def _manage(context: Context, name: str, old: Properties, new: Properties) -> None:
    runtime = new.get("RuntimeManagementConfig") or {"UpdateRuntimeOn": "Auto"}
    if runtime != (old.get("RuntimeManagementConfig") or {"UpdateRuntimeOn": "Auto"}):
        context.ask("lambda", "PutRuntimeManagementConfig", {"FunctionName": name, **runtime})
    loop = new.get("RecursiveLoop") or "Terminate"
    if loop != (old.get("RecursiveLoop") or "Terminate"):
        context.ask(
            "lambda",
            "PutFunctionRecursionConfig",
            {"FunctionName": name, "RecursiveLoop": loop},
        )


def _update_function(context: Context, name: str, old: Properties, new: Properties) -> Done:
    changes = {
        each: _setting(each, new.get(each)) if new.get(each) is not None else absent
        for each, absent in _SETTINGS.items()
        if new.get(each) != old.get(each)
    }
    if new.get("KmsKeyArn") != old.get("KmsKeyArn"):
        changes["KMSKeyArn"] = new.get("KmsKeyArn") or ""
    if changes:
        context.ask("lambda", "UpdateFunctionConfiguration", {"FunctionName": name, **changes})
    is_moved = new.get("Architectures") != old.get("Architectures")
    # Inline code is packed for its runtime.
    is_repacked = "ZipFile" in new["Code"] and new.get("Runtime") != old.get("Runtime")
    if new["Code"] != old["Code"] or is_moved or is_repacked:
        context.ask(
            "lambda",
            "UpdateFunctionCode",
            {
                "FunctionName": name,
                "Architectures": new.get("Architectures") or ["x86_64"],
                **_code(new),
            },
        )
    _reserve(context, name, old, new)
    _manage(context, name, old, new)
    done = _function(context, name)
    before, after = context.tags(old.get("Tags")), context.tags(new.get("Tags"))
    _retag(context, str(done.attributes["Arn"]), before, after)
    return done


def _retag(context: Context, arn: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    gone = [key for key in before if key not in after]
    if gone:
        context.ask("lambda", "UntagResource", {"Resource": arn, "TagKeys": gone})
    if after != before:
        context.ask("lambda", "TagResource", {"Resource": arn, "Tags": dict(after)})


def _delete_function(context: Context, name: str, properties: Properties) -> None:
    context.ask("lambda", "DeleteFunction", {"FunctionName": name})


def _check_function(properties: Properties) -> str | None:
    if properties.get("PackageType") == "Image" or "ImageUri" in properties["Code"]:
        return "Fogline does not implement functions packaged as container images yet."
    return None


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


# ---- AWS::Lambda::EventSourceMapping

_MAPPING_CHANGEABLE = (
    "BatchSize", "BisectBatchOnFunctionError", "DestinationConfig", "DocumentDBEventSourceConfig",
    "Enabled", "FilterCriteria", "FunctionName", "FunctionResponseTypes", "LoggingConfig",
    "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts",
    "MetricsConfig", "ParallelizationFactor", "ProvisionedPollerConfig", "ScalingConfig",
    "SourceAccessConfigurations", "TumblingWindowInSeconds",
)  # fmt: skip
_MAPPING_FIXED = (
    "AmazonManagedKafkaEventSourceConfig", "EventSourceArn", "Queues", "SelfManagedEventSource",
    "SelfManagedKafkaEventSourceConfig", "StartingPosition", "StartingPositionTimestamp", "Topics",
)  # fmt: skip
# What stands for a property that was taken away.
_MAPPING_DEFAULTS: Mapping[str, Any] = {
    "BatchSize": 10,
    "Enabled": True,
    "FilterCriteria": {"Filters": []},
    "FunctionResponseTypes": [],
    "MaximumBatchingWindowInSeconds": 0,
    "ScalingConfig": {},
}


def _create_mapping(context: Context, properties: Properties) -> Done:
    made = context.ask(
        "lambda",
        "CreateEventSourceMapping",
        {
            **{each: properties.get(each) for each in (*_MAPPING_CHANGEABLE, *_MAPPING_FIXED)},
            "KMSKeyArn": properties.get("KmsKeyArn"),
            "Tags": context.tags(properties.get("Tags")),
        },
    )
    return _mapping(made)


def _mapping(made: Mapping[str, Any]) -> Done:
    uuid = made["UUID"]
    return Done(uuid, {"Id": uuid, "EventSourceMappingArn": made["EventSourceMappingArn"]})


def _update_mapping(context: Context, uuid: str, old: Properties, new: Properties) -> Done:
    changes = {
        each: new[each] if new.get(each) is not None else _MAPPING_DEFAULTS.get(each)
        for each in _MAPPING_CHANGEABLE
        if new.get(each) != old.get(each)
    }
    made = context.ask("lambda", "UpdateEventSourceMapping", {"UUID": uuid, **changes})
    before, after = context.tags(old.get("Tags")), context.tags(new.get("Tags"))
    _retag(context, made["EventSourceMappingArn"], before, after)
    return _mapping(made)


def _delete_mapping(context: Context, uuid: str, properties: Properties) -> None:
    context.ask("lambda", "DeleteEventSourceMapping", {"UUID": uuid})


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


# ---- AWS::Lambda::LayerVersion and its permission


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


# ---- AWS::Lambda::EventInvokeConfig


def _put_invoke_config(context: Context, properties: Properties) -> None:
    context.ask(
        "lambda",
        "PutFunctionEventInvokeConfig",
        {
            each: properties.get(each)
            for each in (
                "FunctionName",
                "Qualifier",
                "MaximumRetryAttempts",
                "MaximumEventAgeInSeconds",
                "DestinationConfig",
            )
        },
    )


def _create_invoke_config(context: Context, properties: Properties) -> Done:
    _put_invoke_config(context, properties)
    return Done(context.name(_NAME_CHARACTERS_MAX))


def _update_invoke_config(
    context: Context, identifier: str, old: Properties, new: Properties
) -> Done:
    _put_invoke_config(context, new)
    return Done(identifier)


def _delete_invoke_config(context: Context, identifier: str, properties: Properties) -> None:
    context.ask(
        "lambda",
        "DeleteFunctionEventInvokeConfig",
        {"FunctionName": properties["FunctionName"], "Qualifier": properties["Qualifier"]},
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


RESOURCES: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::Lambda::Function",
        properties=frozenset(
            (
                *_SETTINGS,
                "FunctionName",
                "Code",
                "PackageType",
                "Architectures",
                "KmsKeyArn",
                "RecursiveLoop",
                "ReservedConcurrentExecutions",
                "RuntimeManagementConfig",
                "Tags",
                "TenancyConfig",
            )
        ),
        required=frozenset(("Code", "Role")),
        create_only=frozenset(("FunctionName", "PackageType", "TenancyConfig")),
        not_built=_FUNCTION_NOT_BUILT,
        attributes=frozenset(("Arn", "FunctionName", "SnapStartResponse.*")),
        primary_identifier="FunctionName",
        create=_create_function,
        update=_update_function,
        delete=_delete_function,
        check=_check_function,
    ),
    ResourceType(
        name="AWS::Lambda::Permission",
        properties=frozenset((*_PERMISSION, "InvokedViaFunctionUrl")),
        required=frozenset(("Action", "FunctionName", "Principal")),
        attributes=frozenset(("Id",)),
        create=_create_permission,
        delete=_delete_permission,
    ),
    ResourceType(
        name="AWS::Lambda::EventSourceMapping",
        properties=frozenset((*_MAPPING_CHANGEABLE, *_MAPPING_FIXED, "KmsKeyArn", "Tags")),
        required=frozenset(("FunctionName",)),
        create_only=frozenset(_MAPPING_FIXED),
        attributes=frozenset(("Id", "EventSourceMappingArn")),
        create=_create_mapping,
        update=_update_mapping,
        delete=_delete_mapping,
    ),
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
    ResourceType(
        name="AWS::Lambda::EventInvokeConfig",
        properties=frozenset(
            (
                "DestinationConfig",
                "FunctionName",
                "MaximumEventAgeInSeconds",
                "MaximumRetryAttempts",
                "Qualifier",
            )
        ),
        required=frozenset(("FunctionName", "Qualifier")),
        create_only=frozenset(("FunctionName", "Qualifier")),
        create=_create_invoke_config,
        update=_update_invoke_config,
        delete=_delete_invoke_config,
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
