"""Subscriptions of web servers: the handshake, what is posted, and what happens while they do not answer."""

from __future__ import annotations

import base64
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import urlopen

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from fogline.config import read_config
from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: str

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document

    @property
    def kind(self) -> str:
        return self.headers["x-amz-sns-message-type"]


class Hook:
    """A web server on a free port: it remembers what it was sent, and answers as told."""

    def __init__(self) -> None:
        self.status = 200
        self.received: list[Received] = []
        self.taken: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer._take(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.address}/hook"

    @property
    def notifications(self) -> list[Received]:
        return [each for each in self.received if each.kind == "Notification"]

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length", 0))).decode()
        headers = {name.lower(): value for name, value in handler.headers.items()}
        received = Received(handler.path, headers, body)
        self.received.append(received)
        if self.status < 300 and received.kind == "Notification":
            self.taken.append(
                body if "x-amz-sns-rawdelivery" in headers else received.document["Message"]
            )
        handler.send_response(self.status)
        handler.send_header("content-length", "0")
        handler.end_headers()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.close()


@pytest.fixture
def settle(fogline: Account) -> Callable[[], None]:
    return fogline.platform.settle


@pytest.fixture
def subscribe(sns: Any, topic: str, hook: Hook, settle: Any) -> Callable[..., str]:
    """Subscribe the hook and let it confirm; the subscription's ARN."""

    def subscribe(url: str = "", protocol: str = "http", **attributes: Any) -> str:
        given = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in attributes.items()
        }
        sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=url or hook.url, Attributes=given)
        settle()
        asked = hook.received[-1].document
        answer = sns.confirm_subscription(TopicArn=topic, Token=asked["Token"])
        return str(answer["SubscriptionArn"])

    return subscribe


def retries(number: int, seconds: int, **more: Any) -> dict[str, Any]:
    return {
        "healthyRetryPolicy": {
            "numRetries": number,
            "minDelayTarget": seconds,
            "maxDelayTarget": seconds,
            **more,
        }
    }


def get(url: str) -> tuple[str, str]:
    with urlopen(url, timeout=10) as answer:
        return answer.headers["content-type"], answer.read().decode()


# ---- the handshake


def test_an_endpoint_is_asked_to_confirm_its_subscription(sns, topic, hook, settle):
    answer = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url)
    assert answer["SubscriptionArn"] == "pending confirmation"
    settle()
    (asked,) = hook.received
    assert asked.kind == "SubscriptionConfirmation"
    assert asked.headers["x-amz-sns-topic-arn"] == topic
    assert asked.headers["x-amz-sns-message-id"] == asked.document["MessageId"]
    assert "x-amz-sns-subscription-arn" not in asked.headers
    assert list(asked.document) == [
        "Type",
        "MessageId",
        "Token",
        "TopicArn",
        "Message",
        "SubscribeURL",
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertURL",
    ]


def test_whoever_visits_the_link_confirms(sns, topic, hook, settle):
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url)
    settle()
    kind, text = get(hook.received[0].document["SubscribeURL"])
    assert kind.startswith("text/xml")
    assert "<ConfirmSubscriptionResponse" in text
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert f"<SubscriptionArn>{listed['SubscriptionArn']}</SubscriptionArn>" in text


def test_the_link_works_for_topics_of_any_region(fogline, hook, settle):
    sns = fogline.client("sns", "eu-west-1")
    topic = sns.create_topic(Name="far")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url)
    settle()
    get(hook.received[0].document["SubscribeURL"])
    (listed,) = sns.list_subscriptions()["Subscriptions"]
    assert listed["SubscriptionArn"].startswith(topic)


def test_nothing_is_sent_before_the_confirmation(sns, topic, hook, settle):
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url)
    sns.publish(TopicArn=topic, Message="too early")
    settle()
    assert hook.notifications == []


