"""Event streams: answers that are a sequence of framed messages, each with headers, payload and checksums."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from fogline.aws.errors import AwsError
from fogline.gateway.models import Member, Shape

_PRELUDE = struct.Struct("!III")
_MESSAGE_BYTES_MAX = 16 * 1024 * 1024
_OVERHEAD = 16

_TRUE, _FALSE, _BYTE, _SHORT, _INTEGER, _LONG, _BYTES, _STRING, _TIMESTAMP, _UUID = range(10)

HeaderValue = str | int | bool | bytes
Document = Callable[[Shape], Callable[[Any], bytes]]


class BrokenMessage(ValueError):
    """Bytes that are not a message of an event stream."""


@dataclass(frozen=True, slots=True)
class Message:
    """One decoded message. A timestamp among the headers is in milliseconds."""

    headers: dict[str, HeaderValue]
    payload: bytes


def encode_message(headers: Mapping[str, HeaderValue], payload: bytes = b"") -> bytes:
    """One framed message."""
    return _frame(b"".join(_encode_header(*pair) for pair in headers.items()), payload)


def _frame(block: bytes, payload: bytes) -> bytes:
    total = len(block) + len(payload) + _OVERHEAD
    lengths = struct.pack("!II", total, len(block))
    start = lengths + crc32(lengths).to_bytes(4, "big") + block + payload
    return start + crc32(start).to_bytes(4, "big")


def _encode_header(name: str, value: HeaderValue, *, is_timestamp: bool = False) -> bytes:
    key = name.encode()
    start = bytes((len(key),)) + key
    if value is True or value is False:
        return start + bytes((_TRUE if value else _FALSE,))
    if isinstance(value, int):
        if is_timestamp:
            return start + struct.pack("!Bq", _TIMESTAMP, value)
        if -(1 << 31) <= value < 1 << 31:
            return start + struct.pack("!Bi", _INTEGER, value)
        return start + struct.pack("!Bq", _LONG, value)
    data = value.encode() if isinstance(value, str) else bytes(value)
    kind = _STRING if isinstance(value, str) else _BYTES
    return start + struct.pack("!BH", kind, len(data)) + data


def decode_messages(data: bytes) -> Iterator[Message]:
    """Every message in `data`, which holds whole messages only."""
    while data:
        if len(data) < _OVERHEAD:
            raise BrokenMessage("a message is cut short")
        total, header_bytes, checksum = _PRELUDE.unpack_from(data)
        if not _OVERHEAD + header_bytes <= total <= min(len(data), _MESSAGE_BYTES_MAX):
            raise BrokenMessage("lengths that cannot be")
        if crc32(data[:8]) != checksum:
            raise BrokenMessage("the prelude's checksum is wrong")
        if crc32(data[: total - 4]).to_bytes(4, "big") != data[total - 4 : total]:
            raise BrokenMessage("the message's checksum is wrong")
        end = 12 + header_bytes
        yield Message(_decode_headers(data[12:end]), data[end : total - 4])
        data = data[total:]


_FIXED = {_BYTE: ("!b", 1), _SHORT: ("!h", 2), _INTEGER: ("!i", 4), _LONG: ("!q", 8)}


def _decode_headers(block: bytes) -> dict[str, HeaderValue]:
    headers: dict[str, HeaderValue] = {}
    at = 0
    try:
        while at < len(block):
            end = at + 1 + block[at]
            name = block[at + 1 : end].decode()
            kind = block[end]
            at = end + 1
            if kind in (_TRUE, _FALSE):
                headers[name] = kind == _TRUE
            elif kind in _FIXED:
                form, size = _FIXED[kind]
                (headers[name],) = struct.unpack_from(form, block, at)
                at += size
            elif kind == _TIMESTAMP:
                (headers[name],) = struct.unpack_from("!q", block, at)
                at += 8
            elif kind == _UUID:
                headers[name] = block[at : at + 16]
                at += 16
            elif kind in (_BYTES, _STRING):
                (size,) = struct.unpack_from("!H", block, at)
                value = block[at + 2 : at + 2 + size]
                if len(value) < size:
                    raise BrokenMessage("a header is cut short")
                headers[name] = value.decode() if kind == _STRING else value
                at += 2 + size
            else:
                raise BrokenMessage(f"a header of unknown type {kind}")
    except (IndexError, struct.error, UnicodeDecodeError):
        raise BrokenMessage("headers that cannot be read") from None
    return headers


class EventWriter:
    """Writes the events of one stream. `document` makes the writer of a structure in the protocol at hand."""

    def __init__(self, stream: Shape, content_type: str, document: Document) -> None:
        self._stream = stream
        self._content_type = content_type
        self._document = document
        self._writers: dict[str, Callable[[Mapping[str, Any]], bytes]] = {}

    def event(self, event: Mapping[str, Any]) -> bytes:
        """The message of one event, given as `{"EventName": {...}}`."""
        ((name, value),) = event.items()
        write = self._writers.get(name)
        if write is None:
            member = self._stream.members[name]
            kind = "exception" if member.shape.is_error else "event"
            write = self._writers[name] = self._writer(
                {":message-type": kind, f":{kind}-type": member.wire_name}, member.shape
            )
        return write(value)

    def initial(self, members: Mapping[str, Any], write: Callable[[Any], bytes]) -> bytes:
        """The message before the first event, where RPC protocols put the other members of the output."""
        headers: dict[str, HeaderValue] = {
            ":message-type": "event",
            ":event-type": "initial-response",
            ":content-type": self._content_type,
        }
        return encode_message(headers, write(members))

    def failure(self, error: AwsError) -> bytes:
        """The message that ends a stream with a refusal."""
        for name, member in self._stream.members.items():
            if member.shape.is_error and member.shape.name == error.code:
                text = {
                    each: error.text for each in member.shape.members if each.lower() == "message"
                }
                return self.event({name: {**text, **error.members}})
        headers: dict[str, HeaderValue] = {
            ":message-type": "error",
            ":error-code": error.code,
            ":error-message": error.text,
        }
        return encode_message(headers)

    def _writer(
        self, fixed: dict[str, HeaderValue], shape: Shape
    ) -> Callable[[Mapping[str, Any]], bytes]:
        in_headers = [each for each in shape.members.values() if each.is_event_header]
        payload = next((each for each in shape.members.values() if each.is_event_payload), None)
        content_type, write_payload = self._payload(shape, payload)
        if content_type:
            fixed = {**fixed, ":content-type": content_type}
        start = b"".join(_encode_header(*pair) for pair in fixed.items())

        def write(value: Mapping[str, Any]) -> bytes:
            block = start + _event_headers(in_headers, value)
            return _frame(block, write_payload(value))

        return write

    def _payload(
        self, shape: Shape, payload: Member | None
    ) -> tuple[str, Callable[[Mapping[str, Any]], bytes]]:
        if payload is None:
            rest = {name for name, each in shape.members.items() if not each.is_event_header}
            if not rest:
                return "", lambda value: b""
            write = self._document(shape)
            return self._content_type, lambda value: write(
                {name: given for name, given in value.items() if name in rest}
            )
        name = payload.name
        if payload.shape.type in ("blob", "string"):
            is_blob = payload.shape.type == "blob"
            content_type = "application/octet-stream" if is_blob else "text/plain"
            return content_type, lambda value: _as_bytes(value.get(name))
        write = self._document(payload.shape)
        return self._content_type, lambda value: write(value.get(name) or {})


def _event_headers(members: Iterable[Member], value: Mapping[str, Any]) -> bytes:
    return b"".join(
        _encode_header(
            member.wire_name,
            value[member.name],
            is_timestamp=member.shape.type == "timestamp",
        )
        for member in members
        if value.get(member.name) is not None
    )


def _as_bytes(value: str | bytes | None) -> bytes:
    return value.encode() if isinstance(value, str) else value or b""


async def stream_body(
    writer: EventWriter, events: AsyncIterator[Mapping[str, Any]] | None, first: bytes = b""
) -> AsyncIterator[bytes]:
    """The body of a streaming answer: each event as it comes; a refusal ends the stream."""
    if first:
        yield first
    if events is None:
        return
    try:
        async for event in events:
            yield writer.event(event)
    except AwsError as error:
        yield writer.failure(error)
