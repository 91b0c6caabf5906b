"""A function's configuration: what a request may set, what it is when nothing is said, and how it is shown.

It is kept with AWS's member names, beside a few of our own in small letters:
`package` (where the code is), `stamp` (changes with whatever runs), `revisions` (while changing,
and after), `changing_until`, and `change` (`create` or `update`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from fogline.aws.dates import iso_milliseconds
from fogline.services.lambda_.errors import InvalidParameterValueException, NotBuilt
from fogline.services.lambda_.limits import Limits
from fogline.services.lambda_.names import LATEST, function_arn, qualified
from fogline.services.lambda_.tenancy import check_shared

Config = Mapping[str, Any]

RUNTIMES = (
    "nodejs20.x", "python3.14", "provided.al2023", "python3.12", "python3.13", "nodejs24.x",
    "nodejs22.x", "java25", "python3.10", "python3.11", "java21", "ruby3.3", "ruby3.4", "ruby3.2",
    "python3.8", "python3.9", "java17", "nodejs16.x", "dotnet10", "dotnet8", "java11", "dotnet6",
    "nodejs18.x", "provided.al2", "java8.al2",
)  # fmt: skip
"""In the order in which AWS lists them."""

_RESERVED_VARIABLES = frozenset(
    (
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT",
    )
)  # fmt: skip

# Kept and shown, when they were given.
_PLAIN = (
    "Runtime", "Role", "Handler", "Description", "Timeout", "MemorySize", "KMSKeyArn",
)  # fmt: skip

_NOT_BUILT = {
    "FileSystemConfigs": "functions with file systems (FileSystemConfigs)",
    "ImageConfig": "functions packaged as container images",
    "CodeSigningConfigArn": "code signing",
    "CapacityProviderConfig": "capacity providers",
    "DurableConfig": "durable functions",
    "PublishTo": "PublishTo",
    "RuntimeConfig": "RuntimeConfig",
    "AcceleratorConfig": "AcceleratorConfig",
}

_UNSEEN_IN_LISTS = frozenset(
    (
        "State", "StateReason", "StateReasonCode", "LastUpdateStatus", "LastUpdateStatusReason",
        "LastUpdateStatusReasonCode", "RuntimeVersionConfig",
    )
)  # fmt: skip

_BEING_CREATED = "The function is being created."


def check_built(request: Mapping[str, Any]) -> None:
    """Refuse by name what AWS's model has and we do not do. Raises NotBuilt."""
    if request.get("PackageType") == "Image" or "ImageUri" in (request.get("Code") or {}):
        raise NotBuilt(what="functions packaged as container images")
    for name, what in _NOT_BUILT.items():
        if request.get(name):
            raise NotBuilt(what=what)


def check_runtime(runtime: str) -> None:
    if runtime not in RUNTIMES:
        raise InvalidParameterValueException(
            f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum "
            f"value set: [{', '.join(RUNTIMES)}] or be a valid ARN"
        )


def check_environment(variables: Mapping[str, str], limits: Limits) -> None:
    """Refuse reserved names, and more than AWS stores."""
    reserved = [name for name in variables if name in _RESERVED_VARIABLES]
    if reserved:
        raise InvalidParameterValueException(
            "Lambda was unable to configure your environment variables because the environment "
            "variables you have provided contains reserved keys that are currently not supported "
            f"for modification. Reserved keys used in this request: {', '.join(reserved)}"
        )
    measured = orjson.dumps(variables)
    if len(measured) > limits.environment_bytes_max:
        raise InvalidParameterValueException(
            "Lambda was unable to configure your environment variables because the environment "
            "variables you have provided exceeded the 4KB limit. String measured: "
            f"{measured.decode()}"
        )


def new_configuration(
    name: str, region: str, request: Mapping[str, Any], limits: Limits
) -> dict[str, Any]:
    """The configuration that CreateFunction asks for, apart from its code and its layers.

    Raises InvalidParameterValueException, NotBuilt.
    """
    check_built(request)
    if not request.get("Runtime") or not request.get("Handler"):
        raise InvalidParameterValueException(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )
    config: dict[str, Any] = {
        "Version": LATEST,
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "PackageType": "Zip",
        "Architectures": request.get("Architectures") or ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "TracingConfig": {"Mode": "PassThrough"},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"},
    }
    if request.get("TenancyConfig"):
        config["TenancyConfig"] = dict(request["TenancyConfig"])
    changed(config, name, region, request, limits)
    return config


