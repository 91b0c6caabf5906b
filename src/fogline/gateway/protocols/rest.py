"""What the REST protocols share: members in the path, the query, headers and the status; the payload."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from fogline.gateway.models import Member, Operation, Shape
from fogline.gateway.protocols.codec import (
    Codec,
    Errors,
    MalformedInput,
    Members,
    Read,
    body_of,
    decode_base64,
    encode_base64,
    format_instant,
    parse_instant,
    read_text,
    timestamp_format,
    write_text,
)
from fogline.gateway.protocols.event_stream import EventWriter, stream_body
from fogline.gateway.protocols.json import dumps, loads
from fogline.gateway.protocols.xml import OUTSIDE_BODY
from fogline.gateway.validate import Reader, ValidationStyle, constrained
from fogline.ports.http import HttpRequest, HttpResponse

Headers = list[tuple[str, str]]
ReadBody = Callable[[bytes], Any]
WriteBody = Callable[[Any], bytes]

_BODYLESS = (204, 304)
_ELSEWHERE = frozenset(("uri", "querystring", "header", "headers", "statusCode"))


class RestCodec(Codec):
    """Reads and writes members wherever HTTP has room for them; the body is the subclass's affair."""

    content_type: str
    blob_content_type = "application/octet-stream"
    writes_empty_documents = True

    def __init__(
        self, operation: Operation, protocol: str, style: ValidationStyle, errors: Errors
    ) -> None:
        super().__init__(operation, protocol, style, errors)
        self._output = operation.output
        self._putters = _putters(self._output) if self._output is not None else {}
        self._status_member = next(
            (
                name
                for name, member in (self._output.members.items() if self._output else ())
                if member.location == "statusCode"
            ),
            "",
        )
        self._tells_length = operation.http_method != "HEAD" and any(
            member.location == "header" and member.wire_name == "Content-Length"
            for member in (self._output.members.values() if self._output else ())
        )
        self._write_body = self._body_writer()

    # The subclass's part

    def _document_reader(self, shape: Shape, *, constrained: bool) -> ReadBody:
        """Reads the members of the input that stand in the body."""
        raise NotImplementedError

    def _payload_reader(self, member: Member, *, constrained: bool) -> ReadBody:
        """Reads a structured payload."""
        raise NotImplementedError

    def _document_writer(self, shape: Shape) -> WriteBody:
        """Writes the members of the output that stand in the body."""
        raise NotImplementedError

    def _payload_writer(self, member: Member) -> WriteBody:
        """Writes a structured payload."""
        raise NotImplementedError

    def _event_writer(self, shape: Shape) -> EventWriter:
        """Writes the events of a stream."""
        raise NotImplementedError

    def _request_ids(self, request_id: str) -> Headers:
        return [("x-amzn-RequestId", request_id)]

    # Reading

    def _reader(self, *, constrained: bool) -> Read:
        shape = self.operation.input
        if shape is None:
            return lambda request, params: {}
        places = _Places(self.operation, shape, constrained=constrained)
        read_body = self._body_reader(shape, constrained=constrained)
        takes_hoisted_headers = self.service.name == "s3"

        def read(request: HttpRequest, path_params: Mapping[str, str]) -> dict[str, Any]:
            result = places.read(request, path_params)
            if takes_hoisted_headers and "?" in request.target:
                places.read_hoisted(request, result)
            if read_body is not None:
                read_body(request, result)
            return result

        return read

    def _body_reader(
        self, shape: Shape, *, constrained: bool
    ) -> Callable[[HttpRequest, dict[str, Any]], None] | None:
        if shape.payload:
            return self._payload_into(shape.members[shape.payload], constrained=constrained)
        if all(member.location in _ELSEWHERE for member in shape.members.values()):
            return None
        read_document = self._document_reader(shape, constrained=constrained)

        def read(request: HttpRequest, result: dict[str, Any]) -> None:
            body = body_of(request)
            if body:
                result.update(read_document(body))

        return read

    def _payload_into(
        self, member: Member, *, constrained: bool
    ) -> Callable[[HttpRequest, dict[str, Any]], None]:
        name, shape = member.name, member.shape
        if self.streams_input:
            is_required = name in self._required_members()

            def read_stream(request: HttpRequest, result: dict[str, Any]) -> None:
                if request.spooled is not None:
                    result[name] = request.spooled
                elif request.body or is_required:
                    result[name] = request.body

            return read_stream
        if shape.type == "blob":
            read_payload: ReadBody = bytes
        elif shape.type == "string":
            read_payload = _text
        else:
            read_payload = self._payload_reader(member, constrained=constrained)
        checked = _with_constraints(shape, read_payload) if constrained else read_payload

        def read(request: HttpRequest, result: dict[str, Any]) -> None:
            body = body_of(request)
            if body:
                result[name] = checked(body)

        return read

    def _required_members(self) -> tuple[str, ...]:
        return self.operation.input.required if self.operation.input is not None else ()

    # Writing

    def write(self, result: Mapping[str, Any], request_id: str) -> HttpResponse:
        headers = self._request_ids(request_id)
        inside: dict[str, Any] = {}
        putters = self._putters
        for name, given in result.items():
            if given is not None:
                put = putters[name]
                if put is None:
                    inside[name] = given
                else:
                    put(headers, given)
        status = result.get(self._status_member) or self.operation.response_code
        body: bytes | AsyncIterator[bytes] = b""
        if status not in _BODYLESS:
            content_type, body = self._write_body(inside)
            if content_type and not any(name.lower() == "content-type" for name, _ in headers):
                headers.insert(0, ("Content-Type", content_type))
            if self._tells_length and isinstance(body, bytes):
                # The server counts what it has whole; only of a stream must the operation tell.
                headers = [each for each in headers if each[0] != "Content-Length"]
        return HttpResponse(status, headers, body)

    def _body_writer(
        self,
    ) -> Callable[[dict[str, Any]], tuple[str, bytes | AsyncIterator[bytes]]]:
        shape = self._output
        if shape is None:
            return lambda inside: ("", b"")
        if shape.payload:
            return self._payload_from(shape.members[shape.payload])
        stream = shape.event_stream
        if stream is not None:
            return self._payload_from(stream)
        if not self.writes_empty_documents and all(
            member.location in OUTSIDE_BODY for member in shape.members.values()
        ):
            return lambda inside: ("", b"")
        write_document = self._document_writer(shape)
        content_type = self.content_type
        return lambda inside: (content_type, write_document(inside))

    def _payload_from(
        self, member: Member
    ) -> Callable[[dict[str, Any]], tuple[str, bytes | AsyncIterator[bytes]]]:
        name, shape = member.name, member.shape
        content_type = self.content_type
        if shape.is_event_stream:
            events = self._event_writer(shape)
            return lambda inside: (
                "application/vnd.amazon.eventstream",
                stream_body(events, inside.get(name)),
            )
        if shape.type == "blob":
            content_type = member.content_type or self.blob_content_type
            is_told_when_empty = not member.content_type

            def write_blob(
                inside: dict[str, Any],
            ) -> tuple[str, bytes | AsyncIterator[bytes]]:
                given = inside.get(name, b"")
                if not given and not is_told_when_empty:
                    return "", b""
                return content_type, given.encode() if isinstance(given, str) else given

            return write_blob
        if shape.type == "string":
            return lambda inside: ("text/plain", str(inside.get(name, "")).encode())
        write = self._payload_writer(member)
        return lambda inside: (content_type, write(inside[name])) if name in inside else ("", b"")


