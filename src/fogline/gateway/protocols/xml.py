"""XML both ways: elements are read without entities or external parts, values written as a model says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from xml.parsers import expat

from fogline.aws.errors import AwsError
from fogline.gateway.models import Member, ServiceModel, Shape
from fogline.gateway.protocols.codec import (
    NESTING_MAX,
    Members,
    decode_base64,
    encode_base64,
    fault_of,
    format_instant,
    iso_date,
    message_name,
    parse_instant,
    read_text,
    timestamp_format,
    write_text,
)
from fogline.gateway.validate import Reader, Violation, constrained

OUTSIDE_BODY = frozenset(("header", "headers", "statusCode"))
"""The places of an answer that are not its body. Members of a path or query have no other place in an answer."""


class MalformedXML(AwsError):
    """The body is not the XML that the model describes."""

    message = (
        "The XML you provided was not well-formed or did not validate against our published schema"
    )


# Reading


@dataclass(slots=True)
class Element:
    """One element. Names are without their namespace prefix; attributes keep theirs."""

    name: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def parse_xml(body: bytes) -> Element:
    """The root element. A document type is refused, so there are no entities to expand."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    top = Element("", {})
    stack = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > NESTING_MAX:
            raise MalformedXML
        element = Element(name.rpartition(":")[2], attributes)
        stack[-1].children.append(element)
        stack.append(element)

    def end(name: str) -> None:
        stack.pop()

    def text(data: str) -> None:
        stack[-1].pieces.append(data)

    def refuse(*_: object) -> NoReturn:
        raise MalformedXML

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise MalformedXML from None
    return top.children[0]


class XmlReaders:
    """Makes the closures that read values out of elements."""

    def __init__(self, *, constrained: bool) -> None:
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
        return self.of(member.shape)

    def _checked(self, shape: Shape, read: Reader) -> Reader:
        checked = constrained(shape, read) if self._constrained else read
        assert checked is not None
        return checked

    def _plain(self, shape: Shape) -> Reader:
        kind = shape.type
        if kind == "list":
            read = self._list(shape)
        elif kind == "map":
            read = self._map(shape)
        elif kind in ("string", "character"):
            read = _text_of
        elif kind == "blob":
            read = _read_blob
        elif kind == "timestamp":
            read = _read_timestamp
        else:
            read = _number(kind)
        return self._checked(shape, read)

    def document(self, shape: Shape) -> Reader:
        """Reads the members of a request that stand in its body; those elsewhere are looked for elsewhere."""
        return self._structure(shape, is_document=True)

    def _structure(self, shape: Shape, *, is_document: bool = False) -> Reader:
        members: dict[str, tuple[str, Reader]] = {}
        repeated: dict[str, tuple[str, Reader]] = {}
        attributes: dict[str, tuple[str, Reader]] = {}
        required = shape.required if self._constrained and not is_document else ()

        def read(element: Any) -> Any:
            result: dict[str, Any] = {}
            several: dict[str, list[Element]] = {}
            for child in element.children:
                entry = members.get(child.name)
                if entry is not None:
                    result[entry[0]] = entry[1](child)
                elif child.name in repeated:
                    several.setdefault(child.name, []).append(child)
            for wire_name, children in several.items():
                name, read_several = repeated[wire_name]
                result[name] = read_several(children)
            for wire_name in attributes.keys() & element.attributes.keys():
                name, read_attribute = attributes[wire_name]
                result[name] = read_attribute(
                    Element("", {}, pieces=[element.attributes[wire_name]])
                )
            for name in required:
                if name not in result:
                    raise Violation
            return result

        if not is_document:
            self._made[shape.name] = read
        for name, member in shape.members.items():
            if member.location:
                continue
            wire_name = element_name(member)
            inner = member.shape
            if member.is_xml_attribute:
                attributes[member.xml_name or name] = (name, self._of_member(member))
            elif inner.type == "list" and (member.flattened or inner.flattened):
                repeated[wire_name] = (name, self._checked(inner, self._items(inner)))
            elif inner.type == "map" and (member.flattened or inner.flattened):
                repeated[wire_name] = (name, self._checked(inner, self._entries(inner)))
            else:
                members[wire_name] = (name, self._of_member(member))
        return read

    def _items(self, shape: Shape) -> Reader:
        read_item = self._of_member(shape.member)
        return lambda elements: [read_item(each) for each in elements]

    def _list(self, shape: Shape) -> Reader:
        read_items = self._items(shape)
        return lambda element: read_items(element.children)

    def _entries(self, shape: Shape) -> Reader:
        read_key, read_item = self._of_member(shape.key), self._of_member(shape.value)
        key_name, value_name = shape.key.xml_name or "key", shape.value.xml_name or "value"

        def read(elements: Any) -> Any:
            result = {}
            for entry in elements:
                parts = {child.name: child for child in entry.children}
                if key_name not in parts or value_name not in parts:
                    raise MalformedXML
                result[read_key(parts[key_name])] = read_item(parts[value_name])
            return result

        return read

    def _map(self, shape: Shape) -> Reader:
        read_entries = self._entries(shape)
        return lambda element: read_entries(element.children)


