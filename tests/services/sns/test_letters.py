"""E-mails: the confirmation with its link, and notifications in both forms, read in the inbox."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

import pytest

from fogline.background.inbox import Letter
from fogline.testing.plugin import Account

ADA = "ada@example.com"


@pytest.fixture
def mails(fogline: Account) -> Callable[[], list[Letter]]:
    platform = fogline.platform.platform

    async def read() -> list[Letter]:
        return await platform.store.transact(lambda tx: platform.inbox.page(tx, account=fogline.id))

    return lambda: fogline.platform.ask(read())


@pytest.fixture
def subscribe(sns: Any, topic: str, mails: Any) -> Callable[[str], str]:
    """Subscribe Ada, who confirms; the subscription's ARN."""

    def subscribe(protocol: str) -> str:
        sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=ADA)
        token = mails()[-1].facts["Token"]
        answer = sns.confirm_subscription(TopicArn=topic, Token=token)
        return str(answer["SubscriptionArn"])

    return subscribe


def get(url: str) -> str:
    with urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def test_a_confirmation_is_mailed_with_link_and_token(sns, topic, mails):
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=ADA)
    (mail,) = mails()
    assert (mail.channel, mail.recipient) == ("email", ADA)
    assert mail.subject == "AWS Notification - Subscription Confirmation"
    assert mail.facts["SubscribeURL"] in mail.body
    assert mail.facts["Token"] in mail.facts["SubscribeURL"]
    assert mail.facts["TopicArn"] == topic


def test_the_link_in_the_mail_confirms(sns, topic, mails):
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=ADA)
    get(mails()[0].facts["SubscribeURL"])
    sns.publish(TopicArn=topic, Message="Hello")
    assert mails()[-1].body.startswith("Hello\n")


def test_nothing_is_mailed_before_the_confirmation(sns, topic, mails):
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=ADA)
    sns.publish(TopicArn=topic, Message="too early")
    assert len(mails()) == 1


def test_a_notification_is_mailed_with_its_subject_and_a_way_out(sns, topic, mails, subscribe):
    subscribe("email")
    published = sns.publish(TopicArn=topic, Message="Hello", Subject="Greeting")
    mail = mails()[-1]
    assert (mail.subject, mail.facts["MessageId"]) == ("Greeting", published["MessageId"])
    assert mail.facts["UnsubscribeURL"] in mail.body
    get(mail.facts["UnsubscribeURL"])
    assert sns.list_subscriptions()["Subscriptions"] == []


def test_a_mail_comes_from_the_topics_display_name(sns, topic, mails, subscribe):
    sns.set_topic_attributes(TopicArn=topic, AttributeName="DisplayName", AttributeValue="The Shop")
    subscribe("email")
    assert mails()[-1].facts["From"] == "The Shop <no-reply@sns.amazonaws.com>"


def test_a_mail_without_subject_gets_one(sns, topic, mails, subscribe):
    subscribe("email")
    sns.publish(TopicArn=topic, Message="Hello")
    assert mails()[-1].subject == "AWS Notification Message"


def test_mails_in_json_hold_the_signed_envelope(sns, topic, mails, subscribe):
    subscribe("email-json")
    sns.publish(TopicArn=topic, Message="Hello", Subject="Greeting")
    asked, told = (json.loads(mail.body) for mail in mails())
    assert (asked["Type"], told["Type"]) == ("SubscriptionConfirmation", "Notification")
    assert (told["Message"], told["Subject"]) == ("Hello", "Greeting")
    assert told["Signature"]


def test_what_was_said_for_mails_is_mailed(sns, topic, mails, subscribe):
    subscribe("email")
    texts = {"default": "for others", "email": "for people"}
    sns.publish(TopicArn=topic, Message=json.dumps(texts), MessageStructure="json")
    assert mails()[-1].body.startswith("for people\n")
