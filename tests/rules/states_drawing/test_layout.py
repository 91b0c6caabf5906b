"""Whatever the machine: nothing overlaps, every line begins and ends where it should, and meets no box between."""

import json
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fogline.aws.states.drawing import TooLargeToDraw, layout, svg, terminal
from fogline.aws.states.drawing.layout import NESTING_MAX, STATES_MAX, Drawing
from fogline.aws.states.machine import load_machine

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
PIXELS = svg._metrics(has_progress=False)
CELLS = terminal._metrics(False, 20, 14, 2)
Rectangle = tuple[int, int, int, int]


@st.composite
def definitions(draw: st.DrawFn, front: str = "", depth: int = 0) -> dict[str, Any]:
    """Any states in any order, leading anywhere: loops, states that nothing leads to, machines in machines."""
    names = [
        f"{front}{draw(st.sampled_from(['S', 'Some long name ', '名']))}{n}"
        for n in range(draw(st.integers(1, 7)))
    ]
    some = st.sampled_from(names)
    states: dict[str, Any] = {}
    for place, name in enumerate(names):
        types = ["Task", "Pass", "Choice", "Succeed", "Fail"] + ["Parallel", "Map"] * (depth < 2)
        type_ = draw(st.sampled_from(types))
        one: dict[str, Any] = {"Type": type_}
        if type_ == "Choice":
            one["Choices"] = [
                {"Variable": "$.a", "NumericEquals": n, "Next": to}
                for n, to in enumerate(draw(st.lists(some, min_size=1, max_size=4)))
            ]
            one["Default"] = draw(some)
        elif type_ not in ("Succeed", "Fail"):
            to = draw(st.none() | some)
            one |= {"Next": to} if to else {"End": True}
        if type_ in ("Task", "Parallel", "Map"):
            one["Catch"] = [
                {"ErrorEquals": ["States.ALL"], "Next": to}
                for to in draw(st.lists(some, max_size=2))
            ]
        if type_ == "Task":
            one["Resource"] = FUNCTION
        if type_ == "Map":
            one["ItemProcessor"] = draw(definitions(f"{front}{place}.", depth + 1))
        if type_ == "Parallel":
            one["Branches"] = [
                draw(definitions(f"{front}{place}.{n}.", depth + 1))
                for n in range(draw(st.integers(1, 3)))
            ]
        states[name] = one
    return {"StartAt": draw(some), "States": states}


anything = pytest.mark.parametrize("metrics", [PIXELS, CELLS], ids=["pixels", "cells"])
thorough = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


def drawn(definition: dict[str, Any], metrics: Any) -> Drawing:
    return layout(load_machine(json.dumps(definition)), metrics)


def rectangle(box: Any) -> Rectangle:
    return (box.x, box.y, box.width, box.height)


def overlap(one: Rectangle, other: Rectangle) -> bool:
    (x, y, w, h), (a, b, c, d) = one, other
    return x < a + c and a < x + w and y < b + d and b < y + h


def holds(outer: Rectangle, inner: Rectangle) -> bool:
    (x, y, w, h), (a, b, c, d) = outer, inner
    return x <= a and y <= b and a + c <= x + w and b + d <= y + h


@anything
@thorough
@given(definition=definitions())
def test_boxes_and_labels_side_by_side_do_not_overlap(metrics, definition):
    drawing = drawn(definition, metrics)
    by_place: dict[Any, list[Rectangle]] = {}
    inside = {box.key: box.inside for box in drawing.boxes}
    for box in drawing.boxes:
        by_place.setdefault(box.inside, []).append(rectangle(box))
    for line in drawing.lines:
        if line.label_box:
            by_place[inside[line.edge.source]].append(line.label_box)
    for neighbours in by_place.values():
        assert not any(overlap(one, other) for one, other in combinations(neighbours, 2))


@anything
@thorough
@given(definition=definitions())
def test_what_runs_in_a_state_stands_in_its_box_below_its_head(metrics, definition):
    drawing = drawn(definition, metrics)
    boxes = {box.key: box for box in drawing.boxes}
    page = (0, 0, drawing.width, drawing.height)
    for box in drawing.boxes:
        assert holds(page, rectangle(box))
        if box.inside is not None:
            assert holds(rectangle(boxes[box.inside]), rectangle(box))
            assert box.y >= boxes[box.inside].y + boxes[box.inside].head_height
    for line in drawing.lines:
        around = boxes[line.edge.source].inside
        frame = rectangle(boxes[around]) if around is not None else page
        assert all(holds(frame, (x, y, 0, 0)) for x, y in line.points)


