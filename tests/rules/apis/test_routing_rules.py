"""Which requests a routing rule is for."""

from __future__ import annotations

from typing import Any

import pytest

from fogline.apis.routing_rules import choose


def rule(priority: int, *conditions: dict[str, Any], strip: bool = False) -> dict[str, Any]:
    action = {"ApiId": f"api{priority}", "Stage": "dev", "StripBasePath": strip}
    return {
        "Priority": priority,
        "Conditions": conditions,
        "Actions": [{"InvokeApi": action}],
    }


def paths(*paths: str) -> dict[str, Any]:
    return {"MatchBasePaths": {"AnyOf": paths}}


def header(name: str, *globs: str) -> dict[str, Any]:
    alternatives = [{"Header": name, "ValueGlob": glob} for glob in globs]
    return {"MatchHeaders": {"AnyOf": alternatives}}


def test_the_rule_of_the_lowest_number_comes_first() -> None:
    choice = choose([rule(30), rule(4), rule(5)], ["a"], {})
    assert choice is not None
    assert choice.api == "api4"


@pytest.mark.parametrize(
    ("base", "path", "fits"),
    [
        ("users", "users", True),
        ("/users", "users/1", True),
        ("users/v1", "users/v1/a", True),
        ("users", "usersX", False),
        ("users", "Users", False),
        ("users/v1", "users", False),
    ],
)
def test_a_base_path_is_whole_segments(base: str, path: str, fits: bool) -> None:
    choice = choose([rule(1, paths("other", base))], path.split("/"), {})
    assert (choice is not None) is fits


def test_the_longest_base_path_that_fits_is_stripped() -> None:
    choice = choose([rule(1, paths("a", "a/b"), strip=True)], ["a", "b", "c"], {})
    assert choice is not None
    assert choice.stripped == 2
    kept = choose([rule(1, paths("a"))], ["a", "b"], {})
    assert kept is not None
    assert kept.stripped == 0


@pytest.mark.parametrize(
    ("glob", "value", "fits"),
    [
        ("beta", "beta", True),
        ("beta", "Beta", False),
        ("b*", "beta", True),
        ("*a", "beta", True),
        ("*et*", "beta", True),
        ("*", "anything", True),
        ("e*", "beta", False),
        ("*t", "beta", False),
    ],
)
def test_a_star_stands_for_the_rest_of_a_header(glob: str, value: str, fits: bool) -> None:
    choice = choose([rule(1, header("X-Version", glob))], [], {"x-version": value})
    assert (choice is not None) is fits


def test_all_conditions_are_met_and_one_alternative_of_each() -> None:
    both = [rule(1, header("a", "1", "2"), header("b", "3"), paths("x"))]
    assert choose(both, ["x"], {"a": "2", "b": "3"}) is not None
    assert choose(both, ["x"], {"a": "2"}) is None
    assert choose(both, ["y"], {"a": "2", "b": "3"}) is None
