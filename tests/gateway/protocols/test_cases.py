"""Botocore's protocol cases, run the other way round: its requests are read, its answers are written."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import math
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from botocore.awsrequest import HeadersDict
from botocore.eventstream import EventStream
from botocore.model import OperationModel
from botocore.model import ServiceModel as BotocoreModel
from botocore.parsers import create_parser
from botocore.utils import parse_timestamp

from fogline.aws.errors import AwsError
from fogline.gateway.models import ServiceModel, Shape
from fogline.gateway.protocols import Codec, codec, match_rest
from fogline.gateway.protocols.cbor import decode
from fogline.gateway.protocols.codec import parse_instant
from fogline.gateway.protocols.event_stream import Message, decode_messages
from fogline.ports.http import HttpRequest, HttpResponse

CASES = Path(__file__).parent / "cases"

# Requests that no server can read back into what the client was given.
_NO_BODY = "the case records no body for what was compressed"
_HIDDEN = "the client was given a member that it hides behind another of the same name"
_ITEM_NAME = "a flattened list names its elements where botocore reads them, at the item"
UNREADABLE = {
    "ec2-SDKAppliedContentEncoding_ec2Query": _NO_BODY,
    "ec2-SDKAppendsGzipAndIgnoresHttpProvidedEncoding_ec2Query": _NO_BODY,
    "json-SDKAppliedContentEncoding_awsJson1_1": _NO_BODY,
    "json-SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_1": _NO_BODY,
    "json_1_0-SDKAppliedContentEncoding_awsJson1_0": _NO_BODY,
    "json_1_0-SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0": _NO_BODY,
    "query-SDKAppliedContentEncoding_awsQuery": _NO_BODY,
    "query-SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsQuery": _NO_BODY,
    "rest-json-SDKAppliedContentEncoding_restJson1": _NO_BODY,
    "rest-json-SDKAppendedGzipAfterProvidedEncoding_restJson1": _NO_BODY,
    "rest-xml-SDKAppliedContentEncoding_restXml": _NO_BODY,
    "rest-xml-SDKAppendedGzipAfterProvidedEncoding_restXml": _NO_BODY,
    "rest-json-RestJsonHostWithPath": "the path begins with that of the client's endpoint",
    "rest-json-MediaTypeHeaderInputBase64": "botocore gives documents in headers as values",
    "rest-json-RestJsonQueryPrecedence": _HIDDEN,
    "rest-xml-RestXmlQueryPrecedence": _HIDDEN,
    "rest-xml-XmlLists": _ITEM_NAME,
    "legacy-rest-json-25.7": "the client adds a content type of its own",
}

# Answers that AWS never writes: they show what clients must put up with.
_TOLERANT = "clients must put up with it"
UNWRITABLE = {
    "legacy-json-3.1": _TOLERANT,
    "legacy-json-5.0": _TOLERANT,
    "legacy-rest-json-7.0": _TOLERANT,
    "legacy-rest-json-8.0": _TOLERANT,
    "legacy-rest-json-17.2": _TOLERANT,
    "legacy-rest-xml-16.2": _TOLERANT,
    "ec2-Ec2XmlLists": _ITEM_NAME,
    "query-QueryXmlLists": _ITEM_NAME,
    "rest-xml-XmlLists": _ITEM_NAME,
    "json-handles_empty_output_shape": _TOLERANT,
    "json-handles_unexpected_json_output": _TOLERANT,
    "json-AwsJson11DeserializeIgnoreType": _TOLERANT,
    "json_1_0-AwsJson10DeserializeIgnoreType": _TOLERANT,
    "json_1_0-AwsJson10HandlesEmptyOutputShape": _TOLERANT,
    "json_1_0-AwsJson10HandlesUnexpectedJsonOutput": _TOLERANT,
    "rest-json-RestJsonDeserializeIgnoreType": _TOLERANT,
    "rest-json-RestJsonNoInputAndOutputWithJson": _TOLERANT,
    "rest-json-MediaTypeHeaderOutputBase64": "our operations give documents in headers as values",
    "smithy-rpc-v2-cbor-empty_output_no_body": _TOLERANT,
    "smithy-rpc-v2-cbor-NoOutputClientAllowsEmptyCbor": _TOLERANT,
    "smithy-rpc-v2-cbor-NoOutputClientAllowsEmptyBody": _TOLERANT,
    "smithy-rpc-v2-cbor-RpcV2CborDeserializesDenseSetMapAndSkipsNull": _TOLERANT,
    "smithy-rpc-v2-cbor-RpcV2CborClientDoesntDeserializeNullStructureValues": _TOLERANT,
    "smithy-rpc-v2-cbor-RpcV2CborExtraFieldsInTheBodyShouldBeSkippedByClients": _TOLERANT,
    "smithy-rpc-v2-cbor-RpcV2CborPayloadWithUnsetUnion": _TOLERANT,
}

# What botocore itself cannot parse; the recorded answer alone is compared.
_LIST_OF_DATES = "botocore reads no lists of quoted texts or dates in headers"
UNPARSABLE = {
    "rest-json-RestJsonInputAndOutputWithTimestampHeaders": _LIST_OF_DATES,
    "rest-json-RestJsonInputAndOutputWithQuotedStringHeaders": _LIST_OF_DATES,
    "rest-xml-InputAndOutputWithTimestampHeaders": _LIST_OF_DATES,
    "rest-json-RestJsonHttpPayloadWithUnsetUnion": "botocore refuses a union with no member",
    "rest-xml-RestXmlHttpPayloadWithUnsetUnion": "botocore refuses a union with no member",
    "rest-xml-BodyWithXmlName": "botocore names the element by its shape",
}


def _cases(direction: str, wanted: str, left_out: Mapping[str, str]) -> Iterator[Any]:
    for file in sorted(CASES.rglob("*.json")):
        if file.parent.name != direction:
            continue
        for number, suite in enumerate(json.loads(file.read_bytes())):
            for index, case in enumerate(suite["cases"]):
                if wanted not in case:
                    continue
                where = "legacy-" if file.parent.parent.name == "legacy" else ""
                name = f"{where}{file.stem}-{case.get('id') or f'{number}.{index}'}"
                if name not in left_out:
                    yield pytest.param(name, suite, case, id=name)


def _codec(suite: dict[str, Any], case: dict[str, Any]) -> Codec:
    given = json.loads(json.dumps(case["given"]))
    name = given.get("name", "OperationName")
    raw = {
        "metadata": dict(suite["metadata"]),
        "shapes": json.loads(json.dumps(suite["shapes"])),
        "operations": {name: given},
    }
    service = ServiceModel("cases", raw)
    return codec(service, name, suite["metadata"]["protocol"])


@pytest.mark.parametrize(("name", "suite", "case"), list(_cases("input", "params", UNREADABLE)))
def test_a_request_is_read_as_the_client_meant_it(name: str, suite: Any, case: Any) -> None:
    reader = _codec(suite, case)
    sent = case["serialized"]
    body = sent.get("body", "")
    data = base64.b64decode(body) if "cbor" in suite["metadata"]["protocol"] else body.encode()
    headers = {key.lower(): value for key, value in sent.get("headers", {}).items()}
    request = HttpRequest(
        sent.get("method", reader.operation.http_method), sent.get("uri", "/"), headers, data
    )
    params: dict[str, str] = {}
    if suite["metadata"]["protocol"].startswith("rest"):
        found = match_rest(reader.service, request)
        assert found is not None
        operation, params = found
        assert operation == reader.operation.name
    shape = reader.operation.input
    expected = _given(shape, case["params"]) if shape else {}
    found = reader.read(request, params)
    assert _comparable(_as_sent(shape, found, expected)) == _comparable(
        _as_sent(shape, expected, expected)
    )


@pytest.mark.parametrize(("name", "suite", "case"), list(_cases("output", "result", UNWRITABLE)))
def test_an_answer_is_written_as_aws_writes_it(name: str, suite: Any, case: Any) -> None:
    writer = _codec(suite, case)
    shape = writer.operation.output
    result = _given(shape, case["result"]) if shape else {}
    response = writer.write(result, "request-id")
    body = _body(response)
    if name not in UNPARSABLE:
        parsed = _parsed_by_client(suite, case, response, body)
        assert parsed == _plain(case["result"])
    _compare_answers(writer, case["response"], response, body)


def _as_sent(shape: Shape | None, value: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """An input without what the wire does not tell: empty members, tokens the client made up, and which
    of the query's keys are in a map because no other member is bound to them."""
    if shape is None:
        return {}
    bound = {m.wire_name for m in shape.members.values() if m.location == "querystring"}
    result = {}
    for name, each in value.items():
        member = shape.members[name]
        if member.is_idempotency_token and name not in given:
            continue
        if member.location == "querystring" and member.shape.type == "map":
            each = {key: one for key, one in each.items() if key not in bound}
        if each not in ({}, []):
            result[name] = each
    return result


