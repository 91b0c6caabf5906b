"""Items from JSON: an array in a file, or a value on each line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson

from fogline.services.stepfunctions.distributed.failures import ItemReaderFailed
from fogline.services.stepfunctions.distributed.limits import MapRunLimits

_LONG_NUMBER = re.compile(rb"[0-9]{19}")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_MARK = b"\xef\xbb\xbf"


def json_items(file: BinaryIO, name: str, pointer: str, limits: MapRunLimits) -> Iterator[Any]:
    """The items of the array that the file is, or that `pointer` names in it. Raises ItemReaderFailed.

    Recorded: test_map_item_reader_json_no_json_list_object.
    """
    with file:
        raw = file.read(limits.json_bytes_max + 1)
    if len(raw) > limits.json_bytes_max:
        raise ItemReaderFailed(f"The file {name} has more than {limits.json_bytes_max} bytes.")
    found = pointed_at(_value(raw.removeprefix(_MARK), name), pointer)
    del raw
    if not isinstance(found, list):
        raise ItemReaderFailed("Attempting to map over non-iterable node.")
    yield from found


def json_line_items(lines: Iterator[str], name: str) -> Iterator[Any]:
    """The value of each line that is not blank. Raises ItemReaderFailed."""
    for number, line in enumerate(lines, 1):
        if not line.isspace():
            yield _value(line.encode(), f"line {number} of {name}")


def pointed_at(value: Any, pointer: str) -> Any:
    """What a JSON pointer (RFC 6901) names in the value. Raises ItemReaderFailed where there is nothing."""
    if pointer and not pointer.startswith("/"):
        raise ItemReaderFailed(f"ItemsPointer is not a JSON pointer: {pointer}")
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and _INDEX.fullmatch(name) and int(name) < len(value):
            value = value[int(name)]
        else:
            raise ItemReaderFailed(f"ItemsPointer does not refer to anything: {pointer}")
    return value


def _value(raw: bytes, name: str) -> Any:
    try:
        value = orjson.loads(raw)
        if _LONG_NUMBER.search(raw):
            # The fast library rounds numbers beyond 64 bits.
            value = json.loads(raw)
    except (ValueError, RecursionError):
        raise ItemReaderFailed(f"There is no valid JSON in {name}") from None
    return value