def test_a_confirmation_is_repeated_while_the_endpoint_fails(fogline, sns, topic, hook, settle):
    hook.status = 503
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url)
    settle()
    hook.status = 200
    fogline.platform.advance(seconds=20)
    assert [each.kind for each in hook.received] == ["SubscriptionConfirmation"] * 2
    assert hook.received[0].body == hook.received[1].body


def test_the_end_of_a_subscription_is_told(sns, topic, hook, settle, subscribe):
    arn = subscribe()
    sns.unsubscribe(SubscriptionArn=arn)
    settle()
    told = hook.received[-1]
    assert told.kind == "UnsubscribeConfirmation"
    assert told.headers["x-amz-sns-subscription-arn"] == arn
    assert arn in told.document["Message"]


def test_a_subscription_that_ended_can_be_restored(sns, topic, hook, settle, subscribe):
    arn = subscribe()
    sns.unsubscribe(SubscriptionArn=arn)
    settle()
    get(hook.received[-1].document["SubscribeURL"])
    sns.publish(TopicArn=topic, Message="back again")
    settle()
    assert hook.taken == ["back again"]
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed["SubscriptionArn"] == arn


def test_what_ended_with_its_topic_does_not_come_back(sns, topic, hook, settle, subscribe):
    arn = subscribe()
    sns.unsubscribe(SubscriptionArn=arn)
    settle()
    sns.delete_topic(TopicArn=topic)
    sns.create_topic(Name="topic")
    token = hook.received[-1].document["Token"]
    with pytest.raises(sns.exceptions.InvalidParameterException):
        sns.confirm_subscription(TopicArn=topic, Token=token)


def test_the_link_of_a_notification_ends_the_subscription(sns, topic, hook, settle, subscribe):
    subscribe()
    sns.publish(TopicArn=topic, Message="x")
    settle()
    _, text = get(hook.notifications[0].document["UnsubscribeURL"])
    assert "<UnsubscribeResponse" in text
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


# ---- what is posted


def test_a_notification_has_the_headers_that_aws_sends(sns, topic, hook, settle, subscribe):
    arn = subscribe()
    published = sns.publish(TopicArn=topic, Message="Hello", Subject="Greeting")
    settle()
    (posted,) = hook.notifications
    assert posted.path == "/hook"
    assert posted.headers["x-amz-sns-message-id"] == published["MessageId"]
    assert posted.headers["x-amz-sns-topic-arn"] == topic
    assert posted.headers["x-amz-sns-subscription-arn"] == arn
    assert posted.headers["content-type"] == "text/plain; charset=UTF-8"
    assert posted.headers["user-agent"] == "Amazon Simple Notification Service Agent"
    assert "x-amz-sns-rawdelivery" not in posted.headers
    assert (posted.document["Message"], posted.document["Subject"]) == ("Hello", "Greeting")


def test_a_raw_message_is_posted_as_it_is(sns, topic, hook, settle, subscribe):
    subscribe(RawMessageDelivery="true")
    sns.publish(TopicArn=topic, Message="just this: ü")
    settle()
    (posted,) = hook.notifications
    assert posted.body == "just this: ü"
    assert posted.headers["x-amz-sns-rawdelivery"] == "true"


def test_what_was_said_for_the_protocol_is_posted(sns, topic, hook, settle, subscribe):
    subscribe()
    texts = {"default": "for others", "http": "for web servers"}
    sns.publish(TopicArn=topic, Message=json.dumps(texts), MessageStructure="json")
    settle()
    assert hook.taken == ["for web servers"]


def test_the_content_type_is_the_policys(sns, topic, hook, settle, subscribe):
    subscribe(DeliveryPolicy={"requestPolicy": {"headerContentType": "application/json"}})
    sns.publish(TopicArn=topic, Message="{}")
    settle()
    assert hook.notifications[0].headers["content-type"] == "application/json"