def _compare_answers(
    writer: Codec, recorded: dict[str, Any], response: HttpResponse, body: bytes
) -> None:
    assert response.status == recorded["status_code"]
    headers = {key.lower(): value for key, value in response.headers}
    for key, value in recorded.get("headers", {}).items():
        if key.lower() in _UNTOLD or (key.lower() == "content-type" and not body):
            continue
        assert _header(headers[key.lower()]) == _header(value)
    if "body" in recorded:
        assert _document(writer, body) == _document(writer, _recorded_body(writer, recorded))


@pytest.mark.parametrize(("name", "suite", "case"), list(_cases("output", "error", {})))
def test_a_refusal_is_understood_by_the_client(name: str, suite: Any, case: Any) -> None:
    writer = _codec(suite, case)
    code = case["errorCode"]
    shape = writer.service.error_shape(code)
    members = _given(shape, case["error"]) if shape else dict(case["error"])
    message = case.get("errorMessage", "")
    members = {key: each for key, each in members.items() if key.lower() != "message"}
    made = type(
        shape.name if shape else code, (AwsError,), {"status": case["response"]["status_code"]}
    )
    response = writer.write_error(made(message, members=members), "request-id")
    body = _body(response)
    parsed = _parsed_error(suite, case, response, body)
    assert parsed == {
        "Error": {"Code": case.get("errorCode", ""), "Message": message},
        **_plain(case["error"]),
    }
    assert response.status == case["response"]["status_code"]


