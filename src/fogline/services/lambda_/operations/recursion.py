"""Recursive loops: what a function wants done about them. Kept and shown: no loop is cut here yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.lambda_.lookup import require_function, require_writable
from fogline.services.lambda_.names import read_reference
from fogline.services.lambda_.service import Lambda

if TYPE_CHECKING:
    from types_boto3_lambda import type_defs as types

Result = Mapping[str, Any]


def get_function_recursion_config(
    lambda_: Lambda, call: Call, request: types.GetFunctionRecursionConfigRequestTypeDef
) -> Result:
    reference = read_reference(call.account, call.region, request["FunctionName"])
    with lambda_.store.read() as tx:
        function = require_function(lambda_, tx, reference)
    return {"RecursiveLoop": function.get("recursive_loop", "Terminate")}


def put_function_recursion_config(
    lambda_: Lambda, call: Call, request: types.PutFunctionRecursionConfigRequestTypeDef
) -> Result:
    reference = read_reference(call.account, call.region, request["FunctionName"])
    wanted = request["RecursiveLoop"]
    with lambda_.store.write() as tx:
        function = require_writable(lambda_, tx, reference)
        lambda_.tables.save_function(
            tx,
            reference.account,
            reference.region,
            reference.name,
            {**function, "recursive_loop": wanted},
        )
    return {"RecursiveLoop": wanted}
