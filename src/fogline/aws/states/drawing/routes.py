"""The lines of a drawing: they run down between the rows, on tracks of their own, and back up in lanes at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fogline.aws.states.drawing.layers import Layers

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Road:
    """The items that a line passes from its source on. Without a lane the last is its target."""

    items: tuple[int, ...]
    offset: int = 0
    lane_to: int | None = None
    lane_kind: str = ""


@dataclass(frozen=True, slots=True)
class Spacing:
    """Heights between rows: before the first track, from track to track, after the last; and where there is none."""

    before: int
    step: int
    after: int
    straight: int
    lane: int


@dataclass(frozen=True, slots=True)
class Routed:
    tops: tuple[int, ...]
    """Where each row begins."""
    lines: tuple[tuple[Point, ...], ...]
    """The corners of each road, in the order of the roads."""
    width: int
    height: int


NetKey = tuple[str, object]
LaneKey = tuple[int, str]


@dataclass(slots=True)
class _Net:
    """Lines that share a track between two rows, and where they come down to it and go on from it."""

    tops: set[int] = field(default_factory=set)
    bottoms: set[int] = field(default_factory=set)
    track: int | None = None

    @property
    def span(self) -> tuple[int, int]:
        places = self.tops | self.bottoms
        return min(places), max(places)


@dataclass(frozen=True, slots=True)
class _Hop:
    """A piece of a road between two rows: from one x to another."""

    channel: int
    start: object
    end: object
    from_x: int
    to_x: int
    comes_from_below: bool = False
    leaves_upward: bool = False


def route(layers: Layers, roads: Sequence[Road], width: int, spacing: Spacing) -> Routed:
    """The corners of every road, and how far apart the rows must stand for them."""
    lanes, lane_count = _find_lanes(layers, roads)
    lane_x = {key: width + spacing.lane * (place + 1) for key, place in lanes.items()}
    hops = [_hops(layers, road, lane_x) for road in roads]
    nets, keys = _find_nets(hops)
    tracks = {channel: _assign_tracks(list(of.values())) for channel, of in nets.items()}
    heights = [max((layers.items[i].height for i in row), default=0) for row in layers.rows]
    tops, channel_tops, height = _stack(heights, tracks, spacing)
    lines = []
    for road, own in zip(roads, hops, strict=True):
        first = layers.items[road.items[0]]
        points = [(first.x + road.offset, tops[first.rank] + first.height)]
        for hop in own:
            track = nets[hop.channel][keys[hop]].track
            if hop.from_x != hop.to_x:
                assert track is not None
                y = channel_tops[hop.channel] + spacing.before + spacing.step * track
                points += [(hop.from_x, y), (hop.to_x, y)]
        last = layers.items[road.items[-1] if road.lane_to is None else road.lane_to]
        points.append((last.x, tops[last.rank]))
        lines.append(_without_needless(points))
    return Routed(tuple(tops), tuple(lines), width + spacing.lane * lane_count, height)


def _find_lanes(layers: Layers, roads: Sequence[Road]) -> tuple[dict[LaneKey, int], int]:
    """Each lane's place: lines back to the same node share one, and lanes that never meet share a place."""
    reach: dict[LaneKey, tuple[int, int]] = {}
    for road in roads:
        if road.lane_to is not None:
            key = (road.lane_to, road.lane_kind)
            top = layers.items[road.lane_to].rank - 1
            bottom = layers.items[road.items[-1]].rank
            reach[key] = (top, max(bottom, reach.get(key, (top, bottom))[1]))
    ends: list[int] = []
    places: dict[LaneKey, int] = {}
    # The short ones go inside: then they cross fewer others.
    for key, (top, bottom) in sorted(reach.items(), key=lambda one: (one[1][0], one[1][1], one[0])):
        free = next((place for place, end in enumerate(ends) if end < top), None)
        if free is None:
            free = len(ends)
            ends.append(bottom)
        ends[free] = bottom
        places[key] = free
    return places, len(ends)


def _hops(layers: Layers, road: Road, lane_x: dict[LaneKey, int]) -> list[_Hop]:
    items = layers.items
    hops = []
    offset = road.offset
    for upper, lower in zip(road.items, road.items[1:], strict=False):
        rank = items[upper].rank
        x = items[upper].x + offset
        hops.append(_Hop(rank, (upper, offset), lower, x, items[lower].x))
        offset = 0
    if road.lane_to is not None:
        last, lane = road.items[-1], (road.lane_to, road.lane_kind)
        x, target = lane_x[lane], items[road.lane_to]
        hops.append(
            _Hop(
                items[last].rank, (last, offset), lane, items[last].x + offset, x,
                leaves_upward=True,
            )
        )  # fmt: skip
        hops.append(_Hop(target.rank - 1, lane, road.lane_to, x, target.x, comes_from_below=True))
    return hops