# Values as our code has them: milliseconds, bytes, streams


def _given(shape: Shape, value: Any) -> Any:
    if value is None:
        return None
    if shape.type == "structure" and not shape.is_document:
        if shape.is_event_stream:
            return _stream(shape, value)
        return {
            name: each if member.is_json_value else _given(member.shape, each)
            for name, each in value.items()
            if (member := shape.members.get(name)) and each is not None
        }
    if shape.type == "list":
        return [_given(shape.member.shape, each) for each in value]
    if shape.type == "map":
        return {key: _given(shape.value.shape, each) for key, each in value.items()}
    if shape.type == "blob":
        return value.encode()
    if shape.type == "timestamp":
        return round(float(value) * 1000)
    if shape.type in ("float", "double"):
        return float(value)
    return value


async def _stream(shape: Shape, events: list[Any]) -> AsyncIterator[Any]:
    for event in events:
        yield {name: _given(shape.members[name].shape, each) for name, each in event.items()}


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _comparable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_comparable(each) for each in value]
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return value


def _body(response: HttpResponse) -> bytes:
    if isinstance(response.body, bytes):
        return response.body
    stream = response.body

    async def collect() -> bytes:
        return b"".join([each async for each in stream])

    return asyncio.run(collect())


# Headers that differ with each answer, that the server adds, or that a case holds by mistake.
_UNTOLD = ("x-amzn-requestid", "content-length", "x-amz-target")


def _header(text: str) -> Any:
    parts = [part.strip().strip('"') for part in text.partition(";")[0].split(",")]
    return _leaf(text.partition(";")[0]) if len(parts) < 3 else parts


# Bodies as values


def _recorded_body(writer: Codec, recorded: dict[str, Any]) -> bytes:
    body: str = recorded["body"]
    if "cbor" in writer.protocol:
        return base64.b64decode(body)
    if writer.operation.output is not None and writer.operation.output.event_stream:
        return base64.b64decode(body)
    return body.encode()


def _document(writer: Codec, body: bytes) -> Any:
    if not body:
        return None
    output = writer.operation.output
    if output is not None and output.event_stream:
        return [_message(writer, each) for each in decode_messages(body)]
    payload = output.members[output.payload] if output is not None and output.payload else None
    if payload is not None and payload.shape.type in ("blob", "string"):
        return body
    if "cbor" in writer.protocol:
        return _comparable(decode(body))
    if "json" in writer.protocol:
        # Of an object with no members and no body at all, clients make the same.
        return _values(json.loads(body)) or None
    return _tree(ElementTree.fromstring(body))


