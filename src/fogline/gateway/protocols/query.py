"""The query protocol and its EC2 flavour: a form comes in, XML goes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from fogline.aws.errors import AwsError
from fogline.gateway.models import Member, Operation, ServiceModel, Shape
from fogline.gateway.protocols.codec import (
    NESTING_MAX,
    Codec,
    Errors,
    MalformedInput,
    Read,
    body_of,
    decode_base64,
    parse_instant,
    read_text,
)
from fogline.gateway.protocols.xml import (
    XmlWriters,
    element_name,
    namespace_of,
    query_code,
    write_error_members,
    write_error_response,
)
from fogline.gateway.validate import Reader, ValidationStyle, Violation, constrained
from fogline.ports.http import HttpRequest, HttpResponse

_PARAMETERS_MAX = 100_000

Tree = dict[str, Any]
"""A form whose dotted names became nested tables. A name that is both leaf and table keeps its leaf under ""."""


class MalformedQueryString(AwsError):
    """The form of a query request cannot be read."""


def parse_form(body: bytes) -> dict[str, str]:
    """The fields of a form; the last of equal names counts."""
    fields: dict[str, str] = {}
    if body.count(b"&") > _PARAMETERS_MAX:
        raise MalformedQueryString("The request has too many parameters.")
    try:
        for pair in body.split(b"&"):
            name, _, value = pair.partition(b"=")
            if b"%" in value or b"+" in value:
                value = unquote_to_bytes(value.replace(b"+", b" "))
            if b"%" in name or b"+" in name:
                name = unquote_to_bytes(name.replace(b"+", b" "))
            if name:
                fields[name.decode()] = value.decode()
    except UnicodeDecodeError:
        raise MalformedQueryString("The request is not valid UTF-8.") from None
    return fields


def _tree(fields: Mapping[str, str]) -> Tree:
    root: Tree = {}
    for name, value in fields.items():
        if "." not in name and name not in root:
            root[name] = value
            continue
        node = root
        *parents, leaf = name.split(".")
        if len(parents) > NESTING_MAX:
            raise MalformedInput("The request nests too deep.")
        for parent in parents:
            below = node.get(parent)
            if type(below) is not dict:
                below = node[parent] = {} if below is None else {"": below}
            node = below
        known = node.get(leaf)
        if type(known) is dict:
            known[""] = value
        else:
            node[leaf] = value
    return root


class QueryErrors(Errors):
    """Refusals in the query protocol and its EC2 flavour."""

    def __init__(self, service: ServiceModel, protocol: str) -> None:
        super().__init__(service, protocol)
        self._is_ec2 = protocol == "ec2"
        self._writers = XmlWriters()

    def write(self, error: AwsError, request_id: str) -> HttpResponse:
        shape, status = self.facts(error)
        parts: list[str] = []
        if self._is_ec2:
            parts.append('<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>')
            code = query_code(error, shape)
            write_error_members(self._writers, parts, error, shape, code)
            parts.append(f"</Error></Errors><RequestID>{request_id}</RequestID></Response>")
        else:
            write_error_response(self._writers, parts, error, self.service, status, request_id)
        return _response(status, parts, request_id, is_ec2=self._is_ec2)


class QueryCodec(Codec):
    """The codec of one operation in the query protocol, or its EC2 flavour."""

    def __init__(
        self, operation: Operation, protocol: str, style: ValidationStyle, errors: Errors
    ) -> None:
        self._is_ec2 = protocol == "ec2"
        super().__init__(operation, protocol, style, errors)
        output = operation.output
        self._write_members = XmlWriters().content(output) if output is not None else None
        namespace = self.service.xml_namespace
        declared = namespace_of({"uri": namespace} if namespace else None)
        self._opening = f"<{operation.name}Response{declared}>"
        self._closing = f"</{operation.name}Response>"
        self._wrapper = "" if self._is_ec2 else self._result_wrapper()

    def _result_wrapper(self) -> str:
        if self.operation.output is None:
            return ""
        return str(
            self.operation.output_trait.get("resultWrapper") or f"{self.operation.name}Result"
        )

    def write(self, result: Mapping[str, Any], request_id: str) -> HttpResponse:
        parts = ['<?xml version="1.0" encoding="UTF-8"?>\n' if self._is_ec2 else "", self._opening]
        if self._is_ec2:
            parts.append(f"<requestId>{request_id}</requestId>")
        begun = len(parts)
        if self._write_members is not None:
            self._write_members(parts, result)
        if self._wrapper:
            is_empty = len(parts) == begun
            parts.insert(begun, f"<{self._wrapper}/>" if is_empty else f"<{self._wrapper}>")
            if not is_empty:
                parts.append(f"</{self._wrapper}>")
        if not self._is_ec2:
            parts.append(
                f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
            )
        parts.append(self._closing)
        return _response(200, parts, request_id, is_ec2=self._is_ec2)

    def _reader(self, *, constrained: bool) -> Read:
        shape = self.operation.input
        if shape is None:
            return lambda request, params: {}
        readers = _Readers(is_ec2=self._is_ec2, constrained=constrained)
        read_input = readers.of(shape)

        def read(request: HttpRequest, path_params: Mapping[str, str]) -> dict[str, Any]:
            body = request.body if request.spooled is None else body_of(request)
            # A query request may also come as a GET, with everything in the address.
            form = parse_form(body or request.query.encode())
            for name, value in path_params.items():
                form.setdefault(name, value)
            result: dict[str, Any] = read_input(_tree(form))
            return result

        return read


class _Readers:
    """Makes the closures that read values out of a form's tree."""

    def __init__(self, *, is_ec2: bool, constrained: bool) -> None:
        self._is_ec2 = is_ec2
        self._constrained = constrained
        self._made: dict[str, Reader] = {}

    def of(self, shape: Shape) -> Reader:
        made = self._made.get(shape.name)
        if made is None:
            if shape.type == "structure":
                return self._structure(shape)
            made = self._made[shape.name] = self._plain(shape)
        return made

    def _of_member(self, member: Member) -> Reader:
        shape = member.shape
        if shape.type in ("list", "map"):
            is_flat = self._is_ec2 or member.flattened or shape.flattened
            read = self._list(shape, is_flat) if shape.type == "list" else self._map(shape, is_flat)
            return self._checked(shape, read)
        return self.of(shape)

    def _plain(self, shape: Shape) -> Reader:
        kind = shape.type
        if kind == "list":
            read = self._list(shape, self._is_ec2 or shape.flattened)
        elif kind == "map":
            read = self._map(shape, shape.flattened)
        elif kind in ("string", "character"):
            read = _leaf
        elif kind == "blob":
            read = _read_blob
        elif kind == "timestamp":
            read = _read_timestamp
        else:
            read = _number(kind)
        return self._checked(shape, read)

    def _checked(self, shape: Shape, read: Reader) -> Reader:
        checked = constrained(shape, read) if self._constrained else read
        assert checked is not None
        return checked

    def _name(self, member: Member) -> str:
        if self._is_ec2:
            if member.query_name:
                return member.query_name
            name = member.xml_name or member.name
            return name[:1].upper() + name[1:]
        return element_name(member)

    def _structure(self, shape: Shape) -> Reader:
        members: dict[str, tuple[str, Reader]] = {}
        required = shape.required if self._constrained else ()

        def read(value: Any) -> Any:
            if type(value) is not dict:
                if value:
                    raise MalformedInput("Unexpected complex element termination")
                value = {}
            result = {}
            for wire_name, sent in value.items():
                if wire_name in members:
                    name, read_member = members[wire_name]
                    result[name] = read_member(sent)
            for name in required:
                if name not in result:
                    raise Violation
            return result

        self._made[shape.name] = read
        for name, member in shape.members.items():
            members[self._name(member)] = (name, self._of_member(member))
        return read

    def _list(self, shape: Shape, is_flat: bool) -> Reader:
        read_item = self._of_member(shape.member)
        infix = "" if is_flat else shape.member.xml_name or "member"

        def read(value: Any) -> Any:
            items = value
            if infix and type(value) is dict:
                # Some clients leave the infix out, and AWS reads them all the same.
                items = value.get(infix, value)
            if is_flat and type(items) is str and items:
                # SQS documents `AttributeName=All`: a list of one needs no number.
                return [read_item(items)]
            return [read_item(item) for item in _numbered(items)]

        return read

    def _map(self, shape: Shape, is_flat: bool) -> Reader:
        read_key, read_item = self._of_member(shape.key), self._of_member(shape.value)
        key_name = shape.key.xml_name or "key"
        value_name = shape.value.xml_name or "value"

        def read(value: Any) -> Any:
            entries = value
            if not is_flat and type(value) is dict:
                entries = value.get("entry", value)
            result = {}
            for entry in _numbered(entries):
                if type(entry) is not dict or key_name not in entry:
                    raise MalformedInput(f"A map entry has no {key_name}.")
                result[read_key(entry[key_name])] = read_item(entry.get(value_name, ""))
            return result

        return read


