"""What an ItemReader is said to have read, in place of a file: items from the text that a test brings along."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, BinaryIO

from fogline.aws.states.machine import ItemReader
from fogline.services.stepfunctions.distributed.failures import ItemReaderFailed
from fogline.services.stepfunctions.distributed.fetching import Page
from fogline.services.stepfunctions.distributed.reader_config import read_config
from fogline.services.stepfunctions.distributed.reading import Item, read_items
from fogline.services.stepfunctions.state_testing.texts import find_json


class GivenFile:
    """A text in place of whatever object is asked for (answers `Fetch`)."""

    def __init__(self, text: str) -> None:
        self._text = text

    def get_object(self, request: Mapping[str, Any]) -> BinaryIO:
        return io.BytesIO(self._text.encode())

    def list_objects(self, request: Mapping[str, Any], token: str | None) -> Page:
        raise AssertionError("listings are given whole")


def given_items(reader: ItemReader, arguments: Any, text: str, max_items: int) -> list[Item]:
    """The items that the reader finds in the text. Raises ItemReaderFailed.

    Listings and manifests lead to more than one file: for them the text is a JSON array of the items.
    """
    config = read_config(reader.reader_config)
    is_list = reader.resource.action.lower() == "listobjectsv2"
    if not is_list and config.input_type != "MANIFEST" and not config.manifest_type:
        return list(read_items(reader, arguments, GivenFile(text), max_items))
    values = find_json(text)
    if not isinstance(values, list):
        raise ItemReaderFailed("Attempting to map over non-iterable node.")
    bucket = arguments.get("Bucket") if isinstance(arguments, dict) else None
    return [Item(value, f"S3://{bucket}") for value in values[: max_items or None]]
