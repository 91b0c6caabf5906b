"""Function URLs: HTTP addresses of functions and aliases."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fogline.aws.call import Call
from fogline.services.lambda_.configuration import date_text
from fogline.services.lambda_.errors import ResourceConflictException, ResourceNotFoundException
from fogline.services.lambda_.lookup import reference_of, require_version
from fogline.services.lambda_.names import Reference, read_reference
from fogline.services.lambda_.pages import page_of
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.tables import qualified_key
from fogline.services.lambda_.tenancy import check_shared
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_lambda import type_defs as types

Result = Mapping[str, Any]

_ID_CHARACTERS = 32
_OWN_HOSTS = ("localhost.localstack.cloud", "localhost")


def create_function_url_config(
    lambda_: Lambda, call: Call, request: types.CreateFunctionUrlConfigRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    reference = reference_of(call, given)
    with lambda_.store.write() as tx:
        check_shared(_require_function(lambda_, tx, reference), "A function URL")
        key = qualified_key(reference)
        if lambda_.tables.urls.find(tx, reference.account, reference.region, key) is not None:
            raise ResourceConflictException(
                "Failed to create function url config for "
                f"[functionArn = {reference.arn}]. Error message:  FunctionUrlConfig exists for "
                "this Lambda function"
            )
        document: dict[str, Any] = {
            "id": lambda_.ids.capitals(_ID_CHARACTERS).lower(),
            "FunctionArn": reference.arn,
            "AuthType": given["AuthType"],
            "CreationTime": date_text(call.now),
            "LastModifiedTime": date_text(call.now),
            "InvokeMode": given.get("InvokeMode") or "BUFFERED",
        }
        if given.get("Cors"):
            document["Cors"] = given["Cors"]
        lambda_.tables.urls.save(tx, reference.account, reference.region, key, document)
        lambda_.tables.url_hosts.save(
            tx,
            "",
            "",
            document["id"],
            {
                "account": reference.account,
                "region": reference.region,
                "name": reference.name,
                "qualifier": reference.qualifier,
            },
        )
    result = _shown(lambda_, call, document)
    del result["LastModifiedTime"]
    if not given.get("InvokeMode"):
        del result["InvokeMode"]
    return result


def _require_function(lambda_: Lambda, tx: Tx, reference: Reference) -> Document:
    try:
        return require_version(lambda_, tx, reference)
    except ResourceNotFoundException as missing:
        raise ResourceNotFoundException("Function does not exist") from missing


def _shown(lambda_: Lambda, call: Call, document: Document) -> dict[str, Any]:
    result = {name: value for name, value in document.items() if name[0].isupper()}
    base = urlsplit(call.endpoint or lambda_.endpoint())
    host = next((own for own in _OWN_HOSTS if (base.hostname or "").endswith(own)), "localhost")
    port = f":{base.port}" if base.port else ""
    result["FunctionUrl"] = (
        f"{base.scheme}://{document['id']}.lambda-url.{call.region}.{host}{port}/"
    )
    return result


def _require(lambda_: Lambda, tx: Tx, reference: Reference) -> Document:
    found = lambda_.tables.urls.find(
        tx, reference.account, reference.region, qualified_key(reference)
    )
    if found is None:
        raise ResourceNotFoundException("The resource you requested does not exist.")
    return found


def get_function_url_config(
    lambda_: Lambda, call: Call, request: types.GetFunctionUrlConfigRequestTypeDef
) -> Result:
    reference = reference_of(call, request)
    with lambda_.store.read() as tx:
        return _shown(lambda_, call, _require(lambda_, tx, reference))


def update_function_url_config(
    lambda_: Lambda, call: Call, request: types.UpdateFunctionUrlConfigRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    reference = reference_of(call, given)
    with lambda_.store.write() as tx:
        document = dict(_require(lambda_, tx, reference))
        for name in ("AuthType", "Cors", "InvokeMode"):
            if given.get(name) is not None:
                document[name] = given[name]
        document["LastModifiedTime"] = date_text(call.now)
        lambda_.tables.urls.save(
            tx, reference.account, reference.region, qualified_key(reference), document
        )
    return _shown(lambda_, call, document)


def delete_function_url_config(
    lambda_: Lambda, call: Call, request: types.DeleteFunctionUrlConfigRequestTypeDef
) -> Result:
    reference = reference_of(call, request)
    with lambda_.store.write() as tx:
        _require(lambda_, tx, reference)
        lambda_.tables.remove_url(tx, reference.account, reference.region, qualified_key(reference))
    return {}


def list_function_url_configs(
    lambda_: Lambda, call: Call, request: types.ListFunctionUrlConfigsRequestTypeDef
) -> Result:
    given: Mapping[str, Any] = request
    reference = read_reference(call.account, call.region, given["FunctionName"])
    with lambda_.store.read() as tx:
        _require_function(lambda_, tx, reference)
        return page_of(
            lambda_,
            tx,
            lambda_.tables.urls,
            reference,
            given,
            "FunctionUrlConfigs",
            partial(_shown, lambda_, call),
        )
