"""Items from Parquet files, which a process of its own reads (docs/adr/0018-parquet.md)."""

from __future__ import annotations

import importlib.util
import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from fogline.services.stepfunctions.distributed import parquet_rows
from fogline.services.stepfunctions.distributed.failures import ItemReaderFailed
from fogline.services.stepfunctions.distributed.json_files import json_line_items
from fogline.services.stepfunctions.distributed.limits import MapRunLimits
from fogline.services.stepfunctions.distributed.text_lines import bounded_lines

# `-P`: modules are not looked for in the folder that the server was started in.
_PROGRAM = (sys.executable, "-P", "-m", parquet_rows.__name__)


def parquet_items(file: BinaryIO, name: str, limits: MapRunLimits) -> Iterator[dict[str, Any]]:
    """The rows of the file; only some are in memory at a time. Raises ItemReaderFailed.

    Waits for another process: not for the loop. Close the iterator if it is not read to its end.
    """
    with file:
        if importlib.util.find_spec("pyarrow") is None:
            raise ItemReaderFailed(
                "Fogline reads Parquet files with pyarrow, which is not installed: "
                "pip install 'fogline[parquet]'"
            )
        if file.seek(0, io.SEEK_END) > limits.parquet_bytes_max:
            raise ItemReaderFailed(
                f"The file {name} has more than {limits.parquet_bytes_max} bytes."
            )
        file.seek(0)
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(file, copy)
            copy.seek(0)
            yield from _rows(copy.fileno(), name, limits)


def _rows(file: int, name: str, limits: MapRunLimits) -> Iterator[dict[str, Any]]:
    allowed = (
        limits.parquet_memory_bytes_max,
        limits.parquet_seconds_max,
        limits.parquet_row_group_bytes_max,
        limits.parquet_batch_rows_max,
    )
    with subprocess.Popen(
        [*_PROGRAM, *map(str, allowed)],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            out = cast(BinaryIO, process.stdout)
            yield from json_line_items(bounded_lines(out, name, limits), name)
            status = process.wait()
        finally:
            process.kill()
    if status != 0:
        raise ItemReaderFailed(_cause(status, name, limits))


def _cause(status: int, name: str, limits: MapRunLimits) -> str:
    if status == parquet_rows.IS_TOO_LARGE:
        return f"A row group of {name} has more than {limits.parquet_row_group_bytes_max} bytes."
    if status == parquet_rows.HAS_COLUMNS_TWICE:
        return f"Columns of {name} share a name."
    return f"The file {name} is not a valid Parquet file, or takes too much to read."
