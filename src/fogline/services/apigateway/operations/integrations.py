"""Integrations: what stands behind a method."""

from __future__ import annotations

from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.apigateway.integration_rules import check_integration, with_defaults
from fogline.services.apigateway.lookup import (
    Request,
    Result,
    changed_api,
    no_resource,
    read_api,
    require_integration,
    require_method,
)
from fogline.services.apigateway.patching import (
    ADD_REMOVE,
    ALL,
    REPLACE_REMOVE,
    Form,
    Patches,
    Path,
    read_boolean,
    read_integer,
)
from fogline.services.apigateway.service import ApiGateway
from fogline.services.apigateway.showing import shown_integration

_MEMBERS = (
    "type",
    "uri",
    "connectionType",
    "connectionId",
    "credentials",
    "requestParameters",
    "requestTemplates",
    "passthroughBehavior",
    "contentHandling",
    "timeoutInMillis",
    "cacheNamespace",
    "cacheKeyParameters",
    "tlsConfig",
    "responseTransferMode",
    "integrationTarget",
)

_PATCHES = Patches(
    (
        *(
            Path(f"/{name}", REPLACE_REMOVE)
            for name in (
                "cacheNamespace",
                "connectionId",
                "connectionType",
                "contentHandling",
                "credentials",
                "integrationTarget",
            )
        ),
        Path("/httpMethod"),
        Path("/passthroughBehavior"),
        Path("/responseTransferMode"),
        Path("/timeoutInMillis", read=read_integer),
        Path("/tlsConfig/insecureSkipVerification", read=read_boolean),
        Path("/uri"),
        Path("/cacheKeyParameters/{name}", ADD_REMOVE, form=Form.ELEMENT),
        Path(
            "/requestParameters/{name}",
            ALL,
            form=Form.ENTRY,
            missing="Invalid parameter name specified",
        ),
        Path(
            "/requestTemplates/{type}",
            ALL,
            form=Form.ENTRY,
            missing="Content-Type specified was not found",
        ),
    )
)


def put_integration(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["restApiId"], no_resource()) as api:
        method = require_method(api, request)
        integration = with_defaults(
            given(
                {
                    **{name: request.get(name) for name in _MEMBERS},
                    "httpMethod": request.get("integrationHttpMethod"),
                }
            ),
            request["resourceId"],
        )
        check_integration(integration, gateway.limits)
        method["methodIntegration"] = integration
    return shown_integration(integration)


def get_integration(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["restApiId"], no_resource())
    return shown_integration(require_integration(api, request))


def update_integration(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["restApiId"], no_resource()) as api:
        integration = require_integration(api, request)
        _PATCHES.apply(integration, request.get("patchOperations"))
        for name in ("contentHandling", "credentials", "connectionId", "integrationTarget"):
            if not integration.get(name):
                integration.pop(name, None)
        integration = with_defaults(integration, request["resourceId"])
        check_integration(integration, gateway.limits)
        require_method(api, request)["methodIntegration"] = integration
    return shown_integration(integration)


def delete_integration(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["restApiId"], no_resource()) as api:
        require_integration(api, request)
        del require_method(api, request)["methodIntegration"]
    return {}
