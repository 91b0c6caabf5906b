"""Method responses: what a method may answer, status by status."""

from __future__ import annotations

from fogline.aws.call import Call
from fogline.services.apigateway.errors import ConflictException
from fogline.services.apigateway.lookup import (
    Request,
    Result,
    changed_api,
    no_resource,
    read_api,
    require_method,
)
from fogline.services.apigateway.operations.methods import check_models, require_response
from fogline.services.apigateway.parameters import check_response_parameters
from fogline.services.apigateway.patching import ALL, Form, Patches, Path, read_boolean
from fogline.services.apigateway.service import ApiGateway
from fogline.services.apigateway.showing import shown_method_response

_PATCHES = Patches(
    (
        Path(
            "/responseParameters/{name}",
            ALL,
            read_boolean,
            Form.ENTRY,
            missing="Invalid parameter name specified",
        ),
        Path(
            "/responseModels/{type}",
            ALL,
            form=Form.ENTRY,
            missing="Content-Type specified was not found",
        ),
    )
)


def put_method_response(gateway: ApiGateway, call: Call, request: Request) -> Result:
    status = request["statusCode"]
    response = {
        "statusCode": status,
        "responseParameters": request.get("responseParameters") or {},
        "responseModels": request.get("responseModels") or {},
    }
    check_response_parameters(response["responseParameters"])
    with changed_api(gateway, call, request["restApiId"], no_resource()) as api:
        responses = require_method(api, request)["methodResponses"]
        if status in responses:
            raise ConflictException("Response already exists for this resource")
        check_models(api, response["responseModels"])
        responses[status] = response
    return shown_method_response(response)


def get_method_response(gateway: ApiGateway, call: Call, request: Request) -> Result:
    api = read_api(gateway, call, request["restApiId"], no_resource())
    return shown_method_response(
        require_response(require_method(api, request), request["statusCode"])
    )


def update_method_response(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["restApiId"], no_resource()) as api:
        response = require_response(require_method(api, request), request["statusCode"])
        _PATCHES.apply(response, request.get("patchOperations"))
        check_response_parameters(response["responseParameters"])
        check_models(api, response["responseModels"])
    return shown_method_response(response)


def delete_method_response(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with changed_api(gateway, call, request["restApiId"], no_resource()) as api:
        method = require_method(api, request)
        require_response(method, request["statusCode"])
        del method["methodResponses"][request["statusCode"]]
    return {}
