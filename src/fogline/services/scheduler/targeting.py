"""What a schedule may target: templated targets by their ARN, universal targets by the operation they name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from fogline.aws.arn import find_arn
from fogline.aws.errors import NotImplementedByFogline, ValidationException
from fogline.services.scheduler.service import Scheduler
from fogline.services.scheduler.universal import ApiAction, find_action

_TEMPLATED = frozenset(
    (
        "codebuild",
        "codepipeline",
        "ecs",
        "events",
        "firehose",
        "inspector",
        "kinesis",
        "lambda",
        "sagemaker",
        "sns",
        "sqs",
        "states",
    )
)
"""Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html"""

_JSON_ONLY = frozenset(("events", "lambda", "states"))

_PARAMETERS = {
    "EcsParameters": "ecs",
    "EventBridgeParameters": "events",
    "EventBridgePutEventsV2Parameters": "events",
    "EventBridgePutRawEventsParameters": "events",
    "KinesisParameters": "kinesis",
    "SageMakerPipelineParameters": "sagemaker",
    "SqsParameters": "sqs",
}

_REQUIRED = {"events": "EventBridgeParameters", "kinesis": "KinesisParameters"}


def check_target(scheduler: Scheduler, region: str, target: Mapping[str, Any]) -> None:
    """Refuse what AWS refuses, and what Fogline could not invoke when the time has come."""
    if len(target.get("Input", "").encode()) > scheduler.limits.input_bytes_max:
        raise ValidationException("The Input of the target exceeds 256 KB.")
    action = find_action(target["Arn"])
    if action is not None:
        _check_universal(scheduler, target, action)
    else:
        _check_templated(scheduler, region, target)


def _check_universal(scheduler: Scheduler, target: Mapping[str, Any], action: ApiAction) -> None:
    _check_parameters("", target)
    if target.get("Input") is None:
        raise ValidationException("You must provide an input to set this target for your schedule.")
    _check_json(target)
    if action.is_read_only:
        raise ValidationException(f"{action.action} API is not supported.")
    if not scheduler.api.has(action.service, action.operation):
        raise NotImplementedByFogline(service=action.service, operation=action.operation)


def _check_templated(scheduler: Scheduler, region: str, target: Mapping[str, Any]) -> None:
    arn = find_arn(target["Arn"])
    if arn is None:
        raise ValidationException("Provided Arn is not in correct format.")
    service = arn.service
    if service not in _TEMPLATED:
        raise ValidationException(f"{service} is not a supported service for a target.")
    if arn.region and arn.region != region:
        raise ValidationException(
            f"The target ARN provided does not match the current region {region}."
        )
    _check_parameters(service, target)
    if service == "sqs":
        _check_queue(arn.resource, target)
    if service in _JSON_ONLY and target.get("Input") is not None:
        _check_json(target)
    is_v2 = any(name.startswith("EventBridgePut") for name in target)
    if is_v2 or not scheduler.targets.knows(target["Arn"]):
        what = "schedules for event buses of version 2" if is_v2 else f"schedules for {service}"
        raise NotImplementedByFogline(service="scheduler", operation=what)


def _check_parameters(service: str, target: Mapping[str, Any]) -> None:
    for name, owner in _PARAMETERS.items():
        if name in target and owner != service:
            raise ValidationException(f"Parameters {name} not supported for the target.")
    required = _REQUIRED.get(service)
    if required and not any(_PARAMETERS.get(name) == service for name in target):
        raise ValidationException(f"Parameters {required} must be specified.")


def _check_queue(name: str, target: Mapping[str, Any]) -> None:
    group = target.get("SqsParameters", {}).get("MessageGroupId")
    if name.endswith(".fifo"):
        if group is None:
            raise ValidationException("Parameters SqsParameters must be specified.")
    elif group is not None:
        raise ValidationException("Parameters MessageGroupId not valid for the target.")


def _check_json(target: Mapping[str, Any]) -> None:
    try:
        orjson.loads(target["Input"])
    except orjson.JSONDecodeError:
        raise ValidationException("JSON syntax error in input for the target.") from None
