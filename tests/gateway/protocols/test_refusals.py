"""What is wrong with a request, in AWS's words; and what may never happen whatever is sent."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import pytest

from fogline.aws.errors import AwsError, SerializationException, ValidationException
from fogline.gateway.models import load_service
from fogline.gateway.protocols import codec, write_error
from fogline.gateway.protocols.cbor import decode, encode
from fogline.gateway.validate import ValidationError, Violation, constrained
from fogline.ports.http import HttpRequest


def read(service: str, operation: str, body: Any, protocol: str = "", **labels: str) -> Any:
    model = load_service(service)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    reader = codec(model, operation, protocol or model.protocol)
    return reader.read(HttpRequest("POST", "/", {}, data), labels)


def refused(service: str, operation: str, body: Any, protocol: str = "", **labels: str) -> AwsError:
    with pytest.raises(AwsError) as caught:
        read(service, operation, body, protocol, **labels)
    return caught.value


ONE = "1 validation error detected: "

CONSTRAINTS = [
    (
        ("dynamodb", "PutItem", {"TableName": "orders"}),
        "Value null at 'item' failed to satisfy constraint: Member must not be null",
    ),
    (
        ("stepfunctions", "ListExecutions", {"maxResults": 1001}),
        "Value '1001' at 'maxResults' failed to satisfy constraint: "
        "Member must have value less than or equal to 1000",
    ),
    (
        ("dynamodb", "Query", {"TableName": "orders", "Limit": 0}),
        "Value '0' at 'limit' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1",
    ),
    (
        ("dynamodb", "ExecuteStatement", {"Statement": "x", "Parameters": []}),
        "Value '[]' at 'parameters' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1",
    ),
    (
        ("events", "DescribeRule", {"Name": "with spaces"}),
        "Value 'with spaces' at 'name' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+",
    ),
    (
        ("stepfunctions", "ListExecutions", {"statusFilter": "done"}),
        "Value 'done' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value "
        "set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]",
    ),
]


@pytest.mark.parametrize(
    ("request_", "text"), CONSTRAINTS, ids=[case[1][:40] for case in CONSTRAINTS]
)
def test_a_broken_constraint_is_told_in_aws_words(request_: Any, text: str) -> None:
    error = refused(*request_)
    assert isinstance(error, ValidationException)
    assert error.text == ONE + text


def test_all_breaches_are_told_at_once_pattern_before_length() -> None:
    name = "a b" * 30
    error = refused("events", "CreateConnection", {"Name": name, "AuthorizationType": "NONE"})
    assert error.text == (
        f"4 validation errors detected: Value '{name}' at 'name' failed to satisfy constraint: Member must "
        rf"satisfy regular expression pattern: [\.\-_A-Za-z0-9]+; Value '{name}' at 'name' failed to satisfy "
        "constraint: Member must have length less than or equal to 64; Value 'NONE' at 'authorizationType' "
        "failed to satisfy constraint: Member must satisfy enum value set: "
        "[BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]; Value null at 'authParameters' failed to satisfy "
        "constraint: Member must not be null"
    )


def test_at_most_ten_breaches_are_told() -> None:
    tags = [{"Key": "", "Value": 1000 * "v"}] * 30
    error = refused("events", "TagResource", {"ResourceARN": "arn", "Tags": tags})
    assert error.text.startswith("10 validation errors detected: ")


def test_elements_of_a_list_of_structures_are_told_by_their_place() -> None:
    error = refused(
        "apigateway",
        "UpdateRestApi",
        {"patchOperations": [{"op": "add"}, {"op": "ad"}]},
        restapi_id="x",
    )
    assert error.text == (
        f"{ONE}Value 'ad' at 'updateRestApiInput.patchOperations.2.member.op' failed to satisfy constraint: "
        "Member must satisfy enum value set: [add, remove, move, test, replace, copy]"
    )


def test_simple_elements_are_told_at_their_list() -> None:
    body = {"FunctionName": "f", "Role": "arn:aws:iam::000000000000:role/r", "Code": {}}
    error = refused("lambda", "CreateFunction", {**body, "Architectures": ["X86_64"]})
    assert error.text == (
        f"{ONE}Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must satisfy "
        "constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]"
    )


def test_values_and_keys_of_a_map_are_told_at_the_map() -> None:
    def update(weights: Any) -> str:
        body = {"RoutingConfig": {"AdditionalVersionWeights": weights}}
        return refused("lambda", "UpdateAlias", body, FunctionName="f", Name="a").text

    path = "at 'routingConfig.additionalVersionWeights' failed to satisfy constraint:"
    assert update({"2": 2.0}) == (
        f"{ONE}Value '{{2=2.0}}' {path} Map value must satisfy constraint: [Member must have value less than "
        "or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]"
    )
    assert update({"$LATEST": 0.5}) == (
        f"{ONE}Value '{{$LATEST=0.5}}' {path} Map keys must satisfy constraint: [Member must have length "
        "less than or equal to 1024, Member must have length greater than or equal to 1, "
        "Member must satisfy regular expression pattern: [0-9]+]"
    )


def test_structures_are_shown_as_java_prints_them() -> None:
    metric = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
    body = {
        "logGroupName": "g",
        "filterName": "f",
        "filterPattern": "",
        "metricTransformations": [metric, metric],
    }
    error = refused("logs", "PutMetricFilter", body)
    assert error.code == "InvalidParameterException"
    assert (
        "Value '[MetricTransformation(metricName=m, metricNamespace=n, metricValue=1," in error.text
    )
    assert "unit=null)]' at 'metricTransformations'" in error.text


def test_the_query_protocol_has_its_own_code_for_it() -> None:
    body = b"Action=AssumeRole&RoleArn=arn:aws:iam::000000000000:role/r&RoleSessionName=a:b"
    error = refused("sts", "AssumeRole", body)
    assert isinstance(error, ValidationError)
    assert error.text == (
        f"{ONE}Value 'a:b' at 'roleSessionName' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\w+=,.@-]*"
    )


@pytest.mark.parametrize(
    ("protocol", "body"), [("json", {"MessageBody": "x"}), ("query", b"MessageBody=x")]
)
def test_sqs_names_the_missing_parameter(protocol: str, body: Any) -> None:
    error = refused("sqs", "SendMessage", body, protocol)
    assert error.text == "The request must contain the parameter QueueUrl."
    answer = codec(load_service("sqs"), "SendMessage", protocol).write_error(error, "id")
    assert (
        b"MissingParameter" in answer.body
        if protocol == "query"
        else answer.headers[2]
        == (
            "x-amzn-query-error",
            "MissingParameter;Sender",
        )
    )


def test_a_wrong_type_goes_before_a_broken_constraint() -> None:
    error = refused("dynamodb", "Query", {"TableName": "orders", "Limit": 0, "IndexName": 1})
    assert isinstance(error, SerializationException)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"TableName": 1}, "NUMBER_VALUE cannot be converted to String"),
        ({"TableName": 1.5}, "DECIMAL_VALUE cannot be converted to String"),
        ({"TableName": True}, "TRUE_VALUE cannot be converted to String"),
        ({"TableName": {}}, "Start of structure or map found where not expected."),
        ({"TableName": []}, "Start of list found where not expected"),
        ({"Limit": "5"}, "STRING_VALUE cannot be converted to Integer"),
        ({"ConsistentRead": "true"}, "STRING_VALUE cannot be converted to Boolean"),
        ({"AttributesToGet": "a"}, "Unexpected field type"),
        ({"ExpressionAttributeValues": "a"}, "Unexpected value type in payload"),
        ([], "Start of list found where not expected"),
    ],
)
def test_json_of_the_wrong_type_is_refused_in_aws_words(body: Any, text: str) -> None:
    error = refused("dynamodb", "Query", body)
    assert isinstance(error, SerializationException)
    assert error.text == text


HOSTILE = [
    b"{",
    b"\xff",
    b'"\xff"',
    b'{"TableName": "\\ud800"}',
    b'{"TableName": "a", "Limit": NaN}',
    b'{"TableName": "a", "Limit": 123456789012345678901234567890}',
    b'{"TableName": "a", "Limit": 1e999}',
    b'{"TableName": "a", "Limit": 2147483648}',
    b'{"TableName": "a", "ExclusiveStartKey": {"k": {"B": "*"}}}',
    b'{"TableName": "a", "ExclusiveStartKey": {"k": {"B": "\xc3\xa9"}}}',
    b'{"TableName": "a", "ExclusiveStartKey": {"k": '
    + b'{"M":{"k":' * 150
    + b"{}"
    + b"}}" * 150
    + b"}}",
    b"[" * 100_000,
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_json_is_refused(body: bytes) -> None:
    assert isinstance(refused("dynamodb", "Query", body), SerializationException)


HOSTILE_XML = [
    b"<Tagging>",
    b"text",
    b"<a/><b/>",
    b"\xff\xfe<",
    b'<?xml version="1.0" encoding="nonsense"?><Tagging/>',
    b'<!DOCTYPE a [<!ENTITY x "y">]><Tagging>&x;</Tagging>',
    b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><Tagging/>',
    b"<a>" * 300 + b"</a>" * 300,
]


@pytest.mark.parametrize("body", HOSTILE_XML, ids=range(len(HOSTILE_XML)))
def test_hostile_xml_is_refused(body: bytes) -> None:
    assert refused("s3", "PutBucketTagging", body, Bucket="b").code == "MalformedXML"


HOSTILE_CBOR = [
    b"\xa1",
    b"\xff",
    b"\x9f" * 300,
    b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xa1\x01\x02",
    b"\xa1\x61\xff\x01",
    b"\xd8\x23\x61a",
    b"\xa0\xa0",
    b"\xa1\x69StartTime\xc1\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00",
    b"\x1c",
]


@pytest.mark.parametrize("body", HOSTILE_CBOR, ids=range(len(HOSTILE_CBOR)))
def test_hostile_cbor_is_refused(body: bytes) -> None:
    with pytest.raises(AwsError):
        read("cloudwatch", "GetMetricStatistics", body, "smithy-rpc-v2-cbor")


HOSTILE_FORMS = [
    b"QueueUrl=%ff",
    b"QueueUrl.x=1",
    b"QueueUrl=q&DelaySeconds=1_0",
    b"QueueUrl=q&DelaySeconds=" + b"9" * 5000,
    "QueueUrl=q&DelaySeconds=\u0663".encode(),
    b"QueueUrl=q&MessageAttribute=x",
    b"QueueUrl=q&MessageAttribute.x.Name=1",
    b"QueueUrl=q&MessageAttribute.1.Value=1",
    b"QueueUrl=q&" + b"a." * 300 + b"=1",
    b"QueueUrl=q" + b"&a=1" * 100_001,
]


@pytest.mark.parametrize("body", HOSTILE_FORMS, ids=range(len(HOSTILE_FORMS)))
def test_hostile_forms_are_refused(body: bytes) -> None:
    with pytest.raises(AwsError):
        read("sqs", "SendMessage", body + b"&MessageBody=x", "query")


def test_nesting_as_deep_as_dynamodb_allows_is_read() -> None:
    value: Any = {"S": "x"}
    for _ in range(32):
        value = {"M": {"k": value}}
    body = {"TableName": "orders", "Item": {"k": value, "other": {"L": [{"N": "1"}] * 300}}}
    assert read("dynamodb", "PutItem", body) == body


def test_unknown_members_and_nulls_are_passed_over() -> None:
    body = {"QueueUrl": "q", "MessageBody": "x", "DelaySeconds": None, "Unheard": {"of": [1]}}
    assert read("sqs", "SendMessage", body) == {"QueueUrl": "q", "MessageBody": "x"}


def test_a_compressed_body_is_read_and_a_bomb_refused() -> None:
    model = load_service("cloudwatch")
    reader = codec(model, "PutMetricData", "smithy-rpc-v2-cbor")
    headers = {"content-encoding": "gzip"}
    data = gzip.compress(encode({"Namespace": "orders"}))
    assert reader.read(HttpRequest("POST", "/", headers, data)) == {"Namespace": "orders"}
    for body in (b"not gzip", data[:-4], gzip.compress(bytes(80 * 1024 * 1024), 1)):
        with pytest.raises(SerializationException):
            reader.read(HttpRequest("POST", "/", headers, body))


def test_a_refusal_is_written_even_when_no_service_is_known() -> None:
    answer = write_error(None, "json", ValidationException("no"), "id")
    assert answer.status == 400
    assert json.loads(answer.body) == {"__type": "ValidationException", "message": "no"}  # type: ignore[arg-type]


class QueueDoesNotExist(AwsError):
    message = "The specified queue does not exist."


def test_sqs_errors_carry_both_of_their_names() -> None:
    model = load_service("sqs")
    answer = codec(model, "SendMessage", "json").write_error(QueueDoesNotExist(), "id")
    assert answer.status == 400
    assert answer.headers == [
        ("Content-Type", "application/x-amz-json-1.0"),
        ("x-amzn-RequestId", "id"),
        ("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender"),
    ]
    assert answer.body == (
        b'{"__type":"com.amazonaws.sqs#QueueDoesNotExist",'
        b'"message":"The specified queue does not exist."}'
    )
    answer = codec(model, "SendMessage", "query").write_error(QueueDoesNotExist(), "id")
    assert answer.body == (
        b'<ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type>'
        b"<Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>The specified queue does not exist."
        b"</Message></Error><RequestId>id</RequestId></ErrorResponse>"
    )


class NoSuchKey(AwsError):
    message = "The specified key does not exist."


def test_s3_errors_are_bare_and_hold_what_the_model_does_not_know() -> None:
    error = NoSuchKey(members={"Key": "a&b"})
    answer = codec(load_service("s3"), "GetObject", "rest-xml").write_error(error, "id")
    assert answer.status == 404
    assert ("x-amz-request-id", "id") in answer.headers
    assert answer.body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key '
        b"does not exist.</Message><Key>a&amp;b</Key><RequestId>id</RequestId><HostId>aWRpZA==</HostId></Error>"
    )


class ResourceNotFoundException(AwsError):
    message = "Function not found: f"


def test_lambda_errors_name_their_type_in_a_header_and_whose_fault_it_is() -> None:
    error = ResourceNotFoundException()
    answer = codec(load_service("lambda"), "Invoke", "rest-json").write_error(error, "id")
    assert answer.status == 404
    assert ("x-amzn-ErrorType", "ResourceNotFoundException") in answer.headers
    assert json.loads(answer.body) == {  # type: ignore[arg-type]
        "Message": "Function not found: f",
        "Type": "User",
    }


def test_cbor_errors_are_cbor() -> None:
    answer = codec(load_service("cloudwatch"), "PutMetricData", "smithy-rpc-v2-cbor").write_error(
        SerializationException("no"), "id"
    )
    assert decode(answer.body) == {"__type": "SerializationException", "message": "no"}  # type: ignore[arg-type]


def test_a_member_that_the_model_does_not_have_is_our_own_mistake() -> None:
    with pytest.raises(AssertionError, match="SendMessageResult has no member 'Id'"):
        codec(load_service("sqs"), "SendMessage", "json").write({"Id": "1"}, "id")


def test_a_header_cannot_be_broken_in_two() -> None:
    answer = codec(load_service("s3"), "HeadObject", "rest-xml").write(
        {"CacheControl": "a\r\nSet-Cookie: b", "Metadata": {"k\nl": "v\rw"}}, "id"
    )
    assert not any("\r" in text or "\n" in text for header in answer.headers for text in header)


@pytest.mark.parametrize(
    ("service", "shape"),
    [
        ("events", "HeaderValue"),
        ("events", "AuthHeaderParameters"),
        ("pipes", "HeaderValue"),
        ("ecr", "ScanningRepositoryFilterValue"),
        ("dynamodb", "S3Bucket"),
        ("lambda", "Endpoint"),
        ("lambda", "FunctionName"),
    ],
)
@pytest.mark.parametrize("unit", ["a", " ", "a.", "-", "*", "a-"])
def test_no_pattern_of_a_model_can_be_made_to_take_ages(
    service: str, shape: str, unit: str
) -> None:
    described = load_service(service).shape(shape)
    check = constrained(described, None)
    assert check is not None
    with pytest.raises(Violation):
        check(unit * (int(described.max or 500) // len(unit) - 1) + "\x01")


@pytest.mark.parametrize(
    ("service", "shape", "good", "bad"),
    [
        ("events", "HeaderValue", ["a b", " a\tb ", "a"], ["\t", "a\x01", "é"]),
        ("events", "AuthHeaderParameters", ["a b", " x "], ["a:b", "\x7f"]),
        ("ecr", "ScanningRepositoryFilterValue", ["a", "a*b/c", "a-b"], ["-a", "a--b", "a-"]),
        ("dynamodb", "S3Bucket", ["ab", "a.b-c_d"], ["a", "a.", "-a"]),
    ],
)
def test_the_safer_patterns_say_the_same(
    service: str, shape: str, good: list[str], bad: list[str]
) -> None:
    described = load_service(service).shape(shape)
    check = constrained(described, None)
    assert check is not None
    for text in good:
        assert re.fullmatch(described.pattern, text)
        assert check(text) == text
    for text in bad:
        assert not re.fullmatch(described.pattern, text)
        with pytest.raises(Violation):
            check(text)