def _find_nets(
    hops: Sequence[Sequence[_Hop]],
) -> tuple[dict[int, dict[NetKey, _Net]], dict[_Hop, NetKey]]:
    """Which pieces share a track: those that fan out from one place, else those that come together in one."""
    fans: dict[tuple[int, object], set[object]] = {}
    for road in hops:
        for hop in road:
            fans.setdefault((hop.channel, hop.start), set()).add(hop.end)
    nets: dict[int, dict[NetKey, _Net]] = {}
    keys: dict[_Hop, NetKey] = {}
    for road in hops:
        for hop in road:
            is_fan = len(fans[hop.channel, hop.start]) > 1
            key: NetKey = ("from", hop.start) if is_fan else ("to", hop.end)
            keys[hop] = key
            net = nets.setdefault(hop.channel, {}).setdefault(key, _Net())
            (net.bottoms if hop.comes_from_below else net.tops).add(hop.from_x)
            (net.tops if hop.leaves_upward else net.bottoms).add(hop.to_x)
    return nets, keys


def _assign_tracks(nets: list[_Net]) -> int:
    """Give each net that runs sideways a track on which it meets nobody; how many tracks there are.

    A net that comes down where another goes on down must lie above it, or the two would look like one line.
    """
    sideways = sorted((net for net in nets if net.span[0] != net.span[1]), key=lambda net: net.span)
    coming: dict[int, list[int]] = {}
    for place, net in enumerate(sideways):
        for x in net.tops:
            coming.setdefault(x, []).append(place)
    before: list[set[int]] = [set() for _ in sideways]
    after: list[list[int]] = [[] for _ in sideways]
    for place, net in enumerate(sideways):
        for x in net.bottoms:
            for other in coming.get(x, ()):
                if other != place and other not in before[place]:
                    before[place].add(other)
                    after[other].append(place)
    waiting = [len(one) for one in before]
    ready = [place for place, count in enumerate(waiting) if count == 0]
    tracks: list[list[tuple[int, int]]] = []
    for place in _in_order(ready, waiting, after):
        net = sideways[place]
        least = max(
            (track + 1 for other in before[place] if (track := sideways[other].track) is not None),
            default=0,
        )
        start, end = net.span
        track = least
        while track < len(tracks) and any(s <= end and start <= e for s, e in tracks[track]):
            track += 1
        while len(tracks) <= track:
            tracks.append([])
        tracks[track].append((start, end))
        net.track = track
    return len(tracks)


def _in_order(ready: list[int], waiting: list[int], after: list[list[int]]) -> list[int]:
    """Every place after those it waits for; where they wait for each other in a ring, the first goes first."""
    done = [False] * len(waiting)
    order: list[int] = []
    following = 0
    while len(order) < len(waiting):
        if not ready:
            while done[following]:
                following += 1
            ready.append(following)
        place = ready.pop(0)
        if done[place]:
            continue
        done[place] = True
        order.append(place)
        for other in after[place]:
            waiting[other] -= 1
            if waiting[other] == 0 and not done[other]:
                ready.append(other)
    return order


def _stack(
    heights: Sequence[int], tracks: dict[int, int], spacing: Spacing
) -> tuple[list[int], dict[int, int], int]:
    """Where rows and the channels between them begin, and the height of it all."""
    y = 0
    tops: list[int] = []
    channel_tops: dict[int, int] = {}
    for channel in range(-1, len(heights)):
        if channel >= 0:
            tops.append(y)
            y += heights[channel]
        channel_tops[channel] = y
        count = tracks.get(channel, 0)
        if count:
            is_last = channel == len(heights) - 1
            y += spacing.before + spacing.step * count + (0 if is_last else spacing.after)
        elif 0 <= channel < len(heights) - 1:
            y += spacing.straight
    return tops, channel_tops, y


def _without_needless(points: Sequence[Point]) -> tuple[Point, ...]:
    """Without repeated points and without those in the middle of a straight piece."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) >= 2:
            (ax, ay), (bx, by) = kept[-2], kept[-1]
            if (ax == bx == point[0]) or (ay == by == point[1]):
                kept.pop()
        kept.append(point)
    return tuple(kept)
