"""Runtime management: when a version's runtime may be replaced by a newer build of it.

This machine has one build of each runtime, so a function can only be held to the one it runs on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.lambda_.errors import InvalidParameterValueException
from fogline.services.lambda_.lookup import reference_of, require_version, require_writable
from fogline.services.lambda_.names import LATEST, Reference, qualified
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.tables import version_key
from fogline.store.documents import Document

if TYPE_CHECKING:
    from types_boto3_lambda import type_defs as types

Result = Mapping[str, Any]


def get_runtime_management_config(
    lambda_: Lambda, call: Call, request: types.GetRuntimeManagementConfigRequestTypeDef
) -> Result:
    reference = reference_of(call, request)
    with lambda_.store.read() as tx:
        config = require_version(lambda_, tx, reference)
    return _shown(config, reference)


def put_runtime_management_config(
    lambda_: Lambda, call: Call, request: types.PutRuntimeManagementConfigRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    reference = reference_of(call, given)
    mode, arn = given["UpdateRuntimeOn"], given.get("RuntimeVersionArn")
    if (mode == "Manual") != bool(arn):
        raise InvalidParameterValueException(
            "RuntimeVersionArn must be given when UpdateRuntimeOn is Manual, and only then."
        )
    with lambda_.store.write() as tx:
        function = require_writable(lambda_, tx, reference)
        config = dict(require_version(lambda_, tx, reference))
        if arn and arn != config["RuntimeVersionConfig"]["RuntimeVersionArn"]:
            raise InvalidParameterValueException(
                f"Runtime version {arn} is not available: {config['Runtime']} is "
                f"{config['RuntimeVersionConfig']['RuntimeVersionArn']} here."
            )
        config["runtime_updates"] = mode
        account, region, name = reference.account, reference.region, reference.name
        if config["Version"] == LATEST:
            lambda_.tables.save_function(tx, account, region, name, {**function, "latest": config})
        else:
            key = version_key(name, config["Version"])
            lambda_.tables.versions.save(tx, account, region, key, config)
    return _shown(config, reference)


def _shown(config: Document, reference: Reference) -> dict[str, Any]:
    mode = config.get("runtime_updates", "Auto")
    result = {
        "UpdateRuntimeOn": mode,
        "FunctionArn": qualified(reference.function_arn, config["Version"]),
    }
    if mode == "Manual":
        result["RuntimeVersionArn"] = config["RuntimeVersionConfig"]["RuntimeVersionArn"]
    return result
