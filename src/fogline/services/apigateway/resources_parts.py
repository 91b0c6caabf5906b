"""The CloudFormation types of parts of an API: models, validators, authorizers, gateway responses, documentation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.template_documents import as_text
from fogline.ports.resources import Context, Done, Properties, ResourceType
from fogline.services.apigateway.resource_changes import (
    ask,
    list_patches,
    members,
    patch,
    value_patches,
)

# ---- AWS::ApiGateway::Model


def _create_model(context: Context, properties: Properties) -> Done:
    # Names of models have letters and digits only.
    made_up = "".join(each for each in context.name() if each.isalnum())
    name = str(properties.get("Name") or made_up)
    schema = properties.get("Schema")
    ask(
        context,
        "CreateModel",
        {
            "restApiId": properties["RestApiId"],
            "name": name,
            "contentType": properties.get("ContentType") or "application/json",
            "description": properties.get("Description"),
            "schema": as_text({} if schema is None else schema),
        },
    )
    return Done(name)


def _update_model(context: Context, name: str, old: Properties, new: Properties) -> Done:
    paths = {"Description": "!/description", "Schema": "/schema"}
    where = {"restApiId": new["RestApiId"], "modelName": name}
    after = {**new, "Schema": new.get("Schema", {})}
    patch(context, "UpdateModel", where, value_patches(old, after, paths))
    return Done(name)


def _delete_model(context: Context, name: str, properties: Properties) -> None:
    ask(context, "DeleteModel", {"restApiId": properties["RestApiId"], "modelName": name})


# ---- AWS::ApiGateway::RequestValidator

_VALIDATES = ("ValidateRequestBody", "ValidateRequestParameters")


def _create_validator(context: Context, properties: Properties) -> Done:
    made = ask(
        context, "CreateRequestValidator", members(properties, "RestApiId", "Name", *_VALIDATES)
    )
    return Done(made["id"], {"RequestValidatorId": made["id"]})


def _update_validator(context: Context, id: str, old: Properties, new: Properties) -> Done:
    whole = {name: new.get(name, False) for name in _VALIDATES}
    paths = {name: f"/v{name[1:]}" for name in _VALIDATES}
    where = {"restApiId": new["RestApiId"], "requestValidatorId": id}
    patch(context, "UpdateRequestValidator", where, value_patches(old, whole, paths))
    return Done(id, {"RequestValidatorId": id})


def _delete_validator(context: Context, id: str, properties: Properties) -> None:
    where = {"restApiId": properties["RestApiId"], "requestValidatorId": id}
    ask(context, "DeleteRequestValidator", where)


# ---- AWS::ApiGateway::Authorizer

_AUTHORIZER = {
    "AuthType": "/authType",
    "AuthorizerCredentials": "/authorizerCredentials",
    "AuthorizerResultTtlInSeconds": "/authorizerResultTtlInSeconds",
    "AuthorizerUri": "/authorizerUri",
    "IdentitySource": "/identitySource",
    "IdentityValidationExpression": "/identityValidationExpression",
    "Name": "/name",
    "Type": "/type",
}
_TTL_SECONDS = 300


def _create_authorizer(context: Context, properties: Properties) -> Done:
    given = members(properties, "RestApiId", "ProviderARNs", *_AUTHORIZER)
    made = ask(context, "CreateAuthorizer", given)
    return Done(made["id"], {"AuthorizerId": made["id"]})


def _update_authorizer(context: Context, id: str, old: Properties, new: Properties) -> Done:
    whole = {"AuthorizerResultTtlInSeconds": _TTL_SECONDS, **new}
    patches = value_patches(old, whole, _AUTHORIZER)
    patches += list_patches(old.get("ProviderARNs"), new.get("ProviderARNs"), "/providerARNs")
    where = {"restApiId": new["RestApiId"], "authorizerId": id}
    patch(context, "UpdateAuthorizer", where, patches)
    return Done(id, {"AuthorizerId": id})


def _delete_authorizer(context: Context, id: str, properties: Properties) -> None:
    ask(
        context,
        "DeleteAuthorizer",
        {"restApiId": properties["RestApiId"], "authorizerId": id},
    )


# ---- AWS::ApiGateway::GatewayResponse

_RESPONSE = ("RestApiId", "ResponseType", "StatusCode", "ResponseParameters", "ResponseTemplates")


def _put_response(context: Context, properties: Properties) -> Done:
    ask(context, "PutGatewayResponse", members(properties, *_RESPONSE))
    id = context.name()
    return Done(id, {"Id": id})


def _update_response(context: Context, id: str, old: Properties, new: Properties) -> Done:
    _put_response(context, new)
    return Done(id, {"Id": id})


def _delete_response(context: Context, id: str, properties: Properties) -> None:
    ask(context, "DeleteGatewayResponse", members(properties, "RestApiId", "ResponseType"))


# ---- AWS::ApiGateway::DocumentationPart, DocumentationVersion


def _create_part(context: Context, properties: Properties) -> Done:
    request = {
        "restApiId": properties["RestApiId"],
        "location": members(properties["Location"]),
        "properties": as_text(properties["Properties"]),
    }
    made = ask(context, "CreateDocumentationPart", request)
    return Done(made["id"], {"DocumentationPartId": made["id"]})


def _update_part(context: Context, id: str, old: Properties, new: Properties) -> Done:
    where = {"restApiId": new["RestApiId"], "documentationPartId": id}
    changed = value_patches(old, new, {"Properties": "/properties"})
    patch(context, "UpdateDocumentationPart", where, changed)
    return Done(id, {"DocumentationPartId": id})


def _delete_part(context: Context, id: str, properties: Properties) -> None:
    ask(
        context,
        "DeleteDocumentationPart",
        {"restApiId": properties["RestApiId"], "documentationPartId": id},
    )


def _create_version(context: Context, properties: Properties) -> Done:
    request = members(properties, "RestApiId", "DocumentationVersion", "Description")
    ask(context, "CreateDocumentationVersion", request)
    return Done(str(properties["DocumentationVersion"]))


def _update_version(context: Context, version: str, old: Properties, new: Properties) -> Done:
    where = _version(version, new)
    changed = value_patches(old, new, {"Description": "/description"})
    patch(context, "UpdateDocumentationVersion", where, changed)
    return Done(version)


def _delete_version(context: Context, version: str, properties: Properties) -> None:
    ask(context, "DeleteDocumentationVersion", _version(version, properties))


def _version(version: str, properties: Properties) -> Mapping[str, Any]:
    return {"restApiId": properties["RestApiId"], "documentationVersion": version}


def _check_part(properties: Properties) -> str | None:
    return None if isinstance(properties["Location"], Mapping) else "Location must be an object."


PARTS: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::ApiGateway::Model",
        properties=frozenset(("ContentType", "Description", "Name", "RestApiId", "Schema")),
        required=frozenset(("RestApiId",)),
        create_only=frozenset(("ContentType", "Name", "RestApiId")),
        create=_create_model,
        update=_update_model,
        delete=_delete_model,
    ),
    ResourceType(
        name="AWS::ApiGateway::RequestValidator",
        properties=frozenset(("Name", "RestApiId", *_VALIDATES)),
        required=frozenset(("RestApiId",)),
        create_only=frozenset(("Name", "RestApiId")),
        attributes=frozenset(("RequestValidatorId",)),
        create=_create_validator,
        update=_update_validator,
        delete=_delete_validator,
    ),
    ResourceType(
        name="AWS::ApiGateway::Authorizer",
        properties=frozenset(("ProviderARNs", "RestApiId", *_AUTHORIZER)),
        required=frozenset(("Name", "RestApiId", "Type")),
        create_only=frozenset(("RestApiId",)),
        attributes=frozenset(("AuthorizerId",)),
        create=_create_authorizer,
        update=_update_authorizer,
        delete=_delete_authorizer,
    ),
    ResourceType(
        name="AWS::ApiGateway::GatewayResponse",
        properties=frozenset(_RESPONSE),
        required=frozenset(("ResponseType", "RestApiId")),
        create_only=frozenset(("ResponseType", "RestApiId")),
        attributes=frozenset(("Id",)),
        create=_put_response,
        update=_update_response,
        delete=_delete_response,
    ),
    ResourceType(
        name="AWS::ApiGateway::DocumentationPart",
        properties=frozenset(("Location", "Properties", "RestApiId")),
        required=frozenset(("Location", "Properties", "RestApiId")),
        create_only=frozenset(("Location", "RestApiId")),
        attributes=frozenset(("DocumentationPartId",)),
        check=_check_part,
        create=_create_part,
        update=_update_part,
        delete=_delete_part,
    ),
    ResourceType(
        name="AWS::ApiGateway::DocumentationVersion",
        properties=frozenset(("Description", "DocumentationVersion", "RestApiId")),
        required=frozenset(("DocumentationVersion", "RestApiId")),
        create_only=frozenset(("DocumentationVersion", "RestApiId")),
        create=_create_version,
        update=_update_version,
        delete=_delete_version,
    ),
)
