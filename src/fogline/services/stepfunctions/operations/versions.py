"""Versions of state machines: published, listed and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.errors import ValidationException
from fogline.services.stepfunctions.arns import MachineArn, read_machine_arn
from fogline.services.stepfunctions.errors import ConflictException, InvalidToken
from fogline.services.stepfunctions.lookup import (
    is_within_reach,
    read_unqualified_arn,
    require_machine,
)
from fogline.services.stepfunctions.pages import next_member, page_size, page_start
from fogline.services.stepfunctions.publishing import publish
from fogline.services.stepfunctions.revisions import INITIAL
from fogline.services.stepfunctions.service import StepFunctions
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_stepfunctions import type_defs as types

Result = Mapping[str, Any]


def publish_state_machine_version(
    service: StepFunctions, call: Call, request: types.PublishStateMachineVersionInputTypeDef
) -> Result:
    arn = read_unqualified_arn(request["stateMachineArn"])
    with service.store.write() as tx:
        tx.lock(arn.lock)
        machine = require_machine(service, tx, call, arn)
        wanted, current = request.get("revisionId"), machine["revision"]["id"] or INITIAL
        if wanted and wanted != current:
            raise ConflictException(
                f"Failed to publish the State Machine version for revision {wanted}. "
                f"The current State Machine revision is {current}."
            )
        description = request.get("description", "")
        version, created = publish(service, tx, arn, machine, description, call.now)
    return {"stateMachineVersionArn": str(version), "creationDate": created}


def list_state_machine_versions(
    service: StepFunctions, call: Call, request: types.ListStateMachineVersionsInputTypeDef
) -> Result:
    arn = read_unqualified_arn(request["stateMachineArn"])
    limit, start = page_size(request, service.limits), page_start(request)
    if start and not start.isdecimal():
        raise InvalidToken()
    with service.store.read() as tx:
        versions = require_machine(service, tx, call, arn)["versions"]
    numbers = sorted(map(int, versions), reverse=True)  # the newest comes first
    rest = [number for number in numbers if not start or number < int(start)]
    page = rest[:limit]
    return {
        "stateMachineVersions": [
            {
                "stateMachineVersionArn": str(arn.qualified(number)),
                "creationDate": versions[str(number)]["created"],
            }
            for number in page
        ],
        **next_member(str(page[-1]) if len(rest) > limit else None),
    }


def delete_state_machine_version(
    service: StepFunctions, call: Call, request: types.DeleteStateMachineVersionInputTypeDef
) -> Result:
    text = request["stateMachineVersionArn"]
    arn = read_machine_arn(text)
    if arn.version is None:
        raise ValidationException(
            f"The ARN of a state machine version is required. Received: {text}"
        )
    if is_within_reach(call, arn):
        with service.store.write() as tx:
            tx.lock(arn.lock)
            _require_unused(service, tx, arn)
            service.machines.remove_version(tx, arn)
    return {}


def _require_unused(service: StepFunctions, tx: Tx, arn: MachineArn) -> None:
    users = [
        name
        for name, alias in service.machines.aliases(tx, arn)
        if any(route["version"] == arn.version for route in alias["routing"])
    ]
    if users:
        raise ConflictException(
            "Version to be deleted must not be referenced by an alias. "
            f"Current list of aliases referencing this version: [{', '.join(users)}]"
        )
