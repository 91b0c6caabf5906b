"""State machines: created, described, changed, listed and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.errors import ValidationException
from fogline.services.stepfunctions import revisions
from fogline.services.stepfunctions.arns import MachineArn, read_machine_arn
from fogline.services.stepfunctions.encryption import OWNED
from fogline.services.stepfunctions.errors import (
    MissingRequiredParameter,
    StateMachineAlreadyExists,
    StateMachineDoesNotExist,
    StateMachineLimitExceeded,
)
from fogline.services.stepfunctions.lookup import (
    is_within_reach,
    read_unqualified_arn,
    require_machine,
)
from fogline.services.stepfunctions.machines import choose_version
from fogline.services.stepfunctions.names import check_name
from fogline.services.stepfunctions.pages import next_member, page_size, page_start
from fogline.services.stepfunctions.publishing import publish
from fogline.services.stepfunctions.service import StepFunctions
from fogline.services.stepfunctions.tag_lists import read_tags
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_stepfunctions import type_defs as types

Result = Mapping[str, Any]

_SETTINGS = (
    "definition",
    "roleArn",
    "loggingConfiguration",
    "tracingConfiguration",
    "encryptionConfiguration",
)


def create_state_machine(
    service: StepFunctions, call: Call, request: types.CreateStateMachineInputTypeDef
) -> Result:
    arn = MachineArn(call.account, call.region, check_name(request["name"]))
    kind = request.get("type", "STANDARD")
    asked = _asked(request)
    machine: Document = {
        "type": kind,
        "created": call.now,
        "updated": call.now,
        "tags": read_tags(request.get("tags"), call, service.limits),
        "revision": revisions.make_revision(service, call, kind, request),
        "asked": asked,
        "versions": {},
        "version_last": 0,
    }
    with service.store.write() as tx:
        tx.lock(f"stepfunctions:{call.account}:{call.region}")
        tx.lock(arn.lock)
        existing = service.machines.find(tx, arn)
        if existing is not None:
            _require_same(arn, existing, machine)
            machine = existing
        else:
            limit = service.limits.state_machines_max
            if service.machines.count(tx, call.account, call.region) >= limit:
                raise StateMachineLimitExceeded(max=limit)
            service.machines.save(tx, arn, machine)
        result = {"stateMachineArn": str(arn), "creationDate": machine["created"]}
        return result | _publish_if_asked(service, tx, arn, machine, asked, call.now)


def _asked(request: Mapping[str, Any]) -> dict[str, Any]:
    """Whether a version is to be published, and its description. Raises ValidationException."""
    asked = {
        "publish": request.get("publish", False),
        "description": request.get("versionDescription", ""),
    }
    if asked["description"] and not asked["publish"]:
        raise ValidationException("Version description can only be set when publish is true")
    return asked


def _require_same(arn: MachineArn, existing: Document, machine: Document) -> None:
    """To create what is there already is no refusal; its role and its tags may differ, and are not changed."""

    def compared(one: Document) -> tuple[Any, ...]:
        key = one["revision"]["encryption"] or {"type": OWNED}
        revision = {**one["revision"], "id": "", "role_arn": "", "encryption": key}
        return one["type"], one["asked"], revision

    if compared(existing) != compared(machine):
        raise StateMachineAlreadyExists(arn=arn)


def _publish_if_asked(
    service: StepFunctions,
    tx: Tx,
    arn: MachineArn,
    machine: Document,
    asked: Mapping[str, Any],
    now: int,
) -> dict[str, str]:
    if not asked["publish"]:
        return {}
    version, _ = publish(service, tx, arn, machine, asked["description"], now)
    return {"stateMachineVersionArn": str(version)}


def describe_state_machine(
    service: StepFunctions, call: Call, request: types.DescribeStateMachineInputTypeDef
) -> Result:
    arn = read_machine_arn(request["stateMachineArn"])
    with service.store.read() as tx:
        arn, document = _find_described(service, tx, call, arn)
    is_whole = request.get("includedData") != "METADATA_ONLY"
    description = document.get("description")
    return {
        "stateMachineArn": str(arn),
        "name": arn.name,
        "status": "ACTIVE",
        "type": document["type"],
        "creationDate": document["created"],
        **revisions.described(document["revision"], is_whole=is_whole),
        **({"description": description} if description else {}),
    }


def _find_described(
    service: StepFunctions, tx: Tx, call: Call, arn: MachineArn
) -> tuple[MachineArn, Document]:
    """The machine or the version; of an alias the version that gets the most. Raises StateMachineDoesNotExist."""
    if not arn.qualifier:
        return arn, require_machine(service, tx, call, arn)
    found, named = None, arn
    if is_within_reach(call, arn):
        alias = None if arn.version is not None else service.machines.find_alias(tx, arn)
        if alias is not None:
            heaviest = sorted(alias["routing"], key=lambda one: -one["weight"])
            named = arn.qualified(choose_version(heaviest, 0))
        found = service.machines.find_version(tx, named)
    if found is None:
        raise StateMachineDoesNotExist(arn=arn)
    return named, found


def update_state_machine(
    service: StepFunctions, call: Call, request: types.UpdateStateMachineInputTypeDef
) -> Result:
    arn = read_unqualified_arn(request["stateMachineArn"])
    asked = _asked(request)
    if not any(name in request for name in _SETTINGS):
        raise MissingRequiredParameter(
            "Either the definition, the role ARN, the LoggingConfiguration, "
            "or the TracingConfiguration must be specified"
        )
    with service.store.write() as tx:
        tx.lock(arn.lock)
        machine = require_machine(service, tx, call, arn)
        before = machine["revision"]
        revision = revisions.change_revision(service, call, machine["type"], before, request)
        if revision is not before:
            machine = {**machine, "revision": revision, "updated": call.now}
            service.machines.save(tx, arn, machine)
        return {
            "updateDate": call.now,
            **({"revisionId": revision["id"]} if revision["id"] else {}),
            **_publish_if_asked(service, tx, arn, machine, asked, call.now),
        }


def delete_state_machine(
    service: StepFunctions, call: Call, request: types.DeleteStateMachineInputTypeDef
) -> Result:
    """AWS keeps it in the status DELETING while executions run; here it is gone when this is answered."""
    arn = read_unqualified_arn(request["stateMachineArn"])
    if is_within_reach(call, arn):
        with service.store.write() as tx:
            tx.lock(arn.lock)
            service.machines.remove(tx, arn)
    return {}


def list_state_machines(
    service: StepFunctions, call: Call, request: types.ListStateMachinesInputTypeDef
) -> Result:
    limit, start = page_size(request, service.limits), page_start(request)
    with service.store.read() as tx:
        found = service.machines.page(tx, call.account, call.region, start, limit + 1)
    page = found[:limit]
    return {
        "stateMachines": [
            {
                "stateMachineArn": str(MachineArn(call.account, call.region, name)),
                "name": name,
                "type": machine["type"],
                "creationDate": machine["created"],
            }
            for name, machine in page
        ],
        **next_member(page[-1][0] if len(found) > limit else None),
    }
