"""Aliases of state machines: names for one version, or for two that share the executions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.errors import ValidationException
from fogline.services.stepfunctions.arns import MachineArn, read_machine_arn
from fogline.services.stepfunctions.errors import (
    ConflictException,
    InvalidRouting,
    ResourceNotFound,
    ServiceQuotaExceededException,
)
from fogline.services.stepfunctions.lookup import is_within_reach, require_machine
from fogline.services.stepfunctions.pages import next_member, page_size, page_start
from fogline.services.stepfunctions.routing import read_routing, written_routing
from fogline.services.stepfunctions.service import StepFunctions
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_stepfunctions import type_defs as types

Result = Mapping[str, Any]
Routing = list[dict[str, int]]


def create_state_machine_alias(
    service: StepFunctions, call: Call, request: types.CreateStateMachineAliasInputTypeDef
) -> Result:
    machine, routing = read_routing(request["routingConfiguration"])
    arn = machine.qualified(request["name"])
    alias = {
        "created": call.now,
        "updated": call.now,
        "description": request.get("description", ""),
        "routing": routing,
    }
    with service.store.write() as tx:
        tx.lock(arn.lock)
        _require_versions(service, tx, call, machine, routing)
        existing = service.machines.find_alias(tx, arn)
        if existing is None:
            limit = service.limits.aliases_max
            if len(service.machines.aliases(tx, arn)) >= limit:
                raise ServiceQuotaExceededException(things="aliases", max=limit)
            service.machines.save_alias(tx, arn, alias)
        elif any(existing[name] != alias[name] for name in ("description", "routing")):
            raise ConflictException(  # recorded: said of a different description, too
                "Failed to create alias because an alias with the same name and a different "
                "routing configuration already exists."
            )
        created = (existing or alias)["created"]
    return {"stateMachineAliasArn": str(arn), "creationDate": created}


def _require_versions(
    service: StepFunctions, tx: Tx, call: Call, machine: MachineArn, routing: Routing
) -> None:
    found = service.machines.find(tx, machine) if is_within_reach(call, machine) else None
    for route in routing:
        if found is None or str(route["version"]) not in found["versions"]:
            raise ResourceNotFound(resource=str(machine.qualified(route["version"])))


def describe_state_machine_alias(
    service: StepFunctions, call: Call, request: types.DescribeStateMachineAliasInputTypeDef
) -> Result:
    arn = _alias_arn(request["stateMachineAliasArn"])
    with service.store.read() as tx:
        alias = _require_alias(service, tx, call, arn)
    return {
        "stateMachineAliasArn": str(arn),
        "name": arn.qualifier,
        "routingConfiguration": written_routing(arn, alias["routing"]),
        "creationDate": alias["created"],
        "updateDate": alias["updated"],
        **({"description": alias["description"]} if alias["description"] else {}),
    }


def update_state_machine_alias(
    service: StepFunctions, call: Call, request: types.UpdateStateMachineAliasInputTypeDef
) -> Result:
    arn = _alias_arn(request["stateMachineAliasArn"])
    given = request.get("routingConfiguration")
    if given is None and "description" not in request:
        raise ValidationException(
            "Either the description or the routing configuration must be specified",
            {"reason": "MISSING_REQUIRED_PARAMETER"},
        )
    with service.store.write() as tx:
        tx.lock(arn.lock)
        alias = _require_alias(service, tx, call, arn)
        changed = {**alias, "updated": call.now}
        changed["description"] = request.get("description", alias["description"])
        if given is not None:
            machine, changed["routing"] = read_routing(given)
            if machine != arn.unqualified():
                raise InvalidRouting(
                    "Routing configuration must contain versions of the alias' own state machine."
                )
            _require_versions(service, tx, call, machine, changed["routing"])
        service.machines.save_alias(tx, arn, changed)
    return {"updateDate": call.now}


def delete_state_machine_alias(
    service: StepFunctions, call: Call, request: types.DeleteStateMachineAliasInputTypeDef
) -> Result:
    arn = _alias_arn(request["stateMachineAliasArn"])
    if is_within_reach(call, arn):
        with service.store.write() as tx:
            tx.lock(arn.lock)
            service.machines.remove_alias(tx, arn)
    return {}


def list_state_machine_aliases(
    service: StepFunctions, call: Call, request: types.ListStateMachineAliasesInputTypeDef
) -> Result:
    """All of a machine, or those that use one version of it. Recorded: in the order of their names."""
    arn = read_machine_arn(request["stateMachineArn"])
    if arn.qualifier and arn.version is None:
        raise ValidationException(
            f"The ARN of a state machine or a version is required. Received: {arn}"
        )
    limit, start = page_size(request, service.limits), page_start(request)
    with service.store.read() as tx:
        require_machine(service, tx, call, arn)
        found = [
            (name, alias)
            for name, alias in service.machines.aliases(tx, arn)
            if name > start and _uses(alias, arn.version)
        ]
    page = found[:limit]
    return {
        "stateMachineAliases": [
            {"stateMachineAliasArn": str(arn.qualified(name)), "creationDate": alias["created"]}
            for name, alias in page
        ],
        **next_member(page[-1][0] if len(found) > limit else None),
    }


def _uses(alias: Document, version: int | None) -> bool:
    return version is None or any(route["version"] == version for route in alias["routing"])


def _alias_arn(text: str) -> MachineArn:
    arn = read_machine_arn(text)
    if not arn.qualifier or arn.version is not None:
        raise ValidationException(f"The ARN of a state machine alias is required. Received: {text}")
    return arn


def _require_alias(service: StepFunctions, tx: Tx, call: Call, arn: MachineArn) -> Document:
    alias = service.machines.find_alias(tx, arn) if is_within_reach(call, arn) else None
    if alias is None:
        raise ResourceNotFound(resource=str(arn))
    return alias
