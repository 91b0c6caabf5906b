"""Announcing: a change of an object reaches those that its bucket notifies, in the transaction of the change.

Who is gone hears nothing, and the change happens all the same.
"""

from __future__ import annotations

from contextlib import suppress

import orjson

from fogline.aws.arn import make_arn
from fogline.aws.call import Call
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.s3.changes import (
    DELETED,
    Change,
    Kind,
    make_detail,
    make_record,
    make_test_event,
)
from fogline.services.s3.notifications import DESTINATIONS, Configuration, receivers
from fogline.services.s3.service import S3
from fogline.services.s3.tables import Bucket, Object
from fogline.store.store import Tx

SETTING = "Notification"
"""The bucket's setting that holds its notification configuration. Most have none."""

_SUBJECT = {"Subject": "Amazon S3 Notification"}


def announce(s3: S3, tx: Tx, call: Call, bucket: Bucket, kind: Kind, version: Object) -> None:
    """Tell of a change to those that want to hear of it."""
    configuration = bucket.settings.get(SETTING)
    if configuration is not None:
        _announce(s3, tx, call, bucket, configuration, Change(kind, version))


def _announce(
    s3: S3, tx: Tx, call: Call, bucket: Bucket, configuration: Configuration, change: Change
) -> None:
    kind, version = change
    # To be deleted comes later than to be made.
    number = s3.ids.ordered(call.now) if kind is DELETED else version.number
    for destination, entry in receivers(configuration, f"s3:{kind.name}", version.key):
        record = make_record(change, number, bucket, call, entry["Id"])
        with suppress(TargetUnavailable):
            s3.targets.send(tx, _sending(call, entry[destination.member], {"Records": [record]}))
    if "EventBridgeConfiguration" in configuration:
        with suppress(TargetUnavailable):
            s3.targets.send(tx, _event(call, bucket, change, number))


def _sending(call: Call, arn: str, payload: Configuration) -> Sending:
    return Sending(arn, orjson.dumps(payload).decode(), call.trace, call.now, facts=_SUBJECT)


def _event(call: Call, bucket: Bucket, change: Change, number: int) -> Sending:
    return Sending(
        make_arn("events", bucket.region, bucket.account, "event-bus/default"),
        orjson.dumps(make_detail(change, number, bucket, call)).decode(),
        call.trace,
        call.now,
        facts={
            "Source": "aws.s3",
            "DetailType": change.kind.detail_type,
            "Resources": [bucket.arn],
        },
    )


def reach_destinations(
    s3: S3, tx: Tx, call: Call, bucket: Bucket, configuration: Configuration
) -> list[tuple[str, str]]:
    """Send a test event to each queue and topic; the destinations that nothing reaches, and why."""
    failed: dict[str, str] = {}
    tested: set[str] = set()
    payload = make_test_event(bucket, call)
    for name, destination in DESTINATIONS.items():
        for entry in configuration.get(name) or ():
            arn = entry[destination.member]
            if arn in tested:
                continue
            tested.add(arn)
            if not s3.targets.exists(tx, arn):
                failed[arn] = f"The destination {destination.noun} does not exist"
            elif destination.service != "lambda":
                try:
                    s3.targets.send(tx, _sending(call, arn, payload))
                except TargetUnavailable as refused:
                    failed[arn] = str(refused)
    return list(failed.items())