def _with_constraints(shape: Shape, read: ReadBody) -> ReadBody:
    if shape.type == "structure":
        return read  # its reader has them
    return constrained(shape, read) or read


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise MalformedInput("The request body is not valid UTF-8.") from None


# Reading from the places of a request


def parse_query(query: str) -> dict[str, list[str]]:
    """Every value of every key of a query string, in order."""
    values: dict[str, list[str]] = {}
    try:
        for pair in query.split("&"):
            if pair:
                key, _, value = pair.partition("=")
                values.setdefault(_unquoted(key), []).append(_unquoted(value))
    except UnicodeDecodeError:
        raise MalformedInput("The query string is not valid UTF-8.") from None
    return values


def _unquoted(text: str) -> str:
    if "%" in text or "+" in text:
        return unquote_to_bytes(text.replace("+", " ")).decode()
    return text


class _Places:
    """The members of an input that are not in the body, by where they are."""

    def __init__(self, operation: Operation, shape: Shape, *, constrained: bool) -> None:
        self._constrained = constrained
        self._literals = parse_query(operation.request_uri.partition("?")[2]).keys()
        self._labels: list[tuple[str, str, Reader]] = []
        self._headers: dict[str, tuple[str, Reader]] = {}
        self._prefixes: list[tuple[str, str, Reader]] = []
        self._queries: dict[str, tuple[str, bool, Reader]] = {}
        self._query_map: tuple[str, Shape, Reader] | None = None
        self._numbers_in_query: set[str] = set()
        for member in shape.members.values():
            self._add(member)

    def _add(self, member: Member) -> None:
        name, shape = member.name, member.shape
        if member.location == "uri":
            self._labels.append((name, member.wire_name, self._reader(member, "iso8601")))
        elif member.location == "header":
            self._headers[member.wire_name.lower()] = (name, self._header_reader(member))
        elif member.location == "headers":
            prefix = member.location_name.lower()
            self._prefixes.append((name, prefix, self._reader(shape.value, "rfc822")))
        elif member.location == "querystring":
            if shape.type == "map":
                self._query_map = (name, shape, self._checked(shape, _same))
            elif shape.type == "list":
                read = _each(self._reader(shape.member, "iso8601"))
                self._queries[member.wire_name] = (name, True, self._checked(shape, read))
            else:
                self._queries[member.wire_name] = (name, False, self._reader(member, "iso8601"))
                if shape.type == "integer" and member.service.name == "s3":
                    self._numbers_in_query.add(name)

    def _header_reader(self, member: Member) -> Reader:
        shape = member.shape
        if shape.type != "list":
            return self._reader(member, "rfc822")
        is_date = shape.member.shape.type == "timestamp"
        form = timestamp_format(shape.member, "rfc822")
        split = _split_dates if is_date and form == "rfc822" else _split_list
        read_each = _each(self._reader(shape.member, "rfc822"))
        return self._checked(shape, lambda text: read_each(split(text)))

    def _reader(self, member: Member, timestamp_form: str) -> Reader:
        shape = member.shape
        if member.is_json_value:
            return _read_json_header
        kind = shape.type
        if kind in ("string", "character"):
            read: Reader = _same
        elif kind == "timestamp":
            read = parse_instant
        elif kind == "blob":
            read = decode_base64
        else:
            read = _number(kind)
        return self._checked(shape, read)

    def _checked(self, shape: Shape, read: Reader) -> Reader:
        checked = constrained(shape, read) if self._constrained else read
        assert checked is not None
        return checked

    def read(self, request: HttpRequest, path_params: Mapping[str, str]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for name, wire_name, read in self._labels:
            if wire_name in path_params:
                result[name] = read(path_params[wire_name])
        if self._headers or self._prefixes:
            self._read_headers(request.headers, result)
        if (self._queries or self._query_map) and "?" in request.target:
            self._read_query(parse_query(request.query), result)
        return result

    def _read_headers(self, headers: Mapping[str, str], result: dict[str, Any]) -> None:
        known = self._headers
        for wire_name, text in headers.items():
            if wire_name in known:
                name, read = known[wire_name]
                result[name] = read(text)
        for name, prefix, read in self._prefixes:
            found = {
                key[len(prefix) :]: read(text)
                for key, text in headers.items()
                if key.startswith(prefix) and len(key) > len(prefix)
            }
            if found:
                result[name] = found

    def _read_query(self, values: dict[str, list[str]], result: dict[str, Any]) -> None:
        known = self._queries
        others: dict[str, list[str]] = {}
        for key, texts in values.items():
            if key in known:
                name, is_list, read = known[key]
                if texts[0] == "" and name in self._numbers_in_query:
                    continue  # S3 takes an empty number for one that is not there
                result[name] = read(texts) if is_list else read(texts[0])
            elif key not in self._literals:
                others[key] = texts
        # A map takes what is nobody else's: not the operation's own key, nor a member's.
        if self._query_map is not None and others:
            name, shape, read = self._query_map
            is_list = shape.value.shape.type == "list"
            found = {key: texts if is_list else texts[0] for key, texts in others.items()}
            result[name] = read(found)

    def read_hoisted(self, request: HttpRequest, result: dict[str, Any]) -> None:
        """S3 takes `x-amz-` headers from the query too: presigned URLs carry them there."""
        hoisted = {
            key.lower(): texts[0]
            for key, texts in parse_query(request.query).items()
            if key[:6].lower() == "x-amz-"
        }
        found: dict[str, Any] = {}
        self._read_headers(hoisted, found)
        for name, value in found.items():
            result.setdefault(name, value)


def _same(value: Any) -> Any:
    return value


def _number(type_name: str) -> Reader:
    return lambda text: read_text(type_name, text)


def _each(read: Reader) -> Reader:
    return lambda texts: [read(text) for text in texts]


def _read_json_header(text: str) -> Any:
    return loads(decode_base64(text) if text.isascii() else b"?", is_recursive=False)


_LIST_ITEM = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^,]*))\s*(?:,|$)')


