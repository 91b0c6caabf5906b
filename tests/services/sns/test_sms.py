"""Text messages: sent into the inbox; settings, the sandbox, and who wants none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.background.inbox import Letter
from fogline.testing.plugin import Account

NUMBER = "+4915112345678"


@pytest.fixture
def texts(fogline: Account) -> Callable[[], list[Letter]]:
    """The text messages of this account."""
    platform = fogline.platform.platform

    async def read() -> list[Letter]:
        return await platform.store.transact(
            lambda tx: platform.inbox.page(tx, account=fogline.id, channel="sms")
        )

    return lambda: fogline.platform.ask(read())


def refusal(call: Callable[..., Any], **given: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**given)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


# ---- sending


def test_a_text_message_lands_in_the_inbox(sns, texts):
    published = sns.publish(
        PhoneNumber=NUMBER,
        Message="Hello",
        MessageAttributes={
            "AWS.SNS.SMS.SenderID": {"DataType": "String", "StringValue": "Shop"},
            "AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"},
        },
    )
    (letter,) = texts()
    assert (letter.recipient, letter.body) == (NUMBER, "Hello")
    assert letter.facts == {
        "MessageId": published["MessageId"],
        "SenderID": "Shop",
        "SMSType": "Transactional",
    }


def test_the_settings_of_the_account_hold_where_nothing_is_said(sns, texts):
    sns.set_sms_attributes(
        attributes={"DefaultSMSType": "Transactional", "DefaultSenderID": "Default"}
    )
    sns.publish(PhoneNumber=NUMBER, Message="Hello")
    (letter,) = texts()
    assert (letter.facts["SMSType"], letter.facts["SenderID"]) == ("Transactional", "Default")


def test_a_topic_sends_to_its_phones(sns, texts):
    topic = sns.create_topic(Name="topic")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+49/151-1234.5678")
    sns.publish(TopicArn=topic, Message="Hello")
    (letter,) = texts()
    assert (letter.recipient, letter.facts["TopicArn"]) == (NUMBER, topic)


@pytest.mark.parametrize("number", ["+1a234", "NAA+15551234567", "+15--551234567", "+1555."])
def test_what_is_no_number_is_refused(sns, number):
    assert refusal(sns.publish, PhoneNumber=number, Message="x") == (
        "InvalidParameter",
        f"Invalid parameter: PhoneNumber Reason: {number} is not valid to publish to",
    )


def test_a_text_message_has_1600_bytes_at_most(sns, texts):
    sns.publish(PhoneNumber=NUMBER, Message="x" * 1_600)
    assert len(texts()) == 1
    assert refusal(sns.publish, PhoneNumber=NUMBER, Message="x" * 1_601) == (
        "InvalidParameter",
        "Invalid parameter: Message too long",
    )


# ---- settings


def test_get_sms_attributes_gives_what_set_sms_attributes_set(sns):
    sns.set_sms_attributes(attributes={"DefaultSMSType": "Promotional"})
    sns.set_sms_attributes(attributes={"DefaultSenderID": "Shop"})
    found = sns.get_sms_attributes()["attributes"]
    assert found == {
        "MonthlySpendLimit": "1",
        "DefaultSMSType": "Promotional",
        "DefaultSenderID": "Shop",
    }
    only = sns.get_sms_attributes(attributes=["DefaultSenderID"])["attributes"]
    assert only == {"DefaultSenderID": "Shop"}


@pytest.mark.parametrize(
    "attributes",
    [
        {"DefaultSMSType": "Loud"},
        {"DefaultSenderID": "123456"},
        {"DefaultSenderID": "TwelveLetter"},
        {"DeliveryStatusSuccessSamplingRate": "101"},
        {"MonthlySpendLimit": "much"},
        {"Colour": "red"},
    ],
    ids=str,
)
def test_settings_that_aws_refuses_are_refused(sns, attributes):
    assert refusal(sns.set_sms_attributes, attributes=attributes)[0] == "InvalidParameter"


@pytest.mark.parametrize(
    "attributes",
    [{"DefaultSenderID": "ElevenChars"}, {"DeliveryStatusSuccessSamplingRate": "100"}],
    ids=str,
)
def test_the_last_allowed_settings_are_taken(sns, attributes):
    sns.set_sms_attributes(attributes=attributes)
    assert attributes.items() <= sns.get_sms_attributes()["attributes"].items()


# ---- who wants none


def test_nobody_has_opted_out(sns):
    assert sns.check_if_phone_number_is_opted_out(phoneNumber=NUMBER)["isOptedOut"] is False
    assert sns.list_phone_numbers_opted_out()["phoneNumbers"] == []
    sns.opt_in_phone_number(phoneNumber=NUMBER)


@pytest.mark.parametrize("operation", ["check_if_phone_number_is_opted_out", "opt_in_phone_number"])
def test_only_numbers_can_opt(sns, operation):
    assert refusal(getattr(sns, operation), phoneNumber="nobody")[0] == "InvalidParameter"


def test_an_account_has_no_numbers_to_send_from(sns):
    assert sns.list_origination_numbers()["PhoneNumbers"] == []


# ---- the sandbox


def numbers(sns: Any) -> dict[str, str]:
    listed = sns.list_sms_sandbox_phone_numbers()["PhoneNumbers"]
    return {each["PhoneNumber"]: each["Status"] for each in listed}


def test_an_account_is_out_of_the_sandbox(sns):
    assert sns.get_sms_sandbox_account_status()["IsInSandbox"] is False


def test_a_number_is_verified_with_the_password_that_it_got(sns, texts):
    sns.create_sms_sandbox_phone_number(PhoneNumber=NUMBER)
    assert numbers(sns) == {NUMBER: "Pending"}
    (letter,) = texts()
    password = letter.facts["OneTimePassword"]
    assert password in letter.body
    sns.verify_sms_sandbox_phone_number(PhoneNumber=NUMBER, OneTimePassword=password)
    assert numbers(sns) == {NUMBER: "Verified"}
    sns.delete_sms_sandbox_phone_number(PhoneNumber=NUMBER)
    assert numbers(sns) == {}


def test_a_wrong_password_verifies_nothing(sns, texts):
    sns.create_sms_sandbox_phone_number(PhoneNumber=NUMBER)
    wrong = f"{(int(texts()[0].facts['OneTimePassword']) + 1) % 10**6:06d}"
    with pytest.raises(sns.exceptions.VerificationException):
        sns.verify_sms_sandbox_phone_number(PhoneNumber=NUMBER, OneTimePassword=wrong)
    assert numbers(sns) == {NUMBER: "Pending"}


def test_a_password_grows_old(fogline, sns, texts):
    sns.create_sms_sandbox_phone_number(PhoneNumber=NUMBER)
    password = texts()[0].facts["OneTimePassword"]
    fogline.platform.advance(seconds=900)
    with pytest.raises(sns.exceptions.VerificationException):
        sns.verify_sms_sandbox_phone_number(PhoneNumber=NUMBER, OneTimePassword=password)


@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("verify_sms_sandbox_phone_number", {"OneTimePassword": "123456"}),
        ("delete_sms_sandbox_phone_number", {}),
    ],
)
def test_an_unknown_number_is_not_found(sns, operation, more):
    assert refusal(getattr(sns, operation), PhoneNumber=NUMBER, **more)[0] == "ResourceNotFound"


def test_the_sandbox_has_room_for_ten(sns):
    for digit in range(10):
        sns.create_sms_sandbox_phone_number(PhoneNumber=f"+491511234567{digit}")
    code, _ = refusal(sns.create_sms_sandbox_phone_number, PhoneNumber="+4915199999999")
    assert code == "UserError"
    first = sns.list_sms_sandbox_phone_numbers(MaxResults=6)
    second = sns.list_sms_sandbox_phone_numbers(MaxResults=6, NextToken=first["NextToken"])
    assert (len(first["PhoneNumbers"]), len(second["PhoneNumbers"])) == (6, 4)
