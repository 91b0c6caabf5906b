"""What `ReaderConfig` says: how the items are spelled in the files that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fogline.services.stepfunctions.distributed.failures import ItemReaderFailed

_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


@dataclass(frozen=True, slots=True)
class ReaderConfig:
    """A `ReaderConfig` with its defaults. `MaxItems` is no part of it: that may be known only when the state runs."""

    input_type: str = ""
    """CSV, JSON, JSONL, PARQUET or MANIFEST; "" where the definition does not say."""
    manifest_type: str = ""
    """ATHENA_DATA or S3_INVENTORY; "" for what is no manifest."""
    is_flattened: bool = False
    """True to read the objects that a listing names (LOAD_AND_FLATTEN), not the listing itself."""
    delimiter: str = ","
    header_location: str = ""
    headers: tuple[str, ...] = ()
    items_pointer: str = ""


def read_config(given: Mapping[str, Any] | None) -> ReaderConfig:
    """The configuration that a definition gives. Raises ItemReaderFailed where its parts do not fit together."""
    given = given or {}
    config = ReaderConfig(
        input_type=given.get("InputType", ""),
        manifest_type=given.get("ManifestType", ""),
        is_flattened=given.get("Transformation") == "LOAD_AND_FLATTEN",
        delimiter=_DELIMITERS[given.get("CSVDelimiter", "COMMA")],
        header_location=given.get("CSVHeaderLocation", ""),
        headers=tuple(given.get("CSVHeaders") or ()),
        items_pointer=given.get("ItemsPointer", ""),
    )
    _check(config)
    return config


def _check(config: ReaderConfig) -> None:
    if config.manifest_type == "ATHENA_DATA" and config.input_type not in {
        "CSV",
        "JSONL",
        "PARQUET",
    }:
        raise ItemReaderFailed(
            "InputType must be CSV, JSONL or PARQUET when ManifestType is ATHENA_DATA."
        )
    if config.is_flattened and config.input_type not in {"CSV", "JSON", "JSONL", "PARQUET"}:
        raise ItemReaderFailed(
            "InputType must be CSV, JSON, JSONL or PARQUET when Transformation is LOAD_AND_FLATTEN."
        )
    if config.input_type == "CSV" and config.manifest_type != "S3_INVENTORY":
        _check_headers(config)
    if config.items_pointer and config.input_type != "JSON":
        raise ItemReaderFailed("ItemsPointer is only supported when InputType is JSON.")


def _check_headers(config: ReaderConfig) -> None:
    if config.header_location == "GIVEN" and not config.headers:
        raise ItemReaderFailed("CSVHeaders must be given when CSVHeaderLocation is GIVEN.")
    if not config.header_location:
        raise ItemReaderFailed("CSVHeaderLocation must be given when InputType is CSV.")
