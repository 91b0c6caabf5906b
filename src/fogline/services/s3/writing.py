"""Writing: what of a request is kept with an object, and how a new version takes its place."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from fogline.aws.call import Call
from fogline.services.s3.changes import DELETED, MARKED, Change
from fogline.services.s3.checksums import Checksum, Claim, Meter
from fogline.services.s3.contents import Body, Content, Piece, Reading
from fogline.services.s3.errors import InvalidArgument, InvalidRequest, NotBuilt
from fogline.services.s3.limits import Limits
from fogline.services.s3.lookup import Request
from fogline.services.s3.names import (
    check_key,
    check_metadata,
    checked_storage_class,
    tags_of_header,
)
from fogline.services.s3.service import S3
from fogline.services.s3.tables import NULL_VERSION, Bucket, Object
from fogline.store.store import Tx

HEADERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "WebsiteRedirectLocation",
)
_ENCRYPTION = ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled")
_ENCRYPTIONS = ("AES256", "aws:kms", "aws:kms:dsse")
_NOT_BUILT = {
    "SSECustomerAlgorithm": "encryption with keys of the client",
    "SSECustomerKey": "encryption with keys of the client",
    "ObjectLockMode": "object lock",
    "ObjectLockRetainUntilDate": "object lock",
    "ObjectLockLegalHoldStatus": "object lock",
    "WriteOffsetBytes": "appending to objects",
    "GrantFullControl": "grants to others",
    "GrantRead": "grants to others",
    "GrantReadACP": "grants to others",
    "GrantWriteACP": "grants to others",
}
_ACLS = (
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
)


_VERSION_CHANCE = 26
"""Of the 32 characters of a version id, those that differ; the rest follow from them."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said of an object apart from its content."""

    headers: Mapping[str, Any]
    metadata: Mapping[str, str]
    tags: Mapping[str, str]
    storage_class: str

    def kept(self) -> dict[str, Any]:
        """Itself as JSON."""
        return {
            "headers": self.headers,
            "metadata": self.metadata,
            "tags": self.tags,
            "storage_class": self.storage_class,
        }


def refuse_not_built(request: Request) -> None:
    """Refuse what would be ignored otherwise."""
    for member, what in _NOT_BUILT.items():
        if request.get(member) is not None:
            raise NotBuilt(what=what)
    acl = request.get("ACL")
    if acl is not None and acl not in _ACLS:
        raise InvalidArgument("", "x-amz-acl", acl)


def facts_of(request: Request, bucket: Bucket, limits: Limits) -> Facts:
    """The facts that a request gives. Raises what S3 refuses of them."""
    refuse_not_built(request)
    check_key(request["Key"], limits)
    metadata = request.get("Metadata") or {}
    check_metadata(metadata, limits)
    headers = {name: request[name] for name in HEADERS if request.get(name) is not None}
    headers.setdefault("ContentType", "binary/octet-stream")
    headers.update(encryption_of(request, bucket))
    return Facts(
        headers,
        {key.lower(): value for key, value in metadata.items()},
        tags_of_header(request.get("Tagging"), limits),
        checked_storage_class(request.get("StorageClass")),
    )


def encryption_of(request: Request, bucket: Bucket) -> dict[str, Any]:
    """How answers say that an object is encrypted: as asked, else as its bucket does by default."""
    asked = request.get("ServerSideEncryption")
    if asked is not None:
        if asked not in _ENCRYPTIONS:
            raise InvalidArgument(
                "The encryption method specified is not supported",
                "x-amz-server-side-encryption",
                asked,
            )
        given = {name: request[name] for name in _ENCRYPTION if request.get(name) is not None}
        if asked != "AES256" and _rule(bucket).get("BucketKeyEnabled"):
            given.setdefault("BucketKeyEnabled", True)
        return given
    rule = _rule(bucket)
    default = rule.get("ApplyServerSideEncryptionByDefault") or {}
    found = {
        "ServerSideEncryption": default.get("SSEAlgorithm", "AES256"),
        "SSEKMSKeyId": default.get("KMSMasterKeyID"),
    }
    if found["ServerSideEncryption"] != "AES256":
        found["BucketKeyEnabled"] = rule.get("BucketKeyEnabled")
    return {name: value for name, value in found.items() if value is not None}


def _rule(bucket: Bucket) -> Mapping[str, Any]:
    """The bucket's rule of encryption, if it has one of its own."""
    rules = (bucket.settings.get("Encryption") or {}).get("Rules") or ()
    return rules[0] if rules else {}


def encryption_shown(headers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: headers[name] for name in _ENCRYPTION if name in headers}


