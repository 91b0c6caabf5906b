"""How asynchronous invocations of a function, version or alias are treated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.arn import find_arn
from fogline.aws.call import Call
from fogline.services.lambda_.errors import (
    InvalidParameterValueException,
    ResourceNotFoundException,
)
from fogline.services.lambda_.lookup import reference_of, require_qualifier
from fogline.services.lambda_.names import LATEST, Reference, qualified, read_reference
from fogline.services.lambda_.pages import page_of
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.tables import qualified_key
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_lambda import type_defs as types

Result = Mapping[str, Any]

_NUMBERS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds")


def put_function_event_invoke_config(
    lambda_: Lambda, call: Call, request: types.PutFunctionEventInvokeConfigRequestTypeDef
) -> Result:
    return _save(lambda_, call, request, is_merge=False)


def update_function_event_invoke_config(
    lambda_: Lambda, call: Call, request: types.UpdateFunctionEventInvokeConfigRequestTypeDef
) -> Result:
    return _save(lambda_, call, request, is_merge=True)


def _save(lambda_: Lambda, call: Call, request: Mapping[str, Any], *, is_merge: bool) -> Result:
    reference = reference_of(call, request)
    given = {name: request[name] for name in _NUMBERS if request.get(name) is not None}
    destinations = request.get("DestinationConfig")
    if not given and destinations is None:
        raise InvalidParameterValueException(
            "You must specify at least one of error handling or destination setting."
        )
    arn = qualified(reference.function_arn, reference.qualifier or LATEST)
    with lambda_.store.write() as tx:
        try:
            require_qualifier(lambda_, tx, reference)
        except ResourceNotFoundException as missing:
            raise ResourceNotFoundException("The function doesn't exist.") from missing
        before: Mapping[str, Any] = {}
        if is_merge:
            before = _require(lambda_, tx, reference)
        sides = dict(before.get("DestinationConfig") or {"OnFailure": {}, "OnSuccess": {}})
        for side in ("OnFailure", "OnSuccess"):
            if destinations is not None and destinations.get(side) is not None:
                sides[side] = _side(lambda_, tx, reference, destinations[side])
        document = {
            **before,
            **given,
            "FunctionArn": arn,
            "LastModified": call.now,
            "DestinationConfig": sides,
        }
        lambda_.tables.invoke_configs.save(
            tx, reference.account, reference.region, qualified_key(reference), document
        )
    return document


def _side(lambda_: Lambda, tx: Tx, reference: Reference, side: Mapping[str, Any]) -> dict[str, str]:
    destination = side.get("Destination")
    if not destination:
        return {}
    arn = find_arn(destination)
    if arn is None or arn.service not in ("sqs", "sns", "lambda", "events", "s3"):
        raise InvalidParameterValueException(
            f"The provided destination config DestinationConfig(onSuccess=OnSuccess"
            f"(destination={destination}), onFailure=null) is invalid."
        )
    if destination in (reference.arn, reference.function_arn):
        raise InvalidParameterValueException(
            "You can't specify the function as a destination for itself."
        )
    return {"Destination": destination}


def _require(lambda_: Lambda, tx: Tx, reference: Reference) -> Document:
    found = lambda_.tables.invoke_configs.find(
        tx, reference.account, reference.region, qualified_key(reference)
    )
    if found is None:
        arn = qualified(reference.function_arn, reference.qualifier or LATEST)
        raise ResourceNotFoundException(f"The function {arn} doesn't have an EventInvokeConfig")
    return found


def get_function_event_invoke_config(
    lambda_: Lambda, call: Call, request: types.GetFunctionEventInvokeConfigRequestTypeDef
) -> Result:
    reference = reference_of(call, request)
    with lambda_.store.read() as tx:
        return _require(lambda_, tx, reference)


def delete_function_event_invoke_config(
    lambda_: Lambda, call: Call, request: types.DeleteFunctionEventInvokeConfigRequestTypeDef
) -> Result:
    reference = reference_of(call, request)
    with lambda_.store.write() as tx:
        _require(lambda_, tx, reference)
        lambda_.tables.invoke_configs.remove(
            tx, reference.account, reference.region, qualified_key(reference)
        )
    return {}


def list_function_event_invoke_configs(
    lambda_: Lambda, call: Call, request: types.ListFunctionEventInvokeConfigsRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    reference = read_reference(call.account, call.region, given["FunctionName"])
    with lambda_.store.read() as tx:
        try:
            require_qualifier(lambda_, tx, reference)
        except ResourceNotFoundException as missing:
            raise ResourceNotFoundException("The function doesn't exist.") from missing
        configs = lambda_.tables.invoke_configs
        return page_of(lambda_, tx, configs, reference, given, "FunctionEventInvokeConfigs")
