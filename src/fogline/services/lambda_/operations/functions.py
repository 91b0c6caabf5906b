"""Functions: made, changed, shown, listed and removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.pages import next_token, page_start
from fogline.services.lambda_ import configuration
from fogline.services.lambda_.code import read_code
from fogline.services.lambda_.errors import (
    InvalidParameterValueException,
    PreconditionFailedException,
    ResourceConflictException,
    ResourceNotFoundException,
)
from fogline.services.lambda_.layers import layer_members, layers_bytes
from fogline.services.lambda_.locations import code_location
from fogline.services.lambda_.lookup import (
    reference_of,
    require_function,
    require_version,
    require_writable,
)
from fogline.services.lambda_.names import (
    LATEST,
    Reference,
    is_version,
    read_reference,
)
from fogline.services.lambda_.pages import page_size
from fogline.services.lambda_.publishing import publish
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.tags import check_tags
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_lambda import type_defs as types

Result = Mapping[str, Any]


def create_function(
    lambda_: Lambda, call: Call, request: types.CreateFunctionRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    reference = read_reference(call.account, call.region, given["FunctionName"])
    name = reference.name
    if len(name) > lambda_.limits.name_characters_max:
        raise InvalidParameterValueException(
            f"1 validation error detected: Value '{name}' at 'functionName' failed to satisfy "
            f"constraint: Member must have length less than or equal to "
            f"{lambda_.limits.name_characters_max}"
        )
    config = configuration.new_configuration(name, call.region, given, lambda_.limits)
    tags = dict(given.get("Tags") or {})
    check_tags(tags, lambda_.limits)
    with lambda_.store.write() as tx:
        tx.lock(f"lambda:{call.account}:{call.region}:{name}")
        layers = given.get("Layers") or []
        config.update(layer_members(lambda_, tx, call.region, layers))
        if lambda_.tables.find_function(tx, call.account, call.region, name) is not None:
            raise ResourceConflictException(name=name)
        config.update(read_code(lambda_, call, given["Code"], layers_bytes(config)))
        _begin_change(lambda_, call, config, "create")
        document: dict[str, Any] = {
            "name": name,
            "created_at": call.now,
            "latest": config,
            "tags": tags,
            "reserved": None,
            "version_next": 1,
        }
        if given.get("Publish"):
            document, _ = publish(lambda_, tx, reference, document, "", call.now)
        lambda_.tables.save_function(tx, call.account, call.region, name, document)
    answer = configuration.shown(
        document["latest"], call.account, call.region, name, call.now, is_answer=True
    )
    if given.get("Publish"):
        answer["Version"] = "1"
    return answer


def _begin_change(lambda_: Lambda, call: Call, config: dict[str, Any], change: str) -> None:
    config["stamp"] = lambda_.ids.hex(16)
    config["LastModified"] = configuration.date_text(call.now)
    config["revisions"] = [lambda_.ids.uuid(), lambda_.ids.uuid()]
    # A stack shows a function once it is ready, and may change two things of it in one step.
    config["changing_until"] = call.now + (lambda_.limits.transition_ms if call.protocol else 0)
    config["change"] = change


def _changeable(
    lambda_: Lambda, tx: Tx, call: Call, reference: Reference, request: Mapping[str, Any]
) -> tuple[Document, dict[str, Any]]:
    """The function and a copy of its latest configuration. Refuses while another change runs."""
    function = require_writable(lambda_, tx, reference)
    config = dict(function["latest"])
    # CloudFormation changes code and configuration in one step, and speaks no protocol.
    if call.protocol and configuration.is_changing(config, call.now):
        raise ResourceConflictException(
            "The operation cannot be performed at this time. An update is in progress for "
            f"resource: {reference.function_arn}"
        )
    wanted = request.get("RevisionId")
    if wanted and wanted != configuration.revision(config, call.now):
        raise PreconditionFailedException(operation="GetFunction/GetAlias")
    return function, config


def update_function_code(
    lambda_: Lambda, call: Call, request: types.UpdateFunctionCodeRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    reference = read_reference(call.account, call.region, given["FunctionName"])
    if given.get("ImageUri"):
        with lambda_.store.read() as tx:
            require_function(lambda_, tx, reference)
        raise InvalidParameterValueException(
            "Please don't provide ImageUri when updating a function with packageType Zip."
        )
    with lambda_.store.write() as tx:
        function, config = _changeable(lambda_, tx, call, reference, given)
        config.update(read_code(lambda_, call, given, layers_bytes(config)))
        if given.get("Architectures"):
            config["Architectures"] = given["Architectures"]
        _begin_change(lambda_, call, config, "update")
        document = {**function, "latest": config}
        shown, qualifier = config, ""
        if given.get("DryRun"):
            return configuration.shown(
                config, reference.account, reference.region, reference.name, call.now
            )
        if given.get("Publish"):
            document, shown = publish(lambda_, tx, reference, document, "", call.now)
            shown = {**shown, "change": "create"}
            qualifier = shown["Version"]
        lambda_.tables.save_function(
            tx, reference.account, reference.region, reference.name, document
        )
    return configuration.shown(
        shown,
        reference.account,
        reference.region,
        reference.name,
        call.now,
        qualifier,
        is_answer=True,
    )


def update_function_configuration(
    lambda_: Lambda, call: Call, request: types.UpdateFunctionConfigurationRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    reference = read_reference(call.account, call.region, given["FunctionName"])
    with lambda_.store.write() as tx:
        function, config = _changeable(lambda_, tx, call, reference, given)
        configuration.changed(config, reference.name, call.region, given, lambda_.limits)
        if given.get("Layers") is not None:
            for member in ("Layers", "layers"):
                config.pop(member, None)
            config.update(layer_members(lambda_, tx, call.region, given["Layers"]))
        _begin_change(lambda_, call, config, "update")
        lambda_.tables.save_function(
            tx,
            reference.account,
            reference.region,
            reference.name,
            {**function, "latest": config},
        )
    return configuration.shown(
        config, reference.account, reference.region, reference.name, call.now, is_answer=True
    )


def get_function(lambda_: Lambda, call: Call, request: types.GetFunctionRequestTypeDef) -> Result:
    given: Mapping[str, Any] = request
    reference = reference_of(call, given)
    with lambda_.store.read() as tx:
        function = require_function(lambda_, tx, reference)
        config = require_version(lambda_, tx, reference)
    result: dict[str, Any] = {
        "Configuration": _shown(config, reference, call.now),
        "Code": code_location(lambda_, call, config),
    }
    # Tags are the function's: a version or an alias is shown without (recorded: test_lambda_version).
    if function["tags"] and reference.qualifier in ("", LATEST):
        result["Tags"] = dict(function["tags"])
    if function["reserved"] is not None:
        result["Concurrency"] = {"ReservedConcurrentExecutions": function["reserved"]}
    return result


def _shown(config: Document, reference: Reference, now: int) -> dict[str, Any]:
    return configuration.shown(
        config, reference.account, reference.region, reference.name, now, reference.qualifier
    )


def get_function_configuration(
    lambda_: Lambda, call: Call, request: types.GetFunctionConfigurationRequestTypeDef
) -> Result:
    reference = reference_of(call, request)
    with lambda_.store.read() as tx:
        config = require_version(lambda_, tx, reference)
    return _shown(config, reference, call.now)


def get_function_code_signing_config(
    lambda_: Lambda, call: Call, request: types.GetFunctionCodeSigningConfigRequestTypeDef
) -> Result:
    """No function has one: code signing is refused wherever it is asked for."""
    reference = read_reference(call.account, call.region, request["FunctionName"])
    with lambda_.store.read() as tx:
        require_function(lambda_, tx, reference)
    return {"FunctionName": reference.name}


def list_functions(
    lambda_: Lambda, call: Call, request: types.ListFunctionsRequestTypeDef
) -> Result:
    """Functions in the order of their names; with FunctionVersion=ALL each followed by its versions."""
    given: Mapping[str, Any] = request
    if given.get("MasterRegion") not in (None, "ALL", call.region):
        return {"Functions": []}
    count = page_size(lambda_, given)
    after = page_start(given.get("Marker"))
    with lambda_.store.read() as tx:
        found = lambda_.tables.functions.page(
            tx, call.account, call.region, after=after, limit=count + 1
        )
        functions: list[dict[str, Any]] = []
        for name, document in found[:count]:
            reference = Reference(call.account, call.region, name)
            every = given.get("FunctionVersion") == "ALL"
            qualifier = LATEST if every else ""
            functions.append(_listed(document["latest"], reference, call.now, qualifier))
            if every:
                functions += [
                    _listed(version, reference, call.now, version["Version"])
                    for version in lambda_.tables.list_versions(tx, reference)
                ]
    result: dict[str, Any] = {"Functions": functions}
    if len(found) > count:
        result["NextMarker"] = next_token(found[count - 1][0])
    return result


def _listed(config: Document, reference: Reference, now: int, qualifier: str) -> dict[str, Any]:
    return configuration.shown(
        config,
        reference.account,
        reference.region,
        reference.name,
        now,
        qualifier,
        in_list=True,
    )


def delete_function(
    lambda_: Lambda, call: Call, request: types.DeleteFunctionRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    reference = reference_of(call, given)
    qualifier = reference.qualifier
    if qualifier and not is_version(qualifier) and qualifier != LATEST:
        if qualifier.startswith("$"):
            raise ResourceNotFoundException(arn=reference.function_arn)
        raise InvalidParameterValueException("Deletion of aliases is not currently supported.")
    with lambda_.store.write() as tx:
        require_writable(lambda_, tx, reference)
        if qualifier == LATEST:
            raise InvalidParameterValueException(
                "$LATEST version cannot be deleted without deleting the function."
            )
        if qualifier:
            _delete_version(lambda_, tx, reference)
        else:
            lambda_.tables.remove_function(tx, reference)
    return {"StatusCode": 204}


def _delete_version(lambda_: Lambda, tx: Tx, reference: Reference) -> None:
    version = reference.qualifier
    for alias in lambda_.tables.list_aliases(tx, reference):
        weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        if version == alias["FunctionVersion"] or version in weights:
            raise ResourceConflictException(
                f"Unable to delete version because the following aliases reference it: "
                f"[{alias['Name']}]"
            )
    lambda_.tables.remove_version(tx, reference, version)
