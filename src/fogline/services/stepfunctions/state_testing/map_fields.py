"""The fields of a Map's reader and batcher, ready to be evaluated."""

from __future__ import annotations

from typing import Any

from fogline.aws.states.machine import ABSENT, ItemBatcher, ItemReader
from fogline.aws.states.payload_templates import compile_template
from fogline.services.stepfunctions.distributed.batching import Batching
from fogline.services.stepfunctions.engine import numbers
from fogline.services.stepfunctions.engine.jsonata_fields import Field
from fogline.services.stepfunctions.engine.payloads import payload_text
from fogline.services.stepfunctions.engine.view import View


def reader_arguments(reader: ItemReader, view: View, *, is_jsonata: bool) -> Any:
    """What the reader asks for. Raises StateFailed."""
    if is_jsonata:
        return _value("Arguments", reader.arguments, view, is_jsonata=True)
    return _value("Parameters", reader.parameters, view, is_jsonata=False)


def max_items(reader: ItemReader, view: View) -> int:
    """`MaxItems`; 0 for all. Raises StateFailed."""
    config = reader.reader_config or {}
    return _number("MaxItems", config.get("MaxItems"), config.get("MaxItemsPath"), view)


def batching(batcher: ItemBatcher, view: View, *, is_jsonata: bool) -> Batching:
    """Raises StateFailed."""
    given = _value("BatchInput", batcher.batch_input, view, is_jsonata=is_jsonata)
    items, items_path = batcher.max_items_per_batch, batcher.max_items_per_batch_path
    size, size_path = batcher.max_input_bytes_per_batch, batcher.max_input_bytes_per_batch_path
    return Batching(
        items_max=_number("MaxItemsPerBatch", items, items_path, view),
        bytes_max=_number("MaxInputBytesPerBatch", size, size_path, view),
        batch_input=None if given is ABSENT else payload_text(given),
    )


def _number(name: str, literal: Any, path: str | None, view: View) -> int:
    read = numbers.integer(name, literal, path)
    return 0 if read is None else int(read(view))


def _value(name: str, template: Any, view: View, *, is_jsonata: bool) -> Any:
    if template is ABSENT:
        return ABSENT
    if is_jsonata:
        return Field(name, template).value(view)
    return compile_template(template).apply(view.scope)
