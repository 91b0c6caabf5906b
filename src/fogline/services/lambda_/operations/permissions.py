"""Resource policies of functions, one statement at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.policy.statements import without
from fogline.services.lambda_ import policies
from fogline.services.lambda_.errors import (
    InvalidParameterValueException,
    PreconditionFailedException,
    ResourceConflictException,
    ResourceNotFoundException,
)
from fogline.services.lambda_.lookup import reference_of, require_qualifier, require_writable
from fogline.services.lambda_.names import LATEST
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.tables import qualified_key

if TYPE_CHECKING:
    from types_boto3_lambda import type_defs as types

Result = Mapping[str, Any]


def add_permission(
    lambda_: Lambda, call: Call, request: types.AddPermissionRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    reference = reference_of(call, given)
    if reference.qualifier == LATEST:
        raise InvalidParameterValueException(
            "We currently do not support adding policies for $LATEST."
        )
    statement = policies.function_statement(reference.arn, given)
    key = qualified_key(reference)
    with lambda_.store.write() as tx:
        require_writable(lambda_, tx, reference)
        require_qualifier(lambda_, tx, reference)
        found = lambda_.tables.policies.find(tx, reference.account, reference.region, key)
        statements = list(found["statements"]) if found else []
        wanted = given.get("RevisionId")
        if wanted and (found is None or wanted != found["revision"]):
            raise PreconditionFailedException(operation="GetPolicy")
        if any(each["Sid"] == statement["Sid"] for each in statements):
            raise ResourceConflictException(
                f"The statement id ({statement['Sid']}) provided already exists. Please provide a "
                "new statement id, or remove the existing statement."
            )
        document = {"revision": lambda_.ids.uuid(), "statements": [*statements, statement]}
        lambda_.tables.policies.save(tx, reference.account, reference.region, key, document)
    return {"Statement": json.dumps(statement, separators=(",", ":"))}


def remove_permission(
    lambda_: Lambda, call: Call, request: types.RemovePermissionRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    reference = reference_of(call, given)
    key = qualified_key(reference)
    with lambda_.store.write() as tx:
        require_writable(lambda_, tx, reference)
        found = lambda_.tables.policies.find(tx, reference.account, reference.region, key)
        if found is None:
            raise ResourceNotFoundException("No policy is associated with the given resource.")
        wanted = given.get("RevisionId")
        if wanted and wanted != found["revision"]:
            raise PreconditionFailedException(operation="GetPolicy")
        kept = without(found["statements"], given["StatementId"])
        if len(kept) == len(found["statements"]):
            raise ResourceNotFoundException(
                f"Statement {given['StatementId']} is not found in resource policy."
            )
        if kept:
            document = {"revision": lambda_.ids.uuid(), "statements": kept}
            lambda_.tables.policies.save(tx, reference.account, reference.region, key, document)
        else:
            lambda_.tables.policies.remove(tx, reference.account, reference.region, key)
    return {}


def get_policy(lambda_: Lambda, call: Call, request: types.GetPolicyRequestTypeDef) -> Result:
    reference = reference_of(call, request)
    with lambda_.store.read() as tx:
        require_qualifier(lambda_, tx, reference)
        found = lambda_.tables.policies.find(
            tx, reference.account, reference.region, qualified_key(reference)
        )
    if found is None:
        raise ResourceNotFoundException("The resource you requested does not exist.")
    return {"Policy": policies.policy_text(found["statements"]), "RevisionId": found["revision"]}
