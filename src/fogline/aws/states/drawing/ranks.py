"""Which node stands above which: loops are opened, and every node gets a rank below all that lead to it."""

from __future__ import annotations

from collections.abc import Sequence

Pair = tuple[int, int]


def find_back_edges(count: int, edges: Sequence[Pair]) -> tuple[set[int], list[int]]:
    """The edges (by place) that lead back to where the walk came from, and all nodes in the order of that walk.

    The walk goes depth first, from the first node on, along edges in their order.
    """
    leaving: list[list[int]] = [[] for _ in range(count)]
    for place, (source, _) in enumerate(edges):
        leaving[source].append(place)
    unseen, open_, done = 0, 1, 2
    state = [unseen] * count
    back: set[int] = set()
    order: list[int] = []
    for root in range(count):
        if state[root] != unseen:
            continue
        state[root] = open_
        order.append(root)
        walk = [(root, iter(leaving[root]))]
        while walk:
            node, places = walk[-1]
            place = next(places, -1)
            if place < 0:
                state[node] = done
                walk.pop()
                continue
            target = edges[place][1]
            if state[target] == open_:
                back.add(place)
            elif state[target] == unseen:
                state[target] = open_
                order.append(target)
                walk.append((target, iter(leaving[target])))
    return back, order


def find_ranks(count: int, edges: Sequence[Pair], lengths: Sequence[int]) -> list[int]:
    """The longest way to each node along edges without loops, each as long as said."""
    leaving: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for place, (source, target) in enumerate(edges):
        leaving[source].append(place)
        waiting[target] += 1
    ranks = [0] * count
    ready = [node for node in range(count) if waiting[node] == 0]
    for node in ready:
        for place in leaving[node]:
            target = edges[place][1]
            ranks[target] = max(ranks[target], ranks[node] + lengths[place])
            waiting[target] -= 1
            if waiting[target] == 0:
                ready.append(target)
    assert len(ready) == count
    return ranks
