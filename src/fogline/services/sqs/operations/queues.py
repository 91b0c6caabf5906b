"""Queues: created, looked up, changed, emptied and deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from fogline.aws.call import Call
from fogline.aws.pages import next_token, page_start
from fogline.services.sqs import attributes as rules
from fogline.services.sqs.errors import (
    InvalidParameterValueException,
    MissingRequiredParameterException,
    PurgeQueueInProgress,
    QueueDoesNotExist,
    QueueNameExists,
)
from fogline.services.sqs.lookup import require_queue, require_writable
from fogline.services.sqs.operations.tags import check_tags
from fogline.services.sqs.queue_url import queue_url
from fogline.services.sqs.service import Sqs
from fogline.services.sqs.tables import Queue
from fogline.store.store import Tx
from fogline.world.clock import MINUTE

if TYPE_CHECKING:
    from types_boto3_sqs import type_defs as types

Result = Mapping[str, Any]

_CHANGE_MILLISECONDS = 1 * MINUTE
_NAME = re.compile(r"[A-Za-z0-9_-]+")


def create_queue(sqs: Sqs, call: Call, request: types.CreateQueueRequestTypeDef) -> Result:
    name = request["QueueName"]
    given: Mapping[Any, Any] = request.get("Attributes") or {}
    is_fifo = given.get("FifoQueue", "").lower() == "true"
    _check_name(sqs, name, is_fifo)
    attributes = rules.checked(given, sqs.limits, is_fifo=is_fifo)
    defaults = {**rules.DEFAULTS, **rules.FIFO_DEFAULTS} if is_fifo else rules.DEFAULTS
    kept = {**defaults, **attributes}
    rules.check_together(kept)
    tags = request.get("tags") or {}
    check_tags(sqs, tags, call)
    url = queue_url(call, call.account, call.region, name)
    with sqs.store.write() as tx:
        tx.lock(f"sqs:{call.account}:{call.region}:{name}")
        existing = sqs.tables.find_queue(tx, call.account, call.region, name)
        if existing is not None:
            _require_same(existing, attributes)
            return {"QueueUrl": url}
        arn = f"arn:aws:sqs:{call.region}:{call.account}:{name}"
        _check_dead_letters(sqs, tx, attributes, arn, is_fifo)
        sqs.tables.save_queue(
            tx,
            call.account,
            call.region,
            {
                "name": name,
                "number": sqs.ids.ordered(call.now),
                "created_at": call.now,
                "modified_at": call.now,
                "purged_at": 0,
                "attributes": {key: value for key, value in kept.items() if value is not None},
                "tags": dict(tags),
            },
        )
        tx.stir("sqs-queues")
    return {"QueueUrl": url}


def _check_name(sqs: Sqs, name: str, is_fifo: bool) -> None:
    if name.endswith(".fifo") and not is_fifo:
        raise InvalidParameterValueException(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        )
    bare = name.removesuffix(".fifo") if is_fifo else name
    if _NAME.fullmatch(bare) is None or len(name) > sqs.limits.queue_name_characters_max:
        raise InvalidParameterValueException(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        )
    if is_fifo and not name.endswith(".fifo"):
        raise InvalidParameterValueException(
            "The name of a FIFO queue can only include alphanumeric "
            "characters, hyphens, or underscores, must end with .fifo "
            "suffix and be 1 to 80 in length."
        )


def _require_same(existing: Queue, attributes: Mapping[str, str | None]) -> None:
    """A queue may be created twice, when nothing that is said differs from what it has."""
    for key, value in attributes.items():
        has = existing.attributes.get(key)
        if has == value:
            continue
        is_document = key in ("Policy", "RedrivePolicy", "RedriveAllowPolicy")
        if has and value and is_document and orjson.loads(has) == orjson.loads(value):
            continue
        raise QueueNameExists(attribute=key)


def _check_dead_letters(
    sqs: Sqs, tx: Tx, attributes: Mapping[str, str | None], source_arn: str, is_fifo: bool
) -> None:
    """The dead-letter queue must exist, and its redrive-allow policy must let this queue use it."""
    policy = attributes.get("RedrivePolicy")
    if not policy:
        return
    arn = orjson.loads(policy)["deadLetterTargetArn"]
    _, _, _, region, account, name = arn.split(":", 5)
    target = sqs.tables.find_queue(tx, account, region, name)

    def refuse(reason: str) -> InvalidParameterValueException:
        return InvalidParameterValueException(value=policy, name="RedrivePolicy", reason=reason)

    if target is None:
        raise refuse("Dead letter target does not exist")
    if target.is_fifo != is_fifo:
        raise refuse("Dead-letter queue must be same type of queue as the source")
    allow = orjson.loads(target.attributes.get("RedriveAllowPolicy") or "{}")
    permission = allow.get("redrivePermission", "allowAll")
    if permission == "denyAll" or (
        permission == "byQueue" and source_arn not in allow.get("sourceQueueArns", ())
    ):
        raise refuse(
            f"Queue {arn} does not allow queue {source_arn} to use it as a dead letter queue"
        )


def delete_queue(sqs: Sqs, call: Call, request: types.DeleteQueueRequestTypeDef) -> Result:
    with sqs.store.write() as tx:
        queue = require_writable(sqs, tx, call, request["QueueUrl"])
        sqs.tables.remove_queue(tx, queue)
        tx.stir(queue.topic)
        tx.stir("sqs-queues")
    return {}


def get_queue_url(sqs: Sqs, call: Call, request: types.GetQueueUrlRequestTypeDef) -> Result:
    account = request.get("QueueOwnerAWSAccountId") or call.account
    with sqs.store.read() as tx:
        queue = sqs.tables.find_queue(tx, account, call.region, request["QueueName"])
    if queue is None:
        raise QueueDoesNotExist()
    return {"QueueUrl": queue_url(call, account, call.region, queue.name)}


def list_queues(sqs: Sqs, call: Call, request: types.ListQueuesRequestTypeDef) -> Result:
    limit = request.get("MaxResults")
    _check_page(sqs, limit)
    after = page_start(request.get("NextToken"))
    count = limit or sqs.limits.page_results_max
    with sqs.store.read() as tx:
        queues = sqs.tables.list_queues(
            tx, call.account, call.region, request.get("QueueNamePrefix") or "", after, count + 1
        )
    result: dict[str, Any] = {}
    if queues:
        result["QueueUrls"] = [
            queue_url(call, call.account, call.region, queue.name) for queue in queues[:count]
        ]
    # Without MaxResults AWS answers up to 1,000 and no token.
    if len(queues) > count and limit:
        result["NextToken"] = next_token(queues[count - 1].name)
    return result


def _check_page(sqs: Sqs, limit: int | None) -> None:
    if limit is not None and not 1 <= limit <= sqs.limits.page_results_max:
        raise InvalidParameterValueException(
            f"Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and "
            f"{sqs.limits.page_results_max}."
        )


def list_dead_letter_source_queues(
    sqs: Sqs, call: Call, request: types.ListDeadLetterSourceQueuesRequestTypeDef
) -> Result:
    limit = request.get("MaxResults")
    _check_page(sqs, limit)
    after = page_start(request.get("NextToken"))
    count = limit or sqs.limits.page_results_max
    with sqs.store.read() as tx:
        target = require_queue(sqs, tx, call, request["QueueUrl"])
        queues = sqs.tables.list_queues(tx, target.account, target.region, "", after, 1_000_000)
    sources = [queue for queue in queues if queue.redrive and queue.redrive[0] == target.arn]
    result: dict[str, Any] = {
        "queueUrls": [
            queue_url(call, queue.account, queue.region, queue.name) for queue in sources[:count]
        ]
    }
    if len(sources) > count and limit:
        result["NextToken"] = next_token(sources[count - 1].name)
    return result


def get_queue_attributes(
    sqs: Sqs, call: Call, request: types.GetQueueAttributesRequestTypeDef
) -> Result:
    wanted = rules.wanted(request.get("AttributeNames") or ())
    with sqs.store.read() as tx:
        queue = require_queue(sqs, tx, call, request["QueueUrl"])
        if wanted is not None and not wanted:
            return {}
        found = dict(queue.attributes)
        found["QueueArn"] = queue.arn
        found["CreatedTimestamp"] = str(queue.document["created_at"] // 1000)
        found["LastModifiedTimestamp"] = str(queue.document["modified_at"] // 1000)
        if wanted is None or any(name.startswith("Approximate") for name in wanted):
            visible, in_flight, delayed = sqs.tables.counts(tx, queue, call.now)
            found["ApproximateNumberOfMessages"] = str(visible)
            found["ApproximateNumberOfMessagesNotVisible"] = str(in_flight)
            found["ApproximateNumberOfMessagesDelayed"] = str(delayed)
    chosen = {name: value for name, value in found.items() if wanted is None or name in wanted}
    return {"Attributes": chosen} if chosen else {}


def set_queue_attributes(
    sqs: Sqs, call: Call, request: types.SetQueueAttributesRequestTypeDef
) -> Result:
    given: Mapping[Any, Any] | None = request.get("Attributes")
    if given is None:
        raise MissingRequiredParameterException(name="Attribute.Name")
    with sqs.store.write() as tx:
        queue = require_writable(sqs, tx, call, request["QueueUrl"])
        changes = rules.checked(given, sqs.limits, is_fifo=queue.is_fifo)
        _check_dead_letters(sqs, tx, changes, queue.arn, queue.is_fifo)
        kept = {**queue.attributes, **changes}
        rules.check_together(kept)
        if changes.get("SqsManagedSseEnabled") == "true":
            kept.pop("KmsMasterKeyId", None)
        if not kept.get("KmsMasterKeyId"):
            kept.pop("KmsDataKeyReusePeriodSeconds", None)
        sqs.tables.save_queue(
            tx,
            queue.account,
            queue.region,
            {
                **queue.document,
                **_scope_change(queue, kept, call.now),
                "modified_at": call.now,
                "attributes": {key: value for key, value in kept.items() if value is not None},
            },
        )
        if queue.is_fifo and kept["DelaySeconds"] != queue.attributes["DelaySeconds"]:
            # Unlike a standard queue's, this holds for messages that are there already:
            # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
            sqs.tables.delay_again(tx, queue, int(kept["DelaySeconds"] or 0) * 1000)
            sqs.tables.groups.settle_all(tx, queue.number)
        tx.stir(queue.topic)
    return {}


def _scope_change(queue: Queue, kept: Mapping[str, str | None], now: int) -> dict[str, int]:
    """What the document says of a new deduplication scope: when it begins."""
    if kept.get("DeduplicationScope") == queue.attributes.get("DeduplicationScope"):
        return {}
    if now < queue.document.get("scope_changes_at", 0):
        return {"scope_changes_at": 0}  # changed back before it began
    return {"scope_changes_at": now + _CHANGE_MILLISECONDS}


def purge_queue(sqs: Sqs, call: Call, request: types.PurgeQueueRequestTypeDef) -> Result:
    with sqs.store.write() as tx:
        queue = require_writable(sqs, tx, call, request["QueueUrl"])
        purged_at = queue.document["purged_at"]
        if purged_at and call.now - purged_at < sqs.limits.purge_interval_seconds * 1000:
            raise PurgeQueueInProgress(name=queue.name)
        sqs.tables.remove_all_messages(tx, queue)
        sqs.tables.save_queue(
            tx, queue.account, queue.region, {**queue.document, "purged_at": call.now}
        )
    return {}
