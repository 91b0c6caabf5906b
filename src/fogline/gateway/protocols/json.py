"""JSON 1.0 and 1.1: one document each way, the operation in a header."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

import orjson

from fogline.aws.errors import AwsError, SerializationException
from fogline.gateway.models import Member, Operation, ServiceModel, Shape
from fogline.gateway.protocols.codec import (
    FLOATS,
    INTEGER_BOUNDS,
    NESTING_MAX,
    Codec,
    Errors,
    Members,
    Read,
    body_of,
    decode_base64,
    encode_base64,
    error_members,
    fault_of,
    float_text,
    format_instant,
    instant_of_seconds,
    parse_instant,
    timestamp_format,
)
from fogline.gateway.protocols.event_stream import EventWriter, stream_body
from fogline.gateway.validate import Reader, ValidationStyle, Violation, constrained
from fogline.ports.http import HttpRequest, HttpResponse

Writer = Callable[[Any], Any]


class JsonErrors(Errors):
    """Refusals in JSON 1.0 and 1.1."""

    def __init__(self, service: ServiceModel, protocol: str) -> None:
        super().__init__(service, protocol)
        self._content_type = _content_type(service)
        self._writers: dict[str, Writer | None] = {}

    def write(self, error: AwsError, request_id: str) -> HttpResponse:
        shape, status = self.facts(error)
        headers = [self._content_type, ("x-amzn-RequestId", request_id)]
        if self.service.is_query_compatible:
            status = error.json_status or rpc_status(status)
            headers += query_error_header(error, shape, status)
        members = write_members(error_members(error, shape), shape, self._writers)
        body = {"__type": self._type_of(error, shape), **members}
        return HttpResponse(status, headers, dumps(body))

    def _type_of(self, error: AwsError, shape: Shape | None) -> str:
        namespace = self.service.error_namespace
        if not namespace:
            return shape.name if shape is not None else error.code
        if shape is not None:
            return f"{namespace}#{shape.name}"
        return f"{_FRAMEWORK_ERRORS.get(error.code, namespace)}#{error.code}"


# Errors that come from the framework AWS's services stand on, not from the service.
_FRAMEWORK_ERRORS = {
    "ValidationException": "com.amazon.coral.validate",
    **dict.fromkeys(
        (
            "AccessDeniedException",
            "IncompleteSignatureException",
            "InternalFailure",
            "InvalidSignatureException",
            "MissingAuthenticationTokenException",
            "SerializationException",
            "ThrottlingException",
            "UnknownOperationException",
            "UnrecognizedClientException",
        ),
        "com.amazon.coral.service",
    ),
}


def rpc_status(status: int) -> int:
    """The status of a query-compatible error: the model's is the query protocol's, here only the fault counts."""
    return 400 if status < 500 else status if status in (501, 503) else 500


def query_error_header(error: AwsError, shape: Shape | None, status: int) -> list[tuple[str, str]]:
    """The header that tells clients the code they knew when the service spoke the query protocol."""
    legacy = error.legacy_code or (shape.error.code if shape is not None else "")
    return [("x-amzn-query-error", f"{legacy};{fault_of(status)}")] if legacy else []


def _content_type(service: ServiceModel) -> tuple[str, str]:
    return ("Content-Type", f"application/x-amz-json-{service.json_version}")


class JsonCodec(Codec):
    """The codec of one operation in JSON 1.0 or 1.1."""

    def __init__(
        self, operation: Operation, protocol: str, style: ValidationStyle, errors: Errors
    ) -> None:
        super().__init__(operation, protocol, style, errors)
        self._content_type = _content_type(self.service)
        output = operation.output
        writers = Writers()
        self._write = writers.of(output) if output is not None else None
        self._stream = output.event_stream if output is not None else None
        if self._stream is not None:

            def document(shape: Shape) -> Callable[[Any], bytes]:
                write = writers.of(shape)
                return lambda value: dumps(write(value) if write is not None else value)

            self._events = EventWriter(self._stream.shape, self._content_type[1], document)

    def write(self, result: Mapping[str, Any], request_id: str) -> HttpResponse:
        write = self._write
        if self._stream is not None:
            return self._write_stream(result, request_id)
        body = dumps(write(result)) if write is not None else b""
        return HttpResponse(200, [self._content_type, ("x-amzn-RequestId", request_id)], body)

    def _write_stream(self, result: Mapping[str, Any], request_id: str) -> HttpResponse:
        write = self._write
        assert self._stream is not None
        assert write is not None
        others = {name: each for name, each in result.items() if name != self._stream.name}
        first = self._events.initial(others, lambda value: dumps(write(value)))
        body = stream_body(self._events, result.get(self._stream.name), first)
        content_type = ("Content-Type", "application/vnd.amazon.eventstream")
        return HttpResponse(200, [content_type, ("x-amzn-RequestId", request_id)], body)

    def _reader(self, *, constrained: bool) -> Read:
        shape = self.operation.input
        if shape is None:
            return lambda request, params: {}
        read_input = Readers(constrained=constrained).of(shape)
        is_recursive = shape.is_recursive
        assert read_input is not None

        def read(request: HttpRequest, path_params: Mapping[str, str]) -> dict[str, Any]:
            body = request.body if request.spooled is None else body_of(request)
            sent = loads(body, is_recursive=is_recursive)
            result: dict[str, Any] = read_input(sent)
            return result

        return read


def write_members(
    members: Mapping[str, Any], shape: Shape | None, made: dict[str, Writer | None]
) -> dict[str, Any]:
    """An error's members as JSON values; those that the model does not know go as they are."""
    if shape is None:
        return dict(members)
    result: dict[str, Any] = {}
    for name, value in members.items():
        member = shape.members.get(name)
        if value is None or (member is not None and member.location):
            continue
        if member is None:
            result[name] = value
            continue
        key = f"{shape.name}.{name}"
        if key not in made:
            made[key] = Writers().of_member(member)
        write = made[key]
        result[member.wire_name] = write(value) if write is not None else value
    return result


