"""Paths of an API and the tree that they make."""

from __future__ import annotations

from typing import Any

import pytest

from fogline.services.apigateway.errors import BadRequestException
from fogline.services.apigateway.paths import (
    check_part,
    descendants,
    path_parameters,
    path_under,
    place_resource,
)


def tree() -> dict[str, dict[str, Any]]:
    return {
        "r": {"id": "r", "path": "/"},
        "a": {"id": "a", "parentId": "r", "pathPart": "a", "path": "/a"},
        "b": {"id": "b", "parentId": "a", "pathPart": "b", "path": "/a/b"},
        "c": {"id": "c", "parentId": "b", "pathPart": "{c}", "path": "/a/b/{c}"},
    }


@pytest.mark.parametrize("part", ["a", "a-b_c.d:e", "{a}", "{proxy+}", "{a-b}", "1"])
def test_these_are_parts_of_paths(part: str) -> None:
    check_part(part)


@pytest.mark.parametrize(
    "part", ["", "a/b", "a b", "{}", "{+}", "{a", "a}", "{a}b", "{a}{b}", "ä", "a+"]
)
def test_these_are_none(part: str) -> None:
    with pytest.raises(BadRequestException):
        check_part(part)


def test_variables_of_a_path_are_named_in_order() -> None:
    assert path_parameters("/a/{b}/c/{d+}") == ["b", "d"]


def test_paths_are_joined_with_one_slash() -> None:
    assert path_under("/", "a") == "/a"
    assert path_under("/a", "b") == "/a/b"


def test_what_is_under_a_resource_is_found() -> None:
    assert set(descendants(tree(), "a")) == {"b", "c"}
    assert set(descendants(tree(), "c")) == set()


def test_moving_a_resource_gives_new_paths_to_all_under_it() -> None:
    resources = tree()
    place_resource(resources, "b", "r", "x")
    assert {id: one["path"] for id, one in resources.items()} == {
        "r": "/",
        "a": "/a",
        "b": "/x",
        "c": "/x/{c}",
    }


def test_nothing_stands_under_a_greedy_variable() -> None:
    with pytest.raises(BadRequestException, match="greedy"):
        place_resource(tree(), "b", "a", "{b+}")


def test_a_variable_is_in_a_path_once() -> None:
    resources = tree()
    resources["d"] = {"id": "d", "parentId": "r", "pathPart": "d", "path": "/d"}
    with pytest.raises(BadRequestException, match="more than once"):
        place_resource(resources, "d", "c", "{c}")
