"""Uploads in parts: begun, fed, listed, completed or given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from fogline.aws.call import Call
from fogline.services.s3.announcing import announce
from fogline.services.s3.changes import COMPLETED
from fogline.services.s3.checksums import (
    COMPOSITE,
    DEFAULT,
    Checksum,
    Claim,
    Meter,
    claim_of,
    combined,
    etag_of_parts,
    given_checksum,
    upload_type,
)
from fogline.services.s3.conditions import check_write
from fogline.services.s3.contents import Content, Piece
from fogline.services.s3.errors import (
    BadDigest,
    ConditionalRequestConflict,
    EntityTooSmall,
    InvalidArgument,
    InvalidPart,
    InvalidPartOrder,
    InvalidRequest,
    MalformedXML,
    NoSuchUpload,
    NotBuilt,
)
from fogline.services.s3.listing import Position, make_page, rolled_up, start_after
from fogline.services.s3.lookup import (
    Request,
    Result,
    canonical_id,
    needed,
    owner_of,
    require_bucket,
)
from fogline.services.s3.operations.listings import count_of, encoder_of
from fogline.services.s3.service import S3
from fogline.services.s3.tables import Bucket, Part, Upload
from fogline.services.s3.writing import (
    Facts,
    drop_upload,
    encryption_shown,
    facts_of,
    put_version,
    version_made,
)
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_s3 import type_defs as types

_ALGORITHMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")


def create_multipart_upload(
    s3: S3, call: Call, request: types.CreateMultipartUploadRequestTypeDef
) -> Result:
    algorithm = request.get("ChecksumAlgorithm")
    kind = upload_type(algorithm, request.get("ChecksumType"))
    if algorithm is not None and algorithm not in _ALGORITHMS:
        raise NotBuilt(what=f"uploads in parts with {algorithm} checksums")
    with s3.store.write() as tx:
        bucket = require_bucket(s3, tx, request)
        facts = facts_of(request, bucket, s3.limits)
        upload = Upload(
            s3.ids.secret(64),
            bucket.number,
            request["Key"],
            call.now,
            s3.ids.ordered(call.now),
            {**facts.kept(), "algorithm": algorithm, "checksum_type": kind},
        )
        s3.tables.add_upload(tx, upload)
    return {
        "Bucket": bucket.name,
        "Key": request["Key"],
        "UploadId": upload.id,
        "ChecksumAlgorithm": algorithm,
        "ChecksumType": kind if algorithm else None,
        **encryption_shown(facts.headers),
    }


def require_upload(s3: S3, tx: Tx, bucket: Bucket, request: Request) -> Upload:
    upload = needed(request, "UploadId")
    found = s3.tables.find_upload(tx, bucket, request["Key"], upload)
    if found is None:
        raise NoSuchUpload(upload)
    return found


def check_part_number(s3: S3, number: int) -> None:
    if not 1 <= number <= s3.limits.part_number_max:
        raise InvalidArgument(
            f"Part number must be an integer between 1 and {s3.limits.part_number_max}, inclusive",
            "partNumber",
            number,
        )


# ---- feeding


async def upload_part(s3: S3, call: Call, request: types.UploadPartRequestTypeDef) -> Result:
    given: Request = request
    number = needed(given, "PartNumber")
    check_part_number(s3, number)
    if given.get("SSECustomerKey") is not None:
        raise NotBuilt(what="encryption with keys of the client")
    with s3.store.read() as tx:
        upload = require_upload(s3, tx, require_bucket(s3, tx, request), request)
    expected = upload.facts["algorithm"]
    claim = claim_of(given, default=expected or DEFAULT)
    if expected is not None and claim.algorithm != expected:
        raise InvalidRequest(
            f"Checksum Type mismatch occurred, expected checksum Type: {expected.lower()}, "
            f"actual checksum Type: {claim.algorithm.lower()}"
        )
    meter = Meter([*{claim.algorithm, expected or DEFAULT}])
    s3.contents.being_written += 1
    try:
        content = await s3.contents.write(given.get("Body") or b"", meter, claim, call.now)
        part = part_of(call, number, content, meter, upload)
        await s3.store.transact(lambda tx: save_part(s3, tx, call, request, part))
    finally:
        s3.contents.being_written -= 1
    shown = meter.checksum(claim.algorithm)
    is_told = bool(claim.value or expected or given.get("ChecksumAlgorithm"))
    return {
        "ETag": f'"{part.etag}"',
        shown.member: shown.value if is_told else None,
        **encryption_shown(upload.facts["headers"]),
    }


def part_of(call: Call, number: int, content: Content, meter: Meter, upload: Upload) -> Part:
    """The row of a part whose content has been kept."""
    algorithm = upload.facts["algorithm"] or DEFAULT
    checksums = {algorithm: meter.checksum(algorithm).value}
    return Part(number, call.now, content.size, meter.etag, content.pieces[0].blob, checksums)


def save_part(s3: S3, tx: Tx, call: Call, request: Request, part: Part) -> None:
    """Keep a part in place of the one with its number. Raises NoSuchUpload if that has ended since."""
    tx.lock(f"s3:{needed(request, 'UploadId')}")
    upload = require_upload(s3, tx, require_bucket(s3, tx, request), request)
    s3.contents.count(tx, [Piece(part.blob, part.size)])
    replaced = s3.tables.save_part(tx, upload.id, part)
    if replaced is not None:
        s3.contents.discount(tx, [Piece(replaced.blob, replaced.size)], call.now)


# ---- ending


def abort_multipart_upload(
    s3: S3, call: Call, request: types.AbortMultipartUploadRequestTypeDef
) -> Result:
    with s3.store.write() as tx:
        tx.lock(f"s3:{needed(request, 'UploadId')}")
        upload = require_upload(s3, tx, require_bucket(s3, tx, request), request)
        drop_upload(s3, tx, upload.id, call.now)
    return {}


def complete_multipart_upload(
    s3: S3, call: Call, request: types.CompleteMultipartUploadRequestTypeDef
) -> Result:
    given: Request = request
    wanted: Sequence[Request] = (given.get("MultipartUpload") or {}).get("Parts") or ()
    key = request["Key"]
    with s3.store.write() as tx:
        tx.lock(f"s3:{needed(request, 'UploadId')}")
        tx.lock(f"s3:{request['Bucket']}:{key}")
        bucket = require_bucket(s3, tx, request)
        upload = require_upload(s3, tx, bucket, request)
        if not wanted:
            raise MalformedXML()
        _check_conditions(s3, tx, bucket, given, upload)
        every = s3.tables.parts(tx, upload.id, 0, s3.limits.part_number_max)
        parts = _chosen(s3, upload, {part.number: part for part in every}, wanted)
        _check_size(given, parts)
        checksum = _checksum(given, upload, parts)
        stored = upload.facts
        facts = Facts(
            stored["headers"], stored["metadata"], stored["tags"], stored["storage_class"]
        )
        pieces = tuple(Piece(part.blob, part.size) for part in parts)
        etag = etag_of_parts([part.etag for part in parts])
        tells_parts = checksum.type == COMPOSITE
        shown_parts = tuple(
            (part.number, part.size, part.checksums[checksum.algorithm] if tells_parts else "")
            for part in parts
        )
        content = Content(sum(part.size for part in parts), None, pieces)
        made = put_version(s3, tx, call, bucket, key, content, facts, etag, checksum, shown_parts)
        drop_upload(s3, tx, upload.id, call.now)
        announce(s3, tx, call, bucket, COMPLETED, made)
    return {
        "Location": _location(call, bucket, key),
        "Bucket": bucket.name,
        "Key": key,
        "ETag": made.quoted_etag,
        **checksum.members(),
        **encryption_shown(made.headers),
        "VersionId": version_made(made),
    }


def _check_conditions(s3: S3, tx: Tx, bucket: Bucket, request: Request, upload: Upload) -> None:
    """Conditions hold for the object as it was when the upload began, too."""
    latest = s3.tables.find_object(tx, bucket, request["Key"], None)
    check_write(request, latest)
    condition = next(
        (
            header
            for member, header in (("IfMatch", "If-Match"), ("IfNoneMatch", "If-None-Match"))
            if request.get(member) is not None
        ),
        None,
    )
    if condition and latest is not None and latest.number > upload.number:
        raise ConditionalRequestConflict(members={"Condition": condition, "Key": request["Key"]})


def _chosen(
    s3: S3, upload: Upload, parts: Mapping[int, Part], wanted: Sequence[Request]
) -> list[Part]:
    """The parts that the request names, in its order, each checked."""
    algorithm, kind = upload.facts["algorithm"], upload.facts["checksum_type"]
    chosen: list[Part] = []
    for each in wanted:
        number, etag = each.get("PartNumber"), (each.get("ETag") or "").strip('"')
        if number is None:
            raise MalformedXML()
        if chosen and number <= chosen[-1].number:
            raise InvalidPartOrder(members={"UploadId": upload.id})
        part = parts.get(number)
        given = given_checksum(each)
        if given is None and algorithm is not None and kind == COMPOSITE:
            raise InvalidRequest(
                f"The upload was created using a {algorithm.lower()} checksum. The complete request must include "
                f"the checksum for each part. It was missing for part {number} in the request."
            )
        if (
            part is None
            or part.etag != etag
            or (
                given is not None
                and given.algorithm in part.checksums
                and part.checksums[given.algorithm] != given.value
            )
        ):
            raise InvalidPart(members={"UploadId": upload.id, "PartNumber": number, "ETag": etag})
        if chosen and chosen[-1].size < s3.limits.part_bytes_min:
            small = chosen[-1]
            raise EntityTooSmall(
                members={
                    "ETag": small.etag,
                    "MinSizeAllowed": s3.limits.part_bytes_min,
                    "PartNumber": small.number,
                    "ProposedSize": small.size,
                }
            )
        chosen.append(part)
    return chosen


def _check_size(request: Request, parts: Sequence[Part]) -> None:
    told, size = request.get("MpuObjectSize"), sum(part.size for part in parts)
    if told is not None and int(told) != size:
        raise InvalidRequest(
            f"The provided 'x-amz-mp-object-size' header value {told} does not match what was computed: {size}"
        )


def _checksum(request: Request, upload: Upload, parts: Sequence[Part]) -> Checksum:
    """The checksum of the object to be, which must be the one that the request names, if it does."""
    algorithm, kind = upload.facts["algorithm"], upload.facts["checksum_type"]
    asked = request.get("ChecksumType")
    if asked is not None and algorithm is not None and asked != kind:
        raise InvalidRequest(
            f"The upload was created using the {kind} checksum mode. The complete request must use the same"
            " checksum mode."
        )
    algorithm = algorithm or DEFAULT
    made = combined(algorithm, kind, [(part.checksums[algorithm], part.size) for part in parts])
    given = given_checksum(request)
    if given is not None and not _is_same(given, made, asked):
        raise BadDigest(name=algorithm.lower())
    return made


def _is_same(given: Checksum, made: Checksum, asked: str | None) -> bool:
    """A full checksum counts only when the request says that it is one."""
    if given.algorithm != made.algorithm:
        return False
    if made.type == COMPOSITE:
        return given.value.partition("-")[0] == made.value.partition("-")[0]
    return asked == made.type and given.value == made.value


def _location(call: Call, bucket: Bucket, key: str) -> str:
    path = quote(key, safe="")
    if call.host.startswith(f"{bucket.name}."):
        return f"{call.endpoint}/{path}"
    return f"{call.endpoint}/{bucket.name}/{path}"


# ---- listing


def list_parts(s3: S3, call: Call, request: types.ListPartsRequestTypeDef) -> Result:
    given: Request = request
    limit = count_of(given, "MaxParts", "max-parts", s3.limits.page_keys_max)
    # boto3 sends a number, the model says text, and what is empty means none.
    marker = int(given.get("PartNumberMarker") or 0)
    with s3.store.read() as tx:
        bucket = require_bucket(s3, tx, request)
        upload = require_upload(s3, tx, bucket, given)
        parts = s3.tables.parts(tx, upload.id, marker, limit + 1)
    page = parts[:limit]
    algorithm = upload.facts["algorithm"]
    return {
        "Bucket": bucket.name,
        "Key": upload.key,
        "UploadId": upload.id,
        "PartNumberMarker": marker,
        "NextPartNumberMarker": page[-1].number if page else 0,
        "MaxParts": limit,
        "IsTruncated": len(parts) > len(page),
        "Parts": [
            {
                "PartNumber": part.number,
                "LastModified": part.modified_at // 1000 * 1000,
                "ETag": f'"{part.etag}"',
                "Size": part.size,
                **({f"Checksum{algorithm}": part.checksums[algorithm]} if algorithm else {}),
            }
            for part in page
        ]
        or None,
        "Initiator": _initiator(call),
        "Owner": owner_of(bucket),
        "StorageClass": upload.facts["storage_class"],
        "ChecksumAlgorithm": algorithm,
        "ChecksumType": upload.facts["checksum_type"] if algorithm else None,
    }


def _initiator(call: Call) -> dict[str, str]:
    return {"ID": canonical_id(call.account), "DisplayName": call.principal.arn}


def list_multipart_uploads(
    s3: S3, call: Call, request: types.ListMultipartUploadsRequestTypeDef
) -> Result:
    encode = encoder_of(request)
    limit = count_of(request, "MaxUploads", "max-uploads", s3.limits.page_keys_max)
    prefix, delimiter = request.get("Prefix") or "", request.get("Delimiter") or ""
    marker, upload_marker = request.get("KeyMarker") or "", request.get("UploadIdMarker") or ""
    with s3.store.read() as tx:
        bucket = require_bucket(s3, tx, request)
        # A marker within a common prefix stands for the prefix.
        rolled = rolled_up(marker, prefix, delimiter)
        since: Position = (start_after(rolled or marker, prefix, delimiter), None)
        if marker and upload_marker:
            last = s3.tables.find_upload(tx, bucket, marker, upload_marker)
            if last is not None:
                since = (marker.encode(), last.number)

        def fetch(at: Position, until: bytes | None, count: int) -> list[Upload]:
            found = s3.tables.uploads(tx, bucket, at[0], at[1], until, count)
            return found

        page = make_page(
            fetch,
            prefix=prefix,
            delimiter=delimiter,
            since=since,
            limit=limit,
            after=lambda upload: (upload.key.encode(), upload.number),
        )
    owner = owner_of(bucket)
    last_id = page.entries[-1].id if page.entries else None
    ends_with_prefix = bool(page.prefixes) and page.prefixes[-1] == page.last
    last_id = "" if ends_with_prefix else last_id
    return {
        "Bucket": bucket.name,
        "KeyMarker": encode(marker),
        "UploadIdMarker": upload_marker,
        "NextKeyMarker": "" if ends_with_prefix else encode(page.last) or None,
        "NextUploadIdMarker": last_id,
        "Prefix": encode(prefix) if prefix else None,
        "Delimiter": encode(delimiter) if delimiter else None,
        "EncodingType": request.get("EncodingType"),
        "MaxUploads": limit,
        "IsTruncated": page.is_truncated,
        "Uploads": [
            {
                "UploadId": upload.id,
                "Key": encode(upload.key),
                "Initiated": upload.started_at // 1000 * 1000,
                "StorageClass": upload.facts["storage_class"],
                "Owner": owner,
                "Initiator": _initiator(call),
                "ChecksumAlgorithm": upload.facts["algorithm"],
                "ChecksumType": upload.facts["checksum_type"]
                if upload.facts["algorithm"]
                else None,
            }
            for upload in page.entries
        ]
        or None,
        "CommonPrefixes": [{"Prefix": encode(each)} for each in page.prefixes] or None,
    }


def made_claim(upload: Upload) -> Claim:
    """What a part that is copied is measured by."""
    return Claim(upload.facts["algorithm"] or DEFAULT)
