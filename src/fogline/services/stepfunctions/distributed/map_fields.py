"""The fields of a Map's reader, batcher and writer, ready to be evaluated."""

from __future__ import annotations

from typing import Any

from fogline.aws.states.machine import ABSENT, ItemBatcher, ItemReader, ResultWriter
from fogline.aws.states.payload_templates import compile_template
from fogline.services.stepfunctions.distributed.batching import Batching
from fogline.services.stepfunctions.engine import numbers
from fogline.services.stepfunctions.engine.jsonata_fields import Field
from fogline.services.stepfunctions.engine.payloads import payload_text
from fogline.services.stepfunctions.engine.view import View


def service_arguments(part: ItemReader | ResultWriter, view: View, *, is_jsonata: bool) -> Any:
    """What a reader or a writer asks for; None where it says nothing. Raises StateFailed."""
    if is_jsonata:
        given = _value("Arguments", part.arguments, view, is_jsonata=True)
    else:
        given = _value("Parameters", part.parameters, view, is_jsonata=False)
    return None if given is ABSENT else given


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
