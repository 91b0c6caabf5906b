"""Objects: what is put is what is read, in whole and in part, under any key."""

from __future__ import annotations

import base64
import hashlib
import io
import urllib.request
import zlib
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fogline.testing.plugin import Account

LARGE = bytes(range(256)) * 200  # larger than what is kept in a row


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def members(error: pytest.ExceptionInfo[ClientError]) -> dict[str, Any]:
    return dict(error.value.response["Error"])


def read(s3: Any, bucket: str, key: str, **more: Any) -> bytes:
    return bytes(s3.get_object(Bucket=bucket, Key=key, **more)["Body"].read())


@pytest.mark.parametrize("body", [b"", b"small", LARGE])
def test_what_is_put_is_what_is_read(s3: Any, bucket: str, body: bytes) -> None:
    put = s3.put_object(Bucket=bucket, Key="k", Body=body, Metadata={"Colour": "blue"})
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    assert put["ChecksumCRC32"] == base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    found = s3.get_object(Bucket=bucket, Key="k")
    assert found["Body"].read() == body
    assert found["ContentLength"] == len(body)
    assert found["ContentType"] == "binary/octet-stream"
    assert found["Metadata"] == {"colour": "blue"}
    head = s3.head_object(Bucket=bucket, Key="k")
    assert head["ContentLength"] == len(body)
    assert head["ETag"] == put["ETag"]


KEYS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(
    lambda key: not {".", ".."} & set(key.split("/"))
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(KEYS)
def test_any_key_comes_back_as_it_was(s3: Any, bucket: str, key: str) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert read(s3, bucket, key) == key.encode()
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"]
    assert key in [each["Key"] for each in listed]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}]})
    with pytest.raises(ClientError) as refused:
        read(s3, bucket, key)
    assert members(refused)["Key"] == key


@pytest.mark.parametrize("key", ["a//b", "/a", "a/", "a b+c", "%2Fa", "ä/日本", "?q=1&r", "#x"])
def test_odd_keys_are_kept_as_they_are(s3: Any, bucket: str, key: str) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    assert [each["Key"] for each in s3.list_objects(Bucket=bucket)["Contents"]] == [key]
    assert read(s3, bucket, key) == b"x"


@pytest.mark.parametrize("body", [b"0123456789" * 10, LARGE])
@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [
        ("bytes=0-8", 0, 9),
        ("bytes=5-", 5, None),
        ("bytes=-7", -7, None),
        ("bytes=90-9999999", 90, None),
    ],
)
def test_a_range_is_a_part_of_the_whole(
    s3: Any, bucket: str, body: bytes, asked: str, begin: int, end: int | None
) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    found = s3.get_object(Bucket=bucket, Key="k", Range=asked)
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert found["Body"].read() == body[begin:end]
    assert found["ContentRange"].endswith(f"/{len(body)}")


def test_a_range_past_the_end_is_refused_and_nonsense_is_the_whole(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    with pytest.raises(ClientError) as refused:
        read(s3, bucket, "k", Range="bytes=10-")
    assert code(refused) == "InvalidRange"
    assert members(refused)["ActualObjectSize"] == "10"
    assert read(s3, bucket, "k", Range="bytes=5-1") == b"0123456789"


def test_a_missing_object_is_told_by_its_key(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as refused:
        read(s3, bucket, "missing")
    assert refused.value.response["Error"] == {
        "Code": "NoSuchKey",
        "Message": "The specified key does not exist.",
        "Key": "missing",
    }
    with pytest.raises(ClientError) as refused:
        read(s3, "no-such-bucket", "missing")
    assert code(refused) == "NoSuchBucket"


def test_reads_with_conditions(fogline: Account, s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    assert read(s3, bucket, "k", IfMatch=etag) == b"x"
    with pytest.raises(ClientError) as refused:
        read(s3, bucket, "k", IfMatch='"other"')
    assert code(refused) == "PreconditionFailed"
    assert members(refused)["Condition"] == "If-Match"
    with pytest.raises(ClientError) as refused:
        read(s3, bucket, "k", IfNoneMatch=etag)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 304
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    with pytest.raises(ClientError) as refused:
        read(s3, bucket, "k", IfModifiedSince=modified)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 304


def test_writes_with_conditions(s3: Any, bucket: str) -> None:
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    assert code(refused) == "PreconditionFailed"
    s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfMatch=etag)
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=etag)
    assert code(refused) == "PreconditionFailed"
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="other", Body=b"3", IfMatch=etag)
    assert code(refused) == "NoSuchKey"
    assert read(s3, bucket, "k") == b"2"