def loads(body: bytes, *, is_recursive: bool) -> Any:
    """The document in a body; an empty body is an empty object, as on AWS."""
    if not body:
        return {}
    try:
        sent = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise SerializationException("The request body is not well-formed JSON.") from None
    # Only shapes that hold themselves can follow a deep document down, and only brackets make it deep.
    if is_recursive and body.count(b"{") + body.count(b"[") > NESTING_MAX:
        require_depth(sent)
    return sent


def require_depth(value: Any) -> None:
    """Refuses a document that nests deeper than we follow."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > NESTING_MAX:
            raise SerializationException("The request nests too deep.")
        below: list[Any] = []
        for each in level:
            if type(each) is dict:
                below += [inner for inner in each.values() if type(inner) in (dict, list)]
            elif type(each) is list:
                below += [inner for inner in each if type(inner) in (dict, list)]
        level = below


def dumps(value: Any) -> bytes:
    return orjson.dumps(value, default=_unknown, option=orjson.OPT_NON_STR_KEYS)


def _unknown(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return encode_base64(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (tuple, set, frozenset)):
        return list(value)
    raise TypeError(f"{type(value).__name__} in a JSON answer")


# Reading


_Fields = dict[str, tuple[str, Reader | None]]


def _object(members: _Fields, required: tuple[str, ...]) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not dict:
            _refuse_structure(value)
        result: dict[str, Any] = {}
        for wire_name, sent in value.items():
            if sent is not None and wire_name in members:
                name, read_member = members[wire_name]
                result[name] = read_member(sent) if read_member is not None else sent
        for name in required:
            if name not in result:
                raise Violation
        return result

    return read


class Readers:
    """Makes the closures that read JSON values. A reader that is None takes the value as it is."""

    def __init__(self, *, constrained: bool) -> None:
        self._constrained = constrained
        self._made: dict[str, Reader | None] = {}

    def of_member(self, member: Member) -> Reader | None:
        shape = member.shape
        if shape.type == "timestamp":
            return _read_timestamp
        return self.of(shape)

    def of(self, shape: Shape) -> Reader | None:
        if shape.name in self._made:
            return self._made[shape.name]
        if shape.type == "structure" and not shape.is_document:
            return self._structure(shape)
        made = self._plain(shape)
        self._made[shape.name] = made
        return made

    def _plain(self, shape: Shape) -> Reader | None:
        kind = shape.type
        if shape.is_document:
            return None
        if kind == "list":
            read: Reader | None = self._list(shape)
        elif kind == "map":
            read = self._map(shape)
        elif kind in ("string", "character"):
            return self._string(shape)
        elif kind in INTEGER_BOUNDS:
            read = _integer(*INTEGER_BOUNDS[kind])
        elif kind in FLOATS:
            read = _read_float
        else:
            read = {"boolean": _read_boolean, "blob": _read_blob, "timestamp": _read_timestamp}[
                kind
            ]
        return constrained(shape, read) if self._constrained else read

    def _string(self, shape: Shape) -> Reader:
        if not self._constrained:
            return _read_string
        if shape.enum or shape.pattern or (shape.max is None and not shape.min):
            read = constrained(shape, _read_string)
            assert read is not None
            return read
        low, high = shape.min or 0, float("inf") if shape.max is None else shape.max

        def read_bounded(value: Any) -> Any:
            if type(value) is not str:
                _refuse_scalar(value, "String")
            if not low <= len(value) <= high:
                raise Violation
            return value

        return read_bounded

    def _structure(self, shape: Shape) -> Reader:
        members: _Fields = {}
        # Without constraints the required members are not looked for here: the walk of violations tells them.
        read = _object(members, shape.required if self._constrained else ())
        self._made[shape.name] = read
        self._fill(members, shape.members.values())
        return read

    def document(self, parts: Iterable[Member]) -> Reader:
        """Reads an object of just these members, none of them required."""
        members: _Fields = {}
        self._fill(members, parts)
        return _object(members, ())

    def _fill(self, members: _Fields, parts: Iterable[Member]) -> None:
        for member in parts:
            members[member.wire_name] = (member.name, self.of_member(member))

    def _list(self, shape: Shape) -> Reader:
        read_item = self.of_member(shape.member)
        is_sparse = shape.is_sparse

        def read(value: Any) -> Any:
            if type(value) is not list:
                _refuse_list(value)
            if None in value and not is_sparse:
                raise SerializationException("null is not allowed in this list.")
            if read_item is None:
                return value
            return [read_item(each) if each is not None else None for each in value]

        return read

    def _map(self, shape: Shape) -> Reader:
        read_item = self.of_member(shape.value)
        check_key = constrained(shape.key.shape, None) if self._constrained else None
        is_sparse = shape.is_sparse

        def read(value: Any) -> Any:
            if type(value) is not dict:
                _refuse_structure(value)
            result: dict[str, Any] = {}
            for key, each in value.items():
                if check_key is not None:
                    check_key(key)
                if each is None:
                    if not is_sparse:
                        raise SerializationException("null is not allowed in this map.")
                    result[key] = None
                else:
                    result[key] = read_item(each) if read_item is not None else each
            return result

        return read


def _token(value: Any) -> str:
    """The kind of a JSON value, in the words of AWS's parser."""
    if value is True:
        return "TRUE_VALUE"
    if value is False:
        return "FALSE_VALUE"
    if isinstance(value, str):
        return "STRING_VALUE"
    return "DECIMAL_VALUE" if isinstance(value, float) else "NUMBER_VALUE"


