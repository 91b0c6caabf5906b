"""Which operation a request names."""

from __future__ import annotations

import pytest

from fogline.aws.errors import AwsError
from fogline.gateway.models import load_service
from fogline.gateway.protocols import codec, match_rest, operation_of
from fogline.ports.http import HttpRequest

S3 = [
    ("GET", "/", {}, "ListBuckets", {}),
    ("PUT", "/b", {}, "CreateBucket", {"Bucket": "b"}),
    ("PUT", "/b/", {}, "CreateBucket", {"Bucket": "b"}),
    ("HEAD", "/b", {}, "HeadBucket", {"Bucket": "b"}),
    ("GET", "/b", {}, "ListObjects", {"Bucket": "b"}),
    ("GET", "/b?prefix=x", {}, "ListObjects", {"Bucket": "b"}),
    ("GET", "/b?list-type=2&prefix=x", {}, "ListObjectsV2", {"Bucket": "b"}),
    ("GET", "/b?versions", {}, "ListObjectVersions", {"Bucket": "b"}),
    ("GET", "/b?uploads=", {}, "ListMultipartUploads", {"Bucket": "b"}),
    ("GET", "/b?location", {}, "GetBucketLocation", {"Bucket": "b"}),
    ("GET", "/b?lifecycle", {}, "GetBucketLifecycleConfiguration", {"Bucket": "b"}),
    ("PUT", "/b?notification", {}, "PutBucketNotificationConfiguration", {"Bucket": "b"}),
    ("GET", "/b?analytics", {}, "ListBucketAnalyticsConfigurations", {"Bucket": "b"}),
    ("GET", "/b?analytics&id=1", {}, "GetBucketAnalyticsConfiguration", {"Bucket": "b"}),
    ("POST", "/b?delete", {}, "DeleteObjects", {"Bucket": "b"}),
    ("PUT", "/b/k", {}, "PutObject", {"Bucket": "b", "Key": "k"}),
    ("PUT", "/b/a/b//c/", {}, "PutObject", {"Bucket": "b", "Key": "a/b//c/"}),
    ("PUT", "/b//k", {}, "PutObject", {"Bucket": "b", "Key": "/k"}),
    ("PUT", "/b/a%20b%2Fc%C3%A9", {}, "PutObject", {"Bucket": "b", "Key": "a b/cé"}),
    ("PUT", "/b/k", {"x-amz-copy-source": "x"}, "CopyObject", {"Bucket": "b", "Key": "k"}),
    ("PUT", "/b/k?partNumber=1&uploadId=2", {}, "UploadPart", {"Bucket": "b", "Key": "k"}),
    (
        "PUT",
        "/b/k?partNumber=1&uploadId=2",
        {"x-amz-copy-source": "x"},
        "UploadPartCopy",
        {"Bucket": "b", "Key": "k"},
    ),
    ("PUT", "/b/k?tagging", {}, "PutObjectTagging", {"Bucket": "b", "Key": "k"}),
    ("GET", "/b/k", {}, "GetObject", {"Bucket": "b", "Key": "k"}),
    ("GET", "/b/k?uploadId=2", {}, "ListParts", {"Bucket": "b", "Key": "k"}),
    ("GET", "/b/k?attributes", {}, "GetObjectAttributes", {"Bucket": "b", "Key": "k"}),
    ("POST", "/b/k?uploads", {}, "CreateMultipartUpload", {"Bucket": "b", "Key": "k"}),
    ("POST", "/b/k?uploadId=2", {}, "CompleteMultipartUpload", {"Bucket": "b", "Key": "k"}),
    ("DELETE", "/b/k", {}, "DeleteObject", {"Bucket": "b", "Key": "k"}),
    ("DELETE", "/b/k?uploadId=2", {}, "AbortMultipartUpload", {"Bucket": "b", "Key": "k"}),
    ("DELETE", "/b/k?X-Amz-Date=2&versionId=1", {}, "DeleteObject", {"Bucket": "b", "Key": "k"}),
]