@anything
@thorough
@given(definition=definitions())
def test_every_line_leaves_its_source_below_and_comes_to_its_target_from_above(metrics, definition):
    drawing = drawn(definition, metrics)
    boxes = {box.key: box for box in drawing.boxes}
    for line in drawing.lines:
        source, target = boxes[line.edge.source], boxes[line.edge.target]
        (x, y), (end_x, end_y) = line.points[0], line.points[-1]
        assert y == source.y + source.height
        assert source.x <= x < source.x + source.width
        assert end_y == target.y
        assert target.x <= end_x < target.x + target.width
        assert line.points[-2][1] <= end_y
        assert all(a == c or b == d for (a, b), (c, d) in pairwise(line.points))


@anything
@thorough
@given(definition=definitions())
def test_no_line_runs_through_a_box(metrics, definition):
    drawing = drawn(definition, metrics)
    around = {box.key: box.inside for box in drawing.boxes}
    for line in drawing.lines:
        for (a, b), (c, d) in pairwise(line.points):
            piece = (min(a, c), min(b, d), max(abs(a - c), 1), max(abs(b - d), 1))
            for box in drawing.boxes:
                if box.inside != around[line.edge.source]:
                    continue
                inner = (box.x, box.y + 1, box.width, box.height - 2)
                assert not overlap(piece, inner)


@anything
@thorough
@given(definition=definitions())
def test_every_state_is_drawn_once(metrics, definition):
    machine = load_machine(json.dumps(definition))
    names = [box.key for box in layout(machine, metrics).boxes if box.state is not None]
    assert sorted(names) == sorted(state.name for state in machine.every_state())


@given(definition=definitions())
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_machine_is_always_drawn_the_same_way(definition):
    assert drawn(definition, PIXELS) == drawn(definition, PIXELS)


def test_a_loop_goes_back_at_the_right(make_machine, make_state):
    choices = [{"Variable": "$.a", "IsPresent": True, "Next": "Ask"}]
    machine = make_machine(
        Ask=make_state("Task", "Done?"), **{"Done?": make_state("Choice", Choices=choices, Default="End")},
        End=make_state("Succeed"),
    )  # fmt: skip
    drawing = layout(machine, PIXELS)
    (back,) = [line for line in drawing.lines if line.is_back]
    assert (back.edge.source, back.edge.target) == ("Done?", "Ask")
    right = max(box.x + box.width for box in drawing.boxes)
    assert max(x for x, _ in back.points) > right


def test_a_chain_is_a_straight_line_down(make_machine, make_state):
    machine = make_machine(
        A=make_state("Pass", "A much longer name"),
        **{"A much longer name": make_state("Pass", "B")},
        B=make_state("Pass"),
    )
    assert all(len(line.points) == 2 for line in layout(machine, PIXELS).lines)


def chain(count: int, **more: Any) -> dict[str, Any]:
    """States one after the other, each with whatever else is said."""
    states = {
        f"s{n}": {"Type": "Task", "Resource": FUNCTION, "Next": f"s{n + 1}", **more}
        for n in range(count)
    }
    return {"StartAt": "s0", "States": {**states, f"s{count}": {"Type": "Succeed"}}}


def test_five_hundred_states_that_all_catch_are_drawn():
    definition = chain(500, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "s500"}])
    assert len(drawn(definition, PIXELS).boxes) == 503


def test_more_states_than_anybody_could_look_at_are_refused():
    drawn(chain(STATES_MAX - 1), PIXELS)
    with pytest.raises(TooLargeToDraw, match="states"):
        drawn(chain(STATES_MAX), PIXELS)


def test_a_knot_of_lines_is_refused_instead_of_drawn_for_ever():
    definition = chain(400)
    for n in range(400):
        rules = [
            {"Variable": "$.a", "NumericEquals": k, "Next": f"s{(n * 37 + k * 91) % 400}"}
            for k in range(20)
        ]
        definition["States"][f"s{n}"] = {"Type": "Choice", "Choices": rules, "Default": f"s{n + 1}"}
    with pytest.raises(TooLargeToDraw, match="corners"):
        drawn(definition, PIXELS)


def test_machines_too_deep_in_machines_are_drawn_closed():
    definition: dict[str, Any] = {"StartAt": "x", "States": {"x": {"Type": "Pass", "End": True}}}
    for depth in range(NESTING_MAX + 8):
        one = {"Type": "Map", "ItemProcessor": definition, "End": True}
        definition = {"StartAt": f"m{depth}", "States": {f"m{depth}": one}}
    boxes = drawn(definition, PIXELS).boxes
    assert max(box.depth for box in boxes) == NESTING_MAX
