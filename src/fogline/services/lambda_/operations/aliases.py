"""Aliases: names for versions, weighted between two of them if wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.pages import next_token, page_start
from fogline.services.lambda_.errors import (
    InvalidParameterValueException,
    PreconditionFailedException,
    ResourceConflictException,
    ResourceNotFoundException,
)
from fogline.services.lambda_.lookup import require_alias, require_function, require_writable
from fogline.services.lambda_.names import LATEST, Reference, read_reference
from fogline.services.lambda_.pages import page_size
from fogline.services.lambda_.service import Lambda
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_lambda import type_defs as types

Result = Mapping[str, Any]


def create_alias(lambda_: Lambda, call: Call, request: types.CreateAliasRequestTypeDef) -> Result:
    given: Mapping[str, Any] = request
    reference = read_reference(call.account, call.region, given["FunctionName"])
    name = given["Name"]
    with lambda_.store.write() as tx:
        account, region = reference.account, reference.region
        if lambda_.tables.find_function(tx, account, region, reference.name) is None:
            raise ResourceNotFoundException(
                arn=f"{reference.function_arn}:{given['FunctionVersion']}"
            )
        require_writable(lambda_, tx, reference)
        if lambda_.tables.find_alias(tx, reference, name) is not None:
            raise ResourceConflictException(
                f"Alias already exists: {reference.function_arn}:{name}"
            )
        alias: dict[str, Any] = {
            "AliasArn": f"{reference.function_arn}:{name}",
            "Name": name,
            "FunctionVersion": given["FunctionVersion"],
            "Description": given.get("Description") or "",
        }
        _route(lambda_, tx, reference, alias, given.get("RoutingConfig"))
        return _save(lambda_, tx, reference, alias)


def _route(
    lambda_: Lambda,
    tx: Tx,
    reference: Reference,
    alias: dict[str, Any],
    routing: Mapping[str, Any] | None,
) -> None:
    """Set the alias's weights, and check that what it leads to exists."""
    weights = dict((routing or {}).get("AdditionalVersionWeights") or {})
    version = alias["FunctionVersion"]
    if routing is not None:
        alias.pop("RoutingConfig", None)
    if len(weights) > 1:
        raise InvalidParameterValueException(
            "Number of items in AdditionalVersionWeights cannot be greater than 1"
        )
    if version in weights:
        raise InvalidParameterValueException(
            f"Invalid function version {version}. Function version {version} is already included "
            "in routing configuration."
        )
    if weights and version == LATEST:
        raise InvalidParameterValueException(
            "$LATEST is not supported for an alias pointing to more than 1 version",
            members={"Type": None},
        )
    for each in (version, *weights):
        if lambda_.tables.find_version(tx, reference, each) is None:
            raise ResourceNotFoundException(arn=f"{reference.function_arn}:{each}")
    if weights:
        alias["RoutingConfig"] = {"AdditionalVersionWeights": weights}


def _save(lambda_: Lambda, tx: Tx, reference: Reference, alias: dict[str, Any]) -> Result:
    alias["RevisionId"] = lambda_.ids.uuid()
    lambda_.tables.aliases.save(
        tx, reference.account, reference.region, f"{reference.name}:{alias['Name']}", alias
    )
    return alias


def update_alias(lambda_: Lambda, call: Call, request: types.UpdateAliasRequestTypeDef) -> Result:
    given: Mapping[str, Any] = request
    reference = read_reference(call.account, call.region, given["FunctionName"])
    with lambda_.store.write() as tx:
        require_writable(lambda_, tx, reference)
        alias = dict(require_alias(lambda_, tx, reference, given["Name"]))
        wanted = given.get("RevisionId")
        if wanted and wanted != alias["RevisionId"]:
            raise PreconditionFailedException(operation="GetFunction/GetAlias")
        for member in ("FunctionVersion", "Description"):
            if given.get(member) is not None:
                alias[member] = given[member]
        _route(lambda_, tx, reference, alias, given.get("RoutingConfig"))
        return _save(lambda_, tx, reference, alias)


def get_alias(lambda_: Lambda, call: Call, request: types.GetAliasRequestTypeDef) -> Result:
    reference = read_reference(call.account, call.region, request["FunctionName"])
    with lambda_.store.read() as tx:
        return require_alias(lambda_, tx, reference, request["Name"])


def list_aliases(lambda_: Lambda, call: Call, request: types.ListAliasesRequestTypeDef) -> Result:
    given: Mapping[str, Any] = request
    reference = read_reference(call.account, call.region, given["FunctionName"])
    count = page_size(lambda_, given)
    after = page_start(given.get("Marker"))
    version = given.get("FunctionVersion")
    with lambda_.store.read() as tx:
        require_function(lambda_, tx, reference)
        found = [
            alias
            for alias in lambda_.tables.list_aliases(tx, reference)
            if alias["Name"] > after and version in (None, alias["FunctionVersion"])
        ]
    result: dict[str, Any] = {"Aliases": found[:count]}
    if len(found) > count:
        result["NextMarker"] = next_token(found[count - 1]["Name"])
    return result


def delete_alias(lambda_: Lambda, call: Call, request: types.DeleteAliasRequestTypeDef) -> Result:
    """Remove an alias; one that is not there is removed already."""
    reference = read_reference(call.account, call.region, request["FunctionName"])
    with lambda_.store.write() as tx:
        require_writable(lambda_, tx, reference)
        key = f"{reference.name}:{request['Name']}"
        lambda_.tables.remove_url(tx, reference.account, reference.region, key)
        for kind in (
            lambda_.tables.aliases,
            lambda_.tables.policies,
            lambda_.tables.invoke_configs,
            lambda_.tables.provisioned,
        ):
            kind.remove(tx, reference.account, reference.region, key)
    return {}
