"""Smithy's RPC v2 in CBOR: one document each way, the operation in the path.

The decoder is our own and strict: no tags but timestamps, a bound on nesting, nothing that refers to itself.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

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
    error_members,
    instant_of_seconds,
)
from fogline.gateway.protocols.event_stream import EventWriter, stream_body
from fogline.gateway.protocols.json import query_error_header, rpc_status
from fogline.gateway.validate import Reader, ValidationStyle, Violation, constrained
from fogline.ports.http import HttpRequest, HttpResponse

_CONTENT_TYPE = ("Content-Type", "application/cbor")
_PROTOCOL = ("smithy-protocol", "rpc-v2-cbor")


# Decoding


class Instant(float):
    """A number that was tagged as seconds since the epoch."""


_BREAK = object()


class _Decoder:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def document(self) -> Any:
        value = self._item(0)
        if value is _BREAK or self._at != len(self._data):
            _refuse()
        return value

    def _take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._data):
            _refuse()
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def _item(self, depth: int) -> Any:
        if depth > NESTING_MAX:
            raise SerializationException("The request nests too deep.")
        (first,) = self._take(1)
        major, info = first >> 5, first & 31
        if major == 7:
            return self._simple(info)
        count = self._count(info)
        if major in (0, 1):
            if count is None:
                _refuse()
            return count if major == 0 else -1 - count
        if major in (2, 3):
            return self._string(major, count)
        if major == 4:
            return self._array(count, depth)
        if major == 5:
            return self._map(count, depth)
        return self._tagged(count, depth)

    def _count(self, info: int) -> int | None:
        if info < 24:
            return info
        if info == 31:
            return None
        if info > 27:
            _refuse()
        return int.from_bytes(self._take(1 << (info - 24)), "big")

    def _string(self, major: int, count: int | None) -> bytes | str:
        if count is not None:
            data = self._take(count)
        else:
            data = b"".join(self._chunks(major))
        if major == 2:
            return data
        try:
            return data.decode()
        except UnicodeDecodeError:
            _refuse()

    def _chunks(self, major: int) -> list[bytes]:
        chunks: list[bytes] = []
        while True:
            (first,) = self._take(1)
            if first == 0xFF:
                return chunks
            count = self._count(first & 31)
            if first >> 5 != major or count is None:
                _refuse()
            chunks.append(self._take(count))

    def _array(self, count: int | None, depth: int) -> list[Any]:
        items: list[Any] = []
        while count is None or len(items) < count:
            item = self._item(depth + 1)
            if item is _BREAK:
                if count is None:
                    break
                _refuse()
            items.append(item)
        return items

    def _map(self, count: int | None, depth: int) -> dict[str, Any]:
        pairs: dict[str, Any] = {}
        read = 0
        while count is None or read < count:
            key = self._item(depth + 1)
            if key is _BREAK and count is None:
                break
            if type(key) is not str:
                _refuse()
            value = self._item(depth + 1)
            if value is _BREAK:
                _refuse()
            pairs[key] = value
            read += 1
        return pairs

    def _tagged(self, tag: int | None, depth: int) -> Any:
        value = self._item(depth + 1)
        if tag != 1:
            raise SerializationException("A CBOR tag that no AWS protocol uses.")
        if type(value) not in (int, float):
            _refuse()
        try:
            return Instant(value)
        except OverflowError:
            _refuse()

    def _simple(self, info: int) -> Any:
        if info == 20:
            return False
        if info == 21:
            return True
        if info in (22, 23):  # null and undefined
            return None
        if info == 31:
            return _BREAK
        if info in (25, 26, 27):
            form = {25: "!e", 26: "!f", 27: "!d"}[info]
            return struct.unpack(form, self._take(struct.calcsize(form)))[0]
        _refuse()


def _refuse() -> NoReturn:
    raise SerializationException("The request body is not well-formed CBOR.")


def decode(data: bytes) -> Any:
    """The one value in `data`. A timestamp comes as `Instant`."""
    return _Decoder(data).document()


# Encoding


def encode(value: Any) -> bytes:
    """A value as CBOR, of definite lengths."""
    parts: list[bytes] = []
    _encode(parts, value)
    return b"".join(parts)


def _head(major: int, count: int) -> bytes:
    if count < 24:
        return bytes((major << 5 | count,))
    for info, form in ((24, "!B"), (25, "!H"), (26, "!I"), (27, "!Q")):
        if count < 1 << 8 * struct.calcsize(form):
            return bytes((major << 5 | info,)) + struct.pack(form, count)
    raise OverflowError("an integer of more than 64 bits")


def _encode(parts: list[bytes], value: Any) -> None:
    if value is None:
        parts.append(b"\xf6")
    elif value is True or value is False:
        parts.append(b"\xf5" if value else b"\xf4")
    elif isinstance(value, Instant):
        parts.append(b"\xc1")
        whole = float(value)
        _encode(parts, int(whole) if whole.is_integer() else whole)
    elif isinstance(value, int):
        parts.append(_head(0, value) if value >= 0 else _head(1, -1 - value))
    elif isinstance(value, float):
        parts.append(b"\xfb" + struct.pack("!d", value))
    elif isinstance(value, str):
        data = value.encode()
        parts.append(_head(3, len(data)) + data)
    elif isinstance(value, (bytes, bytearray, memoryview)):
        parts.append(_head(2, len(value)) + bytes(value))
    elif isinstance(value, Mapping):
        parts.append(_head(5, len(value)))
        for key, each in value.items():
            _encode(parts, str(key))
            _encode(parts, each)
    else:
        parts.append(_head(4, len(value)))
        for each in value:
            _encode(parts, each)


# Reading


class _Readers:
    """Makes the closures that read decoded values."""

    def __init__(self, *, constrained: bool) -> None:
        self._constrained = constrained
        self._made: dict[str, Reader] = {}

    def of(self, shape: Shape) -> Reader:
        made = self._made.get(shape.name)
        if made is None:
            if shape.type == "structure":
                return self._structure(shape)
            read = self._plain(shape)
            checked = constrained(shape, read) if self._constrained else read
            assert checked is not None
            made = self._made[shape.name] = checked
        return made

    def _plain(self, shape: Shape) -> Reader:
        kind = shape.type
        if kind == "list":
            return self._list(shape)
        if kind == "map":
            return self._map(shape)
        if kind in INTEGER_BOUNDS:
            return _integer(*INTEGER_BOUNDS[kind])
        if kind in FLOATS:
            return _read_float
        if kind == "timestamp":
            return _read_timestamp
        expected = {"boolean": bool, "blob": bytes}.get(kind, str)
        return _exactly(expected)

    def _structure(self, shape: Shape) -> Reader:
        members: dict[str, tuple[str, Reader]] = {}
        required = shape.required if self._constrained else ()

        def read(value: Any) -> Any:
            if type(value) is not dict:
                raise SerializationException("A structure was expected.")
            result: dict[str, Any] = {}
            for wire_name, sent in value.items():
                if sent is not None and wire_name in members:
                    name, read_member = members[wire_name]
                    result[name] = read_member(sent)
            for name in required:
                if name not in result:
                    raise Violation
            return result

        self._made[shape.name] = read
        for name, member in shape.members.items():
            members[name] = (name, self.of(member.shape))
        return read

    def _list(self, shape: Shape) -> Reader:
        read_item = self.of(shape.member.shape)
        is_sparse = shape.is_sparse

        def read(value: Any) -> Any:
            if type(value) is not list:
                raise SerializationException("A list was expected.")
            if not is_sparse and None in value:
                raise SerializationException("null is not allowed in this list.")
            return [read_item(each) if each is not None else None for each in value]

        return read

    def _map(self, shape: Shape) -> Reader:
        read_key, read_item = self.of(shape.key.shape), self.of(shape.value.shape)
        is_sparse = shape.is_sparse

        def read(value: Any) -> Any:
            if type(value) is not dict:
                raise SerializationException("A map was expected.")
            if not is_sparse and None in value.values():
                raise SerializationException("null is not allowed in this map.")
            return {
                read_key(key): read_item(each) if each is not None else None
                for key, each in value.items()
            }

        return read


def _exactly(expected: type) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not expected:
            raise SerializationException(
                f"A value of type {expected.__name__} was expected, not {type(value).__name__}."
            )
        return value

    return read


def _integer(low: int, high: int) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int or not low <= value <= high:
            raise SerializationException("An integer was expected.")
        return value

    return read


def _read_float(value: Any) -> Any:
    if type(value) not in (int, float):
        raise SerializationException("A number was expected.")
    return value


def _read_timestamp(value: Any) -> Any:
    if type(value) not in (int, float, Instant) or math.isnan(value):
        raise SerializationException("A timestamp was expected.")
    return instant_of_seconds(value)


# Writing

_Write = Callable[[Any], Any]


class _Writers:
    """Makes the closures that turn results into values to encode. None: as it is."""

    def __init__(self) -> None:
        self._made: dict[str, _Write | None] = {}

    def of(self, shape: Shape) -> _Write | None:
        if shape.name in self._made:
            return self._made[shape.name]
        if shape.type == "structure":
            return self._structure(shape)
        made = self._made[shape.name] = self._plain(shape)
        return made

    def _plain(self, shape: Shape) -> _Write | None:
        if shape.type == "list":
            return _list(self.of(shape.member.shape), is_sparse=shape.is_sparse)
        if shape.type == "map":
            return _map(self.of(shape.value.shape), is_sparse=shape.is_sparse)
        if shape.type == "timestamp":
            return lambda value: Instant(value / 1000)
        if shape.type in FLOATS:
            return float
        if shape.type == "blob":
            return lambda value: value.encode() if isinstance(value, str) else value
        return None

    def _structure(self, shape: Shape) -> _Write:
        members: dict[str, _Write | None] = Members(shape)

        def write(value: Mapping[str, Any]) -> dict[str, Any]:
            result: dict[str, Any] = {}
            for name, given in value.items():
                if given is not None:
                    write_member = members[name]
                    result[name] = write_member(given) if write_member is not None else given
            return result

        self._made[shape.name] = write
        for name, member in shape.members.items():
            members[name] = self.of(member.shape)
        return write


def _list(write_item: _Write | None, *, is_sparse: bool) -> _Write:
    return lambda value: [
        write_item(each) if write_item is not None and each is not None else each
        for each in value
        if each is not None or is_sparse
    ]


def _map(write_item: _Write | None, *, is_sparse: bool) -> _Write:
    return lambda value: {
        key: write_item(each) if write_item is not None and each is not None else each
        for key, each in value.items()
        if each is not None or is_sparse
    }


class CborErrors(Errors):
    """Refusals in RPC v2 CBOR."""

    def __init__(self, service: ServiceModel, protocol: str) -> None:
        super().__init__(service, protocol)
        self._writers = _Writers()

    def write(self, error: AwsError, request_id: str) -> HttpResponse:
        shape, status = self.facts(error)
        headers = [_CONTENT_TYPE, _PROTOCOL, ("x-amzn-RequestId", request_id)]
        if self.service.is_query_compatible:
            status = error.json_status or rpc_status(status)
            headers += query_error_header(error, shape, status)
        code = shape.name if shape is not None else error.code
        namespace = f"{self.service.error_namespace}#" if self.service.error_namespace else ""
        body: dict[str, Any] = {"__type": f"{namespace}{code}"}
        for name, value in error_members(error, shape).items():
            if value is not None:
                member = shape.members.get(name) if shape is not None else None
                write = self._writers.of(member.shape) if member is not None else None
                body[name] = write(value) if write is not None else value
        return HttpResponse(status, headers, encode(body))


class CborCodec(Codec):
    """The codec of one operation in RPC v2 CBOR."""

    def __init__(
        self, operation: Operation, protocol: str, style: ValidationStyle, errors: Errors
    ) -> None:
        super().__init__(operation, protocol, style, errors)
        output = operation.output
        self._writers = _Writers()
        self._write = self._writers.of(output) if output is not None else None
        self._stream = output.event_stream if output is not None else None
        self._events = self._event_writer(self._stream) if self._stream is not None else None

    def _event_writer(self, stream: Member) -> EventWriter:
        def document(shape: Shape) -> Callable[[Any], bytes]:
            write = self._writers.of(shape)
            return lambda value: encode(write(value) if write is not None else value)

        return EventWriter(stream.shape, "application/cbor", document)

    def write(self, result: Mapping[str, Any], request_id: str) -> HttpResponse:
        write = self._write
        headers = [_CONTENT_TYPE, _PROTOCOL, ("x-amzn-RequestId", request_id)]
        if write is None:
            return HttpResponse(200, headers[1:])
        if self._events is not None and self._stream is not None:
            others = {name: each for name, each in result.items() if name != self._stream.name}
            first = self._events.initial(others, lambda value: encode(write(value)))
            headers[0] = ("Content-Type", "application/vnd.amazon.eventstream")
            body = stream_body(self._events, result.get(self._stream.name), first)
            return HttpResponse(200, headers, body)
        return HttpResponse(200, headers, encode(write(result)))

    def _reader(self, *, constrained: bool) -> Read:
        shape = self.operation.input
        if shape is None:
            return lambda request, params: {}
        read_input = _Readers(constrained=constrained).of(shape)

        def read(request: HttpRequest, path_params: Mapping[str, str]) -> dict[str, Any]:
            body = body_of(request)
            result: dict[str, Any] = read_input(decode(body) if body else {})
            return result

        return read
