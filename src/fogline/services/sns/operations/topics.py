"""Topics: made, described, changed and deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.arn import make_arn
from fogline.aws.call import Call
from fogline.services.sns.archive import retention_milliseconds
from fogline.services.sns.errors import InvalidParameterException, NotFoundException
from fogline.services.sns.farewell import forget_topic
from fogline.services.sns.lookup import check_arn, lock_topic, require_topic, require_writable
from fogline.services.sns.operations.tags import checked_tags
from fogline.services.sns.pages import page_start, paged
from fogline.services.sns.service import Sns
from fogline.services.sns.topic import Topic
from fogline.services.sns.topic_attributes import SETTABLE, checked, given_attributes, shown
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_sns import type_defs as types

Result = Mapping[str, Any]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_FIFO_SUFFIX = ".fifo"


def create_topic(sns: Sns, call: Call, request: types.CreateTopicInputTypeDef) -> Result:
    name, given = request["Name"], request.get("Attributes") or {}
    is_fifo = given.get("FifoTopic", "false").lower() == "true"
    _check_name(name, is_fifo)
    attributes = given_attributes(given, is_fifo, sns.limits)
    tags = checked_tags(sns, call, request.get("Tags") or ())
    arn = make_arn("sns", call.region, call.account, name)
    with sns.store.write() as tx:
        lock_topic(tx, arn)
        topic = sns.tables.find_topic(tx, arn)
        if topic is not None:
            _require_same(topic, attributes, tags)
            return {"TopicArn": arn}
        document: dict[str, Any] = {
            "name": name,
            "attributes": attributes,
            "tags": tags,
            "created_at": call.now,
        }
        if retention_milliseconds(attributes.get("ArchivePolicy")):
            document["archived_since"] = call.now
        protection = request.get("DataProtectionPolicy")
        if protection:
            document["data_protection"] = protection
        sns.tables.save_topic(tx, call.account, call.region, document)
    return {"TopicArn": arn}


def _check_name(name: str, is_fifo: bool) -> None:
    stem = name.removesuffix(_FIFO_SUFFIX)
    if (stem != name) != is_fifo or len(name) > 256 or _NAME.fullmatch(stem) is None:
        raise InvalidParameterException(reason="Topic Name")


def _require_same(topic: Topic, attributes: dict[str, str], tags: dict[str, str]) -> None:
    """Refuse to make a topic again otherwise than it is; what is left out may be anything."""
    if any(topic.attributes.get(name, "") != value for name, value in attributes.items()):
        raise InvalidParameterException(
            reason="Attributes Reason: Topic already exists with different attributes"
        )
    if any(topic.tags.get(key) != value for key, value in tags.items()):
        raise InvalidParameterException(
            reason="Tags Reason: Topic already exists with different tags"
        )


def delete_topic(sns: Sns, call: Call, request: types.DeleteTopicInputTypeDef) -> Result:
    arn = request["TopicArn"]
    with sns.store.write() as tx:
        try:
            topic = require_writable(sns, tx, call, arn)
        except NotFoundException:
            return {}  # deleting is idempotent
        sns.tables.remove_topic(tx, topic)
        forget_topic(sns, tx, topic)
    return {}


def get_topic_attributes(
    sns: Sns, call: Call, request: types.GetTopicAttributesInputTypeDef
) -> Result:
    with sns.store.read() as tx:
        topic = require_topic(sns, tx, call, request["TopicArn"])
        return {"Attributes": shown(topic, sns.tables.audience(tx, topic), call.now)}


def set_topic_attributes(
    sns: Sns, call: Call, request: types.SetTopicAttributesInputTypeDef
) -> Result:
    name, value = request["AttributeName"], request.get("AttributeValue", "")
    check_arn(request["TopicArn"], "TopicArn")
    with sns.store.write() as tx:
        topic = require_writable(sns, tx, call, request["TopicArn"])
        if name not in SETTABLE:
            raise InvalidParameterException(reason="AttributeName")
        set_attribute(
            sns, tx, topic, name, checked(name, value, topic.is_fifo, sns.limits), call.now
        )
    return {}


def set_attribute(sns: Sns, tx: Tx, topic: Topic, name: str, value: str, now: int) -> None:
    """Keep a checked attribute of a topic; "" goes back to what a topic without it has."""
    attributes = {each: kept for each, kept in topic.attributes.items() if each != name}
    if value:
        attributes[name] = value
    document = {**topic.document, "attributes": attributes}
    if name == "ArchivePolicy":
        if not retention_milliseconds(value):
            attributes.pop(name, None)
            document.pop("archived_since", None)
            sns.tables.clear_archive(tx, topic)
        else:
            document.setdefault("archived_since", now)
    sns.tables.save_topic(tx, topic.account, topic.region, document)


def list_topics(sns: Sns, call: Call, request: types.ListTopicsInputTypeDef) -> Result:
    start, entries_max = page_start(request), sns.limits.page_results_max
    with sns.store.read() as tx:
        found = sns.tables.list_topics(tx, call.account, call.region, start, entries_max + 1)
    last = found[entries_max - 1].rpartition(":")[2] if len(found) > entries_max else ""
    return paged("Topics", [{"TopicArn": arn} for arn in found], last, entries_max)