async def keep_content(
    s3: S3, body: Body | Reading | None, meter: Meter, claim: Claim, now: int
) -> Content:
    """Measure, check and keep a content.

    `being_written` must be raised by the caller, if a file may be written, until its row is there.
    """
    content = None
    if not isinstance(body, Reading):
        content = s3.contents.measure_inline(body, meter)
    if content is not None:
        meter.check(claim)
        return content
    assert body is not None
    content = await s3.contents.write(body, meter, claim, now)
    if content.size > s3.limits.put_bytes_max:
        raise InvalidRequest("Your proposed upload exceeds the maximum allowed size")
    return content


def put_version(
    s3: S3,
    tx: Tx,
    call: Call,
    bucket: Bucket,
    key: str,
    content: Content,
    facts: Facts,
    etag: str,
    checksum: Checksum,
    parts: tuple[tuple[int, int, str], ...] = (),
) -> Object:
    """Make a content the latest version of its key; without versioning it takes the old one's place."""
    made = Object(
        key=key,
        number=s3.ids.ordered(call.now),
        version=new_version(s3, bucket),
        is_latest=True,
        is_marker=False,
        modified_at=call.now,
        etag=etag,
        storage_class=facts.storage_class,
        checksum=checksum,
        content=content,
        headers=facts.headers,
        metadata=facts.metadata,
        tags=facts.tags,
        parts=parts,
    )
    replace_null_version(s3, tx, call, bucket, made)
    s3.contents.count(tx, content.pieces)
    s3.tables.add_object(tx, bucket, made)
    return made


def new_version(s3: S3, bucket: Bucket) -> str:
    """The id of a version that is made now."""
    if bucket.versioning != "Enabled":
        return NULL_VERSION
    chance = s3.ids.secret(_VERSION_CHANCE).replace("-", ".")
    return chance + _version_check(chance)


def was_given(version: str) -> bool:
    """True for ids that `new_version` can have made, told by their last characters."""
    chance = version[:_VERSION_CHANCE]
    return version == NULL_VERSION or version == chance + _version_check(chance)


def _version_check(chance: str) -> str:
    return hashlib.sha256(chance.encode()).hexdigest()[: 32 - _VERSION_CHANCE]


def replace_null_version(s3: S3, tx: Tx, call: Call, bucket: Bucket, made: Object) -> None:
    """Of versions named `null` there is only one: remove the one that `made` replaces."""
    if made.version == NULL_VERSION:
        old = s3.tables.find_object(tx, bucket, made.key, NULL_VERSION)
        if old is not None:
            remove_version(s3, tx, call, bucket, old)


def remove_version(s3: S3, tx: Tx, call: Call, bucket: Bucket, gone: Object) -> None:
    """Remove a version for good."""
    s3.tables.remove_object(tx, bucket, gone)
    s3.contents.discount(tx, gone.content.pieces, call.now)


def delete_latest(s3: S3, tx: Tx, call: Call, bucket: Bucket, key: str) -> Change | None:
    """Delete a key as a request without a version does: its object goes, or a delete marker comes."""
    latest = s3.tables.find_object(tx, bucket, key, None)
    if not bucket.versioning:
        if latest is None:
            return None
        remove_version(s3, tx, call, bucket, latest)
        return Change(DELETED, latest)
    marker = Object(
        key=key,
        number=s3.ids.ordered(call.now),
        version=new_version(s3, bucket),
        is_latest=True,
        is_marker=True,
        modified_at=call.now,
        etag="",
        storage_class="",
        checksum=Checksum("", ""),
        content=Content(0, None),
        headers={},
        metadata={},
        tags={},
        parts=(),
    )
    replace_null_version(s3, tx, call, bucket, marker)
    s3.tables.add_object(tx, bucket, marker)
    return Change(MARKED, marker)


def version_shown(bucket: Bucket, version: str) -> str | None:
    """A version as answers carry it: not at all where versioning was never turned on."""
    return version if bucket.versioning else None


def version_made(made: Object) -> str | None:
    """A new version as the answer to its writing carries it: the null version is not told of.

    Recorded: test_object_created_put_versioned.
    """
    return made.version if made.version != NULL_VERSION else None


def drop_upload(s3: S3, tx: Tx, upload: str, now: int) -> None:
    """Forget an upload in parts with all that was uploaded."""
    for part in s3.tables.parts(tx, upload, 0, s3.limits.part_number_max):
        s3.contents.discount(tx, [Piece(part.blob, part.size)], now)
    s3.tables.remove_upload(tx, upload)


def with_tags(made: Object, tags: Mapping[str, str]) -> Object:
    return replace(made, tags=tags)
