"""Entries: what PutEvents is given, checked one by one; one that is refused does not stop the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from fogline.aws.call import Trace
from fogline.aws.nesting import is_nested_deeper
from fogline.services.events.errors import ValidationException
from fogline.services.events.limits import Limits

DEPTH_MAX = 800
"""Objects and arrays within each other. AWS says 1,000; this is what can be written again wherever it goes."""

_INSTANTS = range(-62_135_596_800_000, 253_402_300_800_000)
"""The years 1 to 9999, in milliseconds."""

Entry = Mapping[str, Any]


class Refused(Exception):
    """One entry is refused: its ErrorCode and ErrorMessage."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)


def check_size(entries: Sequence[Entry], limits: Limits) -> None:
    """Refuse a request that is too large as a whole. Raises ValidationException."""
    size = 0
    for entry in entries:
        # A character has four bytes at most: only what comes near the limit is encoded to be measured.
        for name in ("Source", "DetailType", "Detail"):
            size += len(entry.get(name) or "")
        size += sum(map(len, entry.get("Resources") or ()))
        if "Time" in entry:
            size += limits.time_bytes
    if size * 4 > limits.entries_bytes_max:
        size = sum(_bytes_of(entry, limits) for entry in entries)
        if size > limits.entries_bytes_max:
            raise ValidationException("Total size of the entries in the request is over the limit.")


def _bytes_of(entry: Entry, limits: Limits) -> int:
    texts = [entry.get(name) or "" for name in ("Source", "DetailType", "Detail")]
    texts += entry.get("Resources") or ()
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    return size + (limits.time_bytes if "Time" in entry else 0)


def check_entry(entry: Entry) -> Any:
    """The parsed Detail of an entry that may be put. Raises Refused."""
    source = entry.get("Source")
    if not source:
        raise _missing("Source")
    if not entry.get("DetailType"):
        raise _missing("DetailType")
    detail = entry.get("Detail")
    if not detail:
        raise _missing("Detail")
    if entry.get("Time", 0) not in _INSTANTS:
        raise Refused("InvalidArgument", "Parameter Time is not valid.")
    if source.startswith("aws."):
        raise Refused("NotAuthorizedForSourceException", "Not authorized for the source.")
    return read_detail(detail)


def read_detail(text: str) -> Any:
    """The object that a Detail holds. Raises Refused."""
    try:
        detail = orjson.loads(text)
    except ValueError:
        raise Refused("MalformedDetail", "Detail is malformed.") from None
    if not isinstance(detail, dict) or _is_too_deep(text, detail):
        raise Refused("MalformedDetail", "Detail is malformed.")
    return detail


def _is_too_deep(text: str, detail: Any) -> bool:
    if text.count("{") + text.count("[") <= DEPTH_MAX:
        return False
    return is_nested_deeper(detail, DEPTH_MAX)


def _missing(name: str) -> Refused:
    return Refused(
        "InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument."
    )


def entry_trace(header: str, trace: Trace) -> Trace:
    """The trace of an entry that brings one in its TraceHeader, otherwise that of the call."""
    parts = dict(part.split("=", 1) for part in header.split(";") if "=" in part)
    root = parts.get("Root", "")
    return Trace(root, trace.id, parts.get("Parent", "")) if root else trace
