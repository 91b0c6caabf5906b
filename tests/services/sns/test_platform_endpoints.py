"""Platform endpoints: one for each token; and what is pushed to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.background.inbox import Letter
from fogline.testing.plugin import Account

BOTH = {"PlatformPrincipal": "principal", "PlatformCredential": "credential"}


@pytest.fixture
def make_application(sns: Any) -> Callable[..., str]:
    def make(platform: str = "GCM") -> str:
        answer = sns.create_platform_application(Name="app", Platform=platform, Attributes=BOTH)
        return str(answer["PlatformApplicationArn"])

    return make


@pytest.fixture
def application(make_application: Callable[..., str]) -> str:
    return make_application()


@pytest.fixture
def make_endpoint(sns: Any, application: str) -> Callable[..., str]:
    def make(token: str = "token", **given: Any) -> str:
        answer = sns.create_platform_endpoint(
            PlatformApplicationArn=application, Token=token, **given
        )
        return str(answer["EndpointArn"])

    return make


@pytest.fixture
def pushed(fogline: Account) -> Callable[[], list[Letter]]:
    """What devices of this account got."""
    platform = fogline.platform.platform

    async def read() -> list[Letter]:
        return await platform.store.transact(
            lambda tx: platform.inbox.page(tx, account=fogline.id, channel="push")
        )

    return lambda: fogline.platform.ask(read())


def refusal(call: Callable[..., Any], **given: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**given)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def attributes(sns: Any, endpoint: str) -> dict[str, str]:
    found: dict[str, str] = sns.get_endpoint_attributes(EndpointArn=endpoint)["Attributes"]
    return found


def test_create_platform_endpoint_answers_its_arn(fogline, sns, make_endpoint):
    endpoint = make_endpoint(CustomUserData="data")
    assert endpoint.startswith(f"arn:aws:sns:us-east-1:{fogline.id}:endpoint/GCM/app/")
    assert attributes(sns, endpoint) == {
        "Enabled": "true",
        "Token": "token",
        "CustomUserData": "data",
    }


def test_the_same_token_is_the_same_endpoint(make_endpoint):
    assert make_endpoint(CustomUserData="data") == make_endpoint(CustomUserData="data")


def test_a_disabled_endpoint_is_found_by_its_token(sns, make_endpoint):
    endpoint = make_endpoint()
    sns.set_endpoint_attributes(EndpointArn=endpoint, Attributes={"Enabled": "false"})
    assert make_endpoint() == endpoint


@pytest.mark.parametrize(
    "given", [{"CustomUserData": "other"}, {}, {"Attributes": {"Enabled": "false"}}]
)
def test_the_same_token_with_other_attributes_is_refused_with_the_endpoint(
    sns, application, make_endpoint, given
):
    endpoint = make_endpoint(CustomUserData="data")
    assert refusal(
        sns.create_platform_endpoint, PlatformApplicationArn=application, Token="token", **given
    ) == (
        "InvalidParameter",
        f"Invalid parameter: Token Reason: Endpoint {endpoint} already exists with the same Token, "
        "but different attributes.",
    )


def test_set_endpoint_attributes_moves_an_endpoint_to_a_new_token(sns, make_endpoint):
    endpoint = make_endpoint("old")
    sns.set_endpoint_attributes(EndpointArn=endpoint, Attributes={"Token": "new"})
    assert attributes(sns, endpoint)["Token"] == "new"
    assert make_endpoint("new") == endpoint
    assert make_endpoint("old") != endpoint


def test_an_endpoint_cannot_take_the_token_of_another(sns, make_endpoint):
    first, second = make_endpoint("first"), make_endpoint("second")
    code, text = refusal(
        sns.set_endpoint_attributes, EndpointArn=second, Attributes={"Token": "first"}
    )
    assert (code, first in text) == ("InvalidParameter", True)


def test_delete_endpoint_makes_room_for_its_token(sns, make_endpoint):
    endpoint = make_endpoint()
    for _ in range(2):
        sns.delete_endpoint(EndpointArn=endpoint)
    assert refusal(sns.get_endpoint_attributes, EndpointArn=endpoint) == (
        "NotFound",
        "Endpoint does not exist",
    )
    assert make_endpoint() != endpoint


def test_list_endpoints_by_platform_application_gives_all_by_pages(sns, application, make_endpoint):
    made = {make_endpoint(f"token{number}") for number in range(101)}
    first = sns.list_endpoints_by_platform_application(PlatformApplicationArn=application)
    second = sns.list_endpoints_by_platform_application(
        PlatformApplicationArn=application, NextToken=first["NextToken"]
    )
    assert (len(first["Endpoints"]), len(second["Endpoints"])) == (100, 1)
    listed = first["Endpoints"] + second["Endpoints"]
    assert {each["EndpointArn"] for each in listed} == made
    assert listed[0]["Attributes"]["Enabled"] == "true"


def test_an_endpoint_needs_an_application(fogline, sns):
    arn = f"arn:aws:sns:us-east-1:{fogline.id}:app/ADM/none"
    assert refusal(sns.create_platform_endpoint, PlatformApplicationArn=arn, Token="t") == (
        "NotFound",
        "PlatformApplication does not exist",
    )


def test_user_data_has_a_limit(sns, application, make_endpoint):
    make_endpoint("fits", CustomUserData="x" * 2_048)
    assert refusal(
        sns.create_platform_endpoint,
        PlatformApplicationArn=application,
        Token="too much",
        CustomUserData="x" * 2_049,
    ) == (
        "InvalidParameter",
        "Invalid parameter: CustomUserData Reason: must be at most 2048 bytes long in UTF-8 encoding",
    )


def test_apples_tokens_are_hexadecimal(sns, make_application):
    application = make_application("APNS")
    sns.create_platform_endpoint(PlatformApplicationArn=application, Token="a1" * 32)
    code, text = refusal(
        sns.create_platform_endpoint, PlatformApplicationArn=application, Token="not hex"
    )
    assert (code, "hexadecimal" in text) == ("InvalidParameter", True)


@pytest.mark.parametrize("given", [{"Enabled": "yes"}, {"Colour": "red"}, {"Token": ""}])
def test_attributes_that_aws_refuses_are_refused(sns, make_endpoint, given):
    code, _ = refusal(sns.set_endpoint_attributes, EndpointArn=make_endpoint(), Attributes=given)
    assert code == "InvalidParameter"


def test_a_topic_hears_what_becomes_of_endpoints(fogline, sns, sqs, topic, application):
    url = sqs.create_queue(QueueName="events")["QueueUrl"]
    queue = f"arn:aws:sqs:us-east-1:{fogline.id}:events"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    sns.set_platform_application_attributes(
        PlatformApplicationArn=application,
        Attributes={
            "EventEndpointCreated": topic,
            "EventEndpointUpdated": topic,
            "EventEndpointDeleted": topic,
        },
    )
    given = {"PlatformApplicationArn": application, "Token": "token"}
    endpoint = sns.create_platform_endpoint(**given)["EndpointArn"]
    sns.create_platform_endpoint(**given)
    sns.set_endpoint_attributes(EndpointArn=endpoint, Attributes={"Enabled": "false"})
    sns.delete_endpoint(EndpointArn=endpoint)
    heard = [
        json.loads(message["Body"])
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    ]
    assert [each["Subject"] for each in heard] == [
        "EndpointCreated event for app app (GCM)",
        "EndpointUpdated event for app app (GCM)",
        "EndpointDeleted event for app app (GCM)",
    ]
    assert {json.loads(each["Message"])["EndpointArn"] for each in heard} == {endpoint}


# ---- what is pushed


def test_a_message_to_an_endpoint_lands_in_the_inbox(sns, make_endpoint, pushed):
    endpoint = make_endpoint()
    published = sns.publish(TargetArn=endpoint, Message="Hello", Subject="Greeting")
    (letter,) = pushed()
    assert letter.recipient == "token"
    assert json.loads(letter.body) == {"data": {"default": "Hello"}}
    assert letter.facts["MessageId"] == published["MessageId"]
    assert letter.facts["EndpointArn"] == endpoint


@pytest.mark.parametrize(
    ("platform", "payload"),
    [
        ("APNS", '{"aps":{"alert":"Hello"}}'),
        ("APNS_SANDBOX", '{"aps":{"alert":"Hello"}}'),
        ("ADM", '{"data":{"default":"Hello"}}'),
        ("BAIDU", '{"description":"Hello"}'),
        ("WNS", "Hello"),
    ],
)
def test_every_platform_has_its_form(sns, make_application, pushed, platform, payload):
    endpoint = sns.create_platform_endpoint(
        PlatformApplicationArn=make_application(platform), Token="ab"
    )["EndpointArn"]
    sns.publish(TargetArn=endpoint, Message="Hello")
    assert [letter.body for letter in pushed()] == [payload]


def test_what_was_said_for_the_platform_is_pushed_as_it_is(sns, make_endpoint, pushed):
    own = json.dumps({"notification": {"title": "Hi"}})
    texts = {"default": "Hello", "GCM": own, "APNS": "{}"}
    sns.publish(TargetArn=make_endpoint(), Message=json.dumps(texts), MessageStructure="json")
    assert [letter.body for letter in pushed()] == [own]


def test_a_disabled_endpoint_refuses(sns, make_endpoint, pushed):
    endpoint = make_endpoint(Attributes={"Enabled": "false"})
    assert refusal(sns.publish, TargetArn=endpoint, Message="x") == (
        "EndpointDisabled",
        "Endpoint is disabled",
    )
    assert pushed() == []


def test_a_disabled_application_refuses(sns, application, make_endpoint):
    endpoint = make_endpoint()
    sns.set_platform_application_attributes(
        PlatformApplicationArn=application, Attributes={"Enabled": "false"}
    )
    assert refusal(sns.publish, TargetArn=endpoint, Message="x")[0] == "PlatformApplicationDisabled"


def test_an_endpoint_that_is_not_there_is_refused(sns, make_endpoint):
    endpoint = make_endpoint()
    sns.delete_endpoint(EndpointArn=endpoint)
    assert refusal(sns.publish, TargetArn=endpoint, Message="x") == (
        "InvalidParameter",
        "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified",
    )


def test_a_device_that_is_not_there_cannot_be_subscribed(sns, topic, make_endpoint):
    endpoint = make_endpoint()
    sns.delete_endpoint(EndpointArn=endpoint)
    given = {"TopicArn": topic, "Protocol": "application", "Endpoint": endpoint}
    assert refusal(sns.subscribe, **given) == (
        "InvalidParameter",
        f"Invalid parameter: Endpoint Reason: Endpoint does not exist for endpoint {endpoint}",
    )


def test_a_topic_pushes_to_its_devices(sns, make_endpoint, pushed):
    topic = sns.create_topic(Name="topic")["TopicArn"]
    first, second = make_endpoint("first"), make_endpoint("second")
    for endpoint in (first, second):
        sns.subscribe(TopicArn=topic, Protocol="application", Endpoint=endpoint)
    sns.set_endpoint_attributes(EndpointArn=second, Attributes={"Enabled": "false"})
    sns.publish(TopicArn=topic, Message="Hello")
    (letter,) = pushed()
    assert (letter.recipient, letter.facts["TopicArn"]) == ("first", topic)
