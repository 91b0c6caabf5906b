"""Items of a distributed Map from Parquet files."""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from fogline.services.stepfunctions.distributed.failures import ItemReaderFailed
from fogline.services.stepfunctions.distributed.limits import MapRunLimits
from fogline.services.stepfunctions.distributed.parquet_files import parquet_items

LIMITS = MapRunLimits()


def parquet_of(columns: dict[str, Any]) -> io.BytesIO:
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), file)
    file.seek(0)
    return file


def test_each_row_is_an_object() -> None:
    columns = {
        "id": [1, 2],
        "name": ["a", None],
        "ratio": [0.5, float("nan")],
        "on": [date(2025, 1, 2), None],
        "at": [datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), None],
        "price": [Decimal("1.20"), None],
        "raw": [b"\x00\xff", b""],
        "tags": [["x", "y"], []],
        "of": [{"a": 1}, None],
    }
    assert list(parquet_items(parquet_of(columns), "file", LIMITS)) == [
        {
            "id": 1,
            "name": "a",
            "ratio": 0.5,
            "on": "2025-01-02",
            "at": "2025-01-02T03:04:05Z",
            "price": "1.20",
            "raw": "AP8=",
            "tags": ["x", "y"],
            "of": {"a": 1},
        },
        {
            "id": 2,
            "name": None,
            "ratio": None,
            "on": None,
            "at": None,
            "price": None,
            "raw": "",
            "tags": [],
            "of": None,
        },
    ]


def test_a_map_is_an_object() -> None:
    pairs = pyarrow.array([[("a", 1)]], pyarrow.map_(pyarrow.string(), pyarrow.int64()))
    assert list(parquet_items(parquet_of({"m": pairs}), "file", LIMITS)) == [{"m": {"a": 1}}]


def test_rows_come_in_order_over_many_batches() -> None:
    limits = replace(LIMITS, parquet_batch_rows_max=7)
    file = parquet_of({"n": list(range(100))})
    assert [row["n"] for row in parquet_items(file, "file", limits)] == list(range(100))


def test_a_text_repeated_often_is_not_unpacked_at_once() -> None:
    places = pyarrow.array([0] * 100_000, pyarrow.int32())
    file = parquet_of({"t": pyarrow.DictionaryArray.from_arrays(places, ["x" * 100_000])})
    assert file.seek(0, 2) < 1_000_000  # of what would be 10 GB
    file.seek(0)
    rows = parquet_items(file, "file", LIMITS)
    assert sum(len(row["t"]) for row in islice(rows, 1000)) == 100_000_000
    rows.close()


def test_a_row_group_that_says_it_is_too_large_is_refused() -> None:
    limits = replace(LIMITS, parquet_row_group_bytes_max=100)
    with pytest.raises(ItemReaderFailed, match="A row group of file has more than 100 bytes"):
        list(parquet_items(parquet_of({"n": list(range(1000))}), "file", limits))


@pytest.mark.parametrize("cut", [0, 3, 8, 60, -1])
def test_a_damaged_file_is_refused(cut: int) -> None:
    content = parquet_of({"n": list(range(100))}).getvalue()
    with pytest.raises(ItemReaderFailed, match="The file file is not a valid Parquet file"):
        list(parquet_items(io.BytesIO(content[:cut]), "file", LIMITS))


def test_changed_bytes_may_kill_who_reads_them_and_nobody_else() -> None:
    content = parquet_of({"n": list(range(50)), "t": ["abc"] * 50}).getvalue()
    for at in range(0, len(content), len(content) // 12):
        changed = content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :]
        with suppress(ItemReaderFailed):
            list(parquet_items(io.BytesIO(changed), "file", LIMITS))


def test_columns_have_different_names() -> None:
    file = io.BytesIO()
    table = pyarrow.Table.from_arrays([pyarrow.array([1]), pyarrow.array([2])], names=["a", "a"])
    pyarrow.parquet.write_table(table, file)
    with pytest.raises(ItemReaderFailed, match="Columns of file share a name"):
        list(parquet_items(file, "file", LIMITS))


def test_without_the_library_the_cause_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ItemReaderFailed, match=r"pip install 'fogline\[parquet\]'"):
        list(parquet_items(io.BytesIO(b""), "file", LIMITS))
