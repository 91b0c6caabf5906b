"""How much a map run may read and write on one machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MapRunLimits:
    """AWS's numbers where it publishes them and one machine can bear them; else ours."""

    items_max: int = 10_000_000
    """Of one map run. AWS reads up to 100 million."""
    text_bytes_max: int = 4 * 1024**3
    """Of a file of lines, decompressed: it is read line by line."""
    json_bytes_max: int = 256 * 1024**2
    """Of a JSON file: it is read whole."""
    line_bytes_max: int = 1024**2
    """Of a line of text, and of a CSV row that spans several."""
    csv_header_bytes_max: int = 10 * 1024
    """Published: "Step Functions supports CSV headers of up to 10 KiB"."""
    manifest_files_max: int = 10_000
    parquet_bytes_max: int = 5 * 1024**3
    parquet_row_group_bytes_max: int = 256 * 1024**2
    parquet_batch_rows_max: int = 256
    """How many rows of a Parquet file are unpacked at a time."""
    parquet_memory_bytes_max: int = 2 * 1024**3
    parquet_seconds_max: int = 900
    """Of the process that unpacks a Parquet file."""
    input_bytes_max: int = 262_144
    """Of what a child execution is given."""
    result_file_bytes_max: int = 16 * 1024**2
    """How large a file of results grows before the next one is begun. AWS's are up to 5 GB."""
    chunk_bytes_max: int = 64 * 1024
    """Of the inputs that are kept in one row."""
