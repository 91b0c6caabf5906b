"""Tags of queues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.sqs.errors import InvalidParameterValueException
from fogline.services.sqs.lookup import require_queue, require_writable
from fogline.services.sqs.service import Sqs

if TYPE_CHECKING:
    from types_boto3_sqs import type_defs as types

Result = Mapping[str, Any]

_KEY_CHARACTERS_MAX = 128
_VALUE_CHARACTERS_MAX = 256


def check_tags(sqs: Sqs, tags: Mapping[str, str], call: Call) -> None:
    """Refuse tags that AWS refuses. Raises InvalidParameterValueException."""
    if len(tags) > sqs.limits.tags_max:
        raise InvalidParameterValueException(
            f"Too many tags added for queue. The maximum is {sqs.limits.tags_max}."
        )
    for key, value in tags.items():
        if not 1 <= len(key) <= _KEY_CHARACTERS_MAX:
            raise InvalidParameterValueException(
                f"Tag keys must be between 1 and {_KEY_CHARACTERS_MAX} characters in length."
            )
        if len(value) > _VALUE_CHARACTERS_MAX:
            raise InvalidParameterValueException(
                f"Tag values must be between 0 and {_VALUE_CHARACTERS_MAX} characters in length."
            )
        # CloudFormation marks what it makes; it calls from within and speaks no protocol.
        if key.lower().startswith("aws:") and call.protocol:
            raise InvalidParameterValueException(
                "Tag keys cannot start with aws:, which is reserved for system use."
            )


def list_queue_tags(sqs: Sqs, call: Call, request: types.ListQueueTagsRequestTypeDef) -> Result:
    with sqs.store.read() as tx:
        queue = require_queue(sqs, tx, call, request["QueueUrl"])
    return {"Tags": dict(queue.tags)} if queue.tags else {}


def tag_queue(sqs: Sqs, call: Call, request: types.TagQueueRequestTypeDef) -> Result:
    with sqs.store.write() as tx:
        queue = require_writable(sqs, tx, call, request["QueueUrl"])
        tags = {**queue.tags, **request["Tags"]}
        check_tags(sqs, request["Tags"], call)
        if len(tags) > sqs.limits.tags_max:
            raise InvalidParameterValueException(
                f"Too many tags added for queue {queue.name}. The maximum is {sqs.limits.tags_max}."
            )
        sqs.tables.save_queue(tx, queue.account, queue.region, {**queue.document, "tags": tags})
    return {}


def untag_queue(sqs: Sqs, call: Call, request: types.UntagQueueRequestTypeDef) -> Result:
    with sqs.store.write() as tx:
        queue = require_writable(sqs, tx, call, request["QueueUrl"])
        gone = set(request["TagKeys"])
        tags = {key: value for key, value in queue.tags.items() if key not in gone}
        sqs.tables.save_queue(tx, queue.account, queue.region, {**queue.document, "tags": tags})
    return {}
