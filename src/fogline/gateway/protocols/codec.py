"""What every protocol does alike: read in two gears, write, and spell a refusal."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from fogline.aws.dates import iso_milliseconds, iso_shortest
from fogline.aws.errors import AwsError, SerializationException
from fogline.gateway.models import Member, Operation, ServiceModel, Shape
from fogline.gateway.validate import ValidationStyle, Violation, refusal
from fogline.ports.http import HttpRequest, HttpResponse

Read = Callable[[HttpRequest, Mapping[str, str]], dict[str, Any]]

NESTING_MAX = 200
"""How deep a request may nest. AWS's own bounds are lower, and each service's own."""

DECOMPRESSED_BYTES_MAX = 64 * 1024 * 1024

INTEGER_BOUNDS = {
    "byte": (-(1 << 7), (1 << 7) - 1),
    "short": (-(1 << 15), (1 << 15) - 1),
    "integer": (-(1 << 31), (1 << 31) - 1),
    "long": (-(1 << 63), (1 << 63) - 1),
}
FLOATS = ("float", "double")

_NO_PARAMS: Mapping[str, str] = {}


class MalformedInput(AwsError):
    """The request of a query, XML or REST protocol cannot be read."""


class Errors:
    """Writes refusals of one service in one protocol, whether or not their operation is known."""

    def __init__(self, service: ServiceModel, protocol: str) -> None:
        self.service = service
        self.protocol = protocol

    def write(self, error: AwsError, request_id: str) -> HttpResponse:
        """The answer that carries a refusal."""
        raise NotImplementedError

    def facts(self, error: AwsError) -> tuple[Shape | None, int]:
        """The error's shape in the model, and the status to answer with: the model's word goes first."""
        shape = self.service.error_shape(error.code)
        status = shape.error.status if shape is not None else None
        return shape, status or error.status


class Codec:
    """Reads requests of one operation and writes its answers, in one protocol.

    Timestamps are integers, in milliseconds since the epoch, both ways. Blobs are bytes; a streaming payload
    that the server spooled is its file. Made once per operation by `protocols.codec` and shared.
    """

    def __init__(
        self, operation: Operation, protocol: str, style: ValidationStyle, errors: Errors
    ) -> None:
        self._errors = errors
        self.operation = operation
        self.service = operation.service
        self.protocol = protocol
        self.style = style
        self._may_be_compressed = operation.may_be_compressed
        shape = operation.input
        payload = shape.members[shape.payload] if shape is not None and shape.payload else None
        self.streams_input = payload is not None and (
            payload.is_streaming or payload.shape.is_streaming or payload.shape.is_event_stream
        )
        """Whether the body may stay in the server's file: it is a payload that operations read in pieces."""
        self._required = shape.required if shape is not None else ()
        self._read_constrained = self._reader(constrained=style.validation == "model")
        self._read_unconstrained: Read | None = None

    def read(
        self, request: HttpRequest, path_params: Mapping[str, str] = _NO_PARAMS
    ) -> dict[str, Any]:
        """The input, complete and valid, in AWS's member names; raises nothing but `AwsError`."""
        if self._may_be_compressed and "content-encoding" in request.headers:
            request = _decompressed(request)
        try:
            result = self._read_constrained(request, path_params)
            for name in self._required:
                if name not in result:
                    raise Violation
            return result
        except Violation:
            return self._refuse(request, path_params)

    def _refuse(self, request: HttpRequest, path_params: Mapping[str, str]) -> dict[str, Any]:
        if self._read_unconstrained is None:
            self._read_unconstrained = self._reader(constrained=False)
        result = self._read_unconstrained(request, path_params)
        style = self.style
        shape = self.operation.input
        assert shape is not None
        if style.missing is not None:
            for name in shape.required:
                if name not in result:
                    raise style.missing(name)
        if style.validation == "types-only":
            return result
        raise refusal(self.operation, style, result)

    def write(self, result: Mapping[str, Any], request_id: str) -> HttpResponse:
        """The answer that carries `result`; members that are absent or None are left out."""
        raise NotImplementedError

    def write_error(self, error: AwsError, request_id: str) -> HttpResponse:
        """The answer that carries a refusal."""
        return self._errors.write(error, request_id)

    def _reader(self, *, constrained: bool) -> Read:
        raise NotImplementedError


class Members(dict[str, Any]):
    """A table of a structure's members; a name that is not in the model is our own mistake."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape

    def __missing__(self, name: str) -> NoReturn:
        raise AssertionError(f"{self.shape.name} has no member {name!r}")


def body_of(request: HttpRequest) -> bytes:
    """The whole body in memory, wherever the server left it."""
    if request.spooled is None:
        return request.body
    request.spooled.seek(0)
    body = request.spooled.read()
    request.spooled.seek(0)
    return body


def _decompressed(request: HttpRequest) -> HttpRequest:
    """The request with its body as it was before the SDK compressed it, always the last step it takes."""
    encodings = [each.strip() for each in request.headers["content-encoding"].split(",")]
    if encodings[-1] != "gzip":
        return request
    decompressor = zlib.decompressobj(wbits=31)
    try:
        body = decompressor.decompress(body_of(request), DECOMPRESSED_BYTES_MAX)
    except zlib.error:
        raise SerializationException("The request body is not well-formed gzip.") from None
    if not decompressor.eof:
        raise SerializationException("The request body is cut short, or too large.")
    others = ", ".join(encodings[:-1])
    headers = {**request.headers, "content-encoding": others}
    if not others:
        del headers["content-encoding"]
    return HttpRequest(request.method, request.target, headers, body)


def fault_of(status: int) -> str:
    """Whose fault an error of that status is, in AWS's words."""
    return "Sender" if status < 500 else "Receiver"