def element_name(member: Member) -> str:
    """The name of a member's element; a flattened list may name its elements where the item is defined."""
    shape = member.shape
    if member.xml_name:
        return member.xml_name
    if shape.type == "list" and (member.flattened or shape.flattened):
        return shape.member.xml_name or member.name
    return member.name


def _text_of(element: Any) -> str:
    return str(element.text)


def _read_blob(element: Any) -> bytes:
    return decode_base64(element.text.strip().encode())


def _read_timestamp(element: Any) -> int:
    return parse_instant(element.text)


def _number(type_name: str) -> Reader:
    return lambda element: read_text(type_name, element.text)


# Writing

Parts = list[str]
WriteXml = Callable[[Parts, Any], None]

_UNSAFE = re.compile('[&<>"\r\x00-\x08\x0b\x0c\x0e-\x1f\x85\u2028]')
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def escape(text: str) -> str:
    """Text for an element or an attribute."""
    if _UNSAFE.search(text) is None:
        return text
    return _UNSAFE.sub(_entity, text)


def _entity(match: re.Match[str]) -> str:
    return _ENTITIES.get(match[0]) or f"&#x{ord(match[0]):X};"


class XmlWriters:
    """Makes the closures that write values as elements, in the flavour of a protocol."""

    def __init__(self, *, has_always_fraction: bool = False) -> None:
        self._has_always_fraction = has_always_fraction
        self._contents: dict[str, WriteXml] = {}

    def content(self, shape: Shape) -> WriteXml:
        """Writes what stands inside the element of a value."""
        made = self._contents.get(shape.name)
        if made is None:
            if shape.type == "structure":
                return self._structure(shape)
            made = self._contents[shape.name] = self._plain(shape)
        return made

    def element(self, name: str, member: Member | Shape, outer_namespace: str = "") -> WriteXml:
        """Writes a value with its element around it."""
        shape = member.shape if isinstance(member, Member) else member
        namespace = member.xml_namespace or shape.xml_namespace
        opening = f"<{name}{namespace_of(namespace) or outer_namespace}"
        closing = f"</{name}>"
        if isinstance(member, Member) and shape.type == "timestamp":
            write = self._timestamp(timestamp_format(member, "iso8601"))
        else:
            write = self.content(shape)
        attributes = [
            (each.name, each.xml_name or each.name, each.shape.type)
            for each in (shape.members.values() if shape.type == "structure" else ())
            if each.is_xml_attribute
        ]

        def write_element(parts: Parts, value: Any) -> None:
            parts.append(opening)
            for key, wire_name, kind in attributes:
                if value.get(key) is not None:
                    parts.append(f' {wire_name}="{escape(write_text(kind, value[key]))}"')
            parts.append(">")
            write(parts, value)
            parts.append(closing)

        return write_element

    def _structure(self, shape: Shape) -> WriteXml:
        members: dict[str, WriteXml] = Members(shape)

        def write(parts: Parts, value: Mapping[str, Any]) -> None:
            for name, given in value.items():
                if given is not None:
                    members[name](parts, given)

        self._contents[shape.name] = write
        for name, member in shape.members.items():
            members[name] = self._member(member)
        return write

    def _member(self, member: Member) -> WriteXml:
        if member.location in OUTSIDE_BODY or member.is_xml_attribute:
            return _nothing  # it is written elsewhere: in a header, or in the opening tag
        if member.is_xml_text:
            return self.content(member.shape)
        shape, name = member.shape, element_name(member)
        if member.flattened or shape.flattened:
            if shape.type == "list":
                return self._items(name, shape, member)
            if shape.type == "map":
                return self._entries(name, shape)
        return self.element(name, member)

    def _items(self, name: str, shape: Shape, member: Member | None = None) -> WriteXml:
        described = shape.member
        if member is not None and member.xml_namespace and not described.xml_namespace:
            described.xml_namespace = member.xml_namespace
        write_item = self.element(name, described)

        def write(parts: Parts, value: Any) -> None:
            for each in value:
                if each is not None:
                    write_item(parts, each)

        return write

    def _entries(self, name: str, shape: Shape) -> WriteXml:
        write_key = self.element(shape.key.xml_name or "key", shape.key)
        write_value = self.element(shape.value.xml_name or "value", shape.value)

        def write(parts: Parts, value: Mapping[str, Any]) -> None:
            for key, each in value.items():
                if each is not None:
                    parts.append(f"<{name}>")
                    write_key(parts, key)
                    write_value(parts, each)
                    parts.append(f"</{name}>")

        return write

    def _plain(self, shape: Shape) -> WriteXml:
        kind = shape.type
        if kind == "list":
            return self._items(shape.member.xml_name or self._item_name, shape)
        if kind == "map":
            return self._entries("entry", shape)
        if kind == "timestamp":
            return self._timestamp(shape.timestamp_format or "iso8601")
        if kind == "blob":
            return lambda parts, value: parts.append(encode_base64(value))
        if kind in ("string", "character"):
            return lambda parts, value: parts.append(escape(str(value)))
        return lambda parts, value: parts.append(write_text(kind, value))

    _item_name = "member"

    def _timestamp(self, form: str) -> WriteXml:
        if form == "iso8601" and self._has_always_fraction:
            return lambda parts, value: parts.append(iso_date(value, always_with_fraction=True))
        return lambda parts, value: parts.append(str(format_instant(value, form)))


