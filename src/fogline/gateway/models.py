"""AWS's service models: read from botocore's data files, patched where they are silent, resolved lazily.

The files are found through the installed package without importing it: botocore takes a quarter of a second
and twenty megabytes to import, and a model a few milliseconds to read.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson

_Raw = dict[str, Any]

_PATCHES = Path(__file__).parent / "model_patches"


class UnknownService(LookupError):
    """No service of that name is in the models."""


@cache
def _data_folder() -> Path:
    spec = find_spec("botocore")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data"


@cache
def service_names() -> tuple[str, ...]:
    """Every service that has a model, by the name of its boto3 client."""
    return tuple(sorted(entry.name for entry in _data_folder().iterdir() if entry.is_dir()))


@cache
def load_service(name: str) -> ServiceModel:
    """The newest model of a service, by the name of its boto3 client, with our patch applied."""
    if not name or not name.replace("-", "").isalnum():
        raise UnknownService(name)
    folder = _data_folder() / name
    versions = sorted(folder.iterdir(), reverse=True) if folder.is_dir() else []
    for version in versions:
        file = version / "service-2.json.gz"
        if file.exists():
            return ServiceModel(
                name, _patched(name, orjson.loads(gzip.decompress(file.read_bytes())))
            )
    raise UnknownService(name)


def _patched(name: str, raw: _Raw) -> _Raw:
    patch = _PATCHES / f"{name}.json"
    if patch.is_file():
        _merge(raw, orjson.loads(patch.read_bytes()))
    return raw


def _merge(into: _Raw, patch: _Raw) -> None:
    for key, value in patch.items():
        known = into.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            _merge(known, value)
        else:
            into[key] = value


@dataclass(frozen=True, slots=True)
class ErrorTrait:
    """What the model says of an error on the wire; None and "" where it says nothing."""

    status: int | None
    code: str
    is_sender_fault: bool


class Member:
    """One member of a structure, or the element of a list, or a map's key or value."""

    __slots__ = (
        "_shape",
        "content_type",
        "flattened",
        "is_event_header",
        "is_event_payload",
        "is_host_label",
        "is_idempotency_token",
        "is_json_value",
        "is_streaming",
        "is_xml_attribute",
        "is_xml_text",
        "location",
        "location_name",
        "name",
        "query_name",
        "service",
        "shape_name",
        "timestamp_format",
        "xml_name",
        "xml_namespace",
    )

    def __init__(self, service: ServiceModel, name: str, raw: _Raw) -> None:
        self.service = service
        self.name = name
        self.shape_name: str = raw["shape"]
        # Where and under which name a value travels may also be said once, at its shape. The name of a
        # structure is that of its element where it is the root of a document, and only there.
        described = service.raw_shape(self.shape_name)
        is_named_there = described["type"] != "structure"
        self.location: str = raw.get("location") or described.get("location", "")
        self.location_name: str = raw.get("locationName") or (
            described.get("locationName", "") if is_named_there else ""
        )
        self.query_name: str = raw.get("queryName", "")
        # Models that are JSON first have lost their query names; our patches give them back as `xmlName`.
        self.xml_name: str = raw.get("xmlName") or self.location_name
        self.xml_namespace: _Raw | str | None = raw.get("xmlNamespace")
        self.flattened: bool = raw.get("flattened", False)
        self.timestamp_format: str = raw.get("timestampFormat", "")
        self.content_type: str = raw.get("contentType", "")
        self.is_streaming: bool = raw.get("streaming", False)
        self.is_xml_attribute: bool = raw.get("xmlAttribute", False)
        self.is_xml_text: bool = raw.get("xmlText", False)
        self.is_json_value: bool = raw.get("jsonvalue", False) or described.get("jsonvalue", False)
        self.is_host_label: bool = raw.get("hostLabel", False)
        self.is_idempotency_token: bool = raw.get("idempotencyToken", False)
        self.is_event_payload: bool = raw.get("eventpayload", False)
        self.is_event_header: bool = raw.get("eventheader", False)
        self._shape: Shape | None = None

    @property
    def shape(self) -> Shape:
        if self._shape is None:
            self._shape = self.service.shape(self.shape_name)
        return self._shape

    @property
    def wire_name(self) -> str:
        """Its name in JSON, CBOR, a header, a label or the query string."""
        return self.location_name or self.name

    def __repr__(self) -> str:
        return f"Member({self.name}: {self.shape_name})"


