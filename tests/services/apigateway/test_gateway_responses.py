"""Gateway responses: what is answered where no integration was asked."""

from __future__ import annotations

from tests.services.apigateway.conftest import Refusal, RestApi, patch


def test_every_type_has_a_default(api: RestApi) -> None:
    found = {one["responseType"]: one for one in api.get_gateway_responses()["items"]}
    assert len(found) == 21
    assert found["THROTTLED"] == {
        "responseType": "THROTTLED",
        "statusCode": "429",
        "responseParameters": {},
        "responseTemplates": {"application/json": '{"message":$context.error.messageString}'},
        "defaultResponse": True,
    }
    assert "statusCode" not in found["DEFAULT_5XX"]


def test_what_is_put_stands_until_it_is_deleted(api: RestApi, refusal: Refusal) -> None:
    header = {"gatewayresponse.header.X": "'y'"}
    api.put_gateway_response(
        responseType="UNAUTHORIZED", statusCode="418", responseParameters=header
    )
    shown = api.get_gateway_response(responseType="UNAUTHORIZED")
    assert (shown["statusCode"], shown["responseParameters"]) == ("418", header)
    assert shown["defaultResponse"] is False
    api.delete_gateway_response(responseType="UNAUTHORIZED")
    assert api.get_gateway_response(responseType="UNAUTHORIZED")["statusCode"] == "401"
    assert refusal(api.delete_gateway_response, responseType="UNAUTHORIZED").status == 404


def test_a_default_becomes_the_apis_own_by_a_patch(api: RestApi, refusal: Refusal) -> None:
    changed = api.update_gateway_response(
        responseType="DEFAULT_4XX", patchOperations=patch("replace", "/statusCode", "444")
    )
    assert changed["defaultResponse"] is False
    refused = refusal(
        api.update_gateway_response,
        responseType="DEFAULT_4XX",
        patchOperations=patch("add", "/statusCode", "444"),
    )
    assert refused == ("BadRequestException", "Invalid patch path /statusCode")


def test_parameters_lead_from_requests_to_answers(api: RestApi, refusal: Refusal) -> None:
    refused = refusal(
        api.put_gateway_response,
        responseType="UNAUTHORIZED",
        responseParameters={"gatewayresponse.header.X": "y"},
    )
    assert refused.code == "BadRequestException"