def namespace_of(namespace: Mapping[str, Any] | str | None) -> str:
    """The attribute that declares a namespace, with the space before it."""
    if not namespace:
        return ""
    if isinstance(namespace, str):
        return f' xmlns="{escape(namespace)}"'
    prefix = f":{namespace['prefix']}" if namespace.get("prefix") else ""
    return f' xmlns{prefix}="{escape(namespace["uri"])}"'


def _nothing(parts: Parts, value: Any) -> None:
    return None


# Refusals, as the query protocol and most services of rest-xml spell them


def write_error_response(
    writers: XmlWriters,
    parts: Parts,
    error: AwsError,
    service: ServiceModel,
    status: int,
    request_id: str,
) -> None:
    """The whole `ErrorResponse`."""
    shape = service.error_shape(error.code)
    code = query_code(error, shape)
    namespace = {"uri": service.xml_namespace} if service.xml_namespace else None
    parts.append(f"<ErrorResponse{namespace_of(namespace)}><Error>")
    parts.append(f"<Type>{fault_of(status)}</Type>")
    write_error_members(writers, parts, error, shape, code)
    parts.append(f"</Error><RequestId>{request_id}</RequestId></ErrorResponse>")


def query_code(error: AwsError, shape: Shape | None) -> str:
    """The code of an error in the query protocol."""
    return error.legacy_code or (shape.error.code if shape is not None else "") or error.code


def write_error_members(
    writers: XmlWriters, parts: Parts, error: AwsError, shape: Shape | None, code: str
) -> None:
    """Code, message and further members; those that the model does not know are written as text."""
    parts.append(f"<Code>{escape(code)}</Code>")
    if error.text:
        parts.append(f"<Message>{escape(error.text)}</Message>")
    message = message_name(shape)
    for name, value in error.members.items():
        if value is None or name == message:
            continue
        if shape is not None and name in shape.members:
            writers.content(shape)(parts, {name: value})
        else:
            parts.append(f"<{name}>{escape(str(value))}</{name}>")