def _message(writer: Codec, message: Message) -> Any:
    headers = {key: each for key, each in message.headers.items() if key != ":content-type"}
    content_type = str(message.headers.get(":content-type", ""))
    if content_type.endswith(("json", "json-1.0")):
        return headers, _values(json.loads(message.payload))
    if content_type.endswith("xml"):
        return headers, _tree(ElementTree.fromstring(message.payload))
    return headers, message.payload


def _values(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _values(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_values(each) for each in value]
    return _leaf(value) if isinstance(value, str) else value


_REQUEST_IDS = ("RequestId", "requestId", "ResponseMetadata")


def _tree(element: ElementTree.Element) -> Any:
    kept = [child for child in element if child.tag.rpartition("}")[2] not in _REQUEST_IDS]
    children = [(child.tag.rpartition("}")[2], _tree(child)) for child in kept]
    text = (element.text or "").strip()
    return (dict(element.attrib), _leaf(text) if not children else "", sorted(children, key=repr))


def _leaf(text: str) -> Any:
    """One moment can be written in many ways, and so can a number."""
    if text[:1].isdigit() or ", " in text:
        with contextlib.suppress(AwsError):
            return parse_instant(text)
    return text


# What botocore makes of our answers


def _parser(suite: Any, case: Any) -> tuple[Any, Any, Any]:
    given = json.loads(json.dumps(case["given"]))
    name = given.get("name", "OperationName")
    raw = {**json.loads(json.dumps(suite)), "operations": {name: given}}
    model = BotocoreModel(raw)
    operation = OperationModel(given, model)
    parser = create_parser(model.metadata["protocol"])
    parser._timestamp_parser = lambda value: parse_timestamp(value).timestamp()
    return parser, model, operation


def _raw(response: HttpResponse, body: bytes, case: Any) -> dict[str, Any]:
    return {
        "status_code": response.status,
        "headers": HeadersDict(dict(response.headers)),
        "body": body,
        "context": {"operation_name": case["given"].get("name", "OperationName")},
    }


def _parsed_by_client(suite: Any, case: Any, response: HttpResponse, body: bytes) -> Any:
    parser, _, operation = _parser(suite, case)
    raw = _raw(response, body, case)
    shape = operation.output_shape
    if operation.has_event_stream_output:
        raw["body"] = _RawStream(body)
    if shape is not None and suite["metadata"]["protocol"] == "query":
        name = case["given"].get("name", "OperationName")
        shape.serialization.setdefault("resultWrapper", f"{name}Result")
    parsed = parser.parse(raw, shape)
    parsed.pop("ResponseMetadata", None)
    for name, each in list(parsed.items()):
        if isinstance(each, dict) and name not in case["result"]:
            del parsed[name]
        elif isinstance(each, dict):
            for key in ("x-amzn-RequestId", "amzn-RequestId"):
                each.pop(key, None)  # a member may take all headers there are
            if each.get("Content-Type") and "Content-Type" not in case["result"][name]:
                del each["Content-Type"]
        elif each in ("", b"") and name not in case["result"]:
            del parsed[name]  # botocore gives an empty payload where there is none
    return _plain(parsed)


def _parsed_error(suite: Any, case: Any, response: HttpResponse, body: bytes) -> Any:
    parser, model, operation = _parser(suite, case)
    raw = _raw(response, body, case)
    if response.status < 301:
        raw["status_code"] = 400
    parsed = parser.parse(raw, operation.output_shape)
    code = parsed.get("Error", {}).get("Code")
    for shape in model.error_shapes:
        if shape.name == code or shape.metadata.get("error", {}).get("code") == code:
            parsed.update(parser.parse(raw, shape))
    parsed.pop("ResponseMetadata", None)
    kept = {key: parsed["Error"].get(key, "") for key in ("Code", "Message")}
    members = {key: each for key, each in parsed.items() if key in case["error"]}
    return _plain({"Error": kept, **members})


class _RawStream:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body

    def close(self) -> None:
        pass


def _plain(value: Any) -> Any:
    if isinstance(value, EventStream):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
    return value
