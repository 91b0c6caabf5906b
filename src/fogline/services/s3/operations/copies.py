"""Copies: of an object, and of a range of one into a part. Files are shared, not copied."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from fogline.aws.call import Call
from fogline.services.s3.announcing import announce
from fogline.services.s3.changes import COPIED
from fogline.services.s3.checksums import FULL_OBJECT, Checksum, Claim, Meter
from fogline.services.s3.conditions import check_copy, check_write
from fogline.services.s3.contents import Content, Piece, Reading
from fogline.services.s3.errors import InvalidArgument, InvalidRange, InvalidRequest
from fogline.services.s3.lookup import (
    Request,
    Result,
    needed,
    require_bucket,
    require_bucket_of,
    require_object,
)
from fogline.services.s3.operations.uploads import (
    check_part_number,
    made_claim,
    part_of,
    require_upload,
    save_part,
)
from fogline.services.s3.service import S3
from fogline.services.s3.tables import Bucket, Object
from fogline.services.s3.writing import (
    HEADERS,
    Facts,
    encryption_of,
    encryption_shown,
    facts_of,
    put_version,
    version_made,
    version_shown,
)
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_s3 import type_defs as types

_RANGE = re.compile(r"bytes=(\d{1,19})-(\d{1,19})")
_CHUNK_BYTES = 1024 * 1024


def _source(s3: S3, tx: Tx, call: Call, request: Request) -> tuple[Bucket, Object]:
    """The object that is copied, if the request's conditions let it be."""
    path, _, query = str(needed(request, "CopySource")).partition("?")
    bucket_name, _, key = unquote_plus(path).removeprefix("/").partition("/")
    if not bucket_name or not key:
        raise InvalidArgument(
            "Invalid copy source object key", "x-amz-copy-source", request["CopySource"]
        )
    source: dict[str, Any] = {"Bucket": bucket_name, "Key": key}
    if query.startswith("versionId="):
        source["VersionId"] = query.removeprefix("versionId=")
    bucket = require_bucket_of(s3, tx, bucket_name, request.get("ExpectedSourceBucketOwner"))
    found = require_object(s3, tx, bucket, source)
    check_copy(request, found, call.now)
    return bucket, found


async def copy_object(s3: S3, call: Call, request: types.CopyObjectRequestTypeDef) -> Result:
    given: Request = request
    with s3.store.read() as tx:
        bucket = require_bucket(s3, tx, request)
        source_bucket, source = _source(s3, tx, call, given)
        check_write(given, s3.tables.find_object(tx, bucket, request["Key"], None))
    facts = _copied_facts(s3, given, source, bucket)
    _check_change(given, source_bucket, source, bucket)

    def copy(tx: Tx) -> Object:
        tx.lock(f"s3:{request['Bucket']}:{request['Key']}")
        bucket = require_bucket(s3, tx, request)
        check_write(given, s3.tables.find_object(tx, bucket, request["Key"], None))
        made = put_version(
            s3, tx, call, bucket, request["Key"], source.content, facts, etag, checksum
        )
        announce(s3, tx, call, bucket, COPIED, made)
        return made

    # While this is raised no file goes, so those of the source stay, whatever becomes of it.
    s3.contents.being_written += 1
    try:
        etag, checksum = await _measured(s3, source, given.get("ChecksumAlgorithm"))
        made = await s3.store.transact(copy)
    finally:
        s3.contents.being_written -= 1
    return {
        "CopyObjectResult": {
            "ETag": made.quoted_etag,
            "LastModified": made.modified_at // 1000 * 1000,
            **checksum.members(),
        },
        "CopySourceVersionId": version_shown(source_bucket, source.version),
        "VersionId": version_made(made),
        **encryption_shown(made.headers),
    }


def _copied_facts(s3: S3, request: Request, source: Object, bucket: Bucket) -> Facts:
    """Metadata, tags and headers of the copy: the source's, or those that replace them."""
    for member in ("MetadataDirective", "TaggingDirective"):
        if request.get(member) not in (None, "COPY", "REPLACE"):
            raise InvalidArgument(
                f"Unknown {_words(member)}.", f"x-amz-{_header(member)}", request[member]
            )
    given = facts_of(request, bucket, s3.limits)
    headers, metadata = given.headers, given.metadata
    if request.get("MetadataDirective") != "REPLACE":
        kept = {name: source.headers[name] for name in HEADERS if name in source.headers}
        if request.get("WebsiteRedirectLocation") is None:
            kept.pop("WebsiteRedirectLocation", None)
        headers = {**kept, **encryption_of(request, bucket)}
        metadata = source.metadata
    tags = given.tags if request.get("TaggingDirective") == "REPLACE" else source.tags
    return Facts(headers, metadata, tags, given.storage_class)


