"""What an API answers by itself, type by type."""

from __future__ import annotations

from fogline.services.apigateway.gateway_response_defaults import effective_response


def test_an_own_response_is_before_that_of_its_class_and_that_before_the_default() -> None:
    own = {"responseType": "UNAUTHORIZED", "statusCode": "418"}
    family = {
        "responseType": "DEFAULT_4XX",
        "responseParameters": {"gatewayresponse.header.X": "'y'"},
    }
    api = {"gatewayResponses": {"UNAUTHORIZED": own, "DEFAULT_4XX": family}}
    assert effective_response(api, "UNAUTHORIZED")["statusCode"] == "418"
    throttled = effective_response(api, "THROTTLED")
    assert throttled["statusCode"] == "429"
    assert throttled["responseType"] == "THROTTLED"
    assert throttled["responseParameters"] == family["responseParameters"]
    failed = effective_response(api, "INTEGRATION_FAILURE")
    assert (failed["statusCode"], failed["responseParameters"]) == ("504", {})


def test_an_own_response_of_one_class_leaves_the_other_class_alone() -> None:
    shown = {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}
    api = {"gatewayResponses": {"DEFAULT_4XX": {"responseParameters": shown}}}
    assert effective_response(api, "DEFAULT_5XX")["responseParameters"] == {}
    assert effective_response(api, "DEFAULT_4XX")["responseParameters"] == shown