def _numbered(value: Any) -> Iterator[Any]:
    """The children whose names are numbers, in order. An empty text is an empty list."""
    if type(value) is not dict:
        if value:
            raise MalformedInput("Start of list found where not expected")
        return iter(())
    numbered = []
    for name, item in value.items():
        if name.isascii() and name.isdigit() and len(name) < 10:
            numbered.append((int(name), item))
        elif name:
            raise MalformedInput(f"Key {name[:64]} is not a valid list index.")
    numbered.sort(key=lambda pair: pair[0])
    return iter([item for _, item in numbered])


def _leaf(value: Any) -> Any:
    if type(value) is dict:
        value = value.get("")
        if value is None:
            raise MalformedInput("Start of structure or map found where not expected.")
    return value


def _read_blob(value: Any) -> Any:
    text = _leaf(value)
    return decode_base64(text.encode())


def _read_timestamp(value: Any) -> Any:
    return parse_instant(_leaf(value))


def _number(type_name: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        return read_text(type_name, _leaf(value))

    return read


def _response(status: int, parts: list[str], request_id: str, *, is_ec2: bool) -> HttpResponse:
    content_type = "text/xml;charset=UTF-8" if is_ec2 else "text/xml"
    headers = [("Content-Type", content_type), ("x-amzn-RequestId", request_id)]
    return HttpResponse(status, headers, "".join(parts).encode())
