"""Reading many items: page by page, by number, by size, and through a filter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fogline.services.dynamodb import legacy
from fogline.services.dynamodb.expressions.bindings import Bindings
from fogline.services.dynamodb.expressions.compiled import Projection
from fogline.services.dynamodb.packing import unpacked
from fogline.services.dynamodb.tables import Line, Position, position_of
from fogline.services.dynamodb.values import Item

_ROWS_FIRST = 64
_ROWS_MAX = 4_096

Fetch = Callable[[Position | None, int], list[Line]]
"""Rows past a position (None: from the beginning), so many at most."""


def projection_for(request: Mapping[str, Any]) -> Projection | None:
    """The projection that a read of single items asks for, if any."""
    if not (
        "ProjectionExpression" in request
        or "AttributesToGet" in request
        or "ExpressionAttributeNames" in request
    ):
        return None
    bindings = Bindings(request, ("ProjectionExpression",), ("AttributesToGet",))
    if "ProjectionExpression" in request:
        projection = bindings.projection(request["ProjectionExpression"])
        bindings.refuse_unused()
        return projection
    return legacy.projection_from(request["AttributesToGet"])


@dataclass(slots=True)
class Page:
    """What one page of a query or a scan found. `last` is the item after which the next one begins."""

    items: list[Item] = field(default_factory=list)
    count: int = 0
    scanned: int = 0
    size: int = 0
    last: Item | None = None


def read_page(
    fetch: Fetch,
    start: Position | None,
    *,
    limit: int | None,
    bytes_max: int,
    keep: Callable[[Item], bool] | None,
    shape: Callable[[Item], Item] | None,
    is_counted_only: bool,
) -> Page:
    """Read until `limit` items have been looked at, their size passes `bytes_max`, or none are left.

    `keep` is the filter: what it drops counts as read. `shape` makes of an item what is handed out.
    """
    page = Page()
    rows_wanted = _ROWS_FIRST
    while True:
        rows_max = rows_wanted if limit is None else min(rows_wanted, limit - page.scanned)
        lines = fetch(start, rows_max)
        for line in lines:
            page.scanned += 1
            page.size += line[-2]
            item = None
            if keep is not None or not is_counted_only:
                item = unpacked(line[-1])
                if keep is None or keep(item):
                    page.count += 1
                    if not is_counted_only:
                        page.items.append(shape(item) if shape is not None else item)
            else:
                page.count += 1
            if page.size >= bytes_max or page.scanned == limit:
                page.last = item if item is not None else unpacked(line[-1])
                return page
        if len(lines) < rows_max:
            return page
        start = position_of(lines[-1])
        average = page.size // page.scanned + 1
        rows_wanted = max(1, min(_ROWS_MAX, (bytes_max - page.size) // average + 1))
