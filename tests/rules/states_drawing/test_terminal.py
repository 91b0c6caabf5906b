"""Drawings in characters: within their columns, readable without colour, a list where there is no room."""

import json

import pytest

from fogline.aws.states.drawing import Progress, draw_outline, draw_terminal
from fogline.aws.states.drawing.canvas import width_of
from fogline.aws.states.machine import load_machine


def plain(rows):
    return "\n".join("".join(text for text, _ in row) for row in rows)


@pytest.fixture
def machine(make_machine, make_state):
    catch = [{"ErrorEquals": ["Declined"], "Next": "Refund"}]
    return make_machine(
        Reserve=make_state("Task", "Pay"),
        Pay=make_state("Task", Catch=catch),
        Refund=make_state("Task"),
    )


@pytest.fixture
def progress(machine, history):
    history.visit("Reserve", "Task")
    history.enter("Pay", "Task")
    history.work("Declined")
    history.leave("Pay", "Task")
    history.visit("Refund", "Task")
    history.end()
    progress = Progress(machine)
    progress.add(history.events)
    return progress


def test_a_machine_is_boxes_joined_by_lines(make_machine, make_state):
    machine = make_machine(A=make_state("Task", "Bee"), Bee=make_state("Pass"))
    assert plain(draw_terminal(machine, None, 80)) == (
        " (Start)\n"
        "    ▼\n"
        " ╭─────╮\n"
        " │ λ A │\n"
        " ╰──┬──╯\n"
        "    ▼\n"
        "╭───────╮\n"
        "│ P Bee │\n"
        "╰───┬───╯\n"
        "    ▼\n"
        "  (End)"
    )


def test_the_path_taken_is_heavy_and_marked_without_colour(machine, progress):
    text = plain(draw_terminal(machine, progress, 80))
    assert "┃ ✓ Reserve" in text
    assert "┃ ! Pay" in text
    assert "╏" in text  # the catch that was taken
    assert "Declined" in text
    assert "4 ms" in text


def test_where_the_drawing_is_too_wide_there_is_none_but_a_list(make_machine, make_state):
    rules = [{"Variable": "$.a", "NumericEquals": n, "Next": f"Way{n}"} for n in range(30)]
    ways = {f"Way{n}": make_state("Pass") for n in range(30)}
    machine = make_machine(Which=make_state("Choice", Choices=rules), **ways)
    assert draw_terminal(machine, None, 100) is None
    text = plain(draw_outline(machine, None, 60))
    assert "→ $.a = 7: Way7" in text
    assert max(width_of(line) for line in text.splitlines()) <= 60


def test_a_list_marks_each_state_and_the_way_that_was_taken(machine, progress):
    assert plain(draw_outline(machine, progress, 80)).splitlines() == [
        "✓ λ Reserve  Lambda  1 ms",
        "! λ Pay  Lambda  4 ms",
        "    → End",
        "    ⇛ catch Declined: Refund",
        "✓ λ Refund  Lambda  1 ms",
    ]


def test_what_runs_in_a_state_is_indented_in_a_list(make_machine, make_state):
    inner = {"StartAt": "In", "States": {"In": make_state("Pass")}}
    machine = make_machine(Each=make_state("Map", ItemProcessor=inner))
    assert plain(draw_outline(machine, None, 80)) == "M Each  Map\n  ╎ P In  Pass"


@pytest.mark.parametrize(
    "name", ["\x1b[31mred\x1b[0m", "a\nb\tc", "名前は長い" * 8, "e\u0301" * 20, "\u202eevil"]
)
def test_names_cannot_disturb_the_terminal(name):
    definition = {"StartAt": name, "States": {name: {"Type": "Pass", "End": True}}}
    machine = load_machine(json.dumps(definition))
    for rows in (draw_terminal(machine, None, 80), draw_outline(machine, None, 80)):
        lines = [text for row in rows for text, _ in row]
        assert all(text.isprintable() for text in lines)
        assert all(width_of("".join(text for text, _ in row)) <= 80 for row in rows)