def _refuse_scalar(value: Any, expected: str) -> NoReturn:
    if type(value) is dict:
        raise SerializationException("Start of structure or map found where not expected.")
    if type(value) is list:
        raise SerializationException("Start of list found where not expected")
    raise SerializationException(f"{_token(value)} cannot be converted to {expected}")


def _refuse_structure(value: Any) -> NoReturn:
    if type(value) is list:
        raise SerializationException("Start of list found where not expected")
    raise SerializationException("Unexpected value type in payload")


def _refuse_list(value: Any) -> NoReturn:
    if type(value) is dict:
        raise SerializationException("Start of structure or map found where not expected.")
    raise SerializationException("Unexpected field type")


def _read_string(value: Any) -> Any:
    if type(value) is not str:
        _refuse_scalar(value, "String")
    return value


def _read_boolean(value: Any) -> Any:
    if type(value) is not bool:
        _refuse_scalar(value, "Boolean")
    return value


def _integer(low: int, high: int) -> Reader:
    expected = "Integer" if high < 1 << 40 else "Long"

    def read(value: Any) -> Any:
        if type(value) is not int:
            if type(value) is not float or not value.is_integer():
                _refuse_scalar(value, expected)
            value = int(value)
        if not low <= value <= high:
            raise SerializationException(f"NUMBER_VALUE cannot be converted to {expected}")
        return value

    return read