def _words(member: str) -> str:
    return member.replace("Directive", " directive").lower()


def _header(member: str) -> str:
    return member.replace("Directive", "-directive").lower()


def _check_change(request: Request, source_bucket: Bucket, source: Object, bucket: Bucket) -> None:
    """A copy onto itself must change something."""
    is_same = source_bucket.name == bucket.name and source.key == request["Key"]
    changes = (
        request.get("MetadataDirective") == "REPLACE",
        request.get("StorageClass") is not None,
        request.get("WebsiteRedirectLocation") is not None,
        request.get("ServerSideEncryption") is not None,
        not source.is_latest,
    )
    if is_same and not any(changes):
        raise InvalidRequest(
            "This copy request is illegal because it is trying to copy an object to itself without changing the"
            " object's metadata, storage class, website redirect location or encryption attributes."
        )


async def _measured(s3: S3, source: Object, algorithm: str | None) -> tuple[str, Checksum]:
    """The copy's entity tag and checksum: it is one piece, however its source came to be."""
    algorithm = algorithm or source.checksum.algorithm
    is_known = (
        "-" not in source.etag
        and source.checksum.type == FULL_OBJECT
        and source.checksum.algorithm == algorithm
    )
    if is_known:
        return source.etag, source.checksum
    meter = Meter([algorithm])
    await asyncio.to_thread(_measure, s3, source, meter)
    return meter.etag, meter.checksum(algorithm)


def _measure(s3: S3, source: Object, meter: Meter) -> None:
    body = source.content.slice(s3.contents.blobs, 0, source.size)
    if isinstance(body, bytes):
        meter.update(body)
        return
    while chunk := body.read(_CHUNK_BYTES):
        meter.update(chunk)


async def upload_part_copy(
    s3: S3, call: Call, request: types.UploadPartCopyRequestTypeDef
) -> Result:
    given: Request = request
    check_part_number(s3, needed(given, "PartNumber"))
    with s3.store.read() as tx:
        upload = require_upload(s3, tx, require_bucket(s3, tx, request), given)
        source_bucket, source = _source(s3, tx, call, given)
    begin, end = _copied_range(given.get("CopySourceRange"), source.size)
    claim = made_claim(upload)
    meter = Meter([claim.algorithm])
    s3.contents.being_written += 1
    try:
        body = source.content.slice(s3.contents.blobs, begin, end)
        content = await _kept(s3, call, source, body, end - begin, meter, claim)
        part = part_of(call, request["PartNumber"], content, meter, upload)
        await s3.store.transact(lambda tx: save_part(s3, tx, call, given, part))
    finally:
        s3.contents.being_written -= 1
    algorithm = upload.facts["algorithm"]
    return {
        "CopyPartResult": {
            "ETag": f'"{part.etag}"',
            "LastModified": part.modified_at // 1000 * 1000,
            **({f"Checksum{algorithm}": part.checksums[algorithm]} if algorithm else {}),
        },
        "CopySourceVersionId": version_shown(source_bucket, source.version),
        **encryption_shown(upload.facts["headers"]),
    }


async def _kept(
    s3: S3, call: Call, source: Object, body: bytes | Reading, size: int, meter: Meter, claim: Claim
) -> Content:
    """The file of a part: the source's own when the part is all of it."""
    pieces = source.content.pieces
    if size == source.size and len(pieces) == 1:
        await asyncio.to_thread(_measure, s3, source, meter)
        return Content(size, None, (Piece(pieces[0].blob, size),))
    return await s3.contents.write(body, meter, claim, call.now)


def _copied_range(asked: str | None, size: int) -> tuple[int, int]:
    """First byte and the one after the last. Unlike in reads, the whole range must be there."""
    if asked is None:
        return 0, size
    match = _RANGE.fullmatch(asked)
    if match is None:
        raise InvalidArgument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the"
            " zero-based offsets of the first and last bytes to copy",
            "x-amz-copy-source-range",
            asked,
        )
    first, last = int(match[1]), int(match[2])
    if last < first or first >= size:
        raise InvalidRange(asked, size)
    if last >= size:
        raise InvalidArgument(
            f"Range specified is not valid for source object of size: {size}",
            "x-amz-copy-source-range",
            asked,
        )
    return first, last + 1
