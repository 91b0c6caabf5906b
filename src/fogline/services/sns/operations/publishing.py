"""Publishing: to a topic, a platform endpoint or a phone number, one message or a batch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.batch import run_batch
from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.services.sns import publishing
from fogline.services.sns.errors import (
    BatchEntryIdsNotDistinctException,
    BatchRequestTooLongException,
    EmptyBatchRequestException,
    InvalidBatchEntryIdException,
    InvalidParameterException,
    NotBuilt,
    TooManyEntriesInBatchRequestException,
)
from fogline.services.sns.lookup import check_arn, require_topic
from fogline.services.sns.message import Notification
from fogline.services.sns.phones import is_phone_number
from fogline.services.sns.service import Sns

if TYPE_CHECKING:
    from types_boto3_sns import type_defs as types

Result = Mapping[str, Any]

_ENTRY_ID = re.compile(r"[A-Za-z0-9_-]+")


def publish(sns: Sns, call: Call, request: types.PublishInputTypeDef) -> Result:
    arn, number = _addressee(request)
    if number is not None and not is_phone_number(number):
        raise InvalidParameterException(
            reason=f"PhoneNumber Reason: {number} is not valid to publish to"
        )
    said = publishing.draft(request, sns.limits)
    if number is not None or (arn.count(":") == 5 and ":endpoint/" in arn):
        return _publish_directly(sns, call, arn, number, said)
    with sns.store.write() as tx:
        name = "TopicArn" if request.get("TopicArn") is not None else "TargetArn"
        topic = require_topic(sns, tx, call, arn, name)
        publishing.check(topic, said)
        done = publishing.publish(sns, tx, topic, said, call.trace, call.now)
    return _answer(done)


def _addressee(request: Mapping[str, Any]) -> tuple[str, str | None]:
    """The one place that a message is for: an ARN, or a phone number."""
    topic, target = request.get("TopicArn"), request.get("TargetArn")
    number: str | None = request.get("PhoneNumber")
    named = [each for each in (topic, target, number) if each is not None]
    if len(named) > 1:
        raise InvalidParameterException(
            reason="TopicArn Reason: Only one of TopicArn, TargetArn or PhoneNumber can be specified"
        )
    if not named:
        raise InvalidParameterException(
            reason="TopicArn or TargetArn Reason: no value for required parameter"
        )
    return topic if topic is not None else target or "", number


def _answer(done: publishing.Published) -> dict[str, str]:
    if done.sequence_number:
        return {"MessageId": done.id, "SequenceNumber": done.sequence_number}
    return {"MessageId": done.id}


def _publish_directly(
    sns: Sns, call: Call, arn: str, number: str | None, said: publishing.Draft
) -> Result:
    if sns.direct is None:
        raise NotBuilt(what="publishing to phones and platform endpoints")
    notification = Notification(
        sns.ids.uuid(),
        "",
        said.message,
        call.now,
        call.trace,
        said.subject,
        said.messages,
        said.attributes,
        said.group,
    )
    with sns.store.write() as tx:
        if number is not None:
            sns.direct.to_phone(tx, call, number, notification)
        else:
            check_arn(arn, "TargetArn")
            sns.direct.to_endpoint(tx, call, arn, notification)
    return {"MessageId": notification.id}


def publish_batch(sns: Sns, call: Call, request: types.PublishBatchInputTypeDef) -> Result:
    entries: Any = request["PublishBatchRequestEntries"]
    _check_entries(sns, entries)
    with sns.store.write() as tx:
        topic = require_topic(sns, tx, call, request["TopicArn"])
        drafts: dict[str, publishing.Draft | AwsError] = {}
        for entry in entries:
            # What is wrong with the request as a whole fails the batch, what is wrong with one message only that.
            drafts[entry["Id"]] = said = _draft(sns, entry)
            if isinstance(said, publishing.Draft):
                publishing.check(topic, said)
        total = sum(each.size for each in drafts.values() if isinstance(each, publishing.Draft))
        if total > sns.limits.message_bytes_max:
            raise BatchRequestTooLongException()

        def run(entry: Mapping[str, Any]) -> dict[str, Any]:
            said = drafts[entry["Id"]]
            if isinstance(said, AwsError):
                raise said
            done = publishing.publish(sns, tx, topic, said, call.trace, call.now)
            return {"Id": entry["Id"], **_answer(done)}

        result = run_batch(entries, run, _failed)
    return {"Successful": [], "Failed": [], **result}


def _draft(sns: Sns, entry: Mapping[str, Any]) -> publishing.Draft | AwsError:
    try:
        return publishing.draft(entry, sns.limits)
    except InvalidParameterException as refused:
        if "Message Structure" in refused.text:
            raise
        return refused
    except AwsError as refused:
        return refused


def _failed(entry: Mapping[str, Any], refusal: AwsError) -> dict[str, Any]:
    return {
        "Id": entry["Id"],
        "Code": refusal.code,
        "Message": refusal.text,
        "SenderFault": refusal.fault == "Sender",
    }


def _check_entries(sns: Sns, entries: Any) -> None:
    if not entries:
        raise EmptyBatchRequestException()
    if len(entries) > sns.limits.batch_entries_max:
        raise TooManyEntriesInBatchRequestException()
    ids = [entry["Id"] for entry in entries]
    for id in ids:
        if len(id) > sns.limits.batch_id_characters_max:
            raise InvalidBatchEntryIdException(reason="is too long", id=id)
        if _ENTRY_ID.fullmatch(id) is None:
            raise InvalidBatchEntryIdException(reason="contains an impermissible character", id=id)
    if len(set(ids)) != len(ids):
        raise BatchEntryIdsNotDistinctException()
