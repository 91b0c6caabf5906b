"""From a machine to a placed drawing: rows from the start down, what runs inside a state in a box inside its box."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from fogline.aws.states.drawing.graph import Edge, EdgeKind, Graph, Key, Terminal, graph_of
from fogline.aws.states.drawing.layers import Item, ItemKind, Layers, Link, arrange
from fogline.aws.states.drawing.ranks import find_back_edges, find_ranks
from fogline.aws.states.drawing.routes import Point, Road, Spacing, route
from fogline.aws.states.machine import Machine, State, inner_machines

STATES_MAX = 2_000
ITEMS_MAX = 12_000
NESTING_MAX = 12

# How much a line wants to be straight: most where things go well.
_MAIN_WEIGHT = 4.0
_CATCH_WEIGHT = 0.1
_OWN_FACTOR = 20

Size = tuple[int, int]


class TooLargeToDraw(ValueError):
    """More states or lines than anybody could look at."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """How large things are where the drawing is made: in pixels, or in characters."""

    terminal_size: Size
    state_size: Callable[[State], Size]
    head_size: Callable[[State], Size]
    """The head of a box with states inside it."""
    label_size: Callable[[str], Size]
    spacing: Spacing
    node_gap: int
    line_gap: int
    padding: Size
    """Around what runs in a state, on its ground."""
    foot: int
    """Below that ground."""
    branch_gap: int


@dataclass(frozen=True, slots=True)
class Box:
    """A node in its place. One with states inside has the height of its head too."""

    key: Key
    state: State | None
    x: int
    y: int
    width: int
    height: int
    depth: int = 0
    head_height: int = 0
    inside: str | None = None

    @property
    def holds_states(self) -> bool:
        return self.head_height > 0


@dataclass(frozen=True, slots=True)
class Panel:
    """The ground on which the states of one branch stand."""

    x: int
    y: int
    width: int
    height: int
    inside: str


@dataclass(frozen=True, slots=True)
class Line:
    """An edge in its place, corner by corner from its source to its target; its label stands in a box of its own."""

    edge: Edge
    points: tuple[Point, ...]
    label_box: tuple[int, int, int, int] | None = None
    is_back: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """All boxes (outer before inner), panels and lines, from the corner (0, 0)."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    panels: tuple[Panel, ...]
    lines: tuple[Line, ...]


def layout(machine: Machine, metrics: Metrics) -> Drawing:
    """Place everything. The same machine is always placed the same way. Raises TooLargeToDraw."""
    count = sum(1 for _, _ in zip(machine.every_state(), range(STATES_MAX + 1), strict=False))
    if count > STATES_MAX:
        raise TooLargeToDraw(f"It has more than {STATES_MAX} states.")
    return _draw(machine, metrics, 0, None)


def _draw(machine: Machine, metrics: Metrics, depth: int, inside: str | None) -> Drawing:
    graph = graph_of(machine, is_whole=inside is None)
    inner = {
        name: [_draw(each, metrics, depth + 1, name) for each in inner_machines(state)]
        for name, state in machine.states.items()
        if depth < NESTING_MAX
    }
    sizes = [_node_size(key, machine, inner, metrics) for key in graph.nodes]
    layers, roads, backs, labels = _layers(graph, sizes, metrics)
    arrange(layers, metrics.node_gap, metrics.line_gap)
    shift = -min((item.left for item in layers.items), default=0)
    for item in layers.items:
        item.x += shift
    width = max((item.right for item in layers.items), default=0)
    routed = route(layers, roads, width, metrics.spacing)

    boxes: list[Box] = []
    panels: list[Panel] = []
    lines: list[Line] = []
    for place, (edge, points) in enumerate(zip(graph.edges, routed.lines, strict=True)):
        label_box = None
        if place in labels:
            label = layers.items[labels[place]]
            label_box = (label.left, routed.tops[label.rank], label.width, label.height)
        lines.append(Line(edge, points, label_box, place in backs))
    for key, item in zip(graph.nodes, layers.items, strict=False):
        state = machine.states[key] if isinstance(key, str) else None
        x, y = item.left, routed.tops[item.rank]
        drawings = inner.get(key, []) if isinstance(key, str) else []
        head = metrics.head_size(state)[1] if state is not None and drawings else 0
        boxes.append(Box(key, state, x, y, item.width, item.height, depth, head, inside))
        if drawings:
            assert isinstance(key, str)
            for part in _inside(key, drawings, (x, y, item.width), head, metrics):
                boxes += part.boxes
                panels += part.panels
                lines += part.lines
    return Drawing(routed.width, routed.height, tuple(boxes), tuple(panels), tuple(lines))


def _node_size(
    key: Key, machine: Machine, inner: dict[str, list[Drawing]], metrics: Metrics
) -> Size:
    if isinstance(key, Terminal):
        return metrics.terminal_size
    state = machine.states[key]
    drawings = inner.get(key)
    if not drawings:
        return metrics.state_size(state)
    across, down = metrics.padding
    head_width, head_height = metrics.head_size(state)
    width = sum(each.width + 2 * across for each in drawings)
    width += metrics.branch_gap * (len(drawings) + 1)
    height = max(each.height for each in drawings) + 2 * down + metrics.foot
    return max(width, head_width), head_height + height


