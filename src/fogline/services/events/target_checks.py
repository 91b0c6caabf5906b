"""Target checks: what PutTargets refuses, before anything is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fogline.apis.invoking import find_method
from fogline.aws.arn import Arn, find_arn
from fogline.aws.errors import AwsError
from fogline.aws.input_templates import (
    RULE_VARIABLES,
    BrokenTemplate,
    UnknownPlaceholder,
    compile_template,
)
from fogline.ports.targets import Targets
from fogline.services.events.errors import ValidationException

_AWS_TARGETS = frozenset(
    {
        "apigateway", "appsync", "athena", "autoscaling", "batch", "cloudtrail", "codebuild",
        "codepipeline", "ec2", "ecs", "events", "execute-api", "firehose", "glue", "imagebuilder",
        "inspector", "kinesis", "lambda", "logs", "redshift", "redshift-data", "redshift-serverless",
        "sagemaker", "scheduler", "schemas", "sns", "sqs", "ssm", "ssm-incidents", "states",
    }
)  # fmt: skip
"""What AWS can send to, as the second part of an ARN names it."""

_ROLE_NEEDED = ("states", "kinesis", "firehose")


class TargetNotBuilt(AwsError):
    """AWS sends to such a target, and Fogline does not yet."""

    code = "NotImplemented"
    status = 501
    message = "Fogline cannot send events to {service} yet: target {id} ({arn})."


def check_target(target: Mapping[str, Any], targets: Targets) -> None:
    """Raises ValidationException, TargetNotBuilt."""
    arn = find_arn(target["Arn"])
    if arn is None:
        raise ValidationException(
            f"Parameter {target['Arn']} is not valid. Reason: Provided Arn is not in correct format."
        )
    _check_kind(target, arn, targets)
    _check_input(target, arn)
    if arn.service == "sqs" and arn.resource.endswith(".fifo") and not target.get("SqsParameters"):
        raise ValidationException(
            f"Parameter(s) SqsParameters must be specified for target: {target['Id']}."
        )
    letters = (target.get("DeadLetterConfig") or {}).get("Arn")
    if letters and not letters.startswith("arn:aws:sqs:"):
        raise ValidationException(
            f"Parameter DeadLetterConfig.Arn is not valid for target {target['Id']}. "
            "Reason: It must be the ARN of an SQS queue."
        )


def _check_kind(target: Mapping[str, Any], arn: Arn, targets: Targets) -> None:
    if arn.service not in _AWS_TARGETS:
        raise ValidationException(
            f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
        )
    if not targets.has(arn.service):
        raise TargetNotBuilt(service=arn.service, id=target["Id"], arn=arn)
    if arn.service == "execute-api" and find_method(arn) is None:
        raise ValidationException(
            f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."
        )
    needs_role = arn.service in _ROLE_NEEDED or arn.resource.startswith("api-destination/")
    if needs_role and not target.get("RoleArn"):
        raise ValidationException(f"RoleArn is required for target {arn}.")


def _check_input(target: Mapping[str, Any], arn: Arn) -> None:
    given = [name for name in ("Input", "InputPath", "InputTransformer") if target.get(name)]
    if len(given) > 1:
        raise ValidationException(
            "Only one of Input, InputPath, or InputTransformer must be provided for target "
            f"{target['Id']}."
        )
    if given and arn.service == "events" and arn.resource.startswith("event-bus/"):
        raise ValidationException(
            f"Modifying the input for target {target['Id']} is not supported."
        )
    if target.get("Input"):
        _check_json(target)
    transformer = target.get("InputTransformer")
    if transformer:
        _check_template(target, transformer)


def _check_json(target: Mapping[str, Any]) -> None:
    text = target["Input"]
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        line, column = error.lineno, error.colno
    except RecursionError:
        line, column = 1, 1
    else:
        return
    raise ValidationException(
        f'Invalid Input for target {target["Id"]} : [Source: (String)"{text}"; '
        f"line: {line}, column: {column}]."
    )


def _check_template(target: Mapping[str, Any], transformer: Mapping[str, Any]) -> None:
    try:
        compile_template(
            transformer.get("InputPathsMap") or {}, transformer["InputTemplate"], RULE_VARIABLES
        )
    except UnknownPlaceholder as unknown:
        raise ValidationException(
            f"InputTemplate for target {target['Id']} contains invalid placeholder {unknown.name}."
        ) from None
    except BrokenTemplate as broken:
        raise ValidationException(
            f"Invalid InputTemplate for target {target['Id']} : {broken}."
        ) from None