def test_user_and_password_of_the_url_are_sent_as_basic_authentication(
    sns, topic, hook, settle, subscribe
):
    subscribe(f"http://ada:p%40ss@{hook.address}/hook")
    sns.publish(TopicArn=topic, Message="x")
    settle()
    expected = f"Basic {base64.b64encode(b'ada:p@ss').decode()}"
    assert [each.headers["authorization"] for each in hook.received] == [expected] * 2
    assert {each.headers["host"] for each in hook.received} == {hook.address}


def test_lists_keep_the_password_to_themselves(sns, topic, hook, subscribe):
    url = f"http://ada:secret@{hook.address}/hook"
    arn = subscribe(url)
    (listed,) = sns.list_subscriptions()["Subscriptions"]
    assert listed["Endpoint"] == f"http://ada:****@{hook.address}/hook"
    found = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert found["Endpoint"] == url


@pytest.mark.parametrize(("version", "algorithm"), [("1", hashes.SHA1()), ("2", hashes.SHA256())])
def test_readers_verify_every_message_with_the_certificate(
    sns, topic, hook, settle, subscribe, version, algorithm
):
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="SignatureVersion", AttributeValue=version
    )
    arn = subscribe()
    sns.publish(TopicArn=topic, Message="Hello\nworld", Subject="Greeting")
    settle()
    sns.unsubscribe(SubscriptionArn=arn)
    settle()
    assert [each.kind for each in hook.received] == [
        "SubscriptionConfirmation",
        "Notification",
        "UnsubscribeConfirmation",
    ]
    for received in hook.received:
        message = received.document
        assert message["SignatureVersion"] == version
        _, pem = get(message["SigningCertURL"])
        key: Any = x509.load_pem_x509_certificate(pem.encode()).public_key()
        names = (
            ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
            if received.kind == "Notification"
            else ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
        )
        text = "".join(f"{name}\n{message[name]}\n" for name in names)
        signature = base64.b64decode(message["Signature"])
        key.verify(signature, text.encode(), padding.PKCS1v15(), algorithm)


# ---- when it does not answer


def test_a_failed_post_is_repeated_with_the_same_message(
    fogline, sns, topic, hook, settle, subscribe
):
    subscribe()
    hook.status = 500
    sns.publish(TopicArn=topic, Message="x")
    settle()
    assert len(hook.notifications) == 1
    fogline.platform.advance(seconds=19)
    assert len(hook.notifications) == 1
    hook.status = 204
    fogline.platform.advance(seconds=1)
    first, second = hook.notifications
    assert first.body == second.body
    fogline.platform.advance(hours=1)
    assert hook.taken == ["x"]


def test_immediate_retries_come_at_once(sns, topic, hook, settle, subscribe):
    subscribe(DeliveryPolicy=retries(4, 30, numNoDelayRetries=2))
    hook.status = 500
    sns.publish(TopicArn=topic, Message="x")
    settle()
    assert len(hook.notifications) == 3


@pytest.mark.parametrize(
    ("status", "posts"), [(500, 4), (503, 4), (429, 4), (403, 1), (404, 1), (302, 1)]
)
def test_only_what_may_recover_is_tried_again(
    fogline, sns, topic, hook, settle, subscribe, status, posts
):
    subscribe()
    hook.status = status
    sns.publish(TopicArn=topic, Message="x")
    settle()
    fogline.platform.advance(hours=2)
    assert len(hook.notifications) == posts


def test_the_policy_of_the_topic_holds_for_its_subscriptions(
    fogline, sns, topic, hook, settle, subscribe
):
    policy = {"http": {"defaultHealthyRetryPolicy": retries(1, 5)["healthyRetryPolicy"]}}
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="DeliveryPolicy", AttributeValue=json.dumps(policy)
    )
    subscribe()
    hook.status = 500
    sns.publish(TopicArn=topic, Message="x")
    settle()
    fogline.platform.advance(hours=1)
    assert len(hook.notifications) == 2


