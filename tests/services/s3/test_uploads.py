"""Uploads in parts: what they need, what they refuse, and what becomes of them."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

PART = b"p" * (5 * 1024 * 1024)


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


@pytest.fixture
def upload(s3: Any, bucket: str) -> dict[str, str]:
    """An upload to the key `k`, as the members that name it."""
    made = s3.create_multipart_upload(Bucket=bucket, Key="k", Metadata={"m": "1"})
    return {"Bucket": bucket, "Key": "k", "UploadId": made["UploadId"]}


def put(s3: Any, upload: dict[str, str], number: int, body: bytes) -> dict[str, Any]:
    etag = s3.upload_part(**upload, PartNumber=number, Body=body)["ETag"]
    return {"PartNumber": number, "ETag": etag}


def test_parts_become_one_object_in_the_order_of_their_numbers(
    s3: Any, upload: dict[str, str]
) -> None:
    parts = [put(s3, upload, 7, b"end"), put(s3, upload, 2, PART)]
    listed = s3.list_parts(**upload)["Parts"]
    assert [part["PartNumber"] for part in listed] == [2, 7]
    done = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts[::-1]})
    digests = hashlib.md5(PART).digest() + hashlib.md5(b"end").digest()
    assert done["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-2"'
    found = s3.get_object(Bucket=upload["Bucket"], Key="k")
    assert found["Body"].read() == PART + b"end"
    assert found["Metadata"] == {"m": "1"}
    tail = s3.get_object(Bucket=upload["Bucket"], Key="k", Range="bytes=5242878-5242881")
    assert tail["Body"].read() == b"ppen"


def test_a_part_replaces_the_one_with_its_number(s3: Any, upload: dict[str, str]) -> None:
    put(s3, upload, 1, b"first")
    part = put(s3, upload, 1, b"second")
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})
    assert s3.get_object(Bucket=upload["Bucket"], Key="k")["Body"].read() == b"second"


def test_parts_are_checked_when_they_are_put_together(s3: Any, upload: dict[str, str]) -> None:
    parts = [put(s3, upload, 1, b"too small"), put(s3, upload, 2, b"last")]
    wrong = [{"PartNumber": 1, "ETag": "0" * 32}]
    for given, name in (
        (parts, "EntityTooSmall"),
        (parts[::-1], "InvalidPartOrder"),
        (wrong, "InvalidPart"),
        ([], "MalformedXML"),
    ):
        with pytest.raises(ClientError) as refused:
            s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": given})
        assert code(refused) == name


def test_an_upload_that_is_given_up_is_gone(s3: Any, upload: dict[str, str]) -> None:
    put(s3, upload, 1, b"x")
    listed = s3.list_multipart_uploads(Bucket=upload["Bucket"])["Uploads"]
    assert [each["UploadId"] for each in listed] == [upload["UploadId"]]
    s3.abort_multipart_upload(**upload)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=upload["Bucket"])
    with pytest.raises(ClientError) as refused:
        put(s3, upload, 1, b"x")
    assert code(refused) == "NoSuchUpload"


def test_a_part_is_copied_from_an_object(s3: Any, upload: dict[str, str]) -> None:
    bucket = upload["Bucket"]
    s3.put_object(Bucket=bucket, Key="source", Body=PART + b"0123456789")
    copied = s3.upload_part_copy(
        **upload,
        PartNumber=1,
        CopySource=f"{bucket}/source",
        CopySourceRange="bytes=5242880-5242889",
    )
    part = {"PartNumber": 1, "ETag": copied["CopyPartResult"]["ETag"]}
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"0123456789"


def test_composite_checksums_tell_of_parts(s3: Any, bucket: str) -> None:
    made = s3.create_multipart_upload(Bucket=bucket, Key="c", ChecksumAlgorithm="SHA256")
    assert made["ChecksumType"] == "COMPOSITE"
    upload = {"Bucket": bucket, "Key": "c", "UploadId": made["UploadId"]}
    sent = s3.upload_part(**upload, PartNumber=1, Body=b"x", ChecksumAlgorithm="SHA256")
    part = {"PartNumber": 1, "ETag": sent["ETag"]}
    with pytest.raises(ClientError, match="must include the checksum for each part"):
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})
    part["ChecksumSHA256"] = sent["ChecksumSHA256"]
    done = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})
    assert done["ChecksumSHA256"].endswith("-1")
    found = s3.get_object_attributes(
        Bucket=bucket, Key="c", ObjectAttributes=["ETag", "ObjectParts", "ObjectSize"]
    )
    assert found["ObjectParts"]["Parts"][0]["ChecksumSHA256"] == sent["ChecksumSHA256"]
    assert found["ObjectSize"] == 1