class Shape:
    """A type of the model. Members are made when first asked for, so a shape may hold itself."""

    def __init__(self, service: ServiceModel, name: str, raw: _Raw) -> None:
        self.service = service
        self.name = name
        self.type: str = raw["type"]
        self.required: tuple[str, ...] = tuple(raw.get("required", ()))
        self.min: int | float | None = raw.get("min")
        self.max: int | float | None = raw.get("max")
        self.pattern: str = raw.get("pattern", "")
        self.enum: tuple[str, ...] = tuple(raw.get("enum", ()))
        self.flattened: bool = raw.get("flattened", False)
        self.location_name: str = raw.get("locationName", "")
        self.payload: str = raw.get("payload", "")
        self.timestamp_format: str = raw.get("timestampFormat", "")
        self.xml_namespace: _Raw | str | None = raw.get("xmlNamespace")
        self.is_union: bool = raw.get("union", False)
        self.is_document: bool = raw.get("document", False)
        self.is_json_as_is: bool = raw.get("jsonAsIs", False)
        self.is_error: bool = raw.get("exception", False)
        self.is_event_stream: bool = raw.get("eventstream", False)
        self.is_event: bool = raw.get("event", False)
        self.is_streaming: bool = raw.get("streaming", False)
        self.is_sparse: bool = raw.get("sparse", False)
        self.are_members_required: bool = raw.get("memberNotNull", False)
        error = raw.get("error") or {}
        self.error = ErrorTrait(
            error.get("httpStatusCode"),
            error.get("code", ""),
            error.get("senderFault", not raw.get("fault", False)),
        )
        self._raw = raw

    @cached_property
    def members(self) -> dict[str, Member]:
        """The members of a structure, in the order of the model."""
        return {
            name: Member(self.service, name, raw)
            for name, raw in self._raw.get("members", {}).items()
        }

    @cached_property
    def member(self) -> Member:
        """The element of a list."""
        return Member(self.service, "member", self._raw["member"])

    @cached_property
    def key(self) -> Member:
        return Member(self.service, "key", self._raw["key"])

    @cached_property
    def value(self) -> Member:
        return Member(self.service, "value", self._raw["value"])

    @cached_property
    def event_stream(self) -> Member | None:
        """The member of an output (or input) whose value is a stream of events."""
        return next((each for each in self.members.values() if each.shape.is_event_stream), None)

    @cached_property
    def is_recursive(self) -> bool:
        """Whether values of this shape may nest without end."""
        return self._reaches_cycle(set(), set())

    def _children(self) -> Iterator[Shape]:
        if self.type == "structure":
            yield from (member.shape for member in self.members.values())
        elif self.type == "list":
            yield self.member.shape
        elif self.type == "map":
            yield self.value.shape

    def _reaches_cycle(self, above: set[str], done: set[str]) -> bool:
        if self.name in above or self.is_document:
            return True
        if self.name in done:
            return False
        above.add(self.name)
        found = any(child._reaches_cycle(above, done) for child in self._children())
        above.discard(self.name)
        done.add(self.name)
        return found

    def __repr__(self) -> str:
        return f"Shape({self.name}: {self.type})"


class Operation:
    """One operation of a service."""

    def __init__(self, service: ServiceModel, name: str, raw: _Raw) -> None:
        self.service = service
        self.name = name
        http: _Raw = raw.get("http") or {}
        self.http_method: str = http.get("method", "POST")
        self.request_uri: str = http.get("requestUri", "/")
        self.response_code: int = http.get("responseCode", 200)
        self.may_be_compressed = "requestcompression" in raw
        self.is_deprecated: bool = raw.get("deprecated", False)
        self.host_prefix: str = (raw.get("endpoint") or {}).get("hostPrefix", "")
        self._raw = raw

    @cached_property
    def input(self) -> Shape | None:
        return self._shape("input")

    @cached_property
    def output(self) -> Shape | None:
        return self._shape("output")

    def _shape(self, end: str) -> Shape | None:
        raw = self._raw.get(end)
        if not raw:
            return None
        if "payload" in raw:  # older models name the payload here, not at the shape
            described = {**self.service.raw_shape(raw["shape"]), "payload": raw["payload"]}
            return Shape(self.service, raw["shape"], described)
        return self.service.shape(raw["shape"])

    @property
    def input_name(self) -> str:
        """The name of the root element of a request in XML."""
        raw = self._raw.get("input") or {}
        return str(raw.get("locationName") or (self.input and self.input.name) or "")

    @property
    def output_trait(self) -> Mapping[str, Any]:
        """What the model says of the output where the operation names it (`resultWrapper`, `locationName`)."""
        return self._raw.get("output") or {}

    @cached_property
    def errors(self) -> tuple[Shape, ...]:
        return tuple(self.service.shape(each["shape"]) for each in self._raw.get("errors", ()))

    @cached_property
    def method_name(self) -> str:
        """The name boto3 gives the method."""
        return snake_case(self.name)

    def __repr__(self) -> str:
        return f"Operation({self.service.name}.{self.name})"


