"""Reserved concurrency, and the account's share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.lambda_.errors import (
    InvalidParameterValueException,
    ResourceNotFoundException,
)
from fogline.services.lambda_.lookup import require_function, require_writable
from fogline.services.lambda_.names import LATEST, Reference, read_reference
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.tables import MAPPINGS_TOPIC
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_lambda import type_defs as types

Result = Mapping[str, Any]


def _reference(call: Call, text: str) -> Reference:
    reference = read_reference(call.account, call.region, text)
    if reference.qualifier:
        raise InvalidParameterValueException(
            "This operation is permitted on Lambda functions only. Aliases and versions do not "
            "support this operation. Please specify either a function name or an unqualified "
            "function ARN."
        )
    return reference


def put_function_concurrency(
    lambda_: Lambda, call: Call, request: types.PutFunctionConcurrencyRequestTypeDef
) -> Result:
    reference = _reference(call, request["FunctionName"])
    wanted = request["ReservedConcurrentExecutions"]
    limits = lambda_.limits
    with lambda_.store.write() as tx:
        if (
            lambda_.tables.find_function(tx, reference.account, reference.region, reference.name)
            is None
        ):
            raise ResourceNotFoundException(arn=f"{reference.function_arn}:{LATEST}")
        function = require_writable(lambda_, tx, reference)
        tx.lock(f"lambda-concurrency:{reference.account}:{reference.region}")
        others = _reserved(lambda_, tx, reference.account, reference.region) - (
            function["reserved"] or 0
        )
        if wanted and limits.concurrency_max - others - wanted < limits.unreserved_min:
            raise InvalidParameterValueException(
                "Specified ReservedConcurrentExecutions for function decreases account's "
                f"UnreservedConcurrentExecution below its minimum value of [{limits.unreserved_min}].",
                members={"Type": None},
            )
        _check_provisioned(lambda_, tx, reference, wanted)
        _save(lambda_, tx, reference, wanted)
    return {"ReservedConcurrentExecutions": wanted}


def _check_provisioned(lambda_: Lambda, tx: Tx, reference: Reference, wanted: int) -> None:
    found = lambda_.tables.provisioned.page(
        tx, reference.account, reference.region, prefix=f"{reference.name}:"
    )
    total = sum(document["requested"] for _, document in found)
    if wanted < total:
        raise InvalidParameterValueException(
            f" ReservedConcurrentExecutions  {wanted} should not be lower than function's total "
            f"provisioned concurrency [{total}].",
            members={"Type": None},
        )


def _save(lambda_: Lambda, tx: Tx, reference: Reference, reserved: int | None) -> None:
    function = require_function(lambda_, tx, reference)
    account, region = reference.account, reference.region
    lambda_.tables.save_function(
        tx, account, region, reference.name, {**function, "reserved": reserved}
    )
    tx.stir(MAPPINGS_TOPIC)


def _reserved(lambda_: Lambda, tx: Tx, account: str, region: str) -> int:
    found = lambda_.tables.functions.page(tx, account, region)
    return sum(function["reserved"] or 0 for _, function in found)


def get_function_concurrency(
    lambda_: Lambda, call: Call, request: types.GetFunctionConcurrencyRequestTypeDef
) -> Result:
    reference = _reference(call, request["FunctionName"])
    with lambda_.store.read() as tx:
        function = require_function(lambda_, tx, reference)
    if function["reserved"] is None:
        return {}
    return {"ReservedConcurrentExecutions": function["reserved"]}


def delete_function_concurrency(
    lambda_: Lambda, call: Call, request: types.DeleteFunctionConcurrencyRequestTypeDef
) -> Result:
    reference = _reference(call, request["FunctionName"])
    with lambda_.store.write() as tx:
        require_writable(lambda_, tx, reference)
        _save(lambda_, tx, reference, None)
    return {}


def get_account_settings(lambda_: Lambda, call: Call, request: Mapping[str, Any]) -> Result:
    limits = lambda_.limits
    with lambda_.store.read() as tx:
        functions = lambda_.tables.functions.page(tx, call.account, call.region)
        versions = lambda_.tables.versions.page(tx, call.account, call.region)
        layers = lambda_.tables.layer_versions.page(tx, call.account, call.region)
    size = sum(function["latest"]["CodeSize"] for _, function in functions)
    size += sum(document["CodeSize"] for _, document in (*versions, *layers))
    reserved = sum(function["reserved"] or 0 for _, function in functions)
    return {
        "AccountLimit": {
            "TotalCodeSize": limits.code_storage_bytes_max,
            "CodeSizeUnzipped": limits.unzipped_bytes_max,
            "CodeSizeZipped": limits.zipped_bytes_max,
            "ConcurrentExecutions": limits.concurrency_max,
            "UnreservedConcurrentExecutions": limits.concurrency_max - reserved,
        },
        "AccountUsage": {"TotalCodeSize": size, "FunctionCount": len(functions)},
    }
