"""Request validators: what of a request is checked before its integration."""

from __future__ import annotations

from typing import Any

from fogline.apis.parts import fresh_id
from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.apigateway.errors import (
    BadRequestException,
    LimitExceededException,
    NotFoundException,
)
from fogline.services.apigateway.lookup import (
    Request,
    Result,
    changed_api,
    read_api,
    require_part,
)
from fogline.services.apigateway.pages import page_of
from fogline.services.apigateway.patching import Patches, Path, read_boolean
from fogline.services.apigateway.service import ApiGateway

_PARTS, _KIND = "requestValidators", "Request Validator"
_PATCHES = Patches(
    (
        Path("/name", blank="Request Validator name cannot be blank"),
        Path("/validateRequestParameters", read=read_boolean),
        Path("/validateRequestBody", read=read_boolean),
    ),
    is_listing=True,
)


def create_request_validator(gateway: ApiGateway, call: Call, request: Request) -> Result:
    # Alone among all, this one takes an API that is not there for a mistake in the request (recorded).
    refusal = BadRequestException("Invalid REST API identifier specified")
    with changed_api(gateway, call, request["restApiId"], refusal) as api:
        validators = api[_PARTS]
        if len(validators) >= gateway.limits.validators_max:
            raise LimitExceededException(kind="request validators", scope="API")
        validator = given(
            {
                "id": fresh_id(gateway.ids, validators),
                "name": request.get("name"),
                "validateRequestBody": bool(request.get("validateRequestBody")),
                "validateRequestParameters": bool(request.get("validateRequestParameters")),
            }
        )
        validators[validator["id"]] = validator
    return validator


def get_request_validator(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["restApiId"], NotFoundException(kind=_KIND))
    found: Result = require_part(api, _PARTS, request["requestValidatorId"], _KIND)
    return found


def get_request_validators(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["restApiId"])
    return page_of(api[_PARTS], request, gateway.limits)


def update_request_validator(gateway: ApiGateway, call: Call, request: Request) -> Result:
    missing = NotFoundException(kind=_KIND)
    with changed_api(gateway, call, request["restApiId"], missing) as api:
        validator: dict[str, Any] = require_part(api, _PARTS, request["requestValidatorId"], _KIND)
        _PATCHES.apply(validator, request.get("patchOperations"))
    return validator


def delete_request_validator(gateway: ApiGateway, call: Call, request: Request) -> Result:
    id = request["requestValidatorId"]
    missing = NotFoundException(kind=_KIND)
    with changed_api(gateway, call, request["restApiId"], missing) as api:
        require_part(api, _PARTS, id, _KIND)
        for resource in api["resources"].values():
            for verb, method in resource["resourceMethods"].items():
                if method.get("requestValidatorId") == id:
                    raise BadRequestException(
                        f"Cannot delete request validator '{id}', is referenced in method {resource['path']}/{verb}"
                    )
        del api[_PARTS][id]
    return {}
