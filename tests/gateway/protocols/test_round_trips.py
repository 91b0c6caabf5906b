"""What botocore writes we read, what we write botocore reads, and no nonsense brings us down."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from botocore.awsrequest import HeadersDict
from botocore.exceptions import ParamValidationError
from botocore.model import ServiceModel as BotocoreModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.session import Session
from botocore.utils import percent_encode_sequence
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st
from tests.gateway.protocols.made import values

from fogline.aws.errors import AwsError
from fogline.gateway.models import Shape, load_service
from fogline.gateway.protocols import Codec, codec, match_rest
from fogline.gateway.protocols.cbor import CborCodec
from fogline.gateway.protocols.json import JsonCodec
from fogline.gateway.protocols.query import QueryCodec
from fogline.gateway.protocols.rest_json import RestJsonCodec
from fogline.gateway.protocols.rest_xml import RestXmlCodec
from fogline.gateway.validate import ValidationStyle
from fogline.ports.http import HttpRequest

SERVICES = [
    ("sqs", "json"),
    ("lambda", "rest-json"),
    ("dynamodb", "json"),
    ("logs", "json"),
    ("s3", "rest-xml"),
    ("cloudformation", "query"),
    ("sts", "query"),
    ("iam", "query"),
    ("ec2", "ec2"),
    ("sns", "query"),
    ("events", "json"),
    ("stepfunctions", "json"),
    ("apigateway", "rest-json"),
    ("route53", "rest-xml"),
    ("cloudwatch", "smithy-rpc-v2-cbor"),
    ("cloudwatch", "json"),
    ("cloudwatch", "query"),
]
_FAMILIES: dict[str, type[Codec]] = {
    "ec2": QueryCodec,
    "json": JsonCodec,
    "query": QueryCodec,
    "rest-json": RestJsonCodec,
    "rest-xml": RestXmlCodec,
    "smithy-rpc-v2-cbor": CborCodec,
}
_SETTINGS = settings(
    max_examples=40,
    derandomize=True,  # the wide search is for whoever changes a protocol: raise max_examples then
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@cache
def _botocore(service: str) -> BotocoreModel:
    return Session().get_service_model(service)


@cache
def _lenient(service: str, operation: str, protocol: str) -> Codec:
    """A codec that leaves constraints alone, since made-up values keep none."""
    strict = codec(load_service(service), operation, protocol)
    style = ValidationStyle("types-only")
    return _FAMILIES[protocol](strict.operation, protocol, style, strict._errors)


def _operations(service: str) -> list[str]:
    return sorted(load_service(service).operations)


def _serialized(service: str, operation: str, protocol: str, params: Any) -> HttpRequest:
    serializer = create_serializer(protocol, include_validation=False)
    model = _botocore(service).operation_model(operation)
    try:
        sent = serializer.serialize_to_request(params, model)
    except ParamValidationError:
        reject()  # a made-up text cannot stand in a host name
    target, query, body = sent["url_path"], sent["query_string"], sent["body"]
    if query:
        text = query if isinstance(query, str) else percent_encode_sequence(query)
        target += ("&" if "?" in target else "?") + text
    if isinstance(body, dict):
        body = percent_encode_sequence(body).encode()
    headers = {key.lower(): str(value) for key, value in sent["headers"].items()}
    return HttpRequest(sent["method"], target, headers, body or b"")


@pytest.mark.parametrize(("service", "protocol"), SERVICES)
@_SETTINGS
@given(data=st.data())
def test_what_botocore_writes_is_read(service: str, protocol: str, data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(_operations(service)))
    reader = _lenient(service, operation, protocol)
    shape = reader.operation.input
    assume(shape is not None and shape.event_stream is None)
    assert shape is not None
    params = data.draw(values(shape))
    params.pop("Expires", None)  # botocore parses this one text, and writes it anew
    request = _serialized(service, operation, protocol, _for_client(shape, params))
    labels: dict[str, str] = {}
    if protocol.startswith("rest"):
        found = match_rest(reader.service, request)
        assert found is not None
        routed, labels = found
        if routed != operation:
            # Of two names for one request, the one that is not deprecated counts, or the first.
            assert reader.operation.is_deprecated or operation == "ListDirectoryBuckets"
            return
    assert _told(reader.read(request, labels)) == _told(params)


@pytest.mark.parametrize(("service", "protocol"), SERVICES)
@_SETTINGS
@given(data=st.data())
def test_what_we_write_is_read_by_botocore(
    service: str, protocol: str, data: st.DataObject
) -> None:
    operation = data.draw(st.sampled_from(_operations(service)))
    writer = _lenient(service, operation, protocol)
    assume(not writer.operation.is_deprecated)  # some give two members one name
    shape = writer.operation.output
    assume(shape is not None and shape.event_stream is None)
    assert shape is not None
    result = data.draw(values(shape))
    for name, member in shape.members.items():
        if member.location == "statusCode" and name in result:
            result[name] = 201
    response = writer.write(result, "request-id")
    model = _botocore(service).operation_model(operation)
    headers = HeadersDict(dict(response.headers))
    raw = {"status_code": response.status, "headers": headers, "body": response.body, "context": {}}
    raw["context"] = {"operation_name": operation}
    output = model.output_shape
    if operation == "GetBucketLocation":
        return  # botocore reads it with a handler of its own, not with its parser
    payload = shape.members[shape.payload].shape if shape.payload else None
    if payload is not None and payload.type == "blob":
        # Botocore hands such a body on as it is, or takes it for text.
        assert response.body == result.get(shape.payload, b"")
        return
    parsed = create_parser(protocol).parse(raw, output)
    parsed.pop("ResponseMetadata", None)
    for name, member in shape.members.items():
        if name not in result and (
            member.location == "statusCode" or member.wire_name.lower() == "content-type"
        ):
            parsed.pop(name, None)  # an answer has these even where none was given
    assert _told(_from_client(parsed)) == _told(result)


def _for_client(shape: Shape, value: Any) -> Any:
    if shape.is_document:
        return value
    if shape.type == "structure":
        return {
            name: each
            if shape.members[name].is_json_value
            else _for_client(shape.members[name].shape, each)
            for name, each in value.items()
        }
    if shape.type == "list":
        return [_for_client(shape.member.shape, each) for each in value]
    if shape.type == "map":
        return {key: _for_client(shape.value.shape, each) for key, each in value.items()}
    if shape.type == "timestamp":
        return datetime.fromtimestamp(value / 1000, UTC)
    return value


def _from_client(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _from_client(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_from_client(each) for each in value]
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    return value


_NOTHING: tuple[Any, ...] = ({}, [], "", b"", None)


def _told(value: Any) -> Any:
    """A value without what some protocols cannot tell: empty collections and texts."""
    if isinstance(value, dict):
        told = {key: _told(each) for key, each in value.items()}
        return {key: each for key, each in told.items() if each not in _NOTHING}
    if isinstance(value, list):
        return [each for each in map(_told, value) if each not in _NOTHING]
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return int(value)
    return value


# Nonsense

_FRAGMENTS = [
    b"{", b"}", b"[", b"]", b'"', b",", b":", b"null", b"true", b"1e999", b"-1", b"NaN", b"\x00",
    b"\xff\xfe", b"&", b"=", b"%", b"%zz", b"%ff", b".1.", b".member.", b"<", b">", b"</", b"<!DOCTYPE x>",
    b"&amp;", b"&x;", b"99999999999999999999999999", b"[" * 300, b'{"M":' * 300, b"<a>" * 300,
    b"\x9f", b"\xbf", b"\xff", b"\xdb", b"\xc2", b"\xfb", b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
]  # fmt: skip


@st.composite
def _mutated(draw: st.DrawFn, body: bytes) -> bytes:
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body)))
        cut = draw(st.integers(0, 6))
        new = draw(st.one_of(st.sampled_from(_FRAGMENTS), st.binary(max_size=3)))
        body = body[:at] + new + body[at + cut :]
    return body


@pytest.mark.parametrize(("service", "protocol"), SERVICES)
@settings(_SETTINGS, max_examples=80)
@given(data=st.data())
def test_a_broken_request_is_refused_and_nothing_else(
    service: str, protocol: str, data: st.DataObject
) -> None:
    operation = data.draw(st.sampled_from(_operations(service)))
    reader = codec(load_service(service), operation, protocol)
    shape = reader.operation.input
    assume(shape is not None)
    assert shape is not None
    params = data.draw(values(shape))
    params.pop("Expires", None)
    request = _serialized(service, operation, protocol, _for_client(shape, params))
    request.body = data.draw(_mutated(request.body))
    request.target = data.draw(_mutated(request.target.encode())).decode("latin-1")
    for key in list(request.headers):
        request.headers[key] = data.draw(_mutated(request.headers[key].encode())).decode("latin-1")
    try:
        labels: dict[str, str] = {}
        if protocol.startswith("rest"):
            found = match_rest(reader.service, request)
            if found is None:
                return
            operation, labels = found
        codec(reader.service, operation, protocol).read(request, labels)
    except AwsError as error:
        reader.write_error(error, "request-id")
