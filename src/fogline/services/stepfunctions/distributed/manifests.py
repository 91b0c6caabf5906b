"""Files that name files: inventories of S3, and what Athena's UNLOAD leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import orjson

from fogline.services.stepfunctions.distributed.failures import ItemReaderFailed
from fogline.services.stepfunctions.distributed.limits import MapRunLimits
from fogline.services.stepfunctions.distributed.text_lines import without_end

_ARN = "arn:aws:s3:::"
_URI = "s3://"


@dataclass(frozen=True, slots=True)
class Inventory:
    """A report of S3 Inventory: where it lies, and what its columns are."""

    bucket: str
    is_parquet: bool
    columns: tuple[str, ...]
    keys: tuple[str, ...]


def read_inventory(file: BinaryIO, name: str, limits: MapRunLimits) -> Inventory:
    """An inventory's `manifest.json`. Raises ItemReaderFailed.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
    """
    with file:
        raw = file.read(limits.json_bytes_max + 1)
    try:
        manifest: Any = orjson.loads(raw) if len(raw) <= limits.json_bytes_max else None
        bucket, form = manifest["destinationBucket"], manifest["fileFormat"]
        schema, files = manifest["fileSchema"], manifest["files"]
        keys = tuple(file["key"] for file in files)
    except (ValueError, KeyError, TypeError):
        raise _no_manifest(name) from None
    if not all(isinstance(text, str) for text in (bucket, schema, *keys)):
        raise _no_manifest(name)
    if form not in {"CSV", "Parquet"}:
        raise ItemReaderFailed(f"The inventory {name} is neither of CSV nor of Parquet files.")
    _check_count(len(keys), name, limits)
    columns = tuple(column.strip() for column in schema.split(",")) if form == "CSV" else ()
    return Inventory(bucket.removeprefix(_ARN), form == "Parquet", columns, keys)


def read_locations(lines: Iterator[str], name: str, limits: MapRunLimits) -> list[tuple[str, str]]:
    """Bucket and key of each file that Athena's manifest names. Raises ItemReaderFailed."""
    found: list[tuple[str, str]] = []
    for line in lines:
        uri = without_end(line).strip().strip('"')
        if not uri:
            continue
        bucket, _, key = uri.removeprefix(_URI).partition("/")
        if not uri.startswith(_URI) or not bucket or not key:
            raise _no_manifest(name)
        found.append((bucket, key))
        _check_count(len(found), name, limits)
    return found


def _check_count(count: int, name: str, limits: MapRunLimits) -> None:
    if count > limits.manifest_files_max:
        raise ItemReaderFailed(
            f"The manifest {name} names more than {limits.manifest_files_max} files."
        )


def _no_manifest(name: str) -> ItemReaderFailed:
    return ItemReaderFailed(f"The file {name} is not a manifest of the type that was specified.")
