"""The items of a Map under test: read, selected and put in batches, as its iterations would be given them."""

from __future__ import annotations

import asyncio

from fogline.aws.errors import ValidationException
from fogline.aws.states.failures import StateFailed
from fogline.aws.states.machine import MapState
from fogline.services.stepfunctions.distributed.batching import batch_inputs
from fogline.services.stepfunctions.distributed.failures import ToleranceExceeded
from fogline.services.stepfunctions.distributed.item_selection import STATE_DATA, item_context
from fogline.services.stepfunctions.distributed.map_fields import (
    batching,
    max_items,
    service_arguments,
)
from fogline.services.stepfunctions.distributed.reading import Item
from fogline.services.stepfunctions.distributed.tolerance import Tolerance
from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.fan_outs import items_of, selected_item
from fogline.services.stepfunctions.engine.payloads import payload_text
from fogline.services.stepfunctions.engine.view import View
from fogline.services.stepfunctions.state_testing.configuration import Configuration
from fogline.services.stepfunctions.state_testing.given_files import given_items
from fogline.services.stepfunctions.state_testing.inspection import Seen
from fogline.world.clock import Clock

SELECTED_MAX = 10_000
"""How many items are shown as they are selected; of more, or of larger ones than fit, none is."""


class MapItems:
    """Of one trial."""

    def __init__(
        self,
        state: CompiledState,
        configuration: Configuration,
        seen: Seen,
        clock: Clock,
        bytes_max: int,
    ) -> None:
        assert isinstance(state.model, MapState), "only a Map has items"
        self._state = state
        self._model = state.model
        self._configuration = configuration
        self._seen = seen
        self._clock = clock
        self._bytes_max = bytes_max

    async def prepare(self, view: View, until: int) -> None:
        """Note what the iterations are given.

        Raises StateFailed, also where more of them are said to have failed than may, and ValidationException.
        """
        items = self._items(view)
        texts = await self._selected(view, items, until)
        if texts is not None:
            if self._state.item_selector is not None:
                self._seen.texts["afterItemSelector"] = _array(texts)
            if self._model.item_batcher is not None:
                is_jsonata = self._state.is_jsonata
                how = batching(self._model.item_batcher, view, is_jsonata=is_jsonata)
                batches = [one.text for one in batch_inputs(texts, how)]
                self._seen.texts["afterItemBatcher"] = _array(batches)
        self._check_failures(len(items))

    # ---- items

    def _items(self, view: View) -> list[Item]:
        if self._model.item_reader is not None:
            return self._read(view)
        items = items_of(self._state, view)
        if not self._state.is_jsonata:
            self._seen.note("afterItemsPath", items)
        return [Item(item, STATE_DATA) for item in items]

    def _read(self, view: View) -> list[Item]:
        """What the reader has read: what was said, or what the input has in its place."""
        reader, data = self._model.item_reader, self._configuration.reader_data
        assert reader is not None, "it reads its items"
        if data is None:
            items = view.input
            if self._model.items_path is not None:
                items = items_of(self._state, view)
                self._seen.note("afterItemsPath", items)
            return [Item(item, STATE_DATA) for item in items] if isinstance(items, list) else []
        arguments = service_arguments(reader, view, is_jsonata=self._state.is_jsonata)
        found = given_items(reader, arguments, data, max_items(reader, view))
        if (reader.reader_config or {}).get("ItemsPointer"):
            self._seen.note("afterItemsPointer", [item.value for item in found])
        return found

    # ---- what is made of them

    async def _selected(self, view: View, items: list[Item], until: int) -> list[str] | None:
        """Each item as JSON after the selector. Others have their turn after each: a selector may be costly."""
        if len(items) > SELECTED_MAX:
            return None
        is_plain = self._state.item_selector is None
        texts: list[str] = []
        room = self._bytes_max
        for index, item in enumerate(items):
            text = payload_text(item.value if is_plain else self._select(view, index, item))
            room -= len(text.encode()) + 1
            if room < 0 or self._clock.now() >= until:
                return None
            texts.append(text)
            if not is_plain:
                await asyncio.sleep(0)
        return texts

    def _select(self, view: View, index: int, item: Item) -> object:
        state = self._state
        if not self._model.is_distributed:
            return selected_item(state, view, index, item.value)
        assert state.item_selector is not None, "it selects"
        context = item_context(view.context, index, item.value, item.source)
        given = view.input if state.is_jsonata else state.fields.effective_input(view)
        return state.item_selector(View(given, context, view.variables, view.ids, view.now))

    # ---- those that fail

    def _check_failures(self, total: int) -> None:
        failed = self._configuration.failed_iterations
        if total and failed > total:
            raise ValidationException(
                f"mapIterationFailureCount cannot be larger than the number of items, {total}."
            )
        numbers = self._seen.numbers
        tolerance = Tolerance(
            numbers.get("toleratedFailureCount") or 0,
            numbers.get("toleratedFailurePercentage") or 0.0,
        )
        if failed and tolerance.is_exceeded(failed, total):
            exceeded: StateFailed = ToleranceExceeded()
            raise exceeded


def _array(texts: list[str]) -> str:
    return f"[{','.join(texts)}]"
