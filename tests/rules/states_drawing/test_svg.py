"""The picture is one well-formed file, says in words what it shows, and no name or data gets out of its place."""

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fogline.aws.states.drawing import Progress, draw_svg
from fogline.aws.states.machine import load_machine

SVG = "{http://www.w3.org/2000/svg}"
NAME = "</svg><script>alert(1)</script>\x00\x0b\uffff&\"'"
DATA = f"{NAME}\ud800"


def parse(text):
    return ElementTree.fromstring(text.encode())


def classes(root, *wanted):
    return [one for one in root.iter() if set(wanted) <= set(one.get("class", "").split())]


def machine_named(*names):
    states = {
        name: {"Type": "Pass", "Next": names[at + 1]}
        if at + 1 < len(names)
        else {"Type": "Succeed"}
        for at, name in enumerate(names)
    }
    return load_machine(json.dumps({"StartAt": names[0], "States": states}))


def test_hostile_names_and_data_stay_text(history):
    machine = machine_named(NAME, "B")
    history.enter(NAME)
    history.events[-1]["stateEnteredEventDetails"]["input"] = DATA
    progress = Progress(machine)
    progress.add(history.events)
    text = draw_svg(machine, progress, DATA, id_='x"><script>')
    root = parse(text)
    assert "<script" not in text
    assert not list(root.iter(f"{SVG}script"))
    assert len(classes(root, "node", "running")) == 1


@given(name=st.text(min_size=1, max_size=90), data=st.text(max_size=50))
@settings(max_examples=60, deadline=None)
def test_any_text_makes_a_well_formed_picture(name, data):
    machine = machine_named(name)
    progress = Progress(machine)
    details = {"name": name, "input": data}
    progress.add(
        [
            {
                "id": 1,
                "type": "SucceedStateEntered",
                "timestamp": 1,
                "stateEnteredEventDetails": details,
            }
        ]
    )
    assert len(classes(parse(draw_svg(machine, progress, data)), "node", "running")) == 1


def test_a_picture_refers_to_nothing_outside_and_runs_nothing():
    text = draw_svg(machine_named("A", "B"))
    for word in ("<script", "href", "url(", "@import", "onload", "<image", "foreignObject"):
        assert word not in text


def test_a_picture_has_a_title_and_a_description_for_those_who_do_not_see_it(history):
    machine = machine_named("A", "B")
    history.visit("A")
    history.enter("B", "Succeed")
    progress = Progress(machine)
    progress.add(history.events)
    root = parse(draw_svg(machine, progress, "orders"))
    assert root.get("role") == "img"
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert title.text == "orders"
    assert "2 states" in desc.text
    assert "Succeeded: A." in desc.text
    assert "Running: B." in desc.text


def test_a_state_tells_in_its_tooltip_what_went_in_and_came_out(history):
    machine = machine_named("A", "B")
    history.visit("A")
    progress = Progress(machine)
    progress.add(history.events)
    (node,) = [
        one
        for one in classes(parse(draw_svg(machine, progress)), "node")
        if one.get("data-state") == "A"
    ]
    tooltip = node.find(f"{SVG}title").text
    assert 'Input: {"in": 1}' in tooltip
    assert 'Output: {"out": 1}' in tooltip


def test_long_data_is_cut_in_tooltips(history):
    machine = machine_named("A")
    history.enter("A", "Succeed")
    history.events[-1]["stateEnteredEventDetails"]["input"] = "x" * 200_000
    progress = Progress(machine)
    progress.add(history.events)
    assert len(draw_svg(machine, progress)) < 20_000


def test_the_path_taken_is_marked_and_the_rest_is_not(make_machine, make_state, history):
    catch = [{"ErrorEquals": ["Boom"], "Next": "C"}]
    machine = make_machine(
        A=make_state("Task", "B", Catch=catch), B=make_state("Pass"), C=make_state("Pass")
    )
    history.enter("A", "Task")
    history.work("Boom")
    history.leave("A", "Task")
    history.visit("C")
    history.end()
    progress = Progress(machine)
    progress.add(history.events)
    root = parse(draw_svg(machine, progress))
    assert len(classes(root, "catch", "taken")) == 1
    assert len(classes(root, "next", "taken")) == 2  # from the start, and to the end
    assert [
        one.get("data-state") for one in classes(root, "unreached") if one.get("data-state")
    ] == ["B"]


@pytest.mark.parametrize(("is_dark", "asks"), [(None, True), (True, False)])
def test_the_reader_s_preference_decides_on_dark_unless_it_is_said(is_dark, asks):
    text = draw_svg(machine_named("A"), is_dark=is_dark)
    assert ("prefers-color-scheme:dark" in text) is asks
