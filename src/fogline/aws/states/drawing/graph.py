"""What there is to draw of one machine: its states, where it starts and ends, and the edges between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from fogline.aws.states.drawing.wording import LABEL_CHARACTERS_MAX, cut, rule_words
from fogline.aws.states.machine import ChoiceState, FailState, Machine, State, SucceedState


class Terminal(Enum):
    """The two nodes that are no states."""

    START = "Start"
    END = "End"


Key = str | Terminal
"""A node of a drawing: the name of a state, or one of the two terminals."""


class EdgeKind(StrEnum):
    NEXT = "next"
    CHOICE = "choice"
    CATCH = "catch"


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from node to node. The label says when it is taken; what it may hold is cut short."""

    source: Key
    target: Key
    kind: EdgeKind = EdgeKind.NEXT
    label: str = ""
    full_label: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes and edges of one machine, without what is inside its states. Edges are unique by source, target, kind."""

    nodes: tuple[Key, ...]
    edges: tuple[Edge, ...]


def graph_of(machine: Machine, is_whole: bool) -> Graph:
    """The graph of a machine; only a whole one shows its start and its end."""
    edges: list[Edge] = []
    if is_whole and machine.start_at in machine.states:
        edges.append(Edge(Terminal.START, machine.start_at))
    for name, state in machine.states.items():
        edges.extend(
            edge
            for edge in _edges_of(name, state)
            if edge.target in machine.states or (is_whole and edge.target is Terminal.END)
        )
    # Whoever walks from the first node on walks as an execution does.
    nodes: list[Key] = sorted(machine.states, key=lambda name: name != machine.start_at)
    if is_whole:
        nodes.insert(0, Terminal.START)
        if any(edge.target is Terminal.END for edge in edges):
            nodes.append(Terminal.END)
    return Graph(tuple(nodes), tuple(edges))


def _edges_of(name: str, state: State) -> list[Edge]:
    edges: list[Edge] = []
    if isinstance(state, ChoiceState):
        ways: dict[str, list[str]] = {}
        for rule in state.choices:
            ways.setdefault(rule.next, []).append(rule_words(rule))
        if state.default is not None:
            ways.setdefault(state.default, []).append("otherwise")
        edges += [_labelled(name, to, EdgeKind.CHOICE, " or ".join(w)) for to, w in ways.items()]
    elif state.next is not None:
        edges.append(Edge(name, state.next))
    elif not isinstance(state, FailState):
        edges.append(Edge(name, Terminal.END))
    if not isinstance(state, SucceedState):
        caught: dict[str, list[str]] = {}
        for catcher in getattr(state, "catch", ()):
            caught.setdefault(catcher.next, []).extend(catcher.error_equals)
        edges += [
            _labelled(name, to, EdgeKind.CATCH, ", ".join(errors)) for to, errors in caught.items()
        ]
    return edges


def _labelled(source: str, target: str, kind: EdgeKind, words: str) -> Edge:
    return Edge(source, target, kind, cut(words, LABEL_CHARACTERS_MAX), words)
