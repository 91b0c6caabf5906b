"""Message attributes: what is allowed, their size, their MD5, and which of them a receiver asked for.

Rules: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from fogline.services.sqs.errors import InvalidMessageContents, InvalidParameterValueException
from fogline.services.sqs.limits import Limits

Attributes = Mapping[str, Mapping[str, Any]]

_NAME = re.compile(r"[A-Za-z0-9_\-.]+")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ALLOWED_ASCII = b"\t\n\r" + bytes(range(0x20, 0x80))
_TRANSPORT = {"String": b"\x01", "Number": b"\x01", "Binary": b"\x02"}


def check_text(text: str) -> None:
    """Refuse characters that XML 1.0 cannot carry. Raises InvalidMessageContents."""
    if text.isascii():
        # Most texts are, and of bytes it is told many times faster.
        is_forbidden = bool(text.encode().translate(None, _ALLOWED_ASCII))
    else:
        is_forbidden = _FORBIDDEN.search(text) is not None
    if is_forbidden:
        raise InvalidMessageContents()


def check_attributes(attributes: Attributes, limits: Limits) -> None:
    """Refuse attributes that AWS refuses. Raises InvalidParameterValueException."""
    if len(attributes) > limits.message_attributes_max:
        raise InvalidParameterValueException(
            f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum "
            f"[{limits.message_attributes_max}]."
        )
    for name, value in attributes.items():
        _check_name(name, limits)
        _check_value(name, value, limits)


def _check_name(name: str, limits: Limits) -> None:
    if not name:
        raise InvalidParameterValueException(
            "The message attribute name must contain one or more characters."
        )
    if len(name) > limits.attribute_name_characters_max:
        raise InvalidParameterValueException(
            f"Message (user) attribute name must be shorter than "
            f"{limits.attribute_name_characters_max} characters."
        )
    lowered = name.lower()
    if _NAME.fullmatch(name) is None or name.startswith(".") or name.endswith(".") or ".." in name:
        raise InvalidParameterValueException(
            "Message (user) attribute name can only contain upper and lower score characters, digits, "
            "periods, hyphens and underscores."
        )
    if lowered.startswith(("aws.", "amazon.")):
        raise InvalidParameterValueException(
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. "
            "These strings are reserved for internal use."
        )


def _check_value(name: str, value: Mapping[str, Any], limits: Limits) -> None:
    data_type = value.get("DataType") or ""
    if not data_type:
        raise InvalidParameterValueException(
            f"The message attribute '{name}' must contain non-empty message attribute type."
        )
    kind = data_type.partition(".")[0]
    if kind not in _TRANSPORT:
        raise InvalidParameterValueException(
            f"The message attribute '{name}' has an invalid message attribute type, the set of supported "
            "type prefixes is Binary, Number, and String."
        )
    if len(data_type) > limits.attribute_name_characters_max:
        raise InvalidParameterValueException(
            f"The message attribute '{name}' has an invalid message attribute type, the length of the "
            "type must not exceed 256 characters."
        )
    if value.get("StringListValues") or value.get("BinaryListValues"):
        raise InvalidParameterValueException(
            "Message attribute list values in SendMessage operation are not supported."
        )
    field = "BinaryValue" if kind == "Binary" else "StringValue"
    other = "StringValue" if kind == "Binary" else "BinaryValue"
    content = value.get(field)
    if not content:
        if value.get(other):
            raise InvalidParameterValueException(
                f"The message attribute '{name}' with type '{kind}' must use field "
                f"'{'Binary' if kind == 'Binary' else 'String'}'."
            )
        raise InvalidParameterValueException(
            f"The message attribute '{name}' must contain non-empty message attribute value for message "
            f"attribute type '{kind}'."
        )
    if kind == "Number" and _NUMBER.fullmatch(content) is None:
        raise InvalidParameterValueException(
            f"Can't cast the value of message (user) attribute '{name}' to a number."
        )
    if kind != "Binary" and _FORBIDDEN.search(content) is not None:
        raise InvalidParameterValueException(
            "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | [#x20 to #xD7FF] | "
            "[#xE000 to #xFFFD] | [#x10000 to #x10FFFF]"
        )


def attributes_size(attributes: Attributes) -> int:
    """Bytes that attributes add to a message: names, types and values."""
    return sum(
        len(name.encode()) + len(value["DataType"].encode()) + len(_content(value))
        for name, value in attributes.items()
    )


def attributes_md5(attributes: Attributes) -> str:
    """AWS's MD5 of message attributes, in hexadecimal.

    Algorithm: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
    (names in order; each name, type and value with its length before it; a byte for the transport type).
    """
    digest = hashlib.md5(usedforsecurity=False)
    for name in sorted(attributes):
        value = attributes[name]
        data_type = value["DataType"]
        for part in (name.encode(), data_type.encode()):
            digest.update(len(part).to_bytes(4, "big"))
            digest.update(part)
        digest.update(_TRANSPORT[data_type.partition(".")[0]])
        content = _content(value)
        digest.update(len(content).to_bytes(4, "big"))
        digest.update(content)
    return digest.hexdigest()


def _content(value: Mapping[str, Any]) -> bytes:
    binary = value.get("BinaryValue")
    if binary is not None:
        return binary if isinstance(binary, bytes) else str(binary).encode()
    return str(value.get("StringValue") or "").encode()


def chosen(attributes: Attributes, wanted: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """The attributes a receiver asked for: by name, by prefix (`foo.*`, `foo*`), or all (`All`, `.*`, `*`)."""
    names = set(wanted)
    if names & {"All", ".*", "*"}:
        return dict(attributes)
    prefixes = tuple(name[:-1].removesuffix(".") for name in names if name.endswith("*"))
    return {
        name: value
        for name, value in attributes.items()
        if name in names or (prefixes and name.startswith(prefixes))
    }
