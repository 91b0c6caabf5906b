"""Buckets, objects and owners as requests name them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fogline.services.s3.errors import (
    AccessDenied,
    InvalidArgument,
    InvalidBucketOwnerAWSAccountID,
    InvalidRequest,
    MethodNotAllowed,
    NoSuchBucket,
    NoSuchKey,
    NoSuchVersion,
)
from fogline.services.s3.service import S3
from fogline.services.s3.tables import NULL_VERSION, Bucket, Object
from fogline.store.store import Tx

Request = Mapping[str, Any]
Result = Mapping[str, Any]


@lru_cache(256)
def canonical_id(account: str) -> str:
    """The 64 digits by which S3 names an account."""
    return hashlib.sha256(f"s3 canonical user {account}".encode()).hexdigest()


def owner_of(bucket: Bucket) -> dict[str, str]:
    return {"ID": canonical_id(bucket.account)}


def needed(request: Request, member: str) -> Any:
    """A member that no request can do without. S3's model is not held to before operations see it."""
    value = request.get(member)
    if value is None:
        raise InvalidRequest(f"Missing required parameter for this request: '{member}'")
    return value


def require_bucket(s3: S3, tx: Tx, request: Request) -> Bucket:
    """The bucket that the request names, if its owner is the one that the request expects."""
    return require_bucket_of(s3, tx, request["Bucket"], request.get("ExpectedBucketOwner"))


def require_bucket_of(s3: S3, tx: Tx, name: str, owner: str | None) -> Bucket:
    """The bucket of that name and, where one is given, that owner."""
    if owner is not None and not (len(owner) == 12 and owner.isascii() and owner.isdigit()):
        raise InvalidBucketOwnerAWSAccountID(owner=owner)
    bucket = s3.tables.find_bucket(tx, name)
    if bucket is None:
        raise NoSuchBucket(name)
    if owner is not None and owner != bucket.account:
        raise AccessDenied()
    return bucket


def version_asked(bucket: Bucket, request: Request) -> str | None:
    """The version that a request names, checked as far as can be without looking for it."""
    version: str | None = request.get("VersionId")
    if version is None:
        return None
    if version == NULL_VERSION:
        return version
    if not version:
        raise InvalidArgument("Version id cannot be the empty string", "versionId", version)
    if len(version) != 32 or not bucket.versioning:
        raise InvalidArgument("Invalid version id specified", "versionId", version)
    return version


def require_object(s3: S3, tx: Tx, bucket: Bucket, request: Request) -> Object:
    """The object, or the version of it, that a request names. Delete markers are refused."""
    key, version = request["Key"], version_asked(bucket, request)
    found = s3.tables.find_object(tx, bucket, key, version)
    if found is None:
        raise NoSuchKey(key) if version is None else NoSuchVersion(key, version)
    if found.is_marker:
        if version is None:
            raise NoSuchKey(key)
        raise MethodNotAllowed(members={"Method": "GET", "ResourceType": "DeleteMarker"})
    return found
