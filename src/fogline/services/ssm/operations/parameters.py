"""Parameters: put, get, find, delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.ssm.errors import (
    ParameterAlreadyExists,
    ParameterLimitExceeded,
    ParameterMaxVersionLimitExceeded,
    ParameterNotFound,
    ParameterVersionNotFound,
    TooManyTagsError,
    ValidationException,
)
from fogline.services.ssm.filters import described_tests, path_tests
from fogline.services.ssm.names import (
    Asked,
    check_new,
    check_path,
    check_tags,
    is_under,
    key_of,
    read_asked,
)
from fogline.services.ssm.pages import page_of
from fogline.services.ssm.parameters import described, next_version, selected, shown, value_of
from fogline.services.ssm.service import Ssm
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_ssm.type_defs import (
        DeleteParameterRequestTypeDef,
        DeleteParametersRequestTypeDef,
        DescribeParametersRequestTypeDef,
        GetParameterHistoryRequestTypeDef,
        GetParameterRequestTypeDef,
        GetParametersByPathRequestTypeDef,
        GetParametersRequestTypeDef,
        PutParameterRequestTypeDef,
    )

Result = Mapping[str, Any]


def put_parameter(ssm: Ssm, call: Call, request: PutParameterRequestTypeDef) -> Result:
    name = request["Name"]
    if name.startswith("arn:"):
        name = read_asked(call, name).key
    check_new(name, ssm.limits.hierarchy_levels_max)
    key = key_of(name)
    place = (call.account, call.region)
    tags = {tag["Key"]: tag["Value"] for tag in request.get("Tags") or ()}
    check_tags(call, tags)
    if tags and request.get("Overwrite"):
        raise ValidationException(
            "Invalid request: tags and overwrite can't be used together. To create a parameter with "
            "tags, please remove overwrite flag. To update tags for an existing parameter, please "
            "use AddTagsToResource or RemoveTagsFromResource."
        )
    if len(tags) > ssm.limits.tags_max:
        raise TooManyTagsError(max=ssm.limits.tags_max)
    with ssm.store.write() as tx:
        tx.lock(f"ssm:{call.account}:{call.region}:{key}")
        before = ssm.tables.find(tx, place, key)
        if before is not None and not request.get("Overwrite"):
            raise ParameterAlreadyExists()
        version = next_version(call, request, before, ssm.limits)
        if before is None:
            if ssm.tables.count(tx, place) >= ssm.limits.standard_parameters_max:
                raise ParameterLimitExceeded()
            version["tags"] = tags
        else:
            version["tags"] = before.get("tags") or {}
            _forget_oldest(ssm, tx, call, key)
        ssm.tables.save(tx, place, key, version)
    return {"Version": version["version"], "Tier": version["tier"]}


def _forget_oldest(ssm: Ssm, tx: Tx, call: Call, key: str) -> None:
    place = (call.account, call.region)
    versions = ssm.tables.versions(tx, place, key)
    if len(versions) < ssm.limits.versions_max:
        return
    oldest = versions[0]
    if oldest["labels"]:
        raise ParameterMaxVersionLimitExceeded(name=key, version=oldest["version"])
    ssm.tables.remove_version(tx, place, key, oldest["version"])


def get_parameter(ssm: Ssm, call: Call, request: GetParameterRequestTypeDef) -> Result:
    asked = read_asked(call, request["Name"])
    with ssm.store.read() as tx:
        version = _require(ssm, tx, call, asked)
    return {"Parameter": shown(call, asked, version, request.get("WithDecryption", False))}


def get_parameters(ssm: Ssm, call: Call, request: GetParametersRequestTypeDef) -> Result:
    found: list[dict[str, Any]] = []
    invalid: list[str] = []
    with ssm.store.read() as tx:
        for name in dict.fromkeys(request["Names"]):
            try:
                asked = read_asked(call, name)
                version = _require(ssm, tx, call, asked)
            except (ParameterNotFound, ParameterVersionNotFound):
                invalid.append(name)
            else:
                found.append(shown(call, asked, version, request.get("WithDecryption", False)))
    return {"Parameters": found, "InvalidParameters": invalid}


def get_parameters_by_path(
    ssm: Ssm, call: Call, request: GetParametersByPathRequestTypeDef
) -> Result:
    path = request["Path"]
    check_path(path)
    tests, labels = path_tests(request.get("ParameterFilters") or ())
    is_recursive = request.get("Recursive", False)
    place = (call.account, call.region)
    with ssm.store.read() as tx:
        below = [
            (key, version)
            for key, version in ssm.tables.page(tx, place)
            if is_under(key, path, is_recursive) and all(test(key, version) for test in tests)
        ]
        if labels:
            below = [
                (key, version)
                for key, _ in below
                for version in ssm.tables.versions(tx, place, key)
                if any(label in version["labels"] for label in labels)
            ]
    limit = request.get("MaxResults", ssm.limits.path_page_max)
    page, next_page = page_of(below, request.get("NextToken"), limit)
    is_decrypted = request.get("WithDecryption", False)
    parameters = [shown(call, Asked(key, key, ""), version, is_decrypted) for key, version in page]
    return {"Parameters": parameters, **next_page}


def describe_parameters(ssm: Ssm, call: Call, request: DescribeParametersRequestTypeDef) -> Result:
    filters, older = request.get("ParameterFilters") or (), request.get("Filters") or ()
    if filters and older:
        raise ValidationException(
            "You can use either Filters or ParameterFilters in a single request."
        )
    tests = described_tests(filters, older)
    with ssm.store.read() as tx:
        chosen = [
            (key, version)
            for key, version in ssm.tables.page(tx, (call.account, call.region))
            if all(test(key, version) for test in tests)
        ]
    limit = request.get("MaxResults", ssm.limits.described_max)
    page, next_page = page_of(chosen, request.get("NextToken"), limit)
    return {"Parameters": [described(call, key, each) for key, each in page], **next_page}


def get_parameter_history(
    ssm: Ssm, call: Call, request: GetParameterHistoryRequestTypeDef
) -> Result:
    asked = read_asked(call, request["Name"])
    with ssm.store.read() as tx:
        versions = ssm.tables.versions(tx, (call.account, call.region), asked.key)
    if not versions:
        raise ParameterNotFound(f"Parameter {asked.shown} not found.")
    numbered = [(f"{version['version']:010d}", version) for version in versions]
    limit = request.get("MaxResults", ssm.limits.described_max)
    page, next_page = page_of(numbered, request.get("NextToken"), limit)
    is_decrypted = request.get("WithDecryption", False)
    history = []
    for _, version in page:
        entry = described(call, asked.shown, version)
        del entry["ARN"]
        entry["Value"] = value_of(asked.key, version, is_decrypted)
        entry["Labels"] = version["labels"]
        history.append(entry)
    return {"Parameters": history, **next_page}


def delete_parameter(ssm: Ssm, call: Call, request: DeleteParameterRequestTypeDef) -> Result:
    asked = read_asked(call, request["Name"])
    with ssm.store.write() as tx:
        if not ssm.tables.remove(tx, (call.account, call.region), asked.key):
            raise ParameterNotFound()
    return {}


def delete_parameters(ssm: Ssm, call: Call, request: DeleteParametersRequestTypeDef) -> Result:
    deleted: list[str] = []
    invalid: list[str] = []
    with ssm.store.write() as tx:
        for name in dict.fromkeys(request["Names"]):
            key = read_asked(call, name).key
            is_gone = ssm.tables.remove(tx, (call.account, call.region), key)
            (deleted if is_gone else invalid).append(name)
    return {"DeletedParameters": deleted, "InvalidParameters": invalid}


def _require(ssm: Ssm, tx: Tx, call: Call, asked: Asked) -> Document:
    place = (call.account, call.region)
    present = ssm.tables.find(tx, place, asked.key)
    if present is None:
        raise ParameterNotFound()
    if not asked.selector:
        return present
    return selected(asked, ssm.tables.versions(tx, place, asked.key), asked.selector)
