"""The CloudFormation types of APIs, their resources and methods."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from fogline.apis.template_documents import as_text, body_of
from fogline.ports.resources import (
    Context,
    Done,
    Properties,
    ResourceType,
    boolean,
    text,
)
from fogline.services.apigateway.errors import NotFoundException
from fogline.services.apigateway.resource_changes import (
    Patch,
    ask,
    escaped,
    list_patches,
    members,
    patch,
    retag,
    value_patches,
)

_SETTINGS = {
    "Name": "!/name",
    "Description": "/description",
    "ApiKeySourceType": "!/apiKeySource",
    "DisableExecuteApiEndpoint": "!/disableExecuteApiEndpoint",
    "EndpointAccessMode": "/endpointAccessMode",
    "MinimumCompressionSize": "/minimumCompressionSize",
    "Policy": "/policy",
    "SecurityPolicy": "!/securityPolicy",
}
_DEFAULTS = {"ApiKeySourceType": "HEADER", "DisableExecuteApiEndpoint": False}
"""What properties become when a template leaves them out again."""


# ---- AWS::ApiGateway::RestApi


def _create_api(context: Context, properties: Properties) -> Done:
    body = body_of(context, properties, "ETag")
    tags = context.tags(properties.get("Tags"))
    if body is not None:
        made = ask(context, "ImportRestApi", _import(properties, body))
        _apply_settings(context, made["id"], made, {}, properties)
        retag(context, f"/restapis/{made['id']}", {}, properties)
        return _api(context, made["id"])
    request = members(
        properties,
        "Name",
        "Description",
        "Version",
        "CloneFrom",
        "MinimumCompressionSize",
        "DisableExecuteApiEndpoint",
        "SecurityPolicy",
        "EndpointAccessMode",
    )
    policy = properties.get("Policy")
    made = ask(
        context,
        "CreateRestApi",
        {
            **request,
            "binaryMediaTypes": _media_types(properties) or None,
            "apiKeySource": properties.get("ApiKeySourceType"),
            "endpointConfiguration": members(properties.get("EndpointConfiguration")) or None,
            "policy": as_text(policy) if policy else None,
            "tags": tags,
        },
    )
    return _api(context, made["id"])


def _api(context: Context, id: str) -> Done:
    found = ask(context, "GetRestApi", {"restApiId": id})
    return Done(id, {"RestApiId": id, "RootResourceId": found["rootResourceId"]})


def _update_api(context: Context, id: str, old: Properties, new: Properties) -> Done:
    body = body_of(context, new, "ETag")
    before = old
    if body is not None:
        mode = new.get("Mode") or "overwrite"
        put = {**_import(new, body), "restApiId": id, "mode": mode}
        ask(context, "PutRestApi", put)
        # What stands in the template beside the document holds again, changed or not.
        before = {name: value for name, value in old.items() if name not in new}
    found = ask(context, "GetRestApi", {"restApiId": id})
    _apply_settings(context, id, found, before, {**_defaults(old, new), **new})
    retag(context, f"/restapis/{id}", old, new)
    return _api(context, id)


def _defaults(old: Properties, new: Properties) -> dict[str, Any]:
    return {name: value for name, value in _DEFAULTS.items() if name in old and name not in new}


def _delete_api(context: Context, id: str, properties: Properties) -> None:
    ask(context, "DeleteRestApi", {"restApiId": id})


def _apply_settings(
    context: Context, id: str, found: Mapping[str, Any], old: Properties, new: Properties
) -> None:
    """Bring what a template says beside a document to an API that is there."""
    patches = value_patches(old, new, _SETTINGS)
    known = found.get("binaryMediaTypes") or ()
    kept = _media_types(new)
    patches += [
        {"op": "add", "path": f"/binaryMediaTypes/{escaped(each)}"}
        for each in kept
        if each not in known
    ]
    patches += [
        {"op": "remove", "path": f"/binaryMediaTypes/{escaped(each)}"}
        for each in _media_types(old)
        if each in known and each not in kept
    ]
    patches += _endpoint_patches(found["endpointConfiguration"], new.get("EndpointConfiguration"))
    patch(context, "UpdateRestApi", {"restApiId": id}, patches)


def _media_types(properties: Properties) -> list[str]:
    """Templates may write `image~1png` for `image/png`."""
    return [text(each).replace("~1", "/") for each in properties.get("BinaryMediaTypes") or ()]


def _endpoint_patches(found: Mapping[str, Any], wanted: Any) -> list[Patch]:
    if not isinstance(wanted, Mapping):
        return []
    patches = []
    types = [text(each) for each in wanted.get("Types") or ()]
    if types and types != found["types"]:
        where = f"/endpointConfiguration/types/{found['types'][0]}"
        patches.append({"op": "replace", "path": where, "value": types[0]})
    kind = wanted.get("IpAddressType")
    if kind and kind != found["ipAddressType"]:
        where = "/endpointConfiguration/ipAddressType"
        patches.append({"op": "replace", "path": where, "value": text(kind)})
    ids = wanted.get("VpcEndpointIds")
    known = found.get("vpcEndpointIds")
    return patches + list_patches(known, ids, "/endpointConfiguration/vpcEndpointIds")


def _import(properties: Properties, body: bytes) -> dict[str, Any]:
    parameters = properties.get("Parameters")
    if isinstance(parameters, list):
        # Some tools write them as a list of maps.
        parameters = {name: value for each in parameters for name, value in each.items()}
    failing = properties.get("FailOnWarnings")
    return {
        "body": body,
        "failOnWarnings": boolean(failing) if failing is not None else None,
        "parameters": {name: text(value) for name, value in (parameters or {}).items()} or None,
    }


def _check_api(properties: Properties) -> str | None:
    if properties.get("Body") is not None and properties.get("BodyS3Location") is not None:
        return "Body and BodyS3Location can't both be given."
    has_document = "Body" in properties or "BodyS3Location" in properties
    if not has_document and not properties.get("Name"):
        return "Name is required for an API that is not made from a document."
    for name, wanted in (
        ("BodyS3Location", Mapping),
        ("EndpointConfiguration", Mapping),
        ("BinaryMediaTypes", list),
        ("Parameters", (Mapping, list)),
    ):
        if properties.get(name) is not None and not isinstance(properties[name], wanted):
            return f"{name} is not of the right kind."
    return None


# ---- AWS::ApiGateway::Resource


def _create_resource(context: Context, properties: Properties) -> Done:
    request = members(properties, "RestApiId", "ParentId", "PathPart")
    made = ask(context, "CreateResource", request)
    return Done(made["id"], {"ResourceId": made["id"]})


def _delete_resource(context: Context, id: str, properties: Properties) -> None:
    request = {"restApiId": properties["RestApiId"], "resourceId": id}
    ask(context, "DeleteResource", request)


# ---- AWS::ApiGateway::Method

_METHOD = (
    "AuthorizerId",
    "AuthorizationScopes",
    "ApiKeyRequired",
    "OperationName",
    "RequestModels",
    "RequestParameters",
    "RequestValidatorId",
)


def _where(properties: Properties) -> dict[str, Any]:
    return {
        "restApiId": properties["RestApiId"],
        "resourceId": properties["ResourceId"],
        "httpMethod": text(properties["HttpMethod"]).upper(),
    }


def _create_method(context: Context, properties: Properties) -> Done:
    where = _where(properties)
    kind = properties.get("AuthorizationType") or "NONE"
    described = {**where, "authorizationType": kind, **members(properties, *_METHOD)}
    ask(context, "PutMethod", described)
    for response in properties.get("MethodResponses") or ():
        ask(context, "PutMethodResponse", {**where, **members(response)})
    integration = properties.get("Integration")
    if integration:
        responses = integration.get("IntegrationResponses") or ()
        given = {
            name: value for name, value in integration.items() if name != "IntegrationResponses"
        }
        ask(context, "PutIntegration", {**where, **members(given)})
        for response in responses:
            ask(context, "PutIntegrationResponse", {**where, **members(response)})
    return Done("|".join(where.values()))


def _update_method(context: Context, id: str, old: Properties, new: Properties) -> Done:
    """A method is put anew: between its parts there is nothing that would have to last."""
    with contextlib.suppress(NotFoundException):  # somebody else has deleted it
        ask(context, "DeleteMethod", _where(old))
    return _create_method(context, new)


def _delete_method(context: Context, id: str, properties: Properties) -> None:
    ask(context, "DeleteMethod", _where(properties))


def _check_method(properties: Properties) -> str | None:
    integration = properties.get("Integration")
    if integration is not None and not isinstance(integration, Mapping):
        return "Integration must be an object."
    lists = (properties.get("MethodResponses"), (integration or {}).get("IntegrationResponses"))
    for responses in lists:
        if responses is not None and not (
            isinstance(responses, list) and all(isinstance(each, Mapping) for each in responses)
        ):
            return "Responses must be a list of objects."
    return None


APIS: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::ApiGateway::RestApi",
        properties=frozenset(
            (
                *_SETTINGS,
                "BinaryMediaTypes",
                "Body",
                "BodyS3Location",
                "CloneFrom",
                "EndpointConfiguration",
                "FailOnWarnings",
                "Mode",
                "Parameters",
                "Tags",
                "Version",
            )
        ),
        attributes=frozenset(("RestApiId", "RootResourceId")),
        check=_check_api,
        create=_create_api,
        update=_update_api,
        delete=_delete_api,
    ),
    ResourceType(
        name="AWS::ApiGateway::Resource",
        properties=frozenset(("ParentId", "PathPart", "RestApiId")),
        required=frozenset(("ParentId", "PathPart", "RestApiId")),
        attributes=frozenset(("ResourceId",)),
        create=_create_resource,
        delete=_delete_resource,
    ),
    ResourceType(
        name="AWS::ApiGateway::Method",
        properties=frozenset(
            (
                *_METHOD,
                "AuthorizationType",
                "HttpMethod",
                "Integration",
                "MethodResponses",
                "ResourceId",
                "RestApiId",
            )
        ),
        required=frozenset(("HttpMethod", "ResourceId", "RestApiId")),
        create_only=frozenset(("HttpMethod", "ResourceId", "RestApiId")),
        check=_check_method,
        create=_create_method,
        update=_update_method,
        delete=_delete_method,
    ),
)
