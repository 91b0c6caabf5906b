"""The CloudFormation type of functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.ports.resources import (
    Context,
    Done,
    Properties,
    ResourceRefused,
    ResourceType,
    integer,
)
from fogline.services.lambda_.cfn_response import inline_package
from fogline.services.lambda_.resource_changes import retag

_NAME_CHARACTERS_MAX = 64

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
    retag(context, str(done.attributes["Arn"]), before, after)
    return done


def _delete_function(context: Context, name: str, properties: Properties) -> None:
    context.ask("lambda", "DeleteFunction", {"FunctionName": name})


def _check_function(properties: Properties) -> str | None:
    if properties.get("PackageType") == "Image" or "ImageUri" in properties["Code"]:
        return "Fogline does not implement functions packaged as container images yet."
    return None


FUNCTIONS: tuple[ResourceType, ...] = (
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
)
