"""Buckets: created, found, listed and deleted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.pages import next_token, page_start
from fogline.services.s3.errors import (
    BucketAlreadyExists,
    BucketAlreadyOwnedByYou,
    BucketNotEmpty,
    IllegalLocationConstraintException,
    InvalidArgument,
    InvalidLocationConstraint,
    NotBuilt,
)
from fogline.services.s3.lookup import Result, canonical_id, require_bucket
from fogline.services.s3.names import check_bucket_name, check_own_tags, checked_tags
from fogline.services.s3.service import S3
from fogline.services.s3.tables import Bucket
from fogline.services.s3.writing import drop_upload

if TYPE_CHECKING:
    from types_boto3_s3 import type_defs as types

_FIRST_REGION = "us-east-1"
_REGION = re.compile(r"[a-z]{2}(-gov|-iso[a-z]*)?-[a-z]+-\d")
_OWNERSHIPS = ("BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced")
PUBLIC_ACCESS_BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


def create_bucket(s3: S3, call: Call, request: types.CreateBucketRequestTypeDef) -> Result:
    name = request["Bucket"]
    check_bucket_name(name)
    configuration = request.get("CreateBucketConfiguration") or {}
    constraint = configuration.get("LocationConstraint")
    if "Location" in configuration or "Bucket" in configuration:
        raise NotBuilt(what="directory buckets")
    region = _region_of(call, constraint)
    tags = checked_tags(configuration.get("Tags") or (), s3.limits, of_bucket=True)
    check_own_tags(tags)
    ownership = request.get("ObjectOwnership")
    if ownership is not None and ownership not in _OWNERSHIPS:
        raise InvalidArgument(
            f"Invalid x-amz-object-ownership header: {ownership}", "x-amz-object-ownership"
        )
    if request.get("ObjectLockEnabledForBucket"):
        raise NotBuilt(what="object lock")
    with s3.store.write() as tx:
        tx.lock(f"s3:{name}")
        existing = s3.tables.find_bucket(tx, name)
        if existing is not None:
            if existing.account != call.account:
                raise BucketAlreadyExists(name)
            # Only the first region forgives a repetition, for clients older than all the others.
            if existing.region != _FIRST_REGION or region != _FIRST_REGION or tags:
                raise BucketAlreadyOwnedByYou(name)
        else:
            bucket = Bucket(
                {
                    "name": name,
                    "number": s3.ids.ordered(call.now),
                    "account": call.account,
                    "region": region,
                    "constraint": constraint,
                    "created_at": call.now,
                    "versioning": "",
                    "tags": tags,
                    "settings": {
                        "OwnershipControls": {
                            "Rules": [{"ObjectOwnership": ownership or "BucketOwnerEnforced"}]
                        },
                        "PublicAccessBlock": PUBLIC_ACCESS_BLOCKED,
                    },
                }
            )
            s3.tables.save_bucket(tx, bucket)
    return {"Location": _location(call, name, region), "BucketArn": f"arn:aws:s3:::{name}"}


def _region_of(call: Call, constraint: str | None) -> str:
    """Where a new bucket lives. Each region's endpoint makes only buckets of its own."""
    if constraint is None:
        if call.region != _FIRST_REGION:
            raise IllegalLocationConstraintException(constraint="unspecified")
        return call.region
    region = "eu-west-1" if constraint == "EU" else constraint
    if call.region == _FIRST_REGION:
        if region == _FIRST_REGION or _REGION.fullmatch(region) is None:
            raise InvalidLocationConstraint(members={"LocationConstraint": constraint})
    elif region != call.region:
        raise IllegalLocationConstraintException(constraint=constraint)
    return region


def _location(call: Call, name: str, region: str) -> str:
    """A path in the first region, a URL elsewhere."""
    if region == _FIRST_REGION or not call.host:
        return f"/{name}"
    scheme = call.endpoint.partition(":")[0]
    _, _, port = call.host.rpartition(":")
    suffix = f":{port}" if port.isdigit() else ""
    return f"{scheme}://{name}.s3.localhost.localstack.cloud{suffix}/"


def head_bucket(s3: S3, call: Call, request: types.HeadBucketRequestTypeDef) -> Result:
    with s3.store.read() as tx:
        bucket = require_bucket(s3, tx, request)
    return {"BucketRegion": bucket.region, "BucketArn": bucket.arn, "AccessPointAlias": False}


def get_bucket_location(
    s3: S3, call: Call, request: types.GetBucketLocationRequestTypeDef
) -> Result:
    with s3.store.read() as tx:
        bucket = require_bucket(s3, tx, request)
    return {"LocationConstraint": bucket.document["constraint"]}


def list_buckets(s3: S3, call: Call, request: types.ListBucketsRequestTypeDef) -> Result:
    prefix, count = request.get("Prefix"), request.get("MaxBuckets")
    if count is not None and not 1 <= count <= 10_000:
        raise InvalidArgument(
            "Argument max-buckets must be an integer between 1 and 10000", "max-buckets", count
        )
    after = page_start(request.get("ContinuationToken"))
    with s3.store.read() as tx:
        found = s3.tables.buckets_of(tx, call.account, prefix or "", after)
    region = request.get("BucketRegion")
    if region is not None:
        found = [bucket for bucket in found if bucket.region == region]
    is_paged = count is not None
    page = found[:count]
    result: dict[str, Any] = {
        "Buckets": [
            {
                "Name": bucket.name,
                "CreationDate": bucket.document["created_at"] // 1000 * 1000,
                "BucketRegion": bucket.region,
                "BucketArn": bucket.arn,
            }
            for bucket in page
        ],
        "Owner": {"ID": canonical_id(call.account)},
        "Prefix": prefix,
    }
    if is_paged and len(found) > len(page):
        result["ContinuationToken"] = next_token(page[-1].name)
    return result


def delete_bucket(s3: S3, call: Call, request: types.DeleteBucketRequestTypeDef) -> Result:
    with s3.store.write() as tx:
        tx.lock(f"s3:{request['Bucket']}")
        bucket = require_bucket(s3, tx, request)
        if not s3.tables.is_empty(tx, bucket):
            text = (
                "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
                if bucket.versioning
                else None
            )
            raise BucketNotEmpty(text, members={"BucketName": bucket.name})
        for upload in s3.tables.uploads(tx, bucket, b"", None, None, 1_000_000):
            drop_upload(s3, tx, upload.id, call.now)
        s3.tables.remove_bucket(tx, bucket)
    return {}
