"""REST with XML documents: S3, and a few others that are spelled a little differently."""

from __future__ import annotations

import base64
from typing import Any

from fogline.aws.errors import AwsError
from fogline.gateway.models import Member, Operation, ServiceModel, Shape
from fogline.gateway.protocols.codec import Errors
from fogline.gateway.protocols.event_stream import EventWriter
from fogline.gateway.protocols.rest import Headers, ReadBody, RestCodec, WriteBody, putter
from fogline.gateway.protocols.xml import (
    MalformedXML,
    Parts,
    XmlReaders,
    XmlWriters,
    namespace_of,
    parse_xml,
    query_code,
    write_error_members,
    write_error_response,
)
from fogline.gateway.validate import ValidationStyle
from fogline.ports.http import HttpResponse

_CONTENT_TYPE = "application/xml"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _request_ids(service: ServiceModel, request_id: str) -> Headers:
    if service.name != "s3":
        return [("x-amzn-RequestId", request_id)]
    return [("x-amz-request-id", request_id), ("x-amz-id-2", _host_id(request_id))]


def _host_id(request_id: str) -> str:
    """S3's second identifier, which names the host that answered. Here it is the request once more."""
    return base64.b64encode(request_id.encode() * 2).decode()


class RestXmlErrors(Errors):
    """Refusals: S3's bare `Error`, and the wrapped form of the others."""

    def __init__(self, service: ServiceModel, protocol: str) -> None:
        super().__init__(service, protocol)
        self._writers = XmlWriters()

    def write(self, error: AwsError, request_id: str) -> HttpResponse:
        shape, status = self.facts(error)
        headers = [("Content-Type", _CONTENT_TYPE), *_request_ids(self.service, request_id)]
        if shape is not None:
            for name, value in error.members.items():
                member = shape.members.get(name)
                put = putter(member) if member is not None and value is not None else None
                if put is not None:
                    put(headers, value)
        parts = [_DECLARATION]
        if self.service.name == "s3":
            parts.append("<Error>")
            write_error_members(self._writers, parts, error, shape, query_code(error, shape))
            parts.append(
                f"<RequestId>{request_id}</RequestId><HostId>{_host_id(request_id)}</HostId></Error>"
            )
        else:
            write_error_response(self._writers, parts, error, self.service, status, request_id)
        return HttpResponse(status, headers, "".join(parts).encode())


class RestXmlCodec(RestCodec):
    """The codec of one operation in rest-xml."""

    content_type = _CONTENT_TYPE
    writes_empty_documents = False
    blob_content_type = "application/octet-stream"

    def __init__(
        self, operation: Operation, protocol: str, style: ValidationStyle, errors: Errors
    ) -> None:
        self._writers = XmlWriters(has_always_fraction=operation.service.name == "s3")
        if operation.service.name == "s3":
            self.blob_content_type = "binary/octet-stream"
        super().__init__(operation, protocol, style, errors)
        output = operation.output
        self._tells_range = output is not None and "ContentRange" in output.members

    def _request_ids(self, request_id: str) -> Headers:
        return _request_ids(self.service, request_id)

    def write(self, result: Any, request_id: str) -> HttpResponse:
        response = super().write(result, request_id)
        if self.operation.http_method == "HEAD":
            response.body = b""
            if not any(name.lower() == "content-type" for name, _ in response.headers):
                response.headers.insert(0, ("Content-Type", _CONTENT_TYPE))
        # The model has no member for the status, which follows from the range.
        if self._tells_range and result.get("ContentRange"):
            response.status = 206
        return response

    def _document_reader(self, shape: Shape, *, constrained: bool) -> ReadBody:
        read = XmlReaders(constrained=constrained).document(shape)
        return lambda body: read(parse_xml(body))

    def _payload_reader(self, member: Member, *, constrained: bool) -> ReadBody:
        read = XmlReaders(constrained=constrained).of(member.shape)
        return lambda body: read(parse_xml(body))

    def _document_writer(self, shape: Shape) -> WriteBody:
        name = shape.location_name or self.operation.output_trait.get("locationName") or shape.name
        return self._root(name, shape)

    def _payload_writer(self, member: Member) -> WriteBody:
        name = member.xml_name or member.shape.location_name or member.shape.name
        return self._root(name, member)

    def _root(self, name: str, described: Member | Shape) -> WriteBody:
        shape = described.shape if isinstance(described, Member) else described
        has_own = shape.xml_namespace is not None or (
            isinstance(described, Member) and described.xml_namespace is not None
        )
        own = (
            namespace_of({"uri": self.service.xml_namespace}) if self.service.xml_namespace else ""
        )
        write_root = self._writers.element(name, described, "" if has_own else own)
        empty_end = f"></{name}>"

        def write(value: Any) -> bytes:
            parts: Parts = [_DECLARATION]
            write_root(parts, value)
            text = "".join(parts)
            # AWS closes an empty document at once, and clients have been seen to compare bytes.
            if text.find(">", len(_DECLARATION)) == len(text) - len(empty_end):
                text = text.removesuffix(empty_end) + "/>"
            return text.encode()

        return write

    def _event_writer(self, shape: Shape) -> EventWriter:
        def document(inner: Shape) -> WriteBody:
            write_element = self._writers.element(inner.location_name or inner.name, inner)

            def write(value: Any) -> bytes:
                parts: Parts = []
                write_element(parts, value)
                return "".join(parts).encode()

            return write

        return EventWriter(shape, "text/xml", document)


__all__ = ["MalformedXML", "RestXmlCodec", "RestXmlErrors"]
