"""From items to the inputs of children: selected one by one, then alone or in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fogline.aws.states.machine.model import MapState
from fogline.services.stepfunctions.distributed.batching import (
    Batching,
    Input,
    batch_inputs,
    single_inputs,
)
from fogline.services.stepfunctions.distributed.item_selection import item_context
from fogline.services.stepfunctions.distributed.limits import MapRunLimits
from fogline.services.stepfunctions.distributed.reading import Item
from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.payloads import payload_text
from fogline.services.stepfunctions.engine.view import View


def inputs_of(
    state: CompiledState,
    view: View,
    items: Iterable[Item],
    batching: Batching | None,
    limits: MapRunLimits,
) -> Iterator[Input]:
    """What the children are given, made as it is asked for. Raises StateFailed, also between two of them."""
    texts = _selected(state, view, items)
    return (
        single_inputs(texts, limits) if batching is None else batch_inputs(texts, batching, limits)
    )


def _selected(state: CompiledState, view: View, items: Iterable[Item]) -> Iterator[str]:
    select = state.item_selector
    if select is None:
        for item in items:
            yield payload_text(item.value)
        return
    given = effective_view(state, view)
    for index, item in enumerate(items):
        context = item_context(view.context, index, item.value, item.source)
        own = View(given.input, context, view.variables, view.ids, view.now)
        yield payload_text(select(own))


def effective_view(state: CompiledState, view: View) -> View:
    """What the fields of the Map see: the input as `InputPath` leaves it."""
    assert isinstance(state.model, MapState), "only a Map has items"
    given = view.input if state.is_jsonata else state.fields.effective_input(view)
    if given is view.input:
        return view
    return View(given, view.context, view.variables, view.ids, view.now)