def message_name(shape: Shape | None) -> str:
    """What the error's shape calls its message: `message`, `Message`, or, not in the model, `message`."""
    if shape is not None:
        for name in shape.members:
            if name.lower() == "message":
                return name
    return "message"


def error_members(error: AwsError, shape: Shape | None) -> dict[str, Any]:
    """The error's members by AWS's names, its text among them."""
    members = dict(error.members)
    if error.text:
        members.setdefault(message_name(shape), error.text)
    return members


# Values that all protocols write as text.


def decode_base64(text: str | bytes) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        raise SerializationException("Invalid base64 in a binary value.") from None


def encode_base64(value: Any) -> str:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


_INSTANT_MAX = 253_402_300_799_999  # the last millisecond of the year 9999
_INSTANT_MIN = -62_135_596_800_000  # the first of the year 1


def instant_of_seconds(seconds: float) -> int:
    """Milliseconds, from seconds as JSON and CBOR give them."""
    # A float of seconds holds milliseconds exactly enough; NaN fails the comparison.
    if not _INSTANT_MIN <= seconds * 1000 <= _INSTANT_MAX:
        raise SerializationException("A timestamp is out of range.")
    return round(seconds * 1000)


def seconds_of_instant(instant: int) -> float | int:
    """Seconds as AWS writes them: with a fraction only where there is one."""
    seconds, rest = divmod(instant, 1000)
    return instant / 1000 if rest else seconds


def parse_instant(text: str) -> int:
    """Milliseconds, from any of the forms clients send: epoch seconds, ISO 8601, HTTP date."""
    text = text.strip()
    try:
        if text[:1].isdigit() and "T" in text.upper():
            moment = datetime.fromisoformat(text.upper())
        elif "," in text:
            from email.utils import parsedate_to_datetime  # slow to import, and seldom needed

            moment = parsedate_to_datetime(text)
        elif text.count("-") == 2 and text[:1].isdigit():
            moment = datetime.fromisoformat(text)
        else:
            return instant_of_seconds(float(text))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        whole = moment - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        raise SerializationException(f"Unable to parse {text[:64]!r} as a timestamp.") from None
    return whole.days * 86_400_000 + whole.seconds * 1000 + whole.microseconds // 1000


def _moment(instant: int) -> datetime:
    return datetime.fromtimestamp(instant // 1000, UTC)


def iso_date(instant: int, *, always_with_fraction: bool = False) -> str:
    """`2015-01-25T08:00:00Z`, with milliseconds where there are any."""
    return iso_milliseconds(instant) if always_with_fraction else iso_shortest(instant)


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def http_date(instant: int) -> str:
    """`Sun, 25 Jan 2015 08:00:00 GMT`."""
    moment = _moment(instant)
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return (
        f"{day}, {moment.day:02d} {month} {moment.year:04d} "
        f"{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d} GMT"
    )


def format_instant(instant: int, form: str) -> str | int | float:
    """A timestamp in the form a model names."""
    if form == "iso8601":
        return iso_date(instant)
    if form == "rfc822":
        return http_date(instant)
    return seconds_of_instant(instant)


def timestamp_format(member: Member, default: str) -> str:
    return member.timestamp_format or member.shape.timestamp_format or default


def read_text(type_name: str, text: str) -> Any:
    """A number or boolean written as text, as headers, labels, queries and XML do."""
    try:
        if type_name in INTEGER_BOUNDS:
            # int() takes what AWS does not: underscores, and digits of other scripts.
            if not text.strip().lstrip("+-").isascii() or "_" in text or len(text) > 32:
                raise ValueError
            number = int(text)
            low, high = INTEGER_BOUNDS[type_name]
            if low <= number <= high:
                return number
        elif type_name in FLOATS:
            if "_" not in text and text.strip().isascii():
                return float(text)
        elif type_name == "boolean":
            lowered = text.strip().lower()
            if lowered in ("true", "false"):
                return lowered == "true"
    except ValueError:
        pass
    raise MalformedInput(f"{text[:64]} is not a valid value of type {type_name}.")


def write_text(type_name: str, value: Any) -> str:
    """A number, boolean or string as text."""
    if type_name == "boolean":
        return "true" if value else "false"
    if type_name in FLOATS and isinstance(value, float):
        return float_text(value)
    return str(value)


def float_text(value: float) -> str:
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(value)
