"""The rows of a drawing: nodes, labels and bends in an order with few crossings, each row centred on its neighbours."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

_SWEEPS = 6
_SETTLINGS = 6


class ItemKind(Enum):
    NODE = "node"
    LABEL = "label"
    BEND = "bend"


@dataclass(slots=True)
class Item:
    """Something with a place in a row. `x` is its middle."""

    kind: ItemKind
    rank: int
    width: int
    height: int
    x: int = 0

    @property
    def left(self) -> int:
        return self.x - self.width // 2

    @property
    def right(self) -> int:
        return self.left + self.width


@dataclass(frozen=True, slots=True)
class Link:
    """A line from an item to one in the next row, from `offset` beside the middle. Heavy ones want to be straight."""

    upper: int
    lower: int
    offset: int = 0
    weight: float = 1.0


@dataclass(slots=True)
class Layers:
    """Items and links; `rows` hold the places of items from left to right."""

    items: list[Item] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    rows: list[list[int]] = field(default_factory=list)

    def add(self, item: Item) -> int:
        self.items.append(item)
        while len(self.rows) <= item.rank:
            self.rows.append([])
        self.rows[item.rank].append(len(self.items) - 1)
        return len(self.items) - 1


def arrange(layers: Layers, gap: int, line_gap: int) -> None:
    """Give every item its place: first the order in each row, then the middle of each item."""
    above, below = _neighbours(layers)
    _order(layers, above, below)
    _place(layers, above, below, gap, line_gap)


Links = list[list[Link]]


def _neighbours(layers: Layers) -> tuple[Links, Links]:
    above: Links = [[] for _ in layers.items]
    below: Links = [[] for _ in layers.items]
    for link in layers.links:
        above[link.lower].append(link)
        below[link.upper].append(link)
    return above, below


# ---- order


def _order(layers: Layers, above: Links, below: Links) -> None:
    rows = layers.rows
    place = _places(rows, len(layers.items))
    best, fewest = [list(row) for row in rows], _crossings(layers, place)
    for sweep in range(_SWEEPS):
        if fewest == 0:
            break
        downward = sweep % 2 == 0
        for row in rows[1:] if downward else rows[-2::-1]:
            _sort(row, place, above if downward else below, downward)
        crossings = _crossings(layers, place)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    layers.rows = best


def _sort(row: list[int], place: list[int], links: Links, downward: bool) -> None:
    """Each item goes to the mean of its neighbours in the row that is fixed; one without stays where it is."""
    wanted: dict[int, float] = {}
    for item in row:
        mine = links[item]
        if not mine:
            wanted[item] = place[item]
        elif downward:
            # What leaves at a side (errors that are caught) comes after what leaves in the middle.
            wanted[item] = sum(place[one.upper] + (0.3 if one.offset else 0) for one in mine) / len(
                mine
            )
        else:
            wanted[item] = sum(place[one.lower] for one in mine) / len(mine)
    row.sort(key=lambda item: (wanted[item], place[item]))
    for at, item in enumerate(row):
        place[item] = at


def _places(rows: Iterable[list[int]], count: int) -> list[int]:
    place = [0] * count
    for row in rows:
        for at, item in enumerate(row):
            place[item] = at
    return place


def _crossings(layers: Layers, place: list[int]) -> int:
    by_row: list[list[tuple[float, int]]] = [[] for _ in layers.rows]
    for link in layers.links:
        start = place[link.upper] + (0.3 if link.offset else 0)
        by_row[layers.items[link.upper].rank].append((start, place[link.lower]))
    crossings = 0
    for pairs in by_row:
        pairs.sort()
        seen: list[int] = []
        for _, lower in pairs:
            crossings += len(seen) - bisect_right(seen, lower)
            insort(seen, lower)
    return crossings


# ---- place


def _place(layers: Layers, above: Links, below: Links, gap: int, line_gap: int) -> None:
    items, rows = layers.items, layers.rows
    apart = [
        [_distance(items[left], items[right], gap, line_gap) for left, right in pairwise(row)]
        for row in rows
    ]
    middle = [0.0] * len(items)
    for row, distances in zip(rows, apart, strict=True):
        at = 0.0
        for item, distance in zip(row, [*distances, 0], strict=True):
            middle[item] = at
            at += distance
    for settling in range(2 * _SETTLINGS + 2):
        downward = settling % 2 == 0
        is_last = settling >= 2 * _SETTLINGS
        order = range(len(rows)) if downward else range(len(rows) - 1, -1, -1)
        for rank in order:
            upper = above if downward or is_last else None
            lower = below if not downward or is_last else None
            _settle(rows[rank], apart[rank], middle, upper, lower)
    for one, x in zip(items, middle, strict=True):
        one.x = round(x)
    _separate(layers, apart)
    _straighten(layers, apart, above, below)


def _distance(left: Item, right: Item, gap: int, line_gap: int) -> int:
    are_nodes = left.kind is ItemKind.NODE and right.kind is ItemKind.NODE
    return left.width - left.width // 2 + (gap if are_nodes else line_gap) + right.width // 2


def _settle(
    row: list[int],
    distances: list[int],
    middle: list[float],
    above: Links | None,
    below: Links | None,
) -> None:
    """The middles nearest to what each item wants, in order and far enough apart (pooling adjacent violators)."""
    blocks: list[list[float]] = []  # mean, weight, number of items
    shift, shifts = 0.0, []
    for item, distance in zip(row, [0, *distances], strict=True):
        shift += distance
        shifts.append(shift)
        total = weight = 0.0
        for link in above[item] if above else ():
            total += link.weight * (middle[link.upper] + link.offset)
            weight += link.weight
        for link in below[item] if below else ():
            total += link.weight * (middle[link.lower] - link.offset)
            weight += link.weight
        wanted = total / weight if weight else middle[item]
        weight = max(weight, 0.01)
        block = [wanted - shift, weight, 1]
        while blocks and blocks[-1][0] >= block[0]:
            mean, heavier, count = blocks.pop()
            both = heavier + block[1]
            block = [(mean * heavier + block[0] * block[1]) / both, both, count + block[2]]
        blocks.append(block)
    at = 0
    for mean, _, count in blocks:
        for _ in range(int(count)):
            middle[row[at]] = mean + shifts[at]
            at += 1


def _separate(layers: Layers, apart: list[list[int]]) -> None:
    """Rounding may have moved two items a step together; nothing may stay closer than it must be."""
    for row, distances in zip(layers.rows, apart, strict=True):
        for left, right, distance in zip(row, row[1:], distances, strict=False):
            least = layers.items[left].x + distance
            layers.items[right].x = max(layers.items[right].x, least)


def _straighten(layers: Layers, apart: list[list[int]], above: Links, below: Links) -> None:
    """Lines that are nearly straight become straight, where there is room; labels move any distance for it."""
    items = layers.items
    for downward in (True, False, True, False):
        ranks = range(len(layers.rows)) if downward else range(len(layers.rows) - 1, -1, -1)
        for rank in ranks:
            row, distances = layers.rows[rank], apart[rank]
            for at, item in enumerate(row):
                wanted = _straight(items, item, above, below, downward)
                if wanted is None:
                    continue
                if at > 0 and wanted < items[row[at - 1]].x + distances[at - 1]:
                    continue
                if at < len(row) - 1 and wanted > items[row[at + 1]].x - distances[at]:
                    continue
                items[item].x = wanted


def _straight(
    items: list[Item], item: int, above: Links, below: Links, downward: bool
) -> int | None:
    """Where an item has to stand to be straight below (or above) what it belongs to, if that is not far."""
    heaviest = max(
        above[item] if downward else below[item], key=lambda link: link.weight, default=None
    )
    if heaviest is None:
        return None
    others = below[heaviest.upper] if downward else above[heaviest.lower]
    if max(others, key=lambda link: link.weight) is not heaviest:
        return None
    if downward:
        wanted = items[heaviest.upper].x + heaviest.offset
    else:
        wanted = items[heaviest.lower].x - heaviest.offset
    is_node = items[item].kind is ItemKind.NODE
    if is_node and abs(wanted - items[item].x) > max(items[item].width // 3, 3):
        return None
    return wanted