@pytest.mark.parametrize(
    ("method", "target", "headers", "operation", "labels"), S3, ids=[f"{c[0]} {c[1]}" for c in S3]
)
def test_s3_is_told_by_path_query_and_headers(
    method: str, target: str, headers: dict[str, str], operation: str, labels: dict[str, str]
) -> None:
    found = match_rest(load_service("s3"), HttpRequest(method, target, headers))
    assert found == (operation, labels)


ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"
REST = [
    ("lambda", "POST", "/2015-03-31/functions/f/invocations", "Invoke", {"FunctionName": "f"}),
    (
        "lambda",
        "POST",
        f"/2015-03-31/functions/{ARN.replace(':', '%3A')}/invocations?Qualifier=1",
        "Invoke",
        {"FunctionName": ARN},
    ),
    ("lambda", "GET", "/2015-03-31/functions", "ListFunctions", {}),
    ("lambda", "GET", "/2015-03-31/functions/", "ListFunctions", {}),
    ("lambda", "GET", "/2015-03-31/functions/f", "GetFunction", {"FunctionName": "f"}),
    ("apigateway", "POST", "/restapis?mode=import", "ImportRestApi", {}),
    ("apigateway", "POST", "/restapis", "CreateRestApi", {}),
    (
        "workspaces-web",
        "GET",
        "/portals/a/b/identityProviders",
        "ListIdentityProviders",
        {"portalArn": "a/b"},
    ),
    ("workspaces-web", "GET", "/portals/a/b", "GetPortal", {"portalArn": "a/b"}),
]


@pytest.mark.parametrize(("service", "method", "target", "operation", "labels"), REST)
def test_rest_services_are_told_by_their_paths(
    service: str, method: str, target: str, operation: str, labels: dict[str, str]
) -> None:
    found = match_rest(load_service(service), HttpRequest(method, target, {}))
    assert found == (operation, labels)


@pytest.mark.parametrize("target", ["/2015-03-31", "/2015-03-31/functions/f/nothing", "/", "", "*"])
def test_a_path_of_no_operation_is_none(target: str) -> None:
    assert match_rest(load_service("lambda"), HttpRequest("GET", target, {})) is None


def test_a_path_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(AwsError):
        match_rest(load_service("s3"), HttpRequest("GET", "/b/%ff", {}))


def test_rpc_operations_are_told_by_header_form_and_path() -> None:
    sqs, cloudwatch = load_service("sqs"), load_service("cloudwatch")
    target = {"x-amz-target": "AmazonSQS.SendMessage"}
    assert operation_of(sqs, "json", HttpRequest("POST", "/", target)) == "SendMessage"
    form = b"Version=2012-11-05&Action=Send%4dessage&x=1"
    assert operation_of(sqs, "query", HttpRequest("POST", "/", {}, form)) == "SendMessage"
    assert operation_of(sqs, "query", HttpRequest("GET", "/?Action=ListQueues", {})) == "ListQueues"
    path = "/service/GraniteServiceVersion20100801/operation/PutMetricData"
    request = HttpRequest("POST", path, {})
    assert operation_of(cloudwatch, "smithy-rpc-v2-cbor", request) == "PutMetricData"
    assert operation_of(sqs, "query", HttpRequest("POST", "/", {}, b"QueueUrl=q")) is None


def test_presigned_urls_carry_headers_in_the_query() -> None:
    reader = codec(load_service("s3"), "PutObject", "rest-xml")
    request = HttpRequest("PUT", "/b/k?X-Amz-Acl=private&x-amz-meta-a=b&X-Amz-Expires=60", {})
    found = reader.read(request, {"Bucket": "b", "Key": "k"})
    assert found == {"Bucket": "b", "Key": "k", "ACL": "private", "Metadata": {"a": "b"}}
