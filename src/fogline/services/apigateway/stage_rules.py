"""What a stage is: its settings, those of its methods, and how paths of patches name them.

Source: https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateStage.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fogline.aws.members import given
from fogline.services.apigateway.errors import BadRequestException
from fogline.services.apigateway.patching import (
    ADD_REMOVE,
    ALL,
    REPLACE,
    REPLACE_REMOVE,
    Form,
    Operation,
    Patches,
    Path,
    read_boolean,
    read_integer,
    read_number,
)

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_VARIABLE_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
_VARIABLE_VALUE = re.compile(r"[A-Za-z0-9\-._~:/?#&=,]{0,512}")
_CACHE_SIZES = ("0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237")
_LEVELS = ("OFF", "ERROR", "INFO")
_STRATEGIES = (
    "FAIL_WITH_403",
    "SUCCEED_WITH_RESPONSE_HEADER",
    "SUCCEED_WITHOUT_RESPONSE_HEADER",
)
_COPY = frozenset(("add", "remove", "replace", "copy"))

METHOD_DEFAULTS: Mapping[str, Any] = {
    "metricsEnabled": False,
    "dataTraceEnabled": False,
    "throttlingBurstLimit": 5_000,
    "throttlingRateLimit": 10_000.0,
    "cachingEnabled": False,
    "cacheTtlInSeconds": 300,
    "cacheDataEncrypted": False,
    "requireAuthorizationForCacheControl": True,
    "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
}
"""What a method has whose settings say no more."""


class Setting(NamedTuple):
    member: str
    read: Any


SETTINGS: Mapping[str, Setting] = {
    "metrics/enabled": Setting("metricsEnabled", read_boolean),
    "logging/dataTrace": Setting("dataTraceEnabled", read_boolean),
    "logging/loglevel": Setting("loggingLevel", str),
    "throttling/burstLimit": Setting("throttlingBurstLimit", read_integer),
    "throttling/rateLimit": Setting("throttlingRateLimit", read_number),
    "caching/ttlInSeconds": Setting("cacheTtlInSeconds", read_integer),
    "caching/enabled": Setting("cachingEnabled", read_boolean),
    "caching/dataEncrypted": Setting("cacheDataEncrypted", read_boolean),
    "caching/requireAuthorizationForCacheControl": Setting(
        "requireAuthorizationForCacheControl", read_boolean
    ),
    "caching/unauthorizedCacheControlHeaderStrategy": Setting(
        "unauthorizedCacheControlHeaderStrategy", str
    ),
}
"""Settings of methods, by how paths of patches end that lead to them."""

_PATCHES = Patches(
    (
        Path("/deploymentId", REPLACE | {"copy"}),
        Path("/description", ALL),
        Path("/cacheClusterEnabled", read=read_boolean),
        Path("/cacheClusterSize", REPLACE_REMOVE),
        Path("/clientCertificateId", REPLACE_REMOVE),
        Path("/documentationVersion", ALL),
        Path("/tracingEnabled", read=read_boolean),
        Path("/variables", frozenset(("copy", "remove"))),
        Path("/variables/{name}", _COPY, form=Form.ENTRY),
        Path("/canarySettings", frozenset(("remove",))),
        Path("/canarySettings/deploymentId", REPLACE | {"copy"}),
        Path("/canarySettings/percentTraffic", REPLACE, read_number),
        Path("/canarySettings/useStageCache", REPLACE, read_boolean),
        Path("/canarySettings/stageVariableOverrides", frozenset(("copy", "remove"))),
        Path("/canarySettings/stageVariableOverrides/{name}", _COPY, form=Form.ENTRY),
        Path("/accessLogSettings", frozenset(("remove",))),
        Path("/accessLogSettings/destinationArn", ADD_REMOVE | REPLACE),
        Path("/accessLogSettings/format", ADD_REMOVE | REPLACE),
    )
)
_ACCESS_LOG = "/accessLogSettings"
_METHOD_PATHS = (
    "/metrics/enabled, {0}/logging/dataTrace, {0}/logging/loglevel, {0}/throttling/burstLimit{1}"
    "{0}/throttling/rateLimit{1}{0}/caching/ttlInSeconds, {0}/caching/enabled, {0}/caching/dataEncrypted, "
    "{0}/caching/requireAuthorizationForCacheControl, {0}/caching/unauthorizedCacheControlHeaderStrategy"
)
_POSSIBLE = (
    "/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, "
    "/accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, "
    + "/{resourcePath}/{httpMethod}"
    + _METHOD_PATHS.format("/{resourcePath}/{httpMethod}", "")
    + ", /*/*"
    + _METHOD_PATHS.format("/*/*", " ")
    + ", /variables/{variable_name}, /tracingEnabled"
)


def new_stage(described: Mapping[str, Any], now: int) -> dict[str, Any]:
    """A stage as a request describes it. Raises BadRequestException."""
    stage = given(
        {
            "deploymentId": described["deploymentId"],
            "stageName": described["stageName"],
            "description": described.get("description"),
            "cacheClusterEnabled": bool(described.get("cacheClusterEnabled")),
            "cacheClusterSize": described.get("cacheClusterSize"),
            "methodSettings": {},
            "variables": described.get("variables"),
            "documentationVersion": described.get("documentationVersion"),
            "tracingEnabled": bool(described.get("tracingEnabled")),
            "createdDate": now,
            "lastUpdatedDate": now,
        }
    )
    if described.get("canarySettings"):
        stage["canarySettings"] = canary_of(described["canarySettings"])
    _complete_cache(stage)
    check_stage(stage)
    return stage


def canary_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a canary, complete."""
    return {"percentTraffic": 0.0, "useStageCache": False, **settings}


