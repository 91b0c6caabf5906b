"""Paths: how a template finds values in an event."""

from __future__ import annotations

import pytest

from fogline.aws.input_templates import find_path, is_path

EVENT = {
    "detail-type": "Order Placed",
    "resources": ["arn:a", "arn:b"],
    "detail": {"items": [{"id": 1}, {"id": 2}, {}], "a/b": True, "null": None, "deep": {"x": []}},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", EVENT),
        ("$.detail-type", "Order Placed"),
        ("$.resources[1]", "arn:b"),
        ("$.detail.items[0].id", 1),
        ("$.detail.items[*].id", [1, 2]),
        ("$.resources[*]", ["arn:a", "arn:b"]),
        ("$.detail.deep.*", [[]]),
        ("$.detail.a/b", True),
        ("$.detail['items'][1]['id']", 2),
        ("$.detail.deep.x", []),
    ],
)
def test_a_path_finds_its_value(path: str, value: object) -> None:
    assert find_path(EVENT, path) == value


def test_a_null_that_is_there_is_found() -> None:
    assert find_path(EVENT, "$.detail.null", "absent") is None


@pytest.mark.parametrize(
    "path",
    [
        "$.nothing",
        "$.detail.items[3]",
        "$.detail.items.id",
        "$.detail-type.x",
        "$.detail.items[7][*]",
        "$.detail.nothing[*]",
        "detail",
        "$..id",
        "$.detail[",
        "$.detail.items[?(@.id)]",
        "",
    ],
)
def test_what_is_not_there_or_is_no_path_gives_the_default(path: str) -> None:
    assert find_path(EVENT, path, "absent") == "absent"


def test_a_path_is_known_from_what_is_none() -> None:
    assert is_path("$.a[0].b")
    assert not is_path("$.a[b")