@pytest.mark.parametrize("body", [b"small", LARGE])
@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_checksums_are_computed_checked_and_returned(
    s3: Any, bucket: str, body: bytes, algorithm: str
) -> None:
    member = f"Checksum{algorithm}"
    put = s3.put_object(Bucket=bucket, Key="k", Body=body, ChecksumAlgorithm=algorithm)
    assert s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")[member] == put[member]
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="k", Body=b"!" + body, **{member: put[member]})
    assert code(refused) == "BadDigest"
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="k", Body=body, **{member: "?"})
    assert code(refused) == "InvalidRequest"
    assert read(s3, bucket, "k") == body


def test_a_content_md5_is_checked(s3: Any, bucket: str) -> None:
    good = base64.b64encode(hashlib.md5(b"body").digest()).decode()
    s3.put_object(Bucket=bucket, Key="k", Body=b"body", ContentMD5=good)
    for wrong, name in (("short", "InvalidDigest"), (good, "BadDigest")):
        with pytest.raises(ClientError) as refused:
            s3.put_object(Bucket=bucket, Key="k", Body=b"other", ContentMD5=wrong)
        assert code(refused) == name


def test_headers_are_kept_and_can_be_overridden(s3: Any, bucket: str) -> None:
    s3.put_object(
        Bucket=bucket,
        Key="k",
        Body=b"x",
        ContentType="text/plain",
        CacheControl="no-cache",
        ContentEncoding="gzip",
        StorageClass="STANDARD_IA",
    )
    found = s3.head_object(Bucket=bucket, Key="k")
    assert found["ContentType"] == "text/plain"
    assert found["CacheControl"] == "no-cache"
    assert found["ContentEncoding"] == "gzip"
    assert found["StorageClass"] == "STANDARD_IA"
    assert s3.get_object(Bucket=bucket, Key="k", ResponseContentType="a/b")["ContentType"] == "a/b"


def test_an_object_is_copied_with_or_without_its_facts(s3: Any, bucket: str) -> None:
    s3.put_object(
        Bucket=bucket,
        Key="a",
        Body=LARGE,
        ContentType="text/plain",
        Tagging="x=1",
        Metadata={"m": "1"},
    )
    s3.copy_object(Bucket=bucket, Key="b", CopySource={"Bucket": bucket, "Key": "a"})
    found = s3.get_object(Bucket=bucket, Key="b")
    assert found["Body"].read() == LARGE
    assert (found["ContentType"], found["Metadata"], found["TagCount"]) == (
        "text/plain",
        {"m": "1"},
        1,
    )
    s3.copy_object(
        Bucket=bucket,
        Key="b",
        CopySource=f"{bucket}/a",
        MetadataDirective="REPLACE",
        Metadata={"m": "2"},
    )
    assert s3.head_object(Bucket=bucket, Key="b")["Metadata"] == {"m": "2"}
    with pytest.raises(ClientError, match="copy an object to itself"):
        s3.copy_object(Bucket=bucket, Key="a", CopySource=f"{bucket}/a")


def test_a_copy_outlives_its_source(fogline: Account, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a", Body=LARGE)
    s3.copy_object(Bucket=bucket, Key="b", CopySource=f"{bucket}/a")
    s3.delete_object(Bucket=bucket, Key="a")
    fogline.platform.advance(hours=1)
    assert read(s3, bucket, "b") == LARGE


def test_contents_that_nothing_holds_are_swept(fogline: Account, s3: Any, bucket: str) -> None:
    body = b"only once" * 10_000
    blobs = fogline.platform.platform.blobs.room("objects")
    name = hashlib.sha256(body).hexdigest()
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    assert blobs.path(name).exists()
    s3.delete_object(Bucket=bucket, Key="k")
    fogline.platform.advance(seconds=600)
    assert blobs.path(name).exists()
    fogline.platform.advance(seconds=301)
    assert not blobs.path(name).exists()


def test_a_content_that_was_refused_is_swept(fogline: Account, s3: Any, bucket: str) -> None:
    body = b"refused" * 10_000
    path = fogline.platform.platform.blobs.room("objects").path(hashlib.sha256(body).hexdigest())
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="k", Body=body, ChecksumCRC32="AAAAAA==")
    assert code(refused) == "BadDigest"
    fogline.platform.advance(seconds=901)
    assert not path.exists()


def test_tags_of_an_object(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"", Tagging="a=1&b=%2B")
    found = s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"]
    assert found == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "+"}]
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "c", "Value": ""}]})
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "c", "Value": ""}]
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []


