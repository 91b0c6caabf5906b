"""Provisioned concurrency: asked for by version or alias, and ready at once.

Environments start in milliseconds here, so none is held back for it: what is kept is the number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.lambda_.configuration import date_text
from fogline.services.lambda_.errors import (
    InvalidParameterValueException,
    ProvisionedConcurrencyConfigNotFoundException,
)
from fogline.services.lambda_.lookup import (
    reference_of,
    require_function,
    require_version,
    require_writable,
)
from fogline.services.lambda_.names import LATEST, Reference, read_reference
from fogline.services.lambda_.pages import page_of
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.tables import qualified_key
from fogline.services.lambda_.tenancy import check_shared
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_lambda import type_defs as types

Result = Mapping[str, Any]


def put_provisioned_concurrency_config(
    lambda_: Lambda, call: Call, request: types.PutProvisionedConcurrencyConfigRequestTypeDef
) -> Result:
    reference = reference_of(call, request)
    wanted = request["ProvisionedConcurrentExecutions"]
    if reference.qualifier == LATEST:
        raise InvalidParameterValueException(
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
        )
    with lambda_.store.write() as tx:
        function = require_writable(lambda_, tx, reference)
        config = require_version(lambda_, tx, reference)
        check_shared(config, "Provisioned concurrency")
        if function["reserved"] is not None and wanted > function["reserved"]:
            raise InvalidParameterValueException(
                "Requested Provisioned Concurrency should not be greater than the "
                "reservedConcurrentExecution for function"
            )
        document = {
            "requested": wanted,
            "qualifier": reference.qualifier,
            "modified": date_text(call.now),
            "ready_at": call.now + lambda_.limits.transition_ms,
        }
        lambda_.tables.provisioned.save(
            tx, reference.account, reference.region, qualified_key(reference), document
        )
    return {
        "RequestedProvisionedConcurrentExecutions": wanted,
        "AllocatedProvisionedConcurrentExecutions": 0,
        "AvailableProvisionedConcurrentExecutions": 0,
        "Status": "IN_PROGRESS",
        "LastModified": document["modified"],
    }


def _shown(document: Document, now: int) -> dict[str, Any]:
    is_ready = now >= document["ready_at"]
    ready = document["requested"] if is_ready else 0
    return {
        "RequestedProvisionedConcurrentExecutions": document["requested"],
        "AllocatedProvisionedConcurrentExecutions": ready,
        "AvailableProvisionedConcurrentExecutions": ready,
        "Status": "READY" if is_ready else "IN_PROGRESS",
        "LastModified": document["modified"],
    }


def _require(lambda_: Lambda, tx: Tx, reference: Reference) -> Document:
    require_function(lambda_, tx, reference)
    found = lambda_.tables.provisioned.find(
        tx, reference.account, reference.region, qualified_key(reference)
    )
    if found is None:
        raise ProvisionedConcurrencyConfigNotFoundException()
    return found


def get_provisioned_concurrency_config(
    lambda_: Lambda, call: Call, request: types.GetProvisionedConcurrencyConfigRequestTypeDef
) -> Result:
    reference = reference_of(call, request)
    with lambda_.store.read() as tx:
        return _shown(_require(lambda_, tx, reference), call.now)


def delete_provisioned_concurrency_config(
    lambda_: Lambda, call: Call, request: types.DeleteProvisionedConcurrencyConfigRequestTypeDef
) -> Result:
    reference = reference_of(call, request)
    with lambda_.store.write() as tx:
        require_writable(lambda_, tx, reference)
        lambda_.tables.provisioned.remove(
            tx, reference.account, reference.region, qualified_key(reference)
        )
    return {}


def list_provisioned_concurrency_configs(
    lambda_: Lambda, call: Call, request: types.ListProvisionedConcurrencyConfigsRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    reference = read_reference(call.account, call.region, given["FunctionName"])

    def show(document: Document) -> dict[str, Any]:
        arn = f"{reference.function_arn}:{document['qualifier']}"
        return {**_shown(document, call.now), "FunctionArn": arn}

    with lambda_.store.read() as tx:
        require_function(lambda_, tx, reference)
        configs = lambda_.tables.provisioned
        return page_of(
            lambda_, tx, configs, reference, given, "ProvisionedConcurrencyConfigs", show
        )