def _inside(
    name: str, drawings: list[Drawing], box: tuple[int, int, int], head: int, metrics: Metrics
) -> list[Drawing]:
    """The drawings of what runs in a state, moved to where they belong: side by side below its head."""
    across, down = metrics.padding
    x, y, width = box
    used = sum(each.width + 2 * across for each in drawings)
    used += metrics.branch_gap * (len(drawings) - 1)
    left = x + (width - used) // 2
    top = y + head
    height = max(each.height for each in drawings) + 2 * down
    moved = []
    for each in drawings:
        panel = Panel(left, top, each.width + 2 * across, height, name)
        part = _moved(each, left + across, top + down)
        moved.append(replace(part, panels=(panel, *part.panels)))
        left += panel.width + metrics.branch_gap
    return moved


def _moved(drawing: Drawing, dx: int, dy: int) -> Drawing:
    def line(each: Line) -> Line:
        box = each.label_box
        return replace(
            each,
            points=tuple((x + dx, y + dy) for x, y in each.points),
            label_box=box and (box[0] + dx, box[1] + dy, box[2], box[3]),
        )

    return replace(
        drawing,
        boxes=tuple(replace(each, x=each.x + dx, y=each.y + dy) for each in drawing.boxes),
        panels=tuple(replace(each, x=each.x + dx, y=each.y + dy) for each in drawing.panels),
        lines=tuple(line(each) for each in drawing.lines),
    )


def _layers(
    graph: Graph, sizes: list[Size], metrics: Metrics
) -> tuple[Layers, list[Road], set[int], dict[int, int]]:
    """Items and links of a graph, the road of each edge, the edges that go back, and the items of labels by edge."""
    number = {key: place for place, key in enumerate(graph.nodes)}
    pairs = [(number[edge.source], number[edge.target]) for edge in graph.edges]
    backs, walk = find_back_edges(len(graph.nodes), pairs)
    forward = [place for place in range(len(pairs)) if place not in backs]
    ranks = find_ranks(
        len(graph.nodes),
        [pairs[place] for place in forward],
        [2 if graph.edges[place].label else 1 for place in forward],
    )
    if graph.nodes and graph.nodes[-1] is Terminal.END:
        ranks[-1] = max(max(ranks[:-1]) + 1, ranks[-1])
    layers = Layers(
        [Item(ItemKind.NODE, rank, *size) for rank, size in zip(ranks, sizes, strict=True)]
    )
    layers.rows = [[] for _ in range(max(ranks, default=-1) + 1)]
    for node in walk:
        layers.rows[ranks[node]].append(node)

    main = _main_nodes(graph, pairs)
    bends: dict[tuple[int, EdgeKind, int], int] = {}
    links: dict[tuple[int, int, int], float] = {}
    labels: dict[int, int] = {}
    roads: list[Road] = []
    for place, (edge, (source, target)) in enumerate(zip(graph.edges, pairs, strict=True)):
        is_catch = edge.kind is EdgeKind.CATCH
        offset = sizes[source][0] // 4 if is_catch else 0
        items, rank = [source], ranks[source]
        if edge.label:
            rank += 1
            label = layers.add(Item(ItemKind.LABEL, rank, *metrics.label_size(edge.label)))
            labels[place] = label
            items.append(label)
        if place in backs:
            roads.append(Road(tuple(items), offset, target, edge.kind))
        else:
            for between in range(rank + 1, ranks[target]):
                bend = bends.get((target, edge.kind, between))
                if bend is None:
                    bend = layers.add(Item(ItemKind.BEND, between, 1, 0))
                    bends[target, edge.kind, between] = bend
                items.append(bend)
            items.append(target)
            roads.append(Road(tuple(items), offset))
        weight = _CATCH_WEIGHT if is_catch else _MAIN_WEIGHT if source in main else 1.0
        for at in range(len(items) - 1):
            offset_here = offset if at == 0 else 0
            links[items[at], items[at + 1], offset_here] = weight
        if len(layers.items) > ITEMS_MAX:
            raise TooLargeToDraw(f"Its lines have more than {ITEMS_MAX} corners.")
    coming = Counter(lower for _, lower, _ in links)
    for (upper, lower, offset), weight in links.items():
        above, below = layers.items[upper].kind, layers.items[lower].kind
        # What nothing else comes to follows it: the bends of a line each other, a label what it leads to.
        is_own = above is below is ItemKind.BEND or (above is ItemKind.LABEL and coming[lower] == 1)
        layers.links.append(Link(upper, lower, offset, weight * (_OWN_FACTOR if is_own else 1)))
    return layers, roads, backs, labels


def _main_nodes(graph: Graph, pairs: list[tuple[int, int]]) -> set[int]:
    """The nodes that are reached without an error."""
    following: dict[int, list[int]] = {}
    for edge, (source, target) in zip(graph.edges, pairs, strict=True):
        if edge.kind is not EdgeKind.CATCH:
            following.setdefault(source, []).append(target)
    reached = {0}
    waiting = [0]
    while waiting:
        for target in following.get(waiting.pop(), ()):
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached
