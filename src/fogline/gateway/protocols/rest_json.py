"""REST with JSON documents: Lambda and its kin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.errors import AwsError
from fogline.gateway.models import Member, Operation, ServiceModel, Shape
from fogline.gateway.protocols.codec import Errors, error_members
from fogline.gateway.protocols.event_stream import EventWriter
from fogline.gateway.protocols.json import (
    Readers,
    Writer,
    Writers,
    dumps,
    loads,
    query_error_header,
    write_members,
)
from fogline.gateway.protocols.rest import ReadBody, RestCodec, WriteBody, putter
from fogline.gateway.validate import ValidationStyle
from fogline.ports.http import HttpResponse

_CONTENT_TYPE = "application/json"


class RestJsonErrors(Errors):
    """Refusals with the code in a header and the message in a JSON document."""

    def __init__(self, service: ServiceModel, protocol: str) -> None:
        super().__init__(service, protocol)
        self._writers: dict[str, Writer | None] = {}

    def write(self, error: AwsError, request_id: str) -> HttpResponse:
        shape, status = self.facts(error)
        members = error_members(error, shape)
        headers = [
            ("Content-Type", _CONTENT_TYPE),
            ("x-amzn-RequestId", request_id),
            ("x-amzn-ErrorType", shape.name if shape is not None else error.code),
        ]
        if self.service.is_query_compatible:
            headers += query_error_header(error, shape, status)
        if shape is not None:
            if self.service.name == "lambda" and "Type" in shape.members:
                members.setdefault("Type", "User" if status < 500 else "Service")
            _put_headers(headers, shape, members)
        body = dumps(write_members(members, shape, self._writers))
        return HttpResponse(status, headers, body)


def _put_headers(headers: list[tuple[str, str]], shape: Shape, members: Mapping[str, Any]) -> None:
    for name, value in members.items():
        member = shape.members.get(name)
        put = putter(member) if member is not None and value is not None else None
        if put is not None:
            put(headers, value)


class RestJsonCodec(RestCodec):
    """The codec of one operation in rest-json."""

    content_type = _CONTENT_TYPE

    def __init__(
        self, operation: Operation, protocol: str, style: ValidationStyle, errors: Errors
    ) -> None:
        if operation.service.name == "lambda":
            self.blob_content_type = (
                _CONTENT_TYPE  # what Invoke answers, whatever a function returned
            )
        super().__init__(operation, protocol, style, errors)

    def _document_reader(self, shape: Shape, *, constrained: bool) -> ReadBody:
        parts = [member for member in shape.members.values() if not member.location]
        read = Readers(constrained=constrained).document(parts)
        is_recursive = shape.is_recursive
        return lambda body: read(loads(body, is_recursive=is_recursive))

    def _payload_reader(self, member: Member, *, constrained: bool) -> ReadBody:
        read = Readers(constrained=constrained).of_member(member)
        is_recursive = member.shape.is_recursive

        def read_payload(body: bytes) -> Any:
            sent = loads(body, is_recursive=is_recursive)
            return read(sent) if read is not None else sent

        return read_payload

    def _document_writer(self, shape: Shape) -> WriteBody:
        write = Writers().of(shape)
        assert write is not None
        return lambda inside: dumps(write(inside))

    def _payload_writer(self, member: Member) -> WriteBody:
        write = Writers().of_member(member)
        return lambda value: dumps(write(value) if write is not None else value)

    def _event_writer(self, shape: Shape) -> EventWriter:
        writers = Writers()

        def document(inner: Shape) -> WriteBody:
            write = writers.of(inner)
            return lambda value: dumps(write(value) if write is not None else value)

        return EventWriter(shape, _CONTENT_TYPE, document)