def _split_list(text: str) -> list[str]:
    """The items of a header that is a list; an item may be quoted."""
    if '"' not in text:
        return [item.strip() for item in text.split(",")] if text.strip() else []
    items, at = [], 0
    while at < len(text):
        found = _LIST_ITEM.match(text, at)
        if found is None:
            raise MalformedInput("A header list is not well-formed.")
        quoted, plain = found.groups()
        items.append(re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain.strip())
        at = found.end()
    return items


def _split_dates(text: str) -> list[str]:
    """HTTP dates hold a comma themselves."""
    parts = [part.strip() for part in text.split(",")]
    return [", ".join(parts[at : at + 2]) for at in range(0, len(parts), 2)]


# Writing to the places of an answer

Put = Callable[[Headers, Any], None]


def _putters(shape: Shape) -> dict[str, Put | None]:
    """For each member, how it is put in a header; None for what goes into the body."""
    putters: dict[str, Put | None] = Members(shape)
    for name, member in shape.members.items():
        putters[name] = putter(member)
    return putters


def putter(member: Member) -> Put | None:
    if member.location == "header":
        return _put_header(member.wire_name, header_text(member))
    if member.location == "headers":
        return _put_prefixed(member.location_name)
    if member.location == "statusCode":
        return lambda headers, value: None
    return None


