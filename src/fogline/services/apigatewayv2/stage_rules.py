"""What a stage has when its maker says no more, and what it can't be.

Source: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fogline.aws.members import given, without_empty
from fogline.services.apigatewayv2.errors import BadRequestException, NotFoundException
from fogline.services.apigatewayv2.limits import Limits

_MEMBERS = (
    "AccessLogSettings",
    "AutoDeploy",
    "ClientCertificateId",
    "DefaultRouteSettings",
    "DeploymentId",
    "Description",
    "RouteSettings",
    "StageVariables",
)
_MARKS = ("authorizersFlushedAt",)
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_VARIABLE_NAME = re.compile(r"[a-zA-Z0-9_]{1,64}")
_VARIABLE_VALUE = re.compile(r"[A-Za-z0-9\-._~:/?#&=, ]{1,512}")
_LOGGING_ARN = re.compile(r"arn:[a-z0-9-]+:(logs|firehose):[a-z0-9-]+:\d{12}:.+")
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "HTTP": {"DetailedMetricsEnabled": False},
    "WEBSOCKET": {
        "DataTraceEnabled": False,
        "DetailedMetricsEnabled": False,
        "LoggingLevel": "OFF",
    },
}


def new_stage(
    members: Mapping[str, Any], api: Mapping[str, Any], limits: Limits, now: int
) -> dict[str, Any]:
    """A stage of that API. Raises BadRequestException, NotFoundException."""
    name, protocol = members["StageName"], api["api"]["ProtocolType"]
    if _NAME.fullmatch(name) is None and not (name == "$default" and protocol == "HTTP"):
        raise BadRequestException(
            "Stage name only allows a-zA-Z0-9_- and is limited to 128 characters"
        )
    stage: dict[str, Any] = {
        "AutoDeploy": False,
        "CreatedDate": now,
        "DefaultRouteSettings": dict(_DEFAULTS[protocol]),
        "RouteSettings": {},
        "StageName": name,
        "StageVariables": {},
        "Tags": {},
    }
    change_stage(stage, members, api, limits, now)
    return stage


def change_stage(
    stage: dict[str, Any],
    members: Mapping[str, Any],
    api: Mapping[str, Any],
    limits: Limits,
    now: int,
) -> None:
    """Change a stage. Raises BadRequestException, NotFoundException.

    Variables are changed one by one, and removed by an empty text; settings change route by route.
    """
    changed: dict[str, Any] = given(members, *_MEMBERS)
    if "StageVariables" in changed:
        merged = {**stage["StageVariables"], **changed["StageVariables"]}
        changed["StageVariables"] = {name: value for name, value in merged.items() if value}
    if "DefaultRouteSettings" in changed:
        said = given(changed["DefaultRouteSettings"])
        changed["DefaultRouteSettings"] = {**stage["DefaultRouteSettings"], **said}
    if "RouteSettings" in changed:
        _check_routes(changed["RouteSettings"], api)
        said = {key: given(settings) for key, settings in changed["RouteSettings"].items()}
        changed["RouteSettings"] = {**stage["RouteSettings"], **said}
    if "AccessLogSettings" in changed:
        said = given(changed["AccessLogSettings"])
        changed["AccessLogSettings"] = {**stage.get("AccessLogSettings", {}), **said}
    if changed.get("DeploymentId") and changed.get("AutoDeploy", stage["AutoDeploy"]):
        raise BadRequestException("Deployment ID cannot be set on stage when AutoDeploy is enabled")
    stage.update(changed, LastUpdatedDate=now)
    _check(stage, api["api"]["ProtocolType"], limits)


def _check_routes(settings: Mapping[str, Any], api: Mapping[str, Any]) -> None:
    keys = {route["RouteKey"] for route in api["routes"].values()}
    for key in settings:
        if key not in keys:
            raise NotFoundException(
                f"Unable to find Route by key {key[:256]} within the provided RouteSettings"
            )


def _check(stage: Mapping[str, Any], protocol: str, limits: Limits) -> None:
    if len(stage.get("Description", "")) > 1_024:
        raise BadRequestException("Description can have at most 1024 characters")
    _check_variables(stage["StageVariables"], limits)
    for settings in (stage["DefaultRouteSettings"], *stage["RouteSettings"].values()):
        _check_settings(settings, protocol)
    if stage.get("ClientCertificateId") and protocol == "HTTP":
        raise BadRequestException("ClientCertificateId is not supported for protocol type HTTP")
    logs = stage.get("AccessLogSettings")
    if logs and len(logs.get("Format", "")) > limits.log_format_characters_max:
        most = limits.log_format_characters_max
        raise BadRequestException(f"The format of access logs can have at most {most} characters")
    if (
        logs
        and logs.get("DestinationArn")
        and _LOGGING_ARN.fullmatch(logs["DestinationArn"]) is None
    ):
        raise BadRequestException("Invalid ARN specified in the request")


def _check_settings(settings: Mapping[str, Any], protocol: str) -> None:
    if protocol == "HTTP" and (
        settings.get("DataTraceEnabled") or settings.get("LoggingLevel", "OFF") != "OFF"
    ):
        raise BadRequestException("Execution logs are not supported on protocolType HTTP")
    if settings.get("ThrottlingBurstLimit", 0) < 0 or settings.get("ThrottlingRateLimit", 0) < 0:
        raise BadRequestException("Throttling limits must not be negative")


def _check_variables(variables: Mapping[str, str], limits: Limits) -> None:
    if len(variables) > limits.stage_variables_max:
        raise BadRequestException(
            f"A stage can have at most {limits.stage_variables_max} variables"
        )
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


def shown_stage(stage: Mapping[str, Any]) -> dict[str, Any]:
    """What GetStage shows."""
    shown = {name: value for name, value in stage.items() if name not in _MARKS}
    if not stage["AutoDeploy"]:
        shown.pop("LastDeploymentStatusMessage", None)
    return without_empty(
        shown, "AccessLogSettings", "ClientCertificateId", "DeploymentId", "Description"
    )
