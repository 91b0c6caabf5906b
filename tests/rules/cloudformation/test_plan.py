"""The plan of an update, from values to values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fogline.ports.resources import Done, ResourceType
from fogline.services.cloudformation.intrinsics import evaluate
from fogline.services.cloudformation.plan import (
    Change,
    Progress,
    Standing,
    changed_properties,
    plan_changes,
    replaces,
)
from fogline.services.cloudformation.resource_scope import ResourceScope
from fogline.services.cloudformation.template import Resource


def kind(**members: Any) -> ResourceType:
    settings: dict[str, Any] = {
        "name": "Test::It::Thing",
        "properties": frozenset(("Name", "Size", "Code", "Tags")),
        "create_only": frozenset(("Name", "Code.Bucket")),
        "conditional": frozenset(("Size",)),
        "create": lambda context, properties: Done("id"),
        "update": lambda context, physical_id, old, new: Done("id"),
        "delete": lambda context, physical_id, properties: None,
        **members,
    }
    return ResourceType(**settings)


THING = kind()


def plan(
    before: Mapping[str, Mapping[str, Any]],
    after: Mapping[str, Mapping[str, Any]],
    *,
    exactly: bool = False,
    parameters: Mapping[str, Any] | None = None,
    changed: frozenset[str] = frozenset(),
    **options: Any,
) -> list[Change]:
    """What changes between two maps of logical id to properties; the old ones hold no functions."""
    progress = Progress()
    rows = {
        name: {
            "physical_id": f"id-{name}",
            "attributes": {"Arn": f"arn-{name}"},
            "type": THING.name,
        }
        for name in before
    }
    scope = ResourceScope(
        "1", "r", parameters or {}, {}, {}, stack_id="s", stack_name="n",
        find=lambda name: None if progress.is_new(name) else rows.get(name),
        export=lambda name: None, is_final=False,
    )  # fmt: skip
    return plan_changes(
        {name: Standing(THING.name, f"id-{name}", old, old) for name, old in before.items()},
        {name: Resource(name, THING.name, new) for name, new in after.items()},
        list(after),
        lambda name: THING,
        lambda properties: evaluate(dict(properties), scope),
        changed,
        progress,
        exactly=exactly,
        **options,
    )


def brief(changes: list[Change]) -> list[tuple[str, str, str]]:
    return [(change.action, change.logical_id, change.replacement) for change in changes]


def test_what_is_new_is_added_and_what_is_gone_removed() -> None:
    found = plan({"A": {"Size": 1}}, {"B": {"Size": 1}})
    assert brief(found) == [("Remove", "A", ""), ("Add", "B", "")]
    assert found[0].policy_action == "Delete"


def test_nothing_changes_when_values_are_the_same() -> None:
    assert plan({"A": {"Size": 1}}, {"A": {"Size": 1}}) == []


@pytest.mark.parametrize(
    ("before", "after", "replacement"),
    [
        ({"Tags": [1]}, {"Tags": [2]}, "False"),
        ({"Tags": [1]}, {}, "False"),
        ({"Name": "a"}, {"Name": "b"}, "True"),
        ({"Code": {"Bucket": "a", "Key": "k"}}, {"Code": {"Bucket": "b", "Key": "k"}}, "True"),
        ({"Code": {"Bucket": "a", "Key": "k"}}, {"Code": {"Bucket": "a", "Key": "l"}}, "False"),
        ({"Size": 1}, {"Size": 2}, "Conditional"),
    ],
)
def test_create_only_properties_replace(before: Any, after: Any, replacement: str) -> None:
    assert brief(plan({"A": before}, {"A": after})) == [("Modify", "A", replacement)]


def test_a_replacement_reaches_those_that_refer_to_it() -> None:
    found = plan(
        {"A": {"Name": "a"}, "B": {"Name": "id-A"}},
        {"A": {"Name": "b"}, "B": {"Name": {"Ref": "A"}}},
    )
    assert brief(found) == [("Modify", "A", "True"), ("Modify", "B", "True")]
    assert [detail.cause for detail in found[1].details] == ["A"]


def test_an_attribute_of_what_is_modified_may_change() -> None:
    before = {"A": {"Tags": [1]}, "B": {"Name": "arn-A"}}
    after = {"A": {"Tags": [2]}, "B": {"Name": {"Fn::GetAtt": ["A", "Arn"]}}}
    assert brief(plan(before, after)) == [("Modify", "A", "False"), ("Modify", "B", "Conditional")]
    assert brief(plan(before, after, exactly=True)) == [("Modify", "A", "False")]


def test_a_changed_parameter_is_named() -> None:
    raw = {"A": {"Name": {"Ref": "P"}}}
    progress = plan(
        {"A": {"Name": {"Ref": "P"}}}, raw, parameters={"P": "new"}, changed=frozenset("P")
    )
    assert [(detail.source, detail.cause) for detail in progress[0].details] == [
        ("ParameterReference", "P"),
        ("DirectModification", ""),
    ]


def test_changed_tags_of_the_stack_touch_what_can_bear_them() -> None:
    found = plan({"A": {"Size": 1}}, {"A": {"Size": 1}}, tags_changed=True)
    assert [change.scope for change in found] == [("Tags",)]


def test_a_type_without_update_is_always_replaced() -> None:
    rigid = kind(update=None)
    assert changed_properties(rigid, {"Tags": 1}, {"Tags": 2}) == {"Tags": "Always"}


def test_a_type_decides_where_it_depends_on_the_values() -> None:
    elastic = kind(replaces=lambda before, after: bool(after["Size"] < before["Size"]))
    for before, after, expected in ((1, 2, False), (2, 1, True)):
        old, new = {"Size": before}, {"Size": after}
        assert replaces(elastic, changed_properties(elastic, old, new), old, new) is expected