def _complete_cache(stage: dict[str, Any]) -> None:
    """A cache that is wanted has a size."""
    if stage["cacheClusterEnabled"]:
        stage.setdefault("cacheClusterSize", _CACHE_SIZES[0])


def check_stage(stage: Mapping[str, Any]) -> None:
    """Raises BadRequestException."""
    if _NAME.fullmatch(stage["stageName"]) is None:
        raise BadRequestException(
            "Stage name only allows a-zA-Z0-9_- and is limited to 128 characters"
        )
    canary = stage.get("canarySettings", {})
    if not 0 <= canary.get("percentTraffic", 0) <= 100:
        raise BadRequestException("Percent traffic must be between 0 and 100")
    for variables in (stage.get("variables"), canary.get("stageVariableOverrides")):
        check_variables(variables or {})
    size = stage.get("cacheClusterSize")
    if size and size not in _CACHE_SIZES:
        raise BadRequestException(
            f"Invalid cache cluster size specified. Valid options are [{', '.join(_CACHE_SIZES)}]"
        )
    for settings in stage["methodSettings"].values():
        _check_settings(settings)


def check_variables(variables: Mapping[str, str]) -> None:
    """Raises BadRequestException."""
    for name, value in variables.items():
        if _VARIABLE_NAME.fullmatch(name) is None:
            raise BadRequestException(
                "Stage variable names can contain only alphanumeric characters and underscores"
            )
        if _VARIABLE_VALUE.fullmatch(value) is None:
            raise BadRequestException(
                f"Invalid value for variable {name}. Please use values with alphanumeric characters "
                "and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','."
            )


def _check_settings(settings: Mapping[str, Any]) -> None:
    if settings.get("loggingLevel", "OFF") not in _LEVELS:
        raise BadRequestException(
            f"Invalid logging level specified. Must be one of: [{', '.join(_LEVELS)}]"
        )
    if settings["unauthorizedCacheControlHeaderStrategy"] not in _STRATEGIES:
        raise BadRequestException(
            f"Invalid cache control header strategy specified. Must be one of: [{', '.join(_STRATEGIES)}]"
        )
    if not 0 <= settings["cacheTtlInSeconds"] <= 3_600:
        raise BadRequestException("Cache TTL must be between 0 and 3600 seconds")


def patch_stage(stage: dict[str, Any], operations: Sequence[Operation] | None) -> None:
    """Change a stage. Raises BadRequestException."""
    for operation in operations or ():
        op, path = operation.get("op") or "", operation.get("path") or ""
        if path.startswith(_ACCESS_LOG) and path != _ACCESS_LOG:
            _check_access_log(stage, op, path, operation.get("value"))
        elif path == _ACCESS_LOG and op != "remove":
            raise BadRequestException(_access_log_refusal())
        if not _patch_method(stage, op, path, operation.get("value")):
            try:
                _PATCHES.apply(stage, [operation])
            except BadRequestException as refusal:
                if not refusal.text.startswith("Invalid patch path"):
                    raise
                raise BadRequestException(_refusal(op, path)) from None
    if stage.get("variables") == {}:
        del stage["variables"]
    if "canarySettings" in stage:
        stage["canarySettings"] = canary_of(stage["canarySettings"])
    _complete_cache(stage)
    check_stage(stage)


def _refusal(op: str, path: str) -> str:
    if op == "remove":
        return (
            f"Cannot remove method setting {path.removeprefix('/')} because there is no method setting "
            "for this method "
        )
    return f"Invalid method setting path: {path or 'null'}. Must be one of: [{_POSSIBLE}]"


def _access_log_refusal() -> str:
    return (
        "Invalid accessLogSettings path. Must be one of : "
        "[/accessLogSettings/destinationArn, /accessLogSettings/format]"
    )


def _check_access_log(stage: Mapping[str, Any], op: str, path: str, value: str | None) -> None:
    if op == "remove":  # also of what is there (recorded): only all of them can be removed
        raise BadRequestException(_refusal(op, path))
    if path.removeprefix(f"{_ACCESS_LOG}/") not in ("destinationArn", "format"):
        raise BadRequestException(_access_log_refusal())
    if not value:
        raise BadRequestException("Access Log value must not be empty")


def _patch_method(stage: dict[str, Any], op: str, path: str, value: str | None) -> bool:
    """Change a setting of methods, if the path leads to one."""
    methods = stage["methodSettings"]
    if op == "remove" and path[1:] in methods:
        del methods[path[1:]]
        return True
    parts = path.split("/")
    if len(parts) < 5:
        return False
    key, setting = "/".join(parts[1:-2]), SETTINGS.get("/".join(parts[-2:]))
    if setting is None:
        return False
    if op == "remove":
        if key not in methods:
            raise BadRequestException(_refusal(op, f"/{key}"))
        methods[key].pop(setting.member, None)
        methods[key] = {**METHOD_DEFAULTS, **methods[key]}
        return True
    if op not in ("add", "replace"):
        return False
    # A method begins with what holds for all of them at that moment (recorded).
    settings = methods.setdefault(key, dict(methods.get("*/*", METHOD_DEFAULTS)))
    settings[setting.member] = setting.read(value or "")
    return True


def settings_of(stage: Mapping[str, Any], path: str, verb: str) -> Mapping[str, Any]:
    """The settings of one method: its own, else those of all, else what every method has."""
    methods: Mapping[str, Mapping[str, Any]] = stage["methodSettings"]
    for key, settings in methods.items():
        resource, _, method = key.rpartition("/")
        resource = "/" + resource.replace("~1", "/").lstrip("/")
        if method == verb and resource == path:
            return settings
    return methods.get("*/*", METHOD_DEFAULTS)
