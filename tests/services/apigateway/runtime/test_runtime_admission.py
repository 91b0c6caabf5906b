"""What a request must have before it reaches its integration."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from fogline.aws.call import root_trace
from fogline.ports.http import HttpRequest

KEY = "a-key-of-twenty-characters"


# ---- validation


def test_required_parameters_are_asked_for(api: Any, integrate: Any, call: Any) -> None:
    validator = api.create_request_validator(name="v", validateRequestParameters=True)["id"]
    integrate(
        method={
            "requestValidatorId": validator,
            "requestParameters": {
                "method.request.querystring.a": True,
                "method.request.header.x-b": True,
                "method.request.querystring.c": False,
            },
        }
    )
    api.deploy()
    assert call("GET", "/?a=1", headers={"X-B": "2"}).status == 200
    refused = call("GET")
    assert refused.status == 400
    assert refused.json == {"message": "Missing required request parameters: [a, x-b]"}
    blank = call("GET", "/?a=", headers={"X-B": ""})
    assert blank.json == refused.json
    assert refused.headers["x-amzn-ErrorType"] == "BadRequestException"


def test_bodies_are_held_against_the_model_of_their_content_type(
    api: Any, integrate: Any, call: Any
) -> None:
    reference = f"https://apigateway.amazonaws.com/restapis/{api.id}/models/one"
    for name, schema in (
        ("one", {"type": "object", "required": ["a"], "properties": {"a": {"type": "number"}}}),
        ("many", {"type": "array", "items": {"$ref": reference}}),
    ):
        api.create_model(name=name, contentType="application/json", schema=json.dumps(schema))
    validator = api.create_request_validator(name="v", validateRequestBody=True)["id"]
    integrate(
        verb="POST",
        method={
            "requestValidatorId": validator,
            "requestModels": {"application/json": "many"},
        },
    )
    api.deploy()
    assert call("POST", body='[{"a": 1}]').status == 200
    for body in ("", "[", '{"a": 1}', '[{"a": "1"}]', "[{}]"):
        refused = call("POST", body=body)
        assert (refused.status, refused.json) == (400, {"message": "Invalid request body"}), body


def test_why_a_body_does_not_fit_may_stand_between_the_quotes_of_a_template(
    api: Any, integrate: Any, call: Any
) -> None:
    api.create_model(name="one", contentType="application/json", schema='{"required": ["a"]}')
    validator = api.create_request_validator(name="v", validateRequestBody=True)["id"]
    integrate(
        verb="POST",
        method={"requestValidatorId": validator, "requestModels": {"application/json": "one"}},
    )
    api.put_gateway_response(
        responseType="BAD_REQUEST_BODY",
        responseTemplates={"application/json": '{"why": "$context.error.validationErrorString"}'},
    )
    api.deploy()
    assert call("POST", body="{}").json["why"] == '[$: "a" is a required property]'


def test_models_that_lead_to_themselves_are_held_against_bodies(
    api: Any, integrate: Any, call: Any
) -> None:
    front = f"https://apigateway.amazonaws.com/restapis/{api.id}/models/"
    for name, other in (("person", "house"), ("house", "person")):
        schema = {
            "type": "object",
            "properties": {"is": {"enum": [name]}, other: {"$ref": front + other}},
            "required": ["is"],
        }
        api.create_model(name=name, contentType="application/json", schema=json.dumps(schema))
    validator = api.create_request_validator(name="v", validateRequestBody=True)["id"]
    integrate(
        verb="POST",
        method={"requestValidatorId": validator, "requestModels": {"application/json": "person"}},
    )
    api.deploy()
    fine = {"is": "person", "house": {"is": "house", "person": {"is": "person"}}}
    assert call("POST", body=json.dumps(fine)).status == 200
    fine["house"]["person"]["is"] = "house"  # type: ignore[index]
    assert call("POST", body=json.dumps(fine)).status == 400


# ---- keys, throttling, quotas


@pytest.fixture
def keyed(api: Any, integrate: Any, gateway: Any) -> Any:
    """An API that asks for a key; `plan` makes a usage plan with the key in it."""
    integrate(method={"apiKeyRequired": True})
    api.deploy()
    key = gateway.create_api_key(name="k", value=KEY, enabled=True)["id"]

    def plan(**settings: Any) -> str:
        stages = [{"apiId": api.id, "stage": "dev"}]
        made: str = gateway.create_usage_plan(name="p", apiStages=stages, **settings)["id"]
        gateway.create_usage_plan_key(usagePlanId=made, keyId=key, keyType="API_KEY")
        return made

    return plan


def test_a_method_that_requires_a_key_is_forbidden_without_a_plan(keyed: Any, call: Any) -> None:
    for headers in ({}, {"X-Api-Key": KEY}, {"X-Api-Key": "another"}):
        refused = call("GET", headers=headers)
        assert (refused.status, refused.json) == (403, {"message": "Forbidden"})
    keyed()
    assert call("GET", headers={"X-Api-Key": KEY}).status == 200
    assert call("GET", headers={"X-Api-Key": "another"}).status == 403


def test_a_plan_lets_a_burst_through_and_then_its_rate(keyed: Any, call: Any, fogline: Any) -> None:
    keyed(throttle={"rateLimit": 2.0, "burstLimit": 3})

    def passed() -> int:
        answers = [call("GET", headers={"X-Api-Key": KEY}) for _ in range(8)]
        for answer in answers:
            assert answer.status == 200 or answer.json == {"message": "Too Many Requests"}
        return sum(answer.status == 200 for answer in answers)

    assert passed() == 3
    fogline.platform.advance(seconds=1)
    assert passed() == 2


def test_a_quota_ends_with_its_day(keyed: Any, call: Any, fogline: Any, gateway: Any) -> None:
    plan = keyed(quota={"limit": 2, "period": "DAY"})
    statuses = [call("GET", headers={"X-Api-Key": KEY}).status for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert call("GET", headers={"X-Api-Key": KEY}).json == {"message": "Limit Exceeded"}
    from datetime import UTC, datetime

    day = f"{datetime.fromtimestamp(fogline.platform.now() / 1000, UTC):%Y-%m-%d}"
    usage = gateway.get_usage(usagePlanId=plan, startDate=day, endDate=day)
    assert list(usage["items"].values()) == [[[2, 0]]]
    fogline.platform.advance(days=1)
    assert call("GET", headers={"X-Api-Key": KEY}).status == 200


def test_a_method_may_be_throttled_by_its_stage(
    api: Any, integrate: Any, call: Any, fogline: Any
) -> None:
    integrate()
    integrate(resource=api.resource("a"))
    api.deploy()
    api.update_stage(
        stageName="dev",
        patchOperations=[
            {"op": "replace", "path": "/~1a/GET/throttling/burstLimit", "value": "1"},
            {"op": "replace", "path": "/~1a/GET/throttling/rateLimit", "value": "1"},
        ],
    )
    assert [call("GET", "/a").status for _ in range(3)] == [200, 429, 429]
    assert [call("GET", "/").status for _ in range(3)] == [200, 200, 200]
    fogline.platform.advance(seconds=1)
    assert [call("GET", "/a").status for _ in range(2)] == [200, 429]


def test_a_crowd_gets_a_stages_burst_and_then_its_rate(
    api: Any, integrate: Any, fogline: Any
) -> None:
    """A thousand requests a second, for ten seconds, where a hundred may pass, and two hundred at once."""
    integrate()
    api.deploy()
    change = {"throttling/burstLimit": "200", "throttling/rateLimit": "100"}
    api.update_stage(
        stageName="dev",
        patchOperations=[
            {"op": "replace", "path": f"/*/*/{name}", "value": value}
            for name, value in change.items()
        ],
    )
    platform, host = fogline.platform, f"{api.id}.execute-api.us-east-1.localhost"
    endpoint = platform.platform.wiring.find_endpoint(host, "/dev/")
    trace = root_trace("0" * 24, "1" * 16, platform.now())

    async def ask_together(count: int) -> Counter[int]:
        request = HttpRequest("GET", "/dev/", {"host": host})
        return Counter([(await endpoint.answer(request, trace)).status for _ in range(count)])

    statuses: Counter[int] = Counter()
    for _ in range(100):
        statuses += platform.ask(ask_together(100))
        platform.advance(seconds=0.1)
    # 200 at first, and 100 a second in the 9.9 seconds from the first request to the last.
    assert statuses == {200: 1_190, 429: 8_810}


# ---- authorizers


AUTHORIZER = """
calls = []
def handler(event, context):
    calls.append(1)
    token = event.get('authorizationToken') or event['headers'].get('token') or ''
    if token == 'nobody':
        raise Exception('Unauthorized')
    if token == 'broken':
        raise Exception('no idea')
    if token == 'strange':
        return {'principalId': 'x'}
    effect = 'Deny' if token == 'denied' else 'Allow'
    arn = event['methodArn'] if token != 'elsewhere' else 'arn:aws:execute-api:*:*:*/*/POST/*'
    return {
        'principalId': token,
        'policyDocument': {'Version': '2012-10-17', 'Statement': [
            {'Action': 'execute-api:Invoke', 'Effect': effect, 'Resource': arn}]},
        'context': {'calls': len(calls), 'flag': True, 'who': token},
        'usageIdentifierKey': 'a-key-of-twenty-characters',
    }
