"""Objects: put, read, described and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.services.s3.announcing import announce
from fogline.services.s3.changes import DELETED, MARKED, PUT, Change
from fogline.services.s3.checksums import Meter, claim_of
from fogline.services.s3.conditions import check_read, check_write
from fogline.services.s3.contents import Body
from fogline.services.s3.errors import (
    InvalidArgument,
    InvalidPartNumber,
    InvalidRequest,
    MalformedXML,
    NoSuchVersion,
    NotBuilt,
)
from fogline.services.s3.lookup import (
    Request,
    Result,
    owner_of,
    require_bucket,
    require_object,
    version_asked,
)
from fogline.services.s3.ranges import find_range
from fogline.services.s3.service import S3
from fogline.services.s3.tables import Bucket, Object
from fogline.services.s3.writing import (
    delete_latest,
    encryption_shown,
    facts_of,
    keep_content,
    put_version,
    remove_version,
    version_made,
    version_shown,
    was_given,
)
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_s3 import type_defs as types

_OVERRIDES = {
    "ResponseCacheControl": "CacheControl",
    "ResponseContentDisposition": "ContentDisposition",
    "ResponseContentEncoding": "ContentEncoding",
    "ResponseContentLanguage": "ContentLanguage",
    "ResponseContentType": "ContentType",
    "ResponseExpires": "Expires",
}
_PARTS_PAGE_MAX = 1_000


async def put_object(s3: S3, call: Call, request: types.PutObjectRequestTypeDef) -> Result:
    given: Request = request
    key = request["Key"]
    with s3.store.read() as tx:
        bucket = require_bucket(s3, tx, request)
        facts = facts_of(given, bucket, s3.limits)
        claim = claim_of(given)
        check_write(given, s3.tables.find_object(tx, bucket, key, None))
    meter = Meter([claim.algorithm])
    body: Body | None = given.get("Body")

    def put(tx: Tx) -> Object:
        tx.lock(f"s3:{request['Bucket']}:{key}")
        bucket = require_bucket(s3, tx, request)
        check_write(given, s3.tables.find_object(tx, bucket, key, None))
        checksum = meter.checksum(claim.algorithm)
        made = put_version(s3, tx, call, bucket, key, content, facts, meter.etag, checksum)
        announce(s3, tx, call, bucket, PUT, made)
        return made

    s3.contents.being_written += 1
    try:
        content = await keep_content(s3, body, meter, claim, call.now)
        made = await s3.store.transact(put)
    finally:
        s3.contents.being_written -= 1
    return {
        "ETag": made.quoted_etag,
        **made.checksum.members(),
        **encryption_shown(made.headers),
        "VersionId": version_made(made),
    }


# ---- reading


def get_object(s3: S3, call: Call, request: types.GetObjectRequestTypeDef) -> Result:
    with s3.store.read() as tx:
        bucket = require_bucket(s3, tx, request)
        found = require_object(s3, tx, bucket, request)
    check_read(request, found)
    begin, end, partial = _span(found, request)
    answer = _described(bucket, found, request, partial)
    body = found.content.slice(s3.contents.blobs, begin, end)
    if not isinstance(body, bytes):
        # A short body gets its length from the server.
        answer["ContentLength"] = end - begin
    answer["Body"] = body
    return answer


def head_object(s3: S3, call: Call, request: types.HeadObjectRequestTypeDef) -> Result:
    with s3.store.read() as tx:
        bucket = require_bucket(s3, tx, request)
        found = require_object(s3, tx, bucket, request)
    check_read(request, found)
    begin, end, partial = _span(found, request)
    return {**_described(bucket, found, request, partial), "ContentLength": end - begin}


def _span(found: Object, request: Request) -> tuple[int, int, dict[str, Any]]:
    """First byte, the one after the last, and what the answer says of a part of the whole."""
    asked, number = request.get("Range"), request.get("PartNumber")
    if number is not None:
        if asked is not None:
            raise InvalidRequest("Cannot specify both Range header and partNumber query parameter")
        return _part_span(found, number)
    span = find_range(asked, found.size)
    if span is None:
        return 0, found.size, {}
    begin, end = span
    return begin, end, {"ContentRange": f"bytes {begin}-{end - 1}/{found.size}"}


def _part_span(found: Object, number: int) -> tuple[int, int, dict[str, Any]]:
    parts = found.parts or ((1, found.size, found.checksum.value),)
    if not 1 <= number <= len(parts):
        raise InvalidPartNumber(
            members={"PartNumberRequested": number, "ActualPartCount": len(parts)}
        )
    begin = sum(size for _, size, _ in parts[: number - 1])
    end = begin + parts[number - 1][1]
    partial: dict[str, Any] = {"PartsCount": len(parts) if found.parts else None}
    if found.size:
        partial["ContentRange"] = f"bytes {begin}-{end - 1}/{found.size}"
    return begin, end, partial


def _described(
    bucket: Bucket, found: Object, request: Request, partial: Mapping[str, Any]
) -> dict[str, Any]:
    """All that the headers of an answer tell of an object."""
    answer: dict[str, Any] = {
        "AcceptRanges": "bytes",
        "LastModified": found.modified_at // 1000 * 1000,
        "ETag": found.quoted_etag,
        **found.headers,
        "Metadata": found.metadata,
        "VersionId": version_shown(bucket, found.version),
        "TagCount": len(found.tags) or None,
        **partial,
    }
    if found.storage_class != "STANDARD":
        answer["StorageClass"] = found.storage_class
    is_whole = partial.get("ContentRange") in (None, f"bytes 0-{found.size - 1}/{found.size}")
    if request.get("ChecksumMode") == "ENABLED" and found.checksum.value:
        number = request.get("PartNumber")
        if is_whole and not (number is not None and found.parts):
            answer.update(found.checksum.members())
        elif number is not None and found.parts and found.parts[number - 1][2]:
            answer[found.checksum.member] = found.parts[number - 1][2]
            answer["ChecksumType"] = found.checksum.type
    for asked, header in _OVERRIDES.items():
        if request.get(asked) is not None:
            answer[header] = request[asked]
    return answer


def get_object_attributes(
    s3: S3, call: Call, request: types.GetObjectAttributesRequestTypeDef
) -> Result:
    wanted = request.get("ObjectAttributes")
    if not wanted:
        raise InvalidRequest(
            "The x-amz-object-attributes header specifying the attributes to be retrieved is"
            " either missing or empty"
        )
    with s3.store.read() as tx:
        bucket = require_bucket(s3, tx, request)
        found = require_object(s3, tx, bucket, request)
    answer: dict[str, Any] = {
        "LastModified": found.modified_at // 1000 * 1000,
        "VersionId": version_shown(bucket, found.version),
    }
    if "ETag" in wanted:
        answer["ETag"] = found.etag
    if "Checksum" in wanted and found.checksum.value:
        # Composites lose the count of their parts here.
        value = found.checksum.value.partition("-")[0]
        answer["Checksum"] = found.checksum._replace(value=value).members()
    if "ObjectSize" in wanted:
        answer["ObjectSize"] = found.size
    if "StorageClass" in wanted:
        answer["StorageClass"] = found.storage_class
    if "ObjectParts" in wanted and found.parts:
        answer["ObjectParts"] = _parts_shown(found, request)
    return answer


def _parts_shown(found: Object, request: Request) -> dict[str, Any]:
    """The parts of an object; in full only when each has a checksum of its own."""
    shown: dict[str, Any] = {"TotalPartsCount": len(found.parts)}
    if not any(checksum for _, _, checksum in found.parts):
        return shown
    after = request.get("PartNumberMarker") or 0
    most = request.get("MaxParts")
    count = _PARTS_PAGE_MAX if most is None else min(most, _PARTS_PAGE_MAX)
    left = [part for part in found.parts if part[0] > int(after)]
    page = left[:count]
    return {
        **shown,
        "PartNumberMarker": after,
        "NextPartNumberMarker": page[-1][0] if page else 0,
        "MaxParts": count,
        "IsTruncated": len(left) > len(page),
        "Parts": [
            {"PartNumber": number, "Size": size, found.checksum.member: checksum}
            for number, size, checksum in page
        ]
        or None,
    }


def get_object_acl(s3: S3, call: Call, request: types.GetObjectAclRequestTypeDef) -> Result:
    with s3.store.read() as tx:
        bucket = require_bucket(s3, tx, request)
        require_object(s3, tx, bucket, request)
    owner = owner_of(bucket)
    grantee = {**owner, "Type": "CanonicalUser"}
    return {"Owner": owner, "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}]}


# ---- deleting


def delete_object(s3: S3, call: Call, request: types.DeleteObjectRequestTypeDef) -> Result:
    given: Request = request
    for member in ("IfMatchLastModifiedTime", "IfMatchSize"):
        if given.get(member) is not None:
            raise NotBuilt(what=f"deletes with {member}")
    key = request["Key"]
    with s3.store.write() as tx:
        tx.lock(f"s3:{request['Bucket']}:{key}")
        bucket = require_bucket(s3, tx, request)
        version = version_asked(bucket, request)
        if given.get("IfMatch") is not None:
            check_write(given, s3.tables.find_object(tx, bucket, key, None))
        if version is None:
            change = delete_latest(s3, tx, call, bucket, key)
            if change is None:
                return {}
            announce(s3, tx, call, bucket, *change)
            if change.kind is not MARKED:
                return {}
            return {"DeleteMarker": True, "VersionId": change.version.version}
        gone = s3.tables.find_object(tx, bucket, key, version)
        if gone is not None:
            remove_version(s3, tx, call, bucket, gone)
            announce(s3, tx, call, bucket, DELETED, gone)
    is_marker = gone is not None and gone.is_marker
    return {
        "DeleteMarker": True if is_marker else None,
        "VersionId": version_shown(bucket, version),
    }


def delete_objects(s3: S3, call: Call, request: types.DeleteObjectsRequestTypeDef) -> Result:
    given: Request = request
    delete: Request = given.get("Delete") or {}
    wanted = delete.get("Objects") or ()
    if not 1 <= len(wanted) <= s3.limits.deleted_keys_max:
        raise MalformedXML()
    deleted: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    changes: list[Change] = []
    with s3.store.write() as tx:
        bucket = require_bucket(s3, tx, request)
        for each in wanted:
            try:
                deleted.append(_delete_one(s3, tx, call, bucket, each, changes))
            except AwsError as refused:
                errors.append(
                    {
                        "Key": each.get("Key"),
                        "VersionId": each.get("VersionId"),
                        "Code": refused.code,
                        "Message": refused.text,
                    }
                )
        # Only now: a destination may be locked until the end, and others wait for it with a key locked.
        for change in changes:
            announce(s3, tx, call, bucket, *change)
    return {"Deleted": [] if delete.get("Quiet") else deleted, "Errors": errors}


def _delete_one(
    s3: S3, tx: Tx, call: Call, bucket: Bucket, each: Request, changes: list[Change]
) -> dict[str, Any]:
    key, version = each.get("Key"), each.get("VersionId")
    if not key:
        raise MalformedXML()
    tx.lock(f"s3:{bucket.name}:{key}")
    if version is None:
        change = delete_latest(s3, tx, call, bucket, key)
        if change is not None:
            changes.append(change)
        if change is None or change.kind is not MARKED:
            return {"Key": key}
        return {"Key": key, "DeleteMarker": True, "DeleteMarkerVersionId": change.version.version}
    try:
        version_asked(bucket, each)
    except InvalidArgument:
        raise NoSuchVersion(key, version) from None
    gone = s3.tables.find_object(tx, bucket, key, version)
    if gone is None:
        # What is gone already is deleted; what never was is a mistake.
        if not was_given(version):
            raise NoSuchVersion(key, version)
        return {"Key": key, "VersionId": version}
    remove_version(s3, tx, call, bucket, gone)
    changes.append(Change(DELETED, gone))
    if gone.is_marker:
        return {
            "Key": key,
            "VersionId": version,
            "DeleteMarker": True,
            "DeleteMarkerVersionId": version,
        }
    return {"Key": key, "VersionId": version}
