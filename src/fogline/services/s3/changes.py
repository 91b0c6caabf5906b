"""Changes of objects, in the forms in which S3 tells of them: a record, and an event of EventBridge.

Forms: recorded answers, https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from fogline.aws.call import Call
from fogline.aws.dates import iso_milliseconds
from fogline.services.s3.lookup import canonical_id
from fogline.services.s3.tables import NULL_VERSION, Bucket, Object

SOURCE_ADDRESS = "127.0.0.1"
"""Where every client is, as far as events tell."""

_NO_CONTENT = hashlib.md5(b"", usedforsecurity=False).hexdigest()


class Kind(NamedTuple):
    """A kind of change: its name, its detail type on a bus, and what the detail says of it."""

    name: str
    detail_type: str
    reason: str = ""
    deletion: str = ""
    version: str = "2.1"
    tells_etag: bool = True
    tells_size: bool = False
    has_sequence: bool = True


PUT = Kind("ObjectCreated:Put", "Object Created", "PutObject", tells_size=True)
COPIED = Kind("ObjectCreated:Copy", "Object Created", "CopyObject", tells_size=True)
COMPLETED = Kind(
    "ObjectCreated:CompleteMultipartUpload",
    "Object Created",
    "CompleteMultipartUpload",
    tells_size=True,
)
DELETED = Kind(
    "ObjectRemoved:Delete",
    "Object Deleted",
    "DeleteObject",
    "Permanently Deleted",
    tells_etag=False,
)
MARKED = Kind(
    "ObjectRemoved:DeleteMarkerCreated", "Object Deleted", "DeleteObject", "Delete Marker Created"
)
TAGGED = Kind("ObjectTagging:Put", "Object Tags Added", version="2.3", has_sequence=False)
UNTAGGED = Kind("ObjectTagging:Delete", "Object Tags Deleted", version="2.3", has_sequence=False)


class Change(NamedTuple):
    """What happened to which version of an object."""

    kind: Kind
    version: Object


def make_record(
    change: Change, number: int, bucket: Bucket, call: Call, configuration: str
) -> dict[str, Any]:
    """The record that queues, topics and functions get.

    `number` is the place of the change among those of its key, `configuration` the id of what asked for the record.
    """
    kind = change.kind
    told = _object(change, number, "eTag", "versionId")
    return {
        "eventVersion": kind.version,
        "eventSource": "aws:s3",
        "awsRegion": bucket.region,
        "eventTime": iso_milliseconds(call.now),
        "eventName": kind.name,
        "userIdentity": {"principalId": f"AWS:{call.principal.user_id}"},
        "requestParameters": {"sourceIPAddress": SOURCE_ADDRESS},
        "responseElements": {"x-amz-request-id": call.request_id, "x-amz-id-2": host_id(call)},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration,
            "bucket": {
                "name": bucket.name,
                "ownerIdentity": {"principalId": _owner(bucket.account)},
                "arn": bucket.arn,
            },
            "object": {"key": quote_plus(change.version.key, safe="/"), **told},
        },
    }


def make_detail(change: Change, number: int, bucket: Bucket, call: Call) -> dict[str, Any]:
    """The detail of the event that the account's default bus gets."""
    kind = change.kind
    detail: dict[str, Any] = {
        "version": "0",
        "bucket": {"name": bucket.name},
        "object": {"key": change.version.key, **_object(change, number, "etag", "version-id")},
        "request-id": call.request_id,
        "requester": call.account,
        "source-ip-address": SOURCE_ADDRESS,
    }
    if kind.reason:
        detail["reason"] = kind.reason
    if kind.deletion:
        detail["deletion-type"] = kind.deletion
    return detail


def _object(change: Change, number: int, etag_name: str, version_name: str) -> dict[str, Any]:
    """What is told of the object, but for its key. Versions named `null` are not named."""
    kind, version = change.kind, change.version
    told: dict[str, Any] = {}
    if kind.tells_size:
        told["size"] = version.size
    if kind.tells_etag:
        # A delete marker has the tag of nothing.
        told[etag_name] = version.etag or _NO_CONTENT
    if version.version != NULL_VERSION:
        told[version_name] = version.version
    if kind.has_sequence:
        told["sequencer"] = f"{number:018X}"
    return told


def make_test_event(bucket: Bucket, call: Call) -> dict[str, Any]:
    """What queues and topics get when they are configured."""
    return {
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": iso_milliseconds(call.now),
        "Bucket": bucket.name,
        "RequestId": call.request_id,
        "HostId": host_id(call),
    }


def host_id(call: Call) -> str:
    """The second identifier of the answer, as its header `x-amz-id-2` carries it."""
    return base64.b64encode(call.request_id.encode() * 2).decode()


def _owner(account: str) -> str:
    """The short form in which records name an account."""
    return "A" + canonical_id(account)[:13].upper()
