"""Receipt handles: which message, and which of its deliveries."""

from __future__ import annotations

import binascii
import struct
from base64 import b64decode, b64encode
from typing import NamedTuple

from fogline.services.sqs.errors import ReceiptHandleIsInvalid

_FORM = struct.Struct(">BQQI")
_VERSION = 1


class Receipt(NamedTuple):
    """One delivery of one message: its queue's number, its own, and how often it had been received."""

    queue: int
    sequence: int
    receive_count: int


def make_handle(queue: int, sequence: int, receive_count: int) -> str:
    """The text by which a client deletes what it received. Different for each delivery."""
    body = _FORM.pack(_VERSION, queue, sequence, receive_count)
    return b64encode(body + binascii.crc32(body).to_bytes(4, "big")).decode()


def read_handle(handle: str) -> Receipt:
    """What a handle of ours says. Raises ReceiptHandleIsInvalid for any other text."""
    try:
        raw = b64decode(handle, validate=True)
        body, check = raw[:-4], raw[-4:]
        version, queue, sequence, count = _FORM.unpack(body)
    except (ValueError, struct.error):
        raise ReceiptHandleIsInvalid(handle=handle) from None
    if version != _VERSION or binascii.crc32(body).to_bytes(4, "big") != check:
        raise ReceiptHandleIsInvalid(handle=handle)
    return Receipt(queue, sequence, count)