"""
TELL = "$context.authorizer.principalId $context.authorizer.calls $context.authorizer.flag"


@pytest.fixture
def guard(api: Any, integrate: Any, make_function: Any) -> Any:
    uri = make_function(AUTHORIZER, "guard")

    def make(kind: str, source: str, ttl: int = 300, **settings: Any) -> None:
        made = api.create_authorizer(
            name="a", type=kind, authorizerUri=uri, identitySource=source,
            authorizerResultTtlInSeconds=ttl, **settings,
        )  # fmt: skip
        integrate(
            method={"authorizationType": "CUSTOM", "authorizerId": made["id"]},
            responses=[{"responseTemplates": {"application/json": TELL}}],
        )
        api.deploy()

    return make


def test_a_token_authorizer_lets_in_refuses_and_fails(guard: Any, call: Any) -> None:
    guard("TOKEN", "method.request.header.Authorization")

    def ask(token: str) -> Any:
        return call("GET", headers={"Authorization": token} if token else {})

    assert ask("anna").body == b"anna 1 true"
    for token, status, message in (
        ("", 401, "Unauthorized"),
        ("nobody", 401, "Unauthorized"),
        ("denied", 403, "User is not authorized to access this resource with an explicit deny"),
        ("elsewhere", 403, "User is not authorized to access this resource"),
        ("broken", 500, None),
        ("strange", 500, None),
    ):
        refused = ask(token)
        assert (refused.status, refused.json) == (status, {"message": message}), token


def test_what_an_authorizer_says_is_kept_for_its_time(
    guard: Any, call: Any, fogline: Any, api: Any
) -> None:
    guard("TOKEN", "method.request.header.Authorization", ttl=60)

    def calls() -> int:
        return int(call("GET", headers={"Authorization": "anna"}).body.split()[1])

    assert (calls(), calls()) == (1, 1)
    fogline.platform.advance(seconds=61)
    assert calls() == 2
    fogline.platform.advance(seconds=1)
    api.flush_stage_authorizers_cache(stageName="dev")
    assert calls() == 3


def test_a_token_must_be_as_its_authorizer_wants_it(guard: Any, call: Any) -> None:
    guard("TOKEN", "method.request.header.Authorization", identityValidationExpression="an+a")
    assert call("GET", headers={"Authorization": "anna"}).status == 200
    assert call("GET", headers={"Authorization": "otto"}).status == 401


def test_a_request_authorizer_sees_the_request_and_wants_all_its_sources(
    guard: Any, call: Any
) -> None:
    guard("REQUEST", "method.request.header.token, method.request.querystring.q")
    assert call("GET", "/?q=1", headers={"token": "anna"}).body == b"anna 1 true"
    assert call("GET", "/", headers={"token": "anna"}).status == 401


def test_a_signed_request_tells_who_calls(
    api: Any, integrate: Any, call: Any, fogline: Any
) -> None:
    integrate(
        method={"authorizationType": "AWS_IAM"},
        responses=[{"responseTemplates": {"application/json": "$context.identity.userArn"}}],
    )
    api.deploy()
    assert call("GET").json == {"message": "Missing Authentication Token"}
    assert call("GET", headers={"Authorization": "Bearer x"}).status == 403
    signature = (
        f"AWS4-HMAC-SHA256 Credential={fogline.id}/20260101/us-east-1/execute-api/aws4_request, "
        "SignedHeaders=host, Signature=00"
    )
    answer = call("GET", headers={"Authorization": signature})
    assert answer.body.decode() == f"arn:aws:iam::{fogline.id}:root"
