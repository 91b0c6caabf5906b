"""Published versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.pages import next_token, page_start
from fogline.services.lambda_ import configuration
from fogline.services.lambda_.errors import (
    InvalidParameterValueException,
    PreconditionFailedException,
)
from fogline.services.lambda_.lookup import require_function, require_writable
from fogline.services.lambda_.names import LATEST, read_reference
from fogline.services.lambda_.pages import page_size
from fogline.services.lambda_.publishing import publish
from fogline.services.lambda_.service import Lambda

if TYPE_CHECKING:
    from types_boto3_lambda import type_defs as types

Result = Mapping[str, Any]


def publish_version(
    lambda_: Lambda, call: Call, request: types.PublishVersionRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    reference = read_reference(call.account, call.region, given["FunctionName"])
    if given.get("PublishTo"):
        configuration.check_built(given)
    with lambda_.store.write() as tx:
        function = require_writable(lambda_, tx, reference)
        latest = function["latest"]
        wanted = given.get("RevisionId")
        if wanted and wanted != configuration.revision(latest, call.now):
            raise PreconditionFailedException(operation="GetFunction/GetAlias")
        code = given.get("CodeSha256")
        if code and code != latest["CodeSha256"]:
            raise InvalidParameterValueException(
                f"CodeSHA256 ({code}) is different from current CodeSHA256 in $LATEST "
                f"({latest['CodeSha256']}). Please try again with the CodeSHA256 in $LATEST."
            )
        document, version = publish(
            lambda_, tx, reference, function, given.get("Description"), call.now
        )
        lambda_.tables.save_function(
            tx, reference.account, reference.region, reference.name, document
        )
    return configuration.shown(
        version,
        reference.account,
        reference.region,
        reference.name,
        call.now,
        version["Version"],
    )


def list_versions_by_function(
    lambda_: Lambda, call: Call, request: types.ListVersionsByFunctionRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    reference = read_reference(call.account, call.region, given["FunctionName"])
    count = page_size(lambda_, given)
    after = page_start(given.get("Marker"))
    with lambda_.store.read() as tx:
        function = require_function(lambda_, tx, reference)
        every = [function["latest"], *lambda_.tables.list_versions(tx, reference)]
    if after:
        numbers = [version["Version"] for version in every]
        every = every[numbers.index(after) + 1 :] if after in numbers else []
    result: dict[str, Any] = {
        "Versions": [
            configuration.shown(
                version,
                reference.account,
                reference.region,
                reference.name,
                call.now,
                version["Version"],
                in_list=True,
            )
            for version in every[:count]
        ]
    }
    if len(every) > count:
        result["NextMarker"] = next_token(every[count - 1]["Version"])
    assert LATEST not in (version["Version"] for version in every[1:])
    return result
