"""What an item can know of itself: `$$.Map.Item`, which is `$states.context.Map.Item` in JSONata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STATE_DATA = "STATE_DATA"
"""The source of items that are no file's: they come from the state's input."""


def item_context(
    context: Mapping[str, Any],
    index: int,
    value: Any,
    source: str = STATE_DATA,
    key: str | None = None,
) -> dict[str, Any]:
    """The context object for one item. `key` is the name of a member, where a Map runs over an object.

    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
    """
    item: dict[str, Any] = {"Index": index, "Value": value, "Source": source}
    if key is not None:
        item["Key"] = key
    return {**context, "Map": {"Item": item}}