_SPECIAL_FLOATS = {
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "-Infinity": float("-inf"),
}


def _read_float(value: Any) -> Any:
    kind = type(value)
    if kind is float or kind is int:
        return value
    if kind is str and value in _SPECIAL_FLOATS:
        return _SPECIAL_FLOATS[value]
    _refuse_scalar(value, "Double")


def _read_blob(value: Any) -> Any:
    if type(value) is not str:
        _refuse_scalar(value, "Blob")
    return decode_base64(value) if value.isascii() else decode_base64("?")


def _read_timestamp(value: Any) -> Any:
    kind = type(value)
    if kind is float or kind is int:
        return instant_of_seconds(value)
    if kind is str:
        return parse_instant(value)
    _refuse_scalar(value, "Timestamp")


# Writing


class Writers:
    """Makes the closures that turn results into JSON values. A writer that is None leaves the value as it is."""

    def __init__(self) -> None:
        self._made: dict[str, Writer | None] = {}

    def of_member(self, member: Member) -> Writer | None:
        shape = member.shape
        if shape.type == "timestamp":
            return _timestamp(timestamp_format(member, "unixTimestamp"))
        return self.of(shape)

    def of(self, shape: Shape) -> Writer | None:
        if shape.is_json_as_is:
            return None
        if shape.name in self._made:
            return self._made[shape.name]
        if shape.type == "structure" and not shape.is_document:
            return self._structure(shape)
        write = self._plain(shape)
        self._made[shape.name] = write
        return write

    def _plain(self, shape: Shape) -> Writer | None:
        if shape.is_document:
            return None
        if shape.type == "list":
            return _list(self.of_member(shape.member), is_sparse=shape.is_sparse)
        if shape.type == "map":
            return _map(self.of_member(shape.value), is_sparse=shape.is_sparse)
        if shape.type == "timestamp":
            return _timestamp(shape.timestamp_format or "unixTimestamp")
        if shape.type in FLOATS:
            return _write_float
        return encode_base64 if shape.type == "blob" else None

    def _structure(self, shape: Shape) -> Writer:
        # None for what is written as it is: most members of most structures.
        members: dict[str, tuple[str, Writer | None] | None] = Members(shape)

        def write(value: Mapping[str, Any]) -> Any:
            for name, given in value.items():
                if members[name] is not None or given is None:
                    return copy(value)
            return value

        def copy(value: Mapping[str, Any]) -> dict[str, Any]:
            result: dict[str, Any] = {}
            for name, given in value.items():
                if given is not None:
                    entry = members[name]
                    if entry is None:
                        result[name] = given
                    else:
                        wire_name, write_member = entry
                        result[wire_name] = write_member(given) if write_member else given
            return result

        self._made[shape.name] = write
        for name, member in shape.members.items():
            write_member = self.of_member(member)
            is_plain = write_member is None and member.wire_name == name
            members[name] = None if is_plain else (member.wire_name, write_member)
        return write


def _list(write_item: Writer | None, *, is_sparse: bool) -> Writer:
    def write(value: Any) -> list[Any]:
        if write_item is None:
            return [each for each in value if each is not None or is_sparse]
        return [
            write_item(each) if each is not None else None
            for each in value
            if each is not None or is_sparse
        ]

    return write


def _map(write_item: Writer | None, *, is_sparse: bool) -> Writer:
    def write(value: Mapping[str, Any]) -> dict[str, Any]:
        return {
            key: write_item(each) if write_item is not None and each is not None else each
            for key, each in value.items()
            if each is not None or is_sparse
        }

    return write


def _timestamp(form: str) -> Writer:
    def write(instant: Any) -> Any:
        return format_instant(instant, form)

    return write


def _write_float(value: Any) -> Any:
    if value != value or value in (float("inf"), float("-inf")):
        return float_text(value)
    return value
