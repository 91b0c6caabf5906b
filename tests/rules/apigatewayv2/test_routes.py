"""Which route a request takes."""

from __future__ import annotations

import pytest

from fogline.services.apigatewayv2.http.routes import Routes

GUIDE = ("GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default")
"""The example of the developer guide."""


def taken(keys: tuple[str, ...], request: str) -> tuple[str, dict[str, str]] | None:
    method, _, path = request.partition(" ")
    found = Routes((key, key) for key in keys).find(method, path)
    return (found[0], dict(found[1])) if found is not None else None


@pytest.mark.parametrize(
    ("request_line", "key", "variables"),
    [
        ("GET /pets/dog/1", "GET /pets/dog/1", {}),
        ("GET /pets/dog/2", "GET /pets/dog/{id}", {"id": "2"}),
        ("GET /pets/cat/1", "GET /pets/{proxy+}", {"proxy": "cat/1"}),
        ("POST /test/5", "ANY /{proxy+}", {"proxy": "test/5"}),
        ("POST /pets/dog/1", "ANY /{proxy+}", {"proxy": "pets/dog/1"}),
        ("GET /", "ANY /{proxy+}", {"proxy": ""}),
    ],
)
def test_the_most_specific_route_is_taken(
    request_line: str, key: str, variables: dict[str, str]
) -> None:
    assert taken(GUIDE, request_line) == (key, variables)


def test_a_method_goes_before_any() -> None:
    keys = ("ANY /a", "GET /a")
    assert taken(keys, "GET /a") == ("GET /a", {})
    assert taken(keys, "PUT /a") == ("ANY /a", {})


def test_a_full_match_goes_before_a_longer_greedy_one() -> None:
    keys = ("ANY /a/{proxy+}", "GET /{x}/{y}")
    assert taken(keys, "GET /a/b") == ("GET /{x}/{y}", {"x": "a", "y": "b"})
    assert taken(keys, "GET /a/b/c") == ("ANY /a/{proxy+}", {"proxy": "b/c"})


def test_the_deepest_greedy_route_is_taken() -> None:
    keys = ("ANY /{proxy+}", "ANY /a/{proxy+}", "ANY /{x}/b/{rest+}")
    assert taken(keys, "GET /a/c") == ("ANY /a/{proxy+}", {"proxy": "c"})
    assert taken(keys, "GET /z/b/c/d") == ("ANY /{x}/b/{rest+}", {"x": "z", "rest": "c/d"})
    assert taken(keys, "GET /z/c") == ("ANY /{proxy+}", {"proxy": "z/c"})


def test_a_path_of_another_method_gives_way_to_variables() -> None:
    keys = ("POST /a/b", "GET /a/{id}")
    assert taken(keys, "GET /a/b") == ("GET /a/{id}", {"id": "b"})


def test_variables_of_one_place_may_have_several_names() -> None:
    keys = ("GET /{a}", "POST /{b}", "GET /{c}/x")
    assert taken(keys, "GET /1") == ("GET /{a}", {"a": "1"})
    assert taken(keys, "POST /1") == ("POST /{b}", {"b": "1"})
    assert taken(keys, "GET /1/x") == ("GET /{c}/x", {"c": "1"})


@pytest.mark.parametrize("path", ["/a/", "//a", "/a/b", "/A", ""])
def test_paths_are_compared_to_the_letter(path: str) -> None:
    assert taken(("GET /a",), f"GET {path}") is None


def test_a_slash_at_the_end_belongs_to_the_path() -> None:
    assert taken(("GET /a/",), "GET /a/") == ("GET /a/", {})
    assert taken(("GET /a/",), "GET /a") is None
    assert taken(("ANY /{proxy+}",), "GET /a/") == ("ANY /{proxy+}", {"proxy": "a/"})


def test_only_greedy_variables_may_stand_for_nothing() -> None:
    assert taken(("GET /a/{id}",), "GET /a/") is None
    assert taken(("GET /a/{proxy+}",), "GET /a/") == ("GET /a/{proxy+}", {"proxy": ""})
    assert taken(("GET /a/{proxy+}",), "GET /a") is None
    assert taken(("ANY /{proxy+}",), "GET /") == ("ANY /{proxy+}", {"proxy": ""})
    assert taken(("ANY /{proxy+}", "ANY /"), "GET /") == ("ANY /", {})


def test_variables_are_decoded_and_a_decoded_slash_divides_nothing() -> None:
    assert taken(("GET /a/{id}",), "GET /a/b%2Fc%20d") == ("GET /a/{id}", {"id": "b/c d"})
    assert taken(("GET /a b",), "GET /a%20b") == ("GET /a b", {})


def test_keys_that_are_none_lead_nowhere() -> None:
    assert taken(("GET", "", "GET a"), "GET /a") is None
