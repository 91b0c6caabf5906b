"""APIs of API Gateway as targets of rules: what they are asked, by whom, and where events go that they refuse."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.services.events.apis import AskedApi
from tests.services.events.conftest import Put, PutRule, Queue
from tests.services.events.site import Asked, Says, Site, open_site

from fogline.services.events import gateway_calls
from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture
def api(fogline: Account) -> AskedApi:
    return AskedApi(fogline)


def why(message: dict[str, Any]) -> dict[str, str]:
    return {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}


def target(arn: str, dead: Queue | None = None, **more: Any) -> dict[str, Any]:
    letters = {} if dead is None else {"DeadLetterConfig": {"Arn": dead.arn}}
    return {"Id": "api", "Arn": arn, **letters, **more}


# ---- what is asked


def test_an_event_is_the_body_of_a_request(api: AskedApi, put_rule: PutRule, put: Put) -> None:
    rule = put_rule(target(api.arn()))
    id_ = put({"id": 7})["EventId"]
    [asked] = api.asked()
    assert (asked["method"], asked["path"]) == ("POST", "/prod/in/")
    body = json.loads(asked["body"])
    assert (body["id"], body["detail"]) == (id_, {"id": 7})
    assert asked["Content-Type"] == "application/json"
    assert asked["User-Agent"] == "Amazon/EventBridge/ApiGateway"
    assert asked["X-Amz-Source-Arn"] == rule
    assert asked["X-Amz-Source-Account"] == api.account.id


def test_http_parameters_fill_path_query_and_headers(
    api: AskedApi, put_rule: PutRule, put: Put
) -> None:
    parameters = {
        "PathParameterValues": ["$.detail.id"],
        "QueryStringParameters": {"page": "$.source"},
        "HeaderParameters": {"X-Kind": "$.detail.kind", "User-Agent": "mine"},
    }
    put_rule(target(api.arn("prod/PUT/in/*"), HttpParameters=parameters))
    put({"id": "a/b c", "kind": "large"})
    [asked] = api.asked()
    assert (asked["method"], asked["path"]) == ("PUT", "/prod/in/a%2Fb%20c/")
    assert (asked["id"], asked["page"], asked["X-Kind"]) == ("a/b c", "shop", "large")
    assert asked["User-Agent"] == "mine"


def test_headers_that_are_not_a_targets_are_left_out(
    api: AskedApi, put_rule: PutRule, put: Put
) -> None:
    headers = {"Via": "me", "X-Amz-Source-Arn": "me", "Host": "me", "Content-Length": "1"}
    rule = put_rule(target(api.arn(), HttpParameters={"HeaderParameters": headers}))
    put()
    [asked] = api.asked()
    assert (asked["Via"], asked["X-Amz-Source-Arn"]) == ("", rule)


def test_an_input_is_the_body_instead(api: AskedApi, put_rule: PutRule, put: Put) -> None:
    put_rule(target(api.arn("prod/*/in"), Input='{"message": "hello"}'))
    put()
    [asked] = api.asked()
    assert (asked["method"], asked["body"]) == ("POST", '{"message": "hello"}')


def test_a_get_has_no_body(api: AskedApi, put_rule: PutRule, put: Put) -> None:
    put_rule(target(api.arn("prod/GET/in")))
    put()
    [asked] = api.asked()
    assert (asked["method"], asked["body"]) == ("GET", "{}")


@pytest.mark.parametrize("route", ["$default", "POST /{proxy+}"])
def test_an_http_api_is_called_as_well(
    fogline: Account, site: Site, put_rule: PutRule, put: Put, route: str
) -> None:
    apis = fogline.client("apigatewayv2")
    made = apis.create_api(Name="in", ProtocolType="HTTP", Target=f"{site.url}/in", RouteKey=route)
    arn = f"arn:aws:execute-api:us-east-1:{fogline.id}:{made['ApiId']}/$default/POST/orders"
    put_rule(target(arn))
    put({"id": 7})
    fogline.platform.settle()
    [body] = site.bodies
    assert json.loads(body)["detail"] == {"id": 7}


# ---- who asks


def test_a_method_that_asks_for_iam_sees_the_targets_role(
    fogline: Account, put_rule: PutRule, put: Put
) -> None:
    api = AskedApi(fogline, "AWS_IAM")
    put_rule(target(api.arn(), RoleArn=f"arn:aws:iam::{fogline.id}:role/path/sender"))
    put()
    [asked] = api.asked()
    assert asked["user"] == f"arn:aws:sts::{fogline.id}:assumed-role/sender/rule"


def test_a_resource_policy_may_name_the_rule(
    fogline: Account, put_rule: PutRule, put: Put, queue: Queue
) -> None:
    rule = f"arn:aws:events:us-east-1:{fogline.id}:rule/rule"
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    api = AskedApi(fogline, policy={"Version": "2012-10-17", "Statement": [allowed]})
    put_rule(target(api.arn()))
    put_rule(target(api.arn(), queue), name="other", pattern={"source": ["other"]})
    put()
    put(Source="other")
    assert [each["X-Amz-Source-Arn"] for each in api.asked()] == [rule]
    assert [why(each)["ERROR_CODE"] for each in queue.messages()] == ["SDK_CLIENT_ERROR"]


# ---- what is tried again


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_api_that_is_busy_or_broken_is_asked_again(
    api: AskedApi,
    put_rule: PutRule,
    put: Put,
    queue: Queue,
    fogline_platform: LocalPlatform,
    status: int,
) -> None:
    api.answer(status)
    put_rule(target(api.arn(), queue, RetryPolicy={"MaximumRetryAttempts": 2}))
    put({"id": 7})
    fogline_platform.settle()
    assert queue.messages() == []
    fogline_platform.advance(seconds=60)
    [dead] = queue.messages()
    said = why(dead)
    assert said["ERROR_CODE"] == ("SDK_CLIENT_ERROR" if status == 429 else "ERROR_FROM_TARGET")
    assert (said["EXHAUSTED_RETRY_CONDITION"], said["RETRY_ATTEMPTS"]) == (
        "MaximumRetryAttempts",
        "2",
    )
    assert said["TARGET_ARN"] == api.arn()
    assert json.loads(dead["Body"])["detail"] == {"id": 7}


def test_an_api_that_refuses_is_not_asked_again(
    api: AskedApi, put_rule: PutRule, put: Put, queue: Queue, fogline_platform: LocalPlatform
) -> None:
    api.answer(400)
    put_rule(target(api.arn(), queue))
    put()
    fogline_platform.settle()
    [dead] = queue.messages()
    assert why(dead)["ERROR_MESSAGE"].endswith("The request failed with status code 400")
    assert "EXHAUSTED_RETRY_CONDITION" not in why(dead)


@pytest.mark.parametrize("rest", ["nothing/POST/in", "prod/POST/elsewhere", "*/POST/in"])
def test_a_stage_or_path_that_is_not_there_is_a_dead_letter(
    api: AskedApi,
    put_rule: PutRule,
    put: Put,
    queue: Queue,
    fogline_platform: LocalPlatform,
    rest: str,
) -> None:
    put_rule(target(api.arn(rest), queue))
    put()
    fogline_platform.settle()
    [dead] = queue.messages()
    assert why(dead)["ERROR_MESSAGE"].endswith("status code 403")


def test_an_api_that_is_not_there_is_a_dead_letter(
    fogline: Account, put_rule: PutRule, put: Put, queue: Queue, fogline_platform: LocalPlatform
) -> None:
    put_rule(target(f"arn:aws:execute-api:us-east-1:{fogline.id}:gone/prod/POST/in", queue))
    put()
    fogline_platform.settle()
    [dead] = queue.messages()
    assert why(dead)["ERROR_MESSAGE"].endswith("status code 403")


def test_an_answer_that_takes_too_long_is_none(
    api: AskedApi,
    put_rule: PutRule,
    put: Put,
    queue: Queue,
    site: Site,
    fogline_platform: LocalPlatform,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gateway_calls, "_TIMEOUT_SECONDS", 0.2)
    ended: list[str] = []

    def late(asked: Asked) -> Says:
        time.sleep(0.6)
        ended.append(asked.path)
        return Says()

    site.answer = late
    for each in api.client.get_resources(restApiId=api.id)["items"]:
        if each["path"] == "/in":
            place = {"restApiId": api.id, "resourceId": each["id"], "httpMethod": "ANY"}
            api.client.put_integration(
                **place, type="HTTP_PROXY", integrationHttpMethod="POST", uri=site.url
            )
    api.deploy()
    put_rule(target(api.arn(), queue, RetryPolicy={"MaximumRetryAttempts": 0}))
    put()
    fogline_platform.settle()
    [dead] = queue.messages()
    assert why(dead)["ERROR_CODE"] == "TIMEOUT"
    # It is not disturbed.
    assert len(ended) == 1


def test_a_header_that_an_event_breaks_is_a_dead_letter(
    api: AskedApi, put_rule: PutRule, put: Put, queue: Queue, fogline_platform: LocalPlatform
) -> None:
    headers = {"HeaderParameters": {"X-Kind": "$.detail.kind"}}
    put_rule(target(api.arn(), queue, HttpParameters=headers))
    put({"kind": "a\r\nX-More: b"})
    fogline_platform.settle()
    [dead] = queue.messages()
    assert why(dead)["ERROR_CODE"] == "INVALID_PARAMETER"
    assert api.asked() == []


# ---- what is refused


@pytest.mark.parametrize(
    "rest", ["abc", "abc/prod", "abc/prod/FETCH/in", "/prod/GET/in", "a.b/p/GET/"]
)
def test_an_arn_has_to_name_a_method(events: Any, put_rule: PutRule, rest: str) -> None:
    with pytest.raises(ClientError) as caught:
        put_rule(target(f"arn:aws:execute-api:us-east-1:000000000001:{rest}"))
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert caught.value.response["Error"]["Message"].endswith(
        "Reason: Provided Arn is not in correct format."
    )


# ---- in templates

TEMPLATE = """
Resources:
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [shop]}
      Targets:
        - Id: api
          Arn: !Sub arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:API/prod/POST/in/*
          HttpParameters:
            PathParameterValues: [$.detail.id]
            HeaderParameters: {X-Kind: large}
            QueryStringParameters: {page: "1"}
"""


def test_a_template_makes_a_rule_that_calls_an_api(
    fogline: Account, api: AskedApi, put: Put
) -> None:
    cloudformation = fogline.client("cloudformation")
    cloudformation.create_stack(StackName="s", TemplateBody=TEMPLATE.replace("API", api.id))
    fogline.platform.settle()
    assert cloudformation.describe_stacks()["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    put({"id": "7"})
    [asked] = api.asked()
    assert (asked["id"], asked["X-Kind"], asked["page"]) == ("7", "large", "1")