class _Operations(Mapping[str, Operation]):
    def __init__(self, service: ServiceModel, raw: _Raw) -> None:
        self._service = service
        self._raw = raw
        self._made: dict[str, Operation] = {}

    def __getitem__(self, name: str) -> Operation:
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = Operation(self._service, name, self._raw[name])
        return made

    def __contains__(self, name: object) -> bool:
        return name in self._raw

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


class ServiceModel:
    """The contract of one service. `name` is that of its boto3 client."""

    def __init__(self, name: str, raw: _Raw) -> None:
        metadata: _Raw = raw["metadata"]
        self.name = name
        self.metadata: Mapping[str, Any] = metadata
        self.protocol: str = metadata["protocol"]
        self.protocols: tuple[str, ...] = tuple(metadata.get("protocols") or (self.protocol,))
        self.target_prefix: str = metadata.get("targetPrefix", "")
        self.json_version: str = str(metadata.get("jsonVersion", "1.0"))
        self.endpoint_prefix: str = metadata.get("endpointPrefix", name)
        self.signing_name: str = metadata.get("signingName") or self.endpoint_prefix
        self.api_version: str = metadata.get("apiVersion", "")
        self.service_id: str = metadata.get("serviceId", "")
        self.xml_namespace: str = metadata.get("xmlNamespace") or ""
        self.is_query_compatible = "awsQueryCompatible" in metadata
        # Prefixes of `__type` in JSON errors; only services that patches name send any.
        self.error_namespace: str = metadata.get("errorNamespace", "")
        self._shapes = _without_documentation(raw["shapes"])
        self._made: dict[str, Shape] = {}
        operations = raw["operations"]
        for operation in operations.values():
            operation.pop("documentation", None)
        self.operations: Mapping[str, Operation] = _Operations(self, operations)

    def shape(self, name: str) -> Shape:
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = Shape(self, name, self._shapes[name])
        return made

    def raw_shape(self, name: str) -> Mapping[str, Any]:
        """What the model says of a shape, as it is written there."""
        return self._shapes[name]

    def error_shape(self, code: str) -> Shape | None:
        """The error of that shape name, or of that code in the query protocol."""
        name = self._error_names.get(code)
        return self.shape(name) if name else None

    @cached_property
    def _error_names(self) -> dict[str, str]:
        errors = {name: raw for name, raw in self._shapes.items() if raw.get("exception")}
        by_code = {
            code: name
            for name, raw in errors.items()
            if (code := (raw.get("error") or {}).get("code"))
        }
        return by_code | {name: name for name in errors}

    @cached_property
    def operations_by_method(self) -> Mapping[str, str]:
        """From boto3's name of a method to AWS's name of the operation."""
        return {snake_case(name): name for name in self.operations}

    def __repr__(self) -> str:
        return f"ServiceModel({self.name})"


def _without_documentation(shapes: dict[str, _Raw]) -> dict[str, _Raw]:
    """Documentation is most of a model's memory, and nothing here reads it."""
    for shape in shapes.values():
        shape.pop("documentation", None)
        for member in shape.get("members", {}).values():
            member.pop("documentation", None)
    return shapes


# Words that the rule would cut in the wrong place; boto3 keeps them whole.
_IRREGULAR = (
    ("HITs", "Hits"),
    ("iSCSI", "Iscsi"),
    ("OAuth2", "Oauth2"),
    ("OTel", "Otel"),
    ("WhatsApp", "Whatsapp"),
)
_PLURAL_CAPITALS = re.compile(r"([A-Z]{2,})s$")
_WORD = re.compile(r"(.)([A-Z][a-z]+)")
_CAPITAL = re.compile(r"([a-z0-9])([A-Z])")


@lru_cache(65_536)
def snake_case(name: str) -> str:
    """The name boto3 gives the method of an operation."""
    for word, whole in _IRREGULAR:
        if word in name:
            name = name.replace(word, whole)
    plural = _PLURAL_CAPITALS.search(name)
    if plural:
        name = f"{name[: plural.start()]}_{plural[0].lower()}"
    return _CAPITAL.sub(r"\1_\2", _WORD.sub(r"\1_\2", name)).lower()
