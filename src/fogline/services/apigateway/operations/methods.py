"""Methods: what a resource can be asked, and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.apigateway.errors import (
    BadRequestException,
    ConflictException,
    NotFoundException,
)
from fogline.services.apigateway.lookup import (
    Request,
    Result,
    changed_api,
    no_resource,
    read_api,
    require_method,
    require_resource,
)
from fogline.services.apigateway.parameters import check_request_parameters
from fogline.services.apigateway.patching import (
    ADD_REMOVE,
    ALL,
    REPLACE_REMOVE,
    Form,
    Patches,
    Path,
    read_boolean,
)
from fogline.services.apigateway.service import ApiGateway
from fogline.services.apigateway.showing import shown_method

VERBS = ("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY")
_TYPES = ("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS")
_AUTHORIZER_TYPES = {
    "CUSTOM": ("TOKEN", "REQUEST"),
    "COGNITO_USER_POOLS": ("COGNITO_USER_POOLS",),
}

_PATCHES = Patches(
    (
        Path("/apiKeyRequired", read=read_boolean),
        Path("/authorizationType", read=str.upper),
        Path("/authorizerId", REPLACE_REMOVE),
        Path("/operationName", REPLACE_REMOVE),
        Path("/requestValidatorId", REPLACE_REMOVE),
        Path("/authorizationScopes", ADD_REMOVE, form=Form.LISTED),
        Path(
            "/requestParameters/{name}",
            ALL,
            read_boolean,
            Form.ENTRY,
            missing="Invalid parameter name specified",
        ),
        Path(
            "/requestModels/{type}",
            ALL,
            form=Form.ENTRY,
            missing="Content-Type specified was not found",
        ),
    )
)


def put_method(gateway: ApiGateway, call: Call, request: Request) -> Result:
    verb = request["httpMethod"]
    if verb not in VERBS:
        raise BadRequestException(
            f"Invalid HttpMethod specified. Valid options are {','.join(VERBS)}"
        )
    method = given(
        {
            "httpMethod": verb,
            # Upper or lower case are the same to API Gateway.
            "authorizationType": request["authorizationType"].upper(),
            "authorizerId": request.get("authorizerId"),
            "authorizationScopes": request.get("authorizationScopes"),
            "apiKeyRequired": bool(request.get("apiKeyRequired")),
            "requestValidatorId": request.get("requestValidatorId"),
            "operationName": request.get("operationName"),
            "requestParameters": request.get("requestParameters") or {},
            "requestModels": request.get("requestModels") or {},
            "methodResponses": {},
        }
    )
    with changed_api(gateway, call, request["restApiId"], no_resource()) as api:
        methods = require_resource(api, request["resourceId"])["resourceMethods"]
        if verb in methods:
            raise ConflictException("Method already exists for this resource")
        _check(api, method)
        methods[verb] = method
    return shown_method(method)


def get_method(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["restApiId"], no_resource())
    return shown_method(require_method(api, request))


def update_method(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["restApiId"], no_resource()) as api:
        method = require_method(api, request)
        _PATCHES.apply(method, request.get("patchOperations"))
        for name in ("requestValidatorId", "operationName", "authorizerId"):
            if not method.get(name):
                method.pop(name, None)
        if method["authorizationType"] not in _AUTHORIZER_TYPES:
            method.pop("authorizerId", None)
        _check(api, method)
    return shown_method(method)


def delete_method(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["restApiId"], no_resource()) as api:
        require_method(api, request)
        del require_resource(api, request["resourceId"])["resourceMethods"][request["httpMethod"]]
    return {}


def _check(api: Mapping[str, Any], method: Mapping[str, Any]) -> None:
    kind = method["authorizationType"]
    if kind not in _TYPES:
        raise BadRequestException(
            f"Invalid authorization type specified. Valid options are [{', '.join(_TYPES)}]"
        )
    if kind in _AUTHORIZER_TYPES:
        authorizer = api["authorizers"].get(method.get("authorizerId", ""))
        if authorizer is None or authorizer["type"] not in _AUTHORIZER_TYPES[kind]:
            raise BadRequestException(
                "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS "
                "requires a valid authorizer."
            )
    validator = method.get("requestValidatorId")
    if validator and validator not in api["requestValidators"]:
        raise BadRequestException("Invalid Request Validator identifier specified")
    check_request_parameters(method["requestParameters"])
    check_models(api, method["requestModels"])


def check_models(api: Mapping[str, Any], models: Mapping[str, str]) -> None:
    """Raises BadRequestException unless the API has all these models."""
    for name in models.values():
        if name not in api["models"]:
            raise BadRequestException(f"Invalid model identifier specified: {name[:300]}")


def require_response(method: Mapping[str, Any], status: str) -> Any:
    """A method's response. Raises NotFoundException."""
    found = method["methodResponses"].get(status)
    if found is None:
        raise NotFoundException("Invalid Response status code specified")
    return found
