"""The items of a distributed Map that an ItemReader names: objects of a bucket, or what stands in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from fogline.aws.states.machine.model import ItemReader
from fogline.services.stepfunctions.distributed.csv_files import csv_items, csv_rows, objects_of
from fogline.services.stepfunctions.distributed.failures import ItemReaderFailed
from fogline.services.stepfunctions.distributed.fetching import Fetch
from fogline.services.stepfunctions.distributed.json_files import json_items, json_line_items
from fogline.services.stepfunctions.distributed.limits import MapRunLimits
from fogline.services.stepfunctions.distributed.manifests import read_inventory, read_locations
from fogline.services.stepfunctions.distributed.parquet_files import parquet_items
from fogline.services.stepfunctions.distributed.reader_config import ReaderConfig, read_config
from fogline.services.stepfunctions.distributed.text_lines import text_lines


class Item(NamedTuple):
    """One item of a Map, and where it comes from."""

    value: Any
    source: str
    """`$$.Map.Item.Source`."""


def read_items(
    reader: ItemReader,
    arguments: Any,
    fetch: Fetch,
    max_items: int = 0,
    limits: MapRunLimits | None = None,
) -> Iterator[Item]:
    """The items, read as they are asked for. Raises ItemReaderFailed, also between two items.

    `arguments` are the reader's `Parameters` or `Arguments`, evaluated; `max_items` is what `MaxItems` or
    `MaxItemsPath` gives, 0 for all (recorded: test_map_item_reader_csv_max_items).
    """
    limits = limits or MapRunLimits()
    reading = _Reading(read_config(reader.reader_config), fetch, limits)
    request = _request(arguments)
    if reader.resource.action.lower() == "listobjectsv2":
        items = reading.listed(request)
    else:
        items = reading.stored(request)
    if 0 < max_items <= limits.items_max:
        return islice(items, max_items)
    return _bounded(items, limits.items_max)


def _request(arguments: Any) -> Mapping[str, Any]:
    if not isinstance(arguments, dict) or not isinstance(arguments.get("Bucket"), str):
        raise ItemReaderFailed("The ItemReader does not name the bucket to read from.")
    return arguments


def _bounded(items: Iterator[Item], most: int) -> Iterator[Item]:
    yield from islice(items, most)
    if next(items, None) is not None:
        raise ItemReaderFailed(f"There are more than {most} items; set MaxItems to read fewer.")


class _Reading:
    """Reads with one configuration."""

    def __init__(self, config: ReaderConfig, fetch: Fetch, limits: MapRunLimits) -> None:
        self._config = config
        self._fetch = fetch
        self._limits = limits

    def listed(self, request: Mapping[str, Any]) -> Iterator[Item]:
        """What `ListObjectsV2` lists, or what stands in the objects that it lists."""
        bucket = request["Bucket"]
        for listed in self._listing(request):
            if not self._config.is_flattened:
                yield Item(_shown(listed), f"S3://{bucket}")
            elif listed["Size"]:
                yield from self._object(bucket, listed["Key"])

    def _listing(self, request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        token: str | None = None
        while True:
            page = self._fetch.list_objects(request, token)
            yield from page.contents
            token = page.token
            if token is None:
                return

    def stored(self, request: Mapping[str, Any]) -> Iterator[Item]:
        """What stands in one object, or in those that it is the manifest of."""
        if not isinstance(request.get("Key"), str):
            raise ItemReaderFailed("The ItemReader does not name the object to read.")
        if self._config.manifest_type == "ATHENA_DATA":
            return self._unloaded(request)
        if self._config.input_type == "MANIFEST" or self._config.manifest_type:
            return self._inventory(request)
        return self._opened(request)

    def _unloaded(self, request: Mapping[str, Any]) -> Iterator[Item]:
        name = request["Key"]
        lines = text_lines(self._fetch.get_object(request), name, self._limits)
        for bucket, key in read_locations(lines, name, self._limits):
            yield from self._object(bucket, key)

    def _inventory(self, request: Mapping[str, Any]) -> Iterator[Item]:
        file = self._fetch.get_object(request)
        inventory = read_inventory(file, request["Key"], self._limits)
        for key in inventory.keys:
            source = _uri(inventory.bucket, key)
            part = self._fetch.get_object({"Bucket": inventory.bucket, "Key": key})
            if inventory.is_parquet:
                values = parquet_items(part, key, self._limits)
            else:
                rows = csv_rows(text_lines(part, key, self._limits), key, ",", self._limits)
                values = objects_of(rows, inventory.columns, self._limits)
            yield from (Item(value, source) for value in values)

    def _object(self, bucket: str, key: str) -> Iterator[Item]:
        return self._opened({"Bucket": bucket, "Key": key})

    def _opened(self, request: Mapping[str, Any]) -> Iterator[Item]:
        source = _uri(request["Bucket"], request["Key"])
        for value in self._values(request):
            yield Item(value, source)

    def _values(self, request: Mapping[str, Any]) -> Iterator[Any]:
        config, limits, name = self._config, self._limits, request["Key"]
        file = self._fetch.get_object(request)
        if config.input_type == "CSV":
            return csv_items(text_lines(file, name, limits), name, config, limits)
        if config.input_type == "JSONL":
            return json_line_items(text_lines(file, name, limits), name)
        if config.input_type == "PARQUET":
            return parquet_items(file, name, limits)
        return json_items(file, name, config.items_pointer, limits)


def _uri(bucket: str, key: str) -> str:
    return f"S3://{bucket}/{key}"


def _shown(listed: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of a listing as an item; times are seconds. Recorded: test_map_item_reader_base_list_objects_v2."""
    return {
        "Etag": listed["ETag"],
        "Key": listed["Key"],
        "LastModified": listed["LastModified"] // 1000,
        "Size": listed["Size"],
        "StorageClass": listed["StorageClass"],
    }
