"""The CloudFormation type of HTTP and WebSocket APIs, described by properties or by an OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.template_documents import body_of
from fogline.ports.resources import (
    Context,
    Done,
    Properties,
    ResourceRefused,
    ResourceType,
    boolean,
)
from fogline.services.apigatewayv2.resource_changes import (
    ask,
    changed,
    members,
    retag,
    wrong_kinds,
)

_SETTINGS = (
    "ApiKeySelectionExpression",
    "CorsConfiguration",
    "Description",
    "DisableExecuteApiEndpoint",
    "DisableSchemaValidation",
    "IpAddressType",
    "Name",
    "RouteSelectionExpression",
    "Version",
)
_QUICK_CREATE = ("CredentialsArn", "RouteKey", "Target")
_DEFAULTS = {
    "ApiKeySelectionExpression": "$request.header.x-api-key",
    "Description": "",
    "DisableExecuteApiEndpoint": False,
    "DisableSchemaValidation": False,
    "IpAddressType": "ipv4",
}
"""What settings become when a template leaves them out again."""


def _create_api(context: Context, properties: Properties) -> Done:
    body = _body(context, properties)
    tags = context.tags(properties.get("Tags"))
    if body is None:
        request = members(properties, (*_SETTINGS, *_QUICK_CREATE, "ProtocolType"))
        made = ask(context, "CreateApi", {**request, "Tags": tags})
        return _api(context, made)
    made = ask(context, "ImportApi", _import(properties, body))
    settings = members(properties, _SETTINGS)
    if settings:
        made = ask(context, "UpdateApi", {"ApiId": made["ApiId"], **settings})
    ask(context, "TagResource", {"ResourceArn": _arn(context, made["ApiId"]), "Tags": tags})
    return _api(context, made)


def _update_api(context: Context, id: str, old: Properties, new: Properties) -> Done:
    body = _body(context, new)
    before = old
    if body is not None:
        ask(context, "ReimportApi", {"ApiId": id, **_import(new, body)})
        before = {}  # the document has said anew what the template does not say
    if before.get("CorsConfiguration") and not new.get("CorsConfiguration"):
        ask(context, "DeleteCorsConfiguration", {"ApiId": id})
    settings = changed(before, new, (*_SETTINGS, *_QUICK_CREATE), _DEFAULTS)
    if settings:
        ask(context, "UpdateApi", {"ApiId": id, **settings})
    retag(context, f"/apis/{id}", old, new)
    return _api(context, ask(context, "GetApi", {"ApiId": id}))


def _delete_api(context: Context, id: str, properties: Properties) -> None:
    ask(context, "DeleteApi", {"ApiId": id})


def _api(context: Context, found: Mapping[str, Any]) -> Done:
    id, call = found["ApiId"], context.call
    return Done(
        id,
        {
            "ApiId": id,
            "ApiEndpoint": found["ApiEndpoint"],
            "ExecuteApiArn": f"arn:aws:execute-api:{call.region}:{call.account}:{id}",
        },
    )


def _arn(context: Context, id: str) -> str:
    return f"arn:aws:apigateway:{context.call.region}::/apis/{id}"


def _import(properties: Properties, body: str) -> dict[str, Any]:
    failing = properties.get("FailOnWarnings")
    return {
        "Body": body,
        "Basepath": properties.get("BasePath"),
        "FailOnWarnings": boolean(failing) if failing is not None else None,
    }


def _body(context: Context, properties: Properties) -> str | None:
    content = body_of(context, properties, "Etag")
    try:
        return content.decode() if content is not None else None
    except UnicodeDecodeError:
        raise ResourceRefused("The document of the API is no text.") from None


def _check_api(properties: Properties) -> str | None:
    if properties.get("Body") is not None and properties.get("BodyS3Location") is not None:
        return "Body and BodyS3Location can't both be given."
    has_document = "Body" in properties or "BodyS3Location" in properties
    if not has_document:
        for name in ("Name", "ProtocolType"):
            if not properties.get(name):
                return f"{name} is required for an API that is not made from a document."
    elif properties.get("ProtocolType", "HTTP") != "HTTP":
        return "Only HTTP APIs can be made from a document."
    return wrong_kinds(
        properties,
        {"Body": (Mapping, str), "BodyS3Location": Mapping, "CorsConfiguration": Mapping},
    )


APIS: tuple[ResourceType, ...] = (
    ResourceType(
        name="AWS::ApiGatewayV2::Api",
        properties=frozenset(
            (
                *_SETTINGS,
                *_QUICK_CREATE,
                "BasePath",
                "Body",
                "BodyS3Location",
                "FailOnWarnings",
                "ProtocolType",
                "Tags",
            )
        ),
        create_only=frozenset(("ProtocolType",)),
        attributes=frozenset(("ApiEndpoint", "ApiId", "ExecuteApiArn")),
        check=_check_api,
        create=_create_api,
        update=_update_api,
        delete=_delete_api,
    ),
)