def changed(
    config: dict[str, Any], name: str, region: str, request: Mapping[str, Any], limits: Limits
) -> None:
    """Change `config` as the request asks, apart from code and layers."""
    check_built(request)
    if "Runtime" in request:
        check_runtime(request["Runtime"])
        arn = hashlib.sha256(request["Runtime"].encode()).hexdigest()
        config["RuntimeVersionConfig"] = {
            "RuntimeVersionArn": f"arn:aws:lambda:{region}::runtime:{arn}"
        }
    for member in _PLAIN:
        if request.get(member) is not None:
            config[member] = request[member]
    if request.get("KMSKeyArn") == "":
        config.pop("KMSKeyArn", None)
    if request.get("Environment") is not None:
        variables = request["Environment"].get("Variables")
        if variables is not None:
            check_environment(variables, limits)
            config["Environment"] = {"Variables": dict(variables)}
    if request.get("EphemeralStorage") is not None:
        config["EphemeralStorage"] = {"Size": request["EphemeralStorage"]["Size"]}
    if request.get("TracingConfig") is not None:
        config["TracingConfig"] = {"Mode": request["TracingConfig"].get("Mode", "PassThrough")}
    if request.get("SnapStart") is not None:
        apply_on = request["SnapStart"].get("ApplyOn", "None")
        if apply_on != "None":
            check_shared(config, "SnapStart")
        config["SnapStart"] = {"ApplyOn": apply_on, "OptimizationStatus": "Off"}
    if request.get("LoggingConfig") is not None:
        config["LoggingConfig"] = _logging(config["LoggingConfig"], request["LoggingConfig"], name)
    if request.get("DeadLetterConfig") is not None:
        target = request["DeadLetterConfig"].get("TargetArn")
        config.pop("DeadLetterConfig", None)
        if target:
            config["DeadLetterConfig"] = {"TargetArn": target}
    if request.get("VpcConfig") is not None:
        _change_network(config, request["VpcConfig"])


def _logging(now: Config, given: Mapping[str, Any], name: str) -> dict[str, Any]:
    merged = {**now, **{key: value for key, value in given.items() if value}}
    merged.setdefault("LogGroup", f"/aws/lambda/{name}")
    if merged["LogFormat"] == "JSON":
        merged.setdefault("ApplicationLogLevel", "INFO")
        merged.setdefault("SystemLogLevel", "INFO")
        return merged
    if given.get("ApplicationLogLevel") or given.get("SystemLogLevel"):
        raise InvalidParameterValueException(
            "Log level is not supported when LogFormat is set to Text. Remove LogLevel from your "
            "request or change the LogFormat to JSON and try again."
        )
    return {key: merged[key] for key in ("LogFormat", "LogGroup")}


def _change_network(config: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Functions run on this machine's own network; what is asked for is kept and shown."""
    subnets, groups = given.get("SubnetIds") or [], given.get("SecurityGroupIds") or []
    config.pop("VpcConfig", None)
    if subnets or groups:
        config["VpcConfig"] = {
            "SubnetIds": subnets,
            "SecurityGroupIds": groups,
            "VpcId": "",
            "Ipv6AllowedForDualStack": bool(given.get("Ipv6AllowedForDualStack")),
        }


def date_text(now: int) -> str:
    """An instant as Lambda's configurations spell it."""
    return iso_milliseconds(now).replace("Z", "+0000")


# How it is shown.


def is_changing(config: Config, now: int) -> bool:
    return now < int(config.get("changing_until", 0))


def revision(config: Config, now: int) -> str:
    """The present RevisionId: another one while a change is under way."""
    before, after = config["revisions"]
    return str(before if is_changing(config, now) else after)


def shown(
    config: Config,
    account: str,
    region: str,
    name: str,
    now: int,
    qualifier: str = "",
    *,
    in_list: bool = False,
    is_answer: bool = False,
) -> dict[str, Any]:
    """FunctionConfiguration as AWS answers it. `is_answer`: to the request that began a change."""
    result = {key: value for key, value in config.items() if key[0].isupper()}
    result["FunctionName"] = name
    result["FunctionArn"] = qualified(function_arn(account, region, name), qualifier)
    changing = is_answer or is_changing(config, now)
    result["RevisionId"] = config["revisions"][0 if changing else 1]
    if in_list:
        return {key: value for key, value in result.items() if key not in _UNSEEN_IN_LISTS}
    if not changing:
        result["State"] = "Active"
        result["LastUpdateStatus"] = "Successful"
    elif config["change"] == "create":
        result["State"] = "Pending"
        result["StateReason"] = _BEING_CREATED
        result["StateReasonCode"] = "Creating"
    else:
        result["State"] = "Active"
        result["LastUpdateStatus"] = "InProgress"
        result["LastUpdateStatusReason"] = _BEING_CREATED
        result["LastUpdateStatusReasonCode"] = "Creating"
    return result
