"""Pipes: made, changed, started, stopped, shown and removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.arn import make_arn
from fogline.aws.call import Call
from fogline.aws.pages import next_token, page_start
from fogline.services.pipes import definition, states
from fogline.services.pipes.errors import (
    ConflictException,
    NotFoundException,
    ServiceQuotaExceededException,
    ValidationException,
)
from fogline.services.pipes.reading import begin_reading, end_reading, go_on_reading
from fogline.services.pipes.service import Pipes
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_pipes import type_defs as types

Result = Mapping[str, Any]

_PLAIN = ("Description", "KmsKeyIdentifier", "RoleArn")


def create_pipe(pipes: Pipes, call: Call, request: types.CreatePipeRequestTypeDef) -> Result:
    given: Mapping[str, Any] = request
    tags = dict(given.get("Tags") or {})
    if len(tags) > pipes.limits.tags_max:
        raise ValidationException(f"A pipe has at most {pipes.limits.tags_max} tags.")
    document: dict[str, Any] = {
        "Arn": make_arn("pipes", call.region, call.account, f"pipe/{given['Name']}"),
        "Name": given["Name"],
        "DesiredState": states.RUNNING,
        "Source": given["Source"],
        "StateReason": "USER_INITIATED",
        "CreationTime": call.now,
        "account": call.account,
        "region": call.region,
        "id": pipes.ids.hex(16),
        "tags": tags,
    }
    _apply(pipes, document, given)
    with pipes.store.write() as tx:
        tx.lock(states.lock_name(call.account, call.region))
        before = pipes.tables.find(tx, call.account, call.region, given["Name"])
        if before is not None and not states.is_gone(before, call.now):
            raise ConflictException(
                name=given["Name"], members={"resourceId": given["Name"], "resourceType": "Pipe"}
            )
        if before is not None:
            end_reading(pipes, tx, before)
        count = len(pipes.tables.page(tx, call.account, call.region, "", ""))
        if count >= pipes.limits.pipes_max:
            raise ServiceQuotaExceededException(
                members={
                    "resourceId": given["Name"],
                    "resourceType": "Pipe",
                    "serviceCode": "pipes",
                    "quotaCode": "L-EE71D6B1",
                }
            )
        begin_reading(pipes, tx, document, call.now)
        _save(pipes, tx, document, "CREATING", call.now)
    return states.changed(document)


def update_pipe(pipes: Pipes, call: Call, request: types.UpdatePipeRequestTypeDef) -> Result:
    given: Mapping[str, Any] = request
    with pipes.store.write() as tx:
        document = dict(_require_steady(pipes, tx, call, given["Name"]))
        _apply(pipes, document, given)
        go_on_reading(pipes, tx, document)
        _save(pipes, tx, document, "UPDATING", call.now)
    return states.changed(document)


def _apply(pipes: Pipes, document: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Set what a request says on a pipe's document, and check the whole."""
    for name in (*_PLAIN, "DesiredState", "Target"):
        if given.get(name) is not None:
            document[name] = given[name]
    document["SourceParameters"] = definition.source_parameters(
        document["Source"],
        given.get("SourceParameters"),
        document.get("SourceParameters"),
        pipes.limits,
    )
    if given.get("Enrichment") is not None:
        document["Enrichment"] = given["Enrichment"]
    for name in ("EnrichmentParameters", "TargetParameters"):
        if given.get(name) is not None:
            document[name] = _merged(document.get(name), given[name])
    if given.get("LogConfiguration") is not None:
        document["LogConfiguration"] = dict(given["LogConfiguration"])
    for name in ("Enrichment", "EnrichmentParameters", "TargetParameters"):
        if name in document and not document[name]:
            del document[name]
    definition.check_enrichment(
        document.get("Enrichment", ""), document.get("EnrichmentParameters", {})
    )
    definition.check_target(document["Target"], document.get("TargetParameters", {}))
    definition.check_built(pipes.api, document)
    if "LogConfiguration" in document:
        definition.check_log(document["LogConfiguration"])


