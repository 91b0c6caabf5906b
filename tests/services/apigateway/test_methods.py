"""Methods and their responses."""

from __future__ import annotations

from typing import Any

import pytest
from tests.services.apigateway.conftest import FUNCTION, Refusal, RestApi, patch


def at(api: RestApi, verb: str = "GET", **more: Any) -> dict[str, Any]:
    return {"resourceId": api.root, "httpMethod": verb, **more}


def test_a_method_is_shown_as_it_was_put(api: RestApi) -> None:
    api.method(
        "POST",
        apiKeyRequired=True,
        operationName="Make",
        requestParameters={"method.request.header.X": True},
        requestModels={"application/json": "Empty"},
    )
    shown = api.get_method(**at(api, "POST"))
    del shown["ResponseMetadata"]
    assert shown == {
        "httpMethod": "POST",
        "authorizationType": "NONE",
        "apiKeyRequired": True,
        "operationName": "Make",
        "requestParameters": {"method.request.header.X": True},
        "requestModels": {"application/json": "Empty"},
    }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"authorizationType": "CUSTOM"},
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS "
            "requires a valid authorizer.",
        ),
        ({"requestModels": {"application/json": "No"}}, "Invalid model identifier specified: No"),
        ({"requestValidatorId": "no"}, "Invalid Request Validator identifier specified"),
        (
            {"requestParameters": {"method.request.header.a": True, "method.request.path.a": True}},
            "Parameter names must be unique across querystring, header and path",
        ),
    ],
)
def test_methods_that_can_not_be_are_refused(
    api: RestApi, refusal: Refusal, settings: dict[str, Any], message: str
) -> None:
    assert refusal(api.method, **settings) == ("BadRequestException", message)


def test_a_method_is_put_once(api: RestApi, refusal: Refusal) -> None:
    api.method()
    assert refusal(api.method) == (
        "ConflictException",
        "Method already exists for this resource",
    )
    assert refusal(api.method, verb="GETS").message == (
        "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"
    )


def test_a_method_is_patched(api: RestApi) -> None:
    api.method()
    authorizer = api.create_authorizer(
        name="a",
        type="TOKEN",
        authorizerUri=FUNCTION,
        identitySource="method.request.header.Authorization",
    )["id"]
    changed = api.update_method(
        **at(api),
        patchOperations=[
            *patch("replace", "/authorizationType", "CUSTOM"),
            *patch("replace", "/authorizerId", authorizer),
            *patch("add", "/requestParameters/method.request.querystring.q", "true"),
            *patch("add", "/authorizationScopes", "read"),
        ],
    )
    assert changed["authorizerId"] == authorizer
    assert changed["requestParameters"] == {"method.request.querystring.q": True}
    assert changed["authorizationScopes"] == ["read"]
    open_again = api.update_method(
        **at(api), patchOperations=patch("replace", "/authorizationType", "NONE")
    )
    assert "authorizerId" not in open_again


def test_a_deleted_method_is_gone(api: RestApi, refusal: Refusal) -> None:
    api.method()
    api.delete_method(**at(api))
    assert refusal(api.get_method, **at(api)) == (
        "NotFoundException",
        "Invalid Method identifier specified",
    )


def test_responses_are_put_patched_and_deleted(api: RestApi, refusal: Refusal) -> None:
    api.method()
    status = at(api, statusCode="200")
    api.put_method_response(**status, responseParameters={"method.response.header.X": False})
    assert refusal(api.put_method_response, **status).message == (
        "Response already exists for this resource"
    )
    changed = api.update_method_response(
        **status,
        patchOperations=[
            *patch("replace", "/responseParameters/method.response.header.X", "true"),
            *patch("add", "/responseModels/application~1json", "Empty"),
        ],
    )
    assert changed["responseParameters"] == {"method.response.header.X": True}
    assert api.get_method_response(**status)["responseModels"] == {"application/json": "Empty"}
    api.delete_method_response(**status)
    assert refusal(api.get_method_response, **status) == (
        "NotFoundException",
        "Invalid Response status code specified",
    )


def test_a_patch_of_what_is_not_there_is_refused(api: RestApi, refusal: Refusal) -> None:
    api.method()
    api.put_method_response(**at(api, statusCode="200"))
    for path, message in (
        ("/responseParameters/x", "Invalid parameter name specified"),
        ("/responseModels/x", "Content-Type specified was not found"),
    ):
        refused = refusal(
            api.update_method_response,
            **at(api, statusCode="200"),
            patchOperations=patch("remove", path),
        )
        assert refused == ("NotFoundException", message)


def test_breaches_of_the_body_are_told_before_those_of_the_path(
    api: RestApi, refusal: Refusal
) -> None:
    client = api.client
    refused = refusal(
        client.update_method_response,
        restApiId=api.id,
        **at(api, statusCode="wrong"),
        patchOperations=patch("wrong", "/x"),
    )
    first, second = refused.message.split("; ")
    assert "updateMethodResponseInput.patchOperations.1.member.op" in first
    assert "'statusCode'" in second
