"""A machine as a list, a line for each state, for where a drawing has no room: as narrow and as long as it must be."""

from __future__ import annotations

from collections.abc import Iterator

from fogline.aws.states.drawing.canvas import Span, fit, width_of
from fogline.aws.states.drawing.captions import MARKS, progress_words
from fogline.aws.states.drawing.graph import Edge, EdgeKind, Terminal, graph_of
from fogline.aws.states.drawing.layout import NESTING_MAX
from fogline.aws.states.drawing.outcomes import Status
from fogline.aws.states.drawing.progress import Progress
from fogline.aws.states.drawing.ranks import find_back_edges
from fogline.aws.states.drawing.terminal import KINDS
from fogline.aws.states.drawing.wording import sign_of, state_words
from fogline.aws.states.machine import Machine, State, inner_machines

_NAME_CELLS_MIN = 12
_WAYS_MAX = 40


def draw_outline(
    machine: Machine, progress: Progress | None, columns: int, *, has_ways: bool = True
) -> list[list[Span]]:
    """The list; `has_ways` says after each state where it leads to."""
    return list(_machine(machine, progress, columns, has_ways, "", 0))


def _machine(
    machine: Machine,
    progress: Progress | None,
    columns: int,
    has_ways: bool,
    front: str,
    depth: int,
) -> Iterator[list[Span]]:
    graph = graph_of(machine, is_whole=depth == 0)
    number = {key: place for place, key in enumerate(graph.nodes)}
    _, walk = find_back_edges(
        len(graph.nodes), [(number[edge.source], number[edge.target]) for edge in graph.edges]
    )
    leaving: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        if isinstance(edge.source, str):
            leaving.setdefault(edge.source, []).append(edge)
    states = [
        machine.states[key]
        for key in (graph.nodes[place] for place in walk)
        if isinstance(key, str)
    ]
    for place, state in enumerate(states):
        yield _state(state, progress, columns, front)
        following = states[place + 1].name if place + 1 < len(states) else Terminal.END
        for at, inner in enumerate(inner_machines(state)):
            if depth >= NESTING_MAX:
                yield [(f"{front}  ╎ …", "dim")]
                break
            if at:
                yield [(f"{front}  ├╌", "dim")]
            yield from _machine(inner, progress, columns, has_ways, f"{front}  ╎ ", depth + 1)
        ways = leaving.get(state.name, [])
        if has_ways and not (
            len(ways) == 1 and ways[0].kind is EdgeKind.NEXT and ways[0].target == following
        ):
            for edge in ways[:_WAYS_MAX]:
                yield _way(edge, progress, columns, front)
            if len(ways) > _WAYS_MAX:
                yield [(f"{front}    … {len(ways) - _WAYS_MAX} more", "dim")]


def _state(state: State, progress: Progress | None, columns: int, front: str) -> list[Span]:
    one = progress.of(state.name) if progress else None
    status = one.status if one else Status.NOT_REACHED
    kind = KINDS[status]
    mark = MARKS[status] or " "
    words = state_words(state)
    how = progress_words(one) if one else ""
    room = max(columns - width_of(front) - 5 - width_of(how), _NAME_CELLS_MIN)
    name = fit(state.name, room)
    spans: list[Span] = [
        (front, "dim"),
        (f"{mark} " if progress else "", kind),
        (f"{sign_of(state)} ", "dim"),
        (name, kind or ("" if progress is None else "dim")),
    ]
    left = room - width_of(name) - 2
    if left >= _NAME_CELLS_MIN:
        spans.append((f"  {fit(words, left)}", "dim"))
    if how:
        spans.append((f"  {how}", kind))
    return spans


def _way(edge: Edge, progress: Progress | None, columns: int, front: str) -> list[Span]:
    taken = progress is not None and progress.went(edge.source, edge.target, edge.kind)
    is_catch = edge.kind is EdgeKind.CATCH
    arrow = {(False, False): "→", (False, True): "⇒", (True, False): "⇢", (True, True): "⇛"}[
        is_catch, taken
    ]
    to = edge.target.value if isinstance(edge.target, Terminal) else edge.target
    reason = f"{'catch ' if is_catch else ''}{edge.label}: " if edge.label else ""
    room = max(columns - width_of(front) - 6, _NAME_CELLS_MIN)
    kind = ("warn" if is_catch else "good") if taken else "dim"
    return [(front, "dim"), (f"    {arrow} {fit(reason + to, room)}", kind)]
