"""The order of an item's members that come from columns."""

from __future__ import annotations

from fogline.services.stepfunctions.distributed.member_order import member_order


def ordered(*names):
    return [names[place] for place in member_order(names)]


def test_members_are_in_the_order_that_was_recorded():
    assert ordered("0", "True", "{}") == ["0", "{}", "True"]
    assert ordered("H1", "") == ["", "H1"]
    assert ordered("Col1", "Col2", "Col3") == ["Col1", "Col2", "Col3"]


def test_every_column_has_a_place():
    names = [f"column {number}" for number in range(100)]
    assert sorted(ordered(*names)) == sorted(names)


def test_names_may_have_any_character():
    assert sorted(ordered("é", "日本", "😀")) == sorted(["é", "日本", "😀"])
