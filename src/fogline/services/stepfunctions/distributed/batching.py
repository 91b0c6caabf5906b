"""What each child execution is given: an item, or a batch of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from fogline.aws.states.failures import DATA_LIMIT_EXCEEDED, StateFailed
from fogline.services.stepfunctions.distributed.limits import MapRunLimits


class Input(NamedTuple):
    """The input of a child execution, and how many items it holds."""

    text: str
    """JSON, in one line."""
    items: int = 1


@dataclass(frozen=True, slots=True)
class Batching:
    """An ItemBatcher whose fields are evaluated."""

    items_max: int = 0
    """`MaxItemsPerBatch`; 0 for as many as fit."""
    bytes_max: int = 0
    """`MaxInputBytesPerBatch`; 0 for as large as an input may be."""
    batch_input: str | None = None
    """`BatchInput` as JSON; None where there is none."""


def single_inputs(items: Iterable[str], limits: MapRunLimits | None = None) -> Iterator[Input]:
    """Each item (JSON, as its selector made it) as the input of an execution of its own. Raises StateFailed."""
    most = (limits or MapRunLimits()).input_bytes_max
    for item in items:
        if _size(item, most) > most:
            raise _too_large(most)
        yield Input(item)


def batch_inputs(
    items: Iterable[str], batching: Batching, limits: MapRunLimits | None = None
) -> Iterator[Input]:
    """The items in batches: `{"BatchInput": ..., "Items": [...]}`. Raises StateFailed.

    A batch ends before the item that would make its input, all told, larger than `MaxInputBytesPerBatch`.
    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
    """
    most = (limits or MapRunLimits()).input_bytes_max
    if batching.bytes_max:
        most = min(most, batching.bytes_max)
    begin = '{"Items":['
    if batching.batch_input is not None:
        begin = f'{{"BatchInput":{batching.batch_input},"Items":['
    frame = len(begin.encode()) + len("]}")
    gathered: list[str] = []
    size = frame
    for item in items:
        more = len(item.encode()) + bool(gathered)
        is_full = 0 < batching.items_max <= len(gathered)
        if gathered and (is_full or size + more > most):
            yield _batch(begin, gathered)
            gathered, size, more = [], frame, len(item.encode())
        if size + more > most:
            raise _too_large(most)
        gathered.append(item)
        size += more
    if gathered:
        yield _batch(begin, gathered)


def _batch(begin: str, gathered: list[str]) -> Input:
    return Input(f"{begin}{','.join(gathered)}]}}", len(gathered))


def _size(text: str, most: int) -> int:
    """The bytes of a text, counted only where they matter: a character takes four at most."""
    return len(text.encode()) if len(text) * 4 > most else len(text)


def _too_large(most: int) -> StateFailed:
    return StateFailed(
        DATA_LIMIT_EXCEEDED,
        f"An item is larger than the {most} bytes that the input of a child workflow execution may have.",
    )