def _merged(before: Mapping[str, Any] | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Each member replaces the one before as a whole; an empty template removes it."""
    merged = {**(before or {}), **given}
    if not merged.get("InputTemplate"):
        merged.pop("InputTemplate", None)
    return merged


def describe_pipe(pipes: Pipes, call: Call, request: types.DescribePipeRequestTypeDef) -> Result:
    with pipes.store.read() as tx:
        document = _require(pipes, tx, call, request["Name"])
    return states.described(document, call.now)


def start_pipe(pipes: Pipes, call: Call, request: types.StartPipeRequestTypeDef) -> Result:
    return _set_state(pipes, call, request["Name"], states.RUNNING, "STARTING")


def stop_pipe(pipes: Pipes, call: Call, request: types.StopPipeRequestTypeDef) -> Result:
    return _set_state(pipes, call, request["Name"], states.STOPPED, "STOPPING")


def _set_state(pipes: Pipes, call: Call, name: str, desired: str, change: str) -> Result:
    with pipes.store.write() as tx:
        document = dict(_require_steady(pipes, tx, call, name))
        document["DesiredState"] = desired
        _save(pipes, tx, document, change, call.now)
    return states.changed(document)


def delete_pipe(pipes: Pipes, call: Call, request: types.DeletePipeRequestTypeDef) -> Result:
    with pipes.store.write() as tx:
        document = dict(_require_steady(pipes, tx, call, request["Name"]))
        document["DesiredState"] = states.DELETED
        _save(pipes, tx, document, "DELETING", call.now)
    return states.changed(document)


def list_pipes(pipes: Pipes, call: Call, request: types.ListPipesRequestTypeDef) -> Result:
    given: Mapping[str, Any] = request
    limit = min(given.get("Limit") or pipes.limits.page_pipes_max, pipes.limits.page_pipes_max)
    after = page_start(given.get("NextToken"))
    with pipes.store.read() as tx:
        found = [
            document
            for document in pipes.tables.page(
                tx, call.account, call.region, given.get("NamePrefix") or "", after
            )
            if not states.is_gone(document, call.now) and _is_asked_for(document, given, call.now)
        ]
    result: dict[str, Any] = {
        "Pipes": [states.summary(document, call.now) for document in found[:limit]]
    }
    if len(found) > limit:
        result["NextToken"] = next_token(found[limit - 1]["Name"])
    return result


def _is_asked_for(document: Document, given: Mapping[str, Any], now: int) -> bool:
    return bool(
        given.get("DesiredState") in (None, document["DesiredState"])
        and given.get("CurrentState") in (None, states.current_state(document, now))
        and document["Source"].startswith(given.get("SourcePrefix") or "")
        and document["Target"].startswith(given.get("TargetPrefix") or "")
    )


def _require(pipes: Pipes, tx: Tx, call: Call, name: str) -> Document:
    found = pipes.tables.find(tx, call.account, call.region, name)
    if found is None or states.is_gone(found, call.now):
        raise NotFoundException(name=name)
    return found


def _require_steady(pipes: Pipes, tx: Tx, call: Call, name: str) -> Document:
    """The pipe, locked against other changes, unless it is on its way out."""
    tx.lock(states.lock_name(call.account, call.region))
    found = _require(pipes, tx, call, name)
    if found["change"] == "DELETING":
        raise ConflictException(
            f"Pipe {name} is being deleted.", members={"resourceId": name, "resourceType": "Pipe"}
        )
    return found


def _save(pipes: Pipes, tx: Tx, document: dict[str, Any], change: str, now: int) -> None:
    document["change"] = change
    document["changing_until"] = now + pipes.limits.transition_ms
    document["LastModifiedTime"] = now
    document["revision"] = pipes.ids.hex(16)
    pipes.tables.save(tx, document)
