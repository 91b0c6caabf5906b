"""Revisions: what a state machine does and how, as a request sets it, and what AWS would not take of that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from fogline.aws.arn import find_arn
from fogline.aws.call import Call
from fogline.aws.states.machine import DefinitionRefused, parse_machine, variable_references
from fogline.services.stepfunctions import encryption
from fogline.services.stepfunctions.errors import InvalidArn, InvalidDefinition
from fogline.services.stepfunctions.logging_configuration import read_logging
from fogline.services.stepfunctions.service import StepFunctions

Revision = Mapping[str, Any]
Kind = Literal["STANDARD", "EXPRESS"]

INITIAL = "INITIAL"
"""How clients name the revision that a machine has before its first update."""


def make_revision(
    service: StepFunctions, call: Call, kind: Kind, request: Mapping[str, Any]
) -> dict[str, Any]:
    """The first revision of a machine of that kind. It has no id. Raises what AWS refuses."""
    tracing = request.get("tracingConfiguration") or {}
    return {
        "id": "",
        "definition": check_definition(request["definition"], kind),
        "role_arn": check_role(request["roleArn"]),
        "logging": read_logging(service, call, request.get("loggingConfiguration") or {}),
        "is_traced": tracing.get("enabled", False),
        "encryption": encryption.read_encryption(request.get("encryptionConfiguration")),
    }


def change_revision(
    service: StepFunctions, call: Call, kind: Kind, revision: Revision, request: Mapping[str, Any]
) -> Revision:
    """The revision with what the request changes, under an id of its own; the same one if that is nothing."""
    changed = dict(revision)
    if "definition" in request:
        changed["definition"] = check_definition(request["definition"], kind)
    if "roleArn" in request:
        changed["role_arn"] = check_role(request["roleArn"])
    if "loggingConfiguration" in request:
        changed["logging"] = read_logging(service, call, request["loggingConfiguration"])
    if "tracingConfiguration" in request:
        changed["is_traced"] = request["tracingConfiguration"].get("enabled", False)
    if "encryptionConfiguration" in request:
        changed["encryption"] = encryption.read_encryption(request["encryptionConfiguration"])
    if changed == revision:
        return revision
    changed["id"] = service.ids.uuid()
    return changed


def described(revision: Revision, *, is_whole: bool = True) -> dict[str, Any]:
    """The members of a description. Not `is_whole`: without the definition, if a key of the customer encrypts it."""
    references = variable_references(revision["definition"])
    is_hidden = not is_whole and encryption.is_hidden(revision["encryption"])
    return {
        "definition": "{}" if is_hidden else revision["definition"],
        "roleArn": revision["role_arn"],
        "loggingConfiguration": revision["logging"],
        "tracingConfiguration": {"enabled": revision["is_traced"]},
        **encryption.written_encryption(revision["encryption"]),
        **({"revisionId": revision["id"]} if revision["id"] else {}),
        **({"variableReferences": references} if references and not is_hidden else {}),
    }


def check_definition(definition: str, kind: Kind) -> str:
    """The definition, if a machine of that kind (STANDARD, EXPRESS) can be made of it. Raises InvalidDefinition.

    What only Fogline refuses, such as a task that it cannot perform, belongs here, too.
    """
    try:
        parse_machine(definition, kind)
    except DefinitionRefused as refused:
        raise InvalidDefinition(str(refused)) from None
    return definition


def check_role(role: str) -> str:
    """The ARN, if it is one of a role. Whether IAM knows that role is not asked. Raises InvalidArn."""
    if not role.startswith("arn:"):
        raise InvalidArn(reason=f"Invalid ARN prefix: {role}")
    arn = find_arn(role)
    if arn is None or arn.service != "iam" or not arn.resource.startswith("role/"):
        raise InvalidArn(reason=f"Invalid role ARN: {role}")
    return role
