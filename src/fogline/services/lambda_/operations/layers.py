"""Layers and their versions."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.pages import next_token, page_start
from fogline.aws.policy.statements import without
from fogline.services.lambda_ import policies
from fogline.services.lambda_.code import read_code
from fogline.services.lambda_.configuration import date_text
from fogline.services.lambda_.errors import (
    InvalidParameterValueException,
    PreconditionFailedException,
    ResourceConflictException,
    ResourceNotFoundException,
)
from fogline.services.lambda_.layers import find_layer, layer_key
from fogline.services.lambda_.locations import package_url
from fogline.services.lambda_.names import LayerVersion, find_layer_version, read_layer
from fogline.services.lambda_.packages import unzipped_bytes
from fogline.services.lambda_.pages import page_size
from fogline.services.lambda_.service import Lambda
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_lambda import type_defs as types

Result = Mapping[str, Any]

_OPTIONAL = ("CompatibleArchitectures", "CompatibleRuntimes", "LicenseInfo")


def publish_layer_version(
    lambda_: Lambda, call: Call, request: types.PublishLayerVersionRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    account, region, name = read_layer(call.account, call.region, given["LayerName"])
    code = read_code(lambda_, call, given["Content"])
    digest = code["package"].get("digest")
    if digest is None:
        raise InvalidParameterValueException("A layer cannot be a live local folder.")
    with lambda_.store.write() as tx:
        tx.lock(f"lambda-layer:{account}:{region}:{name}")
        known = lambda_.tables.layers.find(tx, account, region, name)
        layer = LayerVersion(account, region, name, known["next"] if known else 1)
        document: dict[str, Any] = {
            "LayerArn": layer.layer_arn,
            "LayerVersionArn": layer.arn,
            "Version": layer.version,
            "Description": given.get("Description") or "",
            "CreatedDate": date_text(call.now),
            "CodeSha256": base64.b64encode(bytes.fromhex(digest)).decode(),
            "CodeSize": code["CodeSize"],
            "digest": digest,
            "unzipped_bytes": unzipped_bytes(lambda_.packages.read(digest)),
            "statements": [],
            "policy_revision": "",
        }
        document.update({each: given[each] for each in _OPTIONAL if given.get(each) is not None})
        lambda_.tables.layers.save(tx, account, region, name, {"next": layer.version + 1})
        lambda_.tables.layer_versions.save(tx, account, region, layer_key(layer), document)
    return _shown(lambda_, call, document)


def _shown(lambda_: Lambda, call: Call, document: Document) -> dict[str, Any]:
    result = _listed(document)
    result["LayerArn"] = document["LayerArn"]
    result["Content"] = {
        "CodeSha256": document["CodeSha256"],
        "CodeSize": document["CodeSize"],
        "Location": package_url(lambda_, call, document["digest"]),
    }
    return result


def _listed(document: Document) -> dict[str, Any]:
    shown = ("LayerVersionArn", "Version", "Description", "CreatedDate", *_OPTIONAL)
    return {name: document[name] for name in shown if name in document}


def _require(lambda_: Lambda, tx: Tx, layer: LayerVersion) -> Document:
    found = find_layer(lambda_, tx, layer)
    if found is None:
        raise ResourceNotFoundException("The resource you requested does not exist.")
    return found


def _named(call: Call, request: Mapping[str, Any]) -> LayerVersion:
    account, region, name = read_layer(call.account, call.region, request["LayerName"])
    version = request["VersionNumber"]
    if version < 1:
        raise InvalidParameterValueException("Layer Version Cannot be less than 1.")
    return LayerVersion(account, region, name, version)


def get_layer_version(
    lambda_: Lambda, call: Call, request: types.GetLayerVersionRequestTypeDef
) -> Result:
    with lambda_.store.read() as tx:
        return _shown(lambda_, call, _require(lambda_, tx, _named(call, request)))


def get_layer_version_by_arn(
    lambda_: Lambda, call: Call, request: types.GetLayerVersionByArnRequestTypeDef
) -> Result:
    layer = find_layer_version(request["Arn"])
    if layer is None:
        raise ResourceNotFoundException("The resource you requested does not exist.")
    with lambda_.store.read() as tx:
        return _shown(lambda_, call, _require(lambda_, tx, layer))


def delete_layer_version(
    lambda_: Lambda, call: Call, request: types.DeleteLayerVersionRequestTypeDef
) -> Result:
    """Remove a version; functions that use it keep it. One that is not there is removed already."""
    layer = _named(call, request)
    with lambda_.store.write() as tx:
        lambda_.tables.layer_versions.remove(tx, layer.account, layer.region, layer_key(layer))
    return {}


def _fits(document: Document, request: Mapping[str, Any]) -> bool:
    runtime, architecture = request.get("CompatibleRuntime"), request.get("CompatibleArchitecture")
    return (runtime is None or runtime in document.get("CompatibleRuntimes", ())) and (
        architecture is None or architecture in document.get("CompatibleArchitectures", ())
    )


def list_layer_versions(
    lambda_: Lambda, call: Call, request: types.ListLayerVersionsRequestTypeDef
) -> Result:
    """The versions of a layer, the newest first."""
    given: Mapping[str, Any] = request
    account, region, name = read_layer(call.account, call.region, given["LayerName"])
    with lambda_.store.read() as tx:
        found = lambda_.tables.layer_versions.page(tx, account, region, prefix=f"{name}:")
    versions = [_listed(document) for _, document in reversed(found) if _fits(document, given)]
    return _page(lambda_, given, "LayerVersions", versions, "Version")


def list_layers(lambda_: Lambda, call: Call, request: types.ListLayersRequestTypeDef) -> Result:
    """Layers, each with its newest version."""
    given: Mapping[str, Any] = request
    with lambda_.store.read() as tx:
        found = lambda_.tables.layer_versions.page(tx, call.account, call.region)
    newest: dict[str, dict[str, Any]] = {}
    for key, document in found:
        if _fits(document, given):
            newest[key.partition(":")[0]] = {
                "LayerName": key.partition(":")[0],
                "LayerArn": document["LayerArn"],
                "LatestMatchingVersion": _listed(document),
            }
    return _page(lambda_, given, "Layers", list(newest.values()), "LayerName")


def _page(
    lambda_: Lambda,
    request: Mapping[str, Any],
    member: str,
    every: Sequence[dict[str, Any]],
    key: str,
) -> dict[str, Any]:
    count = page_size(lambda_, request)
    after = page_start(request.get("Marker"))
    keys = [str(each[key]) for each in every]
    begin = keys.index(after) + 1 if after in keys else 0
    result: dict[str, Any] = {member: every[begin : begin + count]}
    if len(every) > begin + count:
        result["NextMarker"] = next_token(keys[begin + count - 1])
    return result


# Who may use a layer.


def add_layer_version_permission(
    lambda_: Lambda, call: Call, request: types.AddLayerVersionPermissionRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    layer = _named(call, given)
    if given["Action"] != "lambda:GetLayerVersion":
        raise InvalidParameterValueException("Action must be lambda:GetLayerVersion.")
    statement = policies.layer_statement(layer.arn, given)
    with lambda_.store.write() as tx:
        document = _policied(lambda_, tx, layer, given)
        if any(each["Sid"] == statement["Sid"] for each in document["statements"]):
            raise ResourceConflictException(
                f"The statement id ({statement['Sid']}) provided already exists. Please provide a "
                "new statement id, or remove the existing statement."
            )
        revision = _save_policy(lambda_, tx, layer, [*document["statements"], statement])
    return {"Statement": json.dumps(statement, separators=(",", ":")), "RevisionId": revision}


def _policied(lambda_: Lambda, tx: Tx, layer: LayerVersion, request: Mapping[str, Any]) -> Document:
    tx.lock(f"lambda-layer:{layer.account}:{layer.region}:{layer.name}")
    document = find_layer(lambda_, tx, layer)
    if document is None:
        raise ResourceNotFoundException(f"Layer version {layer.arn} does not exist.")
    wanted = request.get("RevisionId")
    if wanted and wanted != document["policy_revision"]:
        raise PreconditionFailedException(operation="GetLayerPolicy")
    return document


def _save_policy(
    lambda_: Lambda, tx: Tx, layer: LayerVersion, statements: Sequence[Mapping[str, Any]]
) -> str:
    revision = lambda_.ids.uuid()
    document = find_layer(lambda_, tx, layer)
    assert document is not None
    lambda_.tables.layer_versions.save(
        tx,
        layer.account,
        layer.region,
        layer_key(layer),
        {**document, "statements": list(statements), "policy_revision": revision},
    )
    return revision


def remove_layer_version_permission(
    lambda_: Lambda, call: Call, request: types.RemoveLayerVersionPermissionRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    layer = _named(call, given)
    with lambda_.store.write() as tx:
        document = _policied(lambda_, tx, layer, given)
        kept = without(document["statements"], given["StatementId"])
        if len(kept) == len(document["statements"]):
            raise ResourceNotFoundException(
                f"Statement {given['StatementId']} is not found in resource policy."
            )
        _save_policy(lambda_, tx, layer, kept)
    return {}


def get_layer_version_policy(
    lambda_: Lambda, call: Call, request: types.GetLayerVersionPolicyRequestTypeDef
) -> Result:
    layer = _named(call, request)
    with lambda_.store.read() as tx:
        document = find_layer(lambda_, tx, layer)
    if document is None:
        raise ResourceNotFoundException(f"Layer version {layer.arn} does not exist.")
    if not document["statements"]:
        raise ResourceNotFoundException("No policy is associated with the given resource.")
    return {
        "Policy": policies.policy_text(document["statements"]),
        "RevisionId": document["policy_revision"],
    }