def _put_header(name: str, text_of: Callable[[Any], str]) -> Put:
    return lambda headers, value: headers.append((name, header_safe(text_of(value))))


def _put_prefixed(prefix: str) -> Put:
    def put(headers: Headers, value: Mapping[str, Any]) -> None:
        headers.extend(
            (header_safe(prefix + key), header_safe(str(text)))
            for key, text in value.items()
            if text is not None
        )

    return put


def header_safe(text: str) -> str:
    """Text without line breaks: a value must not be able to begin a header of its own."""
    return text.replace("\r", " ").replace("\n", " ") if not text.isprintable() else text


def header_text(member: Member) -> Callable[[Any], str]:
    """How a member is written in a header."""
    shape = member.shape
    if member.is_json_value:
        return lambda value: base64.b64encode(dumps(value)).decode()
    if shape.type == "timestamp":
        form = timestamp_format(member, "rfc822")
        return lambda value: str(format_instant(value, form))
    if shape.type == "list":
        text_of = header_text(shape.member)
        may_need_quotes = shape.member.shape.type == "string"
        return lambda value: _join(map(text_of, value), may_need_quotes=may_need_quotes)
    if shape.type == "blob":
        return encode_base64
    kind = shape.type
    return lambda value: write_text(kind, value)


def _join(items: Iterable[str], *, may_need_quotes: bool) -> str:
    if not may_need_quotes:
        return ", ".join(items)
    return ", ".join(
        '"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if "," in item or '"' in item
        else item
        for item in items
    )
