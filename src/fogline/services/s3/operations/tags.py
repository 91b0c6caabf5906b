"""The tags of objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fogline.aws.call import Call
from fogline.services.s3.announcing import announce
from fogline.services.s3.changes import TAGGED, UNTAGGED, Kind
from fogline.services.s3.lookup import Request, Result, require_bucket, require_object
from fogline.services.s3.names import check_own_tags, checked_tags
from fogline.services.s3.service import S3
from fogline.services.s3.writing import version_shown, with_tags

if TYPE_CHECKING:
    from types_boto3_s3 import type_defs as types


def put_object_tagging(s3: S3, call: Call, request: types.PutObjectTaggingRequestTypeDef) -> Result:
    given: Request = request
    tags = checked_tags((given.get("Tagging") or {}).get("TagSet") or (), s3.limits)
    check_own_tags(tags)
    return _save(s3, call, request, tags, TAGGED)


def get_object_tagging(s3: S3, call: Call, request: types.GetObjectTaggingRequestTypeDef) -> Result:
    with s3.store.read() as tx:
        bucket = require_bucket(s3, tx, request)
        found = require_object(s3, tx, bucket, request)
    return {
        "VersionId": version_shown(bucket, found.version),
        "TagSet": [{"Key": key, "Value": value} for key, value in found.tags.items()],
    }


def delete_object_tagging(
    s3: S3, call: Call, request: types.DeleteObjectTaggingRequestTypeDef
) -> Result:
    return _save(s3, call, request, {}, UNTAGGED)


def _save(s3: S3, call: Call, request: Request, tags: dict[str, str], kind: Kind) -> Result:
    with s3.store.write() as tx:
        tx.lock(f"s3:{request['Bucket']}:{request['Key']}")
        bucket = require_bucket(s3, tx, request)
        found = require_object(s3, tx, bucket, request)
        s3.tables.save_tags(tx, bucket, with_tags(found, tags))
        announce(s3, tx, call, bucket, kind, found)
    return {"VersionId": version_shown(bucket, found.version)}
