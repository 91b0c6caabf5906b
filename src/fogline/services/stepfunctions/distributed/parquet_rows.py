"""A program of its own: the rows of the Parquet file that is its standard input, as JSON lines on standard output.

Damaged files can make the library end the process that reads them (docs/adr/0018-parquet.md), so that is this one.
It is given what it may use as arguments: bytes of memory, seconds, bytes of a row group, rows in memory at a time.
"""

from __future__ import annotations

import base64
import json
import math
import os
import resource
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, BinaryIO

IS_DAMAGED = 3
IS_TOO_LARGE = 4
HAS_COLUMNS_TWICE = 5
"""How the program ends: with these, with 0, or by a signal."""


class Refused(Exception):
    """The file is not read; `status` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def main(memory: int, seconds: int, group_bytes_max: int, batch_rows_max: int) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    import pyarrow
    import pyarrow.parquet

    out = sys.stdout
    try:
        for row in rows_of(pyarrow.parquet, sys.stdin.buffer, group_bytes_max, batch_rows_max):
            out.write(json.dumps(row, separators=(",", ":"), allow_nan=False) + "\n")
        out.flush()
    except Refused as refused:
        return refused.status
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError, MemoryError):
        return IS_DAMAGED
    return 0


def rows_of(
    parquet: Any, file: BinaryIO, group_bytes_max: int, batch_rows_max: int
) -> Iterator[dict[str, Any]]:
    """The rows; only some are in memory at a time. Raises Refused, and what the library raises."""
    opened = parquet.ParquetFile(file)
    _check_size(opened.metadata, group_bytes_max)
    names = opened.schema_arrow.names
    if len(set(names)) < len(names):
        raise Refused(HAS_COLUMNS_TWICE)
    # A text that is repeated a million times stands once in the file: kept as a dictionary, also in memory.
    texts = [column.path for column in opened.schema if column.physical_type == "BYTE_ARRAY"]
    opened = parquet.ParquetFile(file, read_dictionary=texts)
    for batch in opened.iter_batches(batch_size=batch_rows_max, use_threads=False):
        for index in range(batch.num_rows):
            yield {
                column: _json(batch.column(at)[index].as_py()) for at, column in enumerate(names)
            }


def _check_size(metadata: Any, group_bytes_max: int) -> None:
    """What a file says of itself; one that says too much is refused before it is unpacked."""
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        columns = [group.column(at) for at in range(group.num_columns)]
        if sum(column.total_uncompressed_size for column in columns) > group_bytes_max:
            raise Refused(IS_TOO_LARGE)


def _json(value: Any) -> Any:
    """A value as JSON has it: times are ISO 8601, bytes Base64, decimals texts, what is no number null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, dict):
        return {str(key): _json(part) for key, part in value.items()}
    if isinstance(value, list):
        return _json_list(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return moment.isoformat() + ("Z" if value.tzinfo else "")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return str(value)
    raise Refused(IS_DAMAGED)


def _json_list(value: list[Any]) -> Any:
    """A list, or a map: that comes as pairs."""
    if value and all(isinstance(part, tuple) and len(part) == 2 for part in value):
        return {str(key): _json(part) for key, part in value}
    return [_json(part) for part in value]


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:5])))