def test_many_objects_are_deleted_at_once(s3: Any, bucket: str) -> None:
    for key in ("a", "b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    deleted = s3.delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "never"}, {"Key": "b"}]}
    )["Deleted"]
    assert [each["Key"] for each in deleted] == ["a", "never", "b"]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_versions_are_kept_behind_one_another(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    one = s3.put_object(Bucket=bucket, Key="k", Body=b"one")["VersionId"]
    two = s3.put_object(Bucket=bucket, Key="k", Body=b"two")["VersionId"]
    assert read(s3, bucket, "k") == b"two"
    assert read(s3, bucket, "k", VersionId=one) == b"one"
    assert read(s3, bucket, "k", VersionId="null") == b"before"
    marker = s3.delete_object(Bucket=bucket, Key="k")
    assert marker["DeleteMarker"] is True
    with pytest.raises(ClientError) as refused:
        read(s3, bucket, "k")
    assert code(refused) == "NoSuchKey"
    listed = s3.list_object_versions(Bucket=bucket)
    assert [each["VersionId"] for each in listed["Versions"]] == [two, one, "null"]
    assert listed["DeleteMarkers"][0]["IsLatest"] is True
    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    assert read(s3, bucket, "k") == b"two"
    s3.delete_object(Bucket=bucket, Key="k", VersionId=two)
    assert read(s3, bucket, "k") == b"one"


def test_presigned_urls_put_and_get(fogline: Account, s3: Any, bucket: str) -> None:
    where = {"Bucket": bucket, "Key": "a key"}
    put = s3.generate_presigned_url("put_object", Params=where)
    request = urllib.request.Request(put, data=b"signed", method="PUT")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
    get = s3.generate_presigned_url("get_object", Params={**where, "ResponseContentType": "a/b"})
    with urllib.request.urlopen(get) as answer:
        assert answer.headers["content-type"] == "a/b"
        assert answer.read() == b"signed"


@pytest.mark.parametrize(
    "host", ["s3.localhost", "s3.localhost.localstack.cloud:4566", "s3.eu-west-1.amazonaws.com"]
)
def test_a_bucket_in_the_host_name(fogline: Account, s3: Any, bucket: str, host: str) -> None:
    headers = {"Host": f"{bucket}.{host}"}
    where = f"{fogline.platform.endpoint}/a/b"
    put = urllib.request.Request(where, data=b"x", method="PUT", headers=headers)
    with urllib.request.urlopen(put) as answer:
        assert answer.status == 200
    assert read(s3, bucket, "a/b") == b"x"
    whole = urllib.request.Request(f"{fogline.platform.endpoint}/?list-type=2", headers=headers)
    with urllib.request.urlopen(whole) as answer:
        assert b"<Key>a/b</Key>" in answer.read()


def test_bodies_in_signed_chunks_are_unwrapped(fogline: Account, bucket: str, s3: Any) -> None:
    body = b"z" * (9 * 1024 * 1024)
    chunks = b"".join(
        b"%x;chunk-signature=0\r\n%b\r\n" % (len(part), part)
        for part in (body[:5_000_000], body[5_000_000:])
    )
    crc = base64.b64encode(zlib.crc32(body).to_bytes(4, "big"))
    request = urllib.request.Request(
        f"{fogline.platform.endpoint}/{bucket}/chunked",
        data=chunks + b"0;chunk-signature=0\r\nx-amz-checksum-crc32:" + crc + b"\r\n\r\n",
        method="PUT",
        headers={
            "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            "x-amz-decoded-content-length": str(len(body)),
            "x-amz-trailer": "x-amz-checksum-crc32",
            "content-encoding": "aws-chunked",
        },
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["x-amz-checksum-crc32"] == crc.decode()
    assert read(s3, bucket, "chunked") == body


def test_what_is_not_built_is_refused(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError, match="Fogline does not implement"):
        s3.put_object(
            Bucket=bucket, Key="k", Body=b"", SSECustomerAlgorithm="AES256", SSECustomerKey="0" * 32
        )


def test_a_stream_is_uploaded_in_parts(s3: Any, bucket: str) -> None:
    body = LARGE * 400
    s3.upload_fileobj(io.BytesIO(body), bucket, "big")
    assert s3.head_object(Bucket=bucket, Key="big")["ETag"].endswith('-3"')
    target = io.BytesIO()
    s3.download_fileobj(bucket, "big", target)
    assert target.getvalue() == body


def test_a_version_that_is_null_is_not_told_of_when_it_is_written(s3: Any, bucket: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    assert "VersionId" not in s3.put_object(Bucket=bucket, Key="k", Body=b"")
    copied = s3.copy_object(Bucket=bucket, Key="c", CopySource=f"{bucket}/k")
    assert "VersionId" not in copied
    assert s3.head_object(Bucket=bucket, Key="k")["VersionId"] == "null"
