"""What a bucket notifies of, and whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.s3.announcing import SETTING, reach_destinations
from fogline.services.s3.errors import InvalidDestinations, MalformedXML
from fogline.services.s3.lookup import Request, Result, require_bucket
from fogline.services.s3.notifications import checked
from fogline.services.s3.service import S3

if TYPE_CHECKING:
    from types_boto3_s3 import type_defs as types


def put_bucket_notification_configuration(
    s3: S3, call: Call, request: types.PutBucketNotificationConfigurationRequestTypeDef
) -> Result:
    given: Request = request
    configuration = given.get("NotificationConfiguration")
    with s3.store.write() as tx:
        tx.lock(f"s3:{request['Bucket']}")
        bucket = require_bucket(s3, tx, request)
        if configuration is None:
            raise MalformedXML()
        kept = checked(configuration, bucket.region, s3.limits, s3.ids.uuid)
        if not given.get("SkipDestinationValidation"):
            failed = reach_destinations(s3, tx, call, bucket, kept)
            if failed:
                raise InvalidDestinations(failed)
        settings: dict[str, Any] = {**bucket.settings, SETTING: kept}
        if not kept:
            del settings[SETTING]
        s3.tables.save_bucket(tx, bucket.changed(settings=settings))
    return {}


def get_bucket_notification_configuration(
    s3: S3, call: Call, request: types.GetBucketNotificationConfigurationRequestRequestTypeDef
) -> Result:
    with s3.store.read() as tx:
        found: Result = require_bucket(s3, tx, request).settings.get(SETTING) or {}
    return found