def test_an_endpoint_that_fails_for_an_hour_gets_every_message_once_after_it_recovers(
    fogline, sns, topic, hook, settle, subscribe
):
    subscribe(DeliveryPolicy=retries(60, 60), RawMessageDelivery="true")
    hook.status = 500
    messages = [f"message {number}" for number in range(5)]
    for message in messages:
        sns.publish(TopicArn=topic, Message=message)
    settle()
    fogline.platform.advance(seconds=3_599)
    assert hook.taken == []
    hook.status = 200
    fogline.platform.advance(seconds=1)
    fogline.platform.advance(hours=2)
    assert Counter(hook.taken) == Counter(messages)


def test_an_endpoint_that_never_recovers_fills_its_dead_letter_queue(
    fogline, sns, topic, hook, settle, subscribe
):
    sqs = fogline.client("sqs")
    queue = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{fogline.id}:dead"
    subscribe(RedrivePolicy={"deadLetterTargetArn": arn})
    hook.status = 500
    sent = {sns.publish(TopicArn=topic, Message=f"{number}")["MessageId"] for number in range(5)}
    settle()
    fogline.platform.advance(seconds=59)
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    fogline.platform.advance(seconds=1)
    buried = [
        json.loads(message["Body"])
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    ]
    assert {each["MessageId"] for each in buried} == sent
    assert {each["Type"] for each in buried} == {"Notification"}
    assert all(each["Signature"] for each in buried)


def test_an_endpoint_that_is_not_there_is_a_failure_like_others(fogline, sns, topic, hook, settle):
    sqs = fogline.client("sqs")
    queue = sqs.create_queue(QueueName="dead")["QueueUrl"]
    redrive = {"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{fogline.id}:dead"}
    sns.subscribe(
        TopicArn=topic,
        Protocol="http",
        Endpoint=hook.url,
        Attributes={"RedrivePolicy": json.dumps(redrive)},
    )
    settle()
    get(hook.received[0].document["SubscribeURL"])
    hook.close()
    sns.publish(TopicArn=topic, Message="x")
    settle()
    fogline.platform.advance(seconds=60)
    assert len(sqs.receive_message(QueueUrl=queue)["Messages"]) == 1


def test_what_waits_for_an_ended_subscription_is_dropped(
    fogline, sns, topic, hook, settle, subscribe
):
    arn = subscribe()
    hook.status = 500
    sns.publish(TopicArn=topic, Message="x")
    settle()
    sns.unsubscribe(SubscriptionArn=arn)
    hook.status = 200
    fogline.platform.advance(hours=1)
    assert hook.taken == []


def test_a_throttled_endpoint_gets_so_many_in_a_second(
    fogline, sns, topic, hook, settle, subscribe
):
    subscribe(DeliveryPolicy={"throttlePolicy": {"maxReceivesPerSecond": 2}})
    for number in range(5):
        sns.publish(TopicArn=topic, Message=f"{number}")
    settle()
    counts = [len(hook.taken)]
    for _ in range(3):
        fogline.platform.advance(seconds=0.5)
        counts.append(len(hook.taken))
    assert counts == [1, 2, 3, 4]
    fogline.platform.advance(seconds=1)
    assert hook.taken == ["0", "1", "2", "3", "4"]


def test_what_was_promised_is_posted_after_a_restart(hook, tmp_path):
    config = read_config({}, port=0, data=tmp_path, clock="manual")
    with LocalPlatform(config) as platform:
        sns = platform.client("sns")
        topic = sns.create_topic(Name="topic")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url)
        platform.settle()
        sns.confirm_subscription(TopicArn=topic, Token=hook.received[0].document["Token"])
        hook.status = 503
        sns.publish(TopicArn=topic, Message="kept")
        platform.settle()
        sns.close()
    hook.status = 200
    with LocalPlatform(config) as platform:
        platform.advance(seconds=20)
        assert hook.taken == ["kept"]
