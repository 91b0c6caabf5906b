"""Message attributes: what is allowed, and their size.

Rules: https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fogline.services.sns.errors import InvalidParameterValueException
from fogline.services.sns.limits import Limits
from fogline.services.sns.message import Attributes

_NAME = re.compile(r"[A-Za-z0-9_\-.]+")
_TYPE = re.compile(r"(String|Number|Binary)(\..+)?", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_FOR_DEVICES = ("AWS.SNS.SMS.", "AWS.SNS.MOBILE.", "AWS.MM.SMS.")
"""What AWS itself reads of a message: how it goes to phones and to apps."""


def check_attributes(attributes: Attributes, limits: Limits) -> None:
    """Refuse attributes that AWS refuses. Raises InvalidParameterValueException."""
    for name, value in attributes.items():
        _check_name(name, limits)
        _check_value(name, value)


def _check_name(name: str, limits: Limits) -> None:
    if not name:
        raise InvalidParameterValueException(
            reason="The message attribute name must contain one or more characters."
        )
    if len(name.encode()) > limits.attribute_name_characters_max:
        raise InvalidParameterValueException(
            reason=f"Length of message attribute name must be less than "
            f"{limits.attribute_name_characters_max} bytes."
        )
    if _NAME.fullmatch(name) is None:
        odd = next(letter for letter in name if _NAME.fullmatch(letter) is None)
        raise InvalidParameterValueException(
            reason=f"Invalid non-alphanumeric character '#x{ord(odd):X}' was found in the message attribute "
            "name. Can only include alphanumeric characters, hyphens, underscores, or dots."
        )
    if name.startswith(".") or name.endswith("."):
        raise InvalidParameterValueException(
            reason="Invalid message attribute name starting or ending with character '.' was found."
        )
    if ".." in name:
        raise InvalidParameterValueException(
            reason="Message attribute name can not have successive '.' character."
        )
    if name.lower().startswith(("aws.", "amazon.")) and not name.startswith(_FOR_DEVICES):
        raise InvalidParameterValueException(
            reason="Invalid message attribute name starting with 'AWS.' or 'Amazon.' was found."
        )


def _check_value(name: str, value: Mapping[str, Any]) -> None:
    data_type = value.get("DataType") or ""
    if not data_type:
        raise InvalidParameterValueException(
            reason=f"The message attribute '{name}' must contain non-empty message attribute type."
        )
    if len(data_type) > 256 or _TYPE.fullmatch(data_type) is None:
        raise InvalidParameterValueException(
            reason=f"The message attribute '{name}' has an invalid message attribute type, the set of "
            "supported type prefixes is Binary, Number, and String."
        )
    is_binary = data_type.startswith("Binary")
    text, binary = value.get("StringValue"), value.get("BinaryValue")
    content, other = (binary, text) if is_binary else (text, binary)
    if not content:
        if other:
            raise InvalidParameterValueException(
                reason=f"The message attribute '{name}' with type '{data_type}' must use field "
                f"'{'Binary' if is_binary else 'String'}'."
            )
        raise InvalidParameterValueException(
            reason=f"The message attribute '{name}' must contain non-empty message attribute value for "
            f"message attribute type '{data_type}'."
        )
    if other:
        raise InvalidParameterValueException(
            reason=f"The message attribute '{name}' has more than one value. Only one is allowed."
        )
    if data_type.startswith("Number") and _NUMBER.fullmatch(content) is None:
        raise InvalidParameterValueException(
            reason=f"Could not cast message attribute '{name}' value to number."
        )


def attributes_size(attributes: Attributes) -> int:
    """Bytes that attributes add to a message: names, types and values."""
    return sum(
        len(name.encode())
        + len(value["DataType"].encode())
        + len(value.get("BinaryValue") or value["StringValue"].encode())
        for name, value in attributes.items()
    )
