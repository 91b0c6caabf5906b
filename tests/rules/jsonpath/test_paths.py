from __future__ import annotations

from typing import Any

import pytest

from fogline.aws.jsonpath import InvalidPath, PathFailed, PathNotFound, compile_path

STORE: dict[str, Any] = {
    "books": [
        {"title": "Sea", "price": 8, "tags": ["old", "blue"], "isbn": "1-2"},
        {"title": "Hill", "price": 12.5, "tags": [], "isbn": None},
        {"title": "Wood", "price": 23, "author": {"name": "Ann", "price": "low"}},
    ],
    "limit": 12.5,
    "wanted": ["Sea", "Wood"],
    "a b": {"c.d": 1},
    "numbers": [10, 20, 30, 40],
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", STORE),
        ("$.limit", 12.5),
        ("$.books[1].title", "Hill"),
        ("$['a b']['c.d']", 1),
        ('$["a b"]["c.d"]', 1),
        ("$.['a b'].['c.d']", 1),
        ("$.numbers[-1]", 40),
        ("$.numbers[(@.length-1)]", 40),
        ("$.numbers[(@.size() - 4)]", 10),
        ("$.numbers.length()", 4),
        ("$.books[0]['title','isbn','none']", {"title": "Sea", "isbn": "1-2"}),
    ],
)
def test_a_definite_path_names_one_value(path: str, expected: object) -> None:
    compiled = compile_path(path)
    assert compiled.is_definite
    assert compiled.value(STORE) == expected
    assert compiled.find(STORE) == [expected]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.numbers[*]", [10, 20, 30, 40]),
        ("$.numbers.*", [10, 20, 30, 40]),
        ("$.numbers[1:3]", [20, 30]),
        ("$.numbers[-1:]", [40]),
        ("$.numbers[:2]", [10, 20]),
        ("$.numbers[3,0,9]", [40, 10]),
        ("$.books[*].title", ["Sea", "Hill", "Wood"]),
        ("$.books[*].tags[0]", ["old"]),
        (
            "$.books[*]['title','price']",
            [{"title": t, "price": p} for t, p in (("Sea", 8), ("Hill", 12.5), ("Wood", 23))],
        ),
        ("$.books[1:].author.name", ["Ann"]),
        ("$..price", [8, 12.5, 23, "low"]),
        ("$..['price']", [8, 12.5, 23, "low"]),
        ("$.books..name", ["Ann"]),
        ("$.books[*].tags[*]", ["old", "blue"]),
        ("$.limit[*]", []),
        ("$.books[*].tags.length()", [2, 0]),
    ],
)
def test_other_paths_name_a_list_of_values(path: str, expected: object) -> None:
    compiled = compile_path(path)
    assert not compiled.is_definite
    assert compiled.value(STORE) == compiled.find(STORE) == expected


@pytest.mark.parametrize(
    ("condition", "titles"),
    [
        ("@.price < 10", ["Sea"]),
        ("@.price<=12.5", ["Sea", "Hill"]),
        ("@.price > $.limit", ["Wood"]),
        ("@.price >= '12.5'", ["Hill", "Wood"]),
        ("@.title == 'Sea'", ["Sea"]),
        ("'Sea' == @.title", ["Sea"]),
        ("@.title == Sea", ["Sea"]),
        ("@.title != 'Sea'", ["Hill", "Wood"]),
        ("@.none != 'Sea'", []),
        ("@.author", ["Wood"]),
        ("@.isbn", ["Sea"]),
        ("@.tags", ["Sea", "Hill"]),
        ("@.tags[*]", ["Sea"]),
        ("!@.author", ["Sea", "Hill"]),
        ("@.author.name == 'Ann' || @.price == 8", ["Sea", "Wood"]),
        ("@.price > 5 && @.price < 20 && @.isbn", ["Sea"]),
        ("!(@.price > 5 && (@.price < 20 || @.x))", ["Wood"]),
        ("@.title =~ /.*[aeo]{2}.*/", ["Sea", "Wood"]),
        ("@.title =~ /SE[a-z]/i", ["Sea"]),
        ("@.title =~ /ea/", []),
        ("@.title in ['Hill', \"Wood\"]", ["Hill", "Wood"]),
        ("@.title in $.wanted", ["Sea", "Wood"]),
        ("@.title nin $.wanted", ["Hill"]),
        ("@.tags contains 'blue'", ["Sea"]),
        ("@.title contains 'oo'", ["Wood"]),
        ("@.tags subsetof ['blue', 'old', 'x']", ["Sea", "Hill"]),
        ("@.tags anyof ['blue']", ["Sea"]),
        ("@.tags noneof ['blue']", ["Hill"]),
        ("@.tags all ['blue']", ["Sea"]),
        ("@.tags size 2", ["Sea"]),
        ("@.tags empty true", ["Hill"]),
        ("@.tags empty false", ["Sea"]),
        ("@.tags == []", ["Hill"]),
        ("@.author == {'name': 'Ann', 'price': 'low'}", ["Wood"]),
        ("@.isbn == null", ["Hill"]),
        ("@.tags.length() > 1", ["Sea"]),
        ("@['tags'][?(@ == 'old')]", ["Sea"]),
        ("true", None),
    ],
)
def test_filters_choose_elements(condition: str, titles: list[str] | None) -> None:
    path = f"$.books[?({condition})].title"
    if titles is None:
        with pytest.raises(InvalidPath):
            compile_path(path)
    else:
        assert compile_path(path).value(STORE) == titles


def test_a_filter_of_scalars_sees_the_elements_themselves() -> None:
    assert compile_path("$.numbers[?(@ > 15)]").value(STORE) == [20, 30, 40]


def test_a_scan_with_a_filter_finds_every_object_once() -> None:
    assert compile_path("$..[?(@.name)]").value(STORE) == [{"name": "Ann", "price": "low"}]


def test_booleans_are_not_numbers() -> None:
    document = {"x": [{"v": True}, {"v": 1}]}
    assert compile_path("$.x[?(@.v == 1)]").value(document) == [{"v": 1}]
    assert compile_path("$.x[?(@.v == true)]").value(document) == [{"v": True}]


# The first two texts are recorded from AWS, the others are those of the library that it uses.
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("$.nothing", "No results for path: $['nothing']"),
        ("$.no.such.path", "Missing property in path $['no']"),
        ("$.limit.x", "Property ['x'] not found in path $['limit']"),
        ("$.numbers[4]", "Index out of bounds when evaluating path $['numbers'][4]"),
        ("$.limit[0]", "Filter: [0] can only be applied to arrays."),
        ("$.books[1].isbn[0]", "The path $['books'][1]['isbn'] is null"),
        ("$.numbers.sum()", "No results for path: $['numbers']['sum()']"),
        (
            "$['a b','limit'].x",
            "Multi properties can only be used as path leafs: $['a b', 'limit']",
        ),
    ],
)
def test_a_definite_path_that_leads_nowhere_says_where_it_ended(path: str, reason: str) -> None:
    with pytest.raises(PathFailed) as failure:
        compile_path(path).value(STORE)
    if path == "$.numbers.sum()":
        assert isinstance(failure.value, PathNotFound)
    else:
        assert str(failure.value) == reason


@pytest.mark.parametrize(
    "path", ["$[*]", "$.items[*]", "$.items[1:]", "$.a.items[:1]", "$.items[*].v", "$..v"]
)
def test_a_path_to_several_values_names_none_where_nothing_is(path: str) -> None:
    assert compile_path(path).value({}) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "$.",
        "$..",
        "$.a b",
        "$.a[",
        "$.a[]",
        "$.a['b]",
        "$.a[1:2:3]",
        "$.a[:]",
        "$.a[?(@.b",
        "$.a[?(@.b ==)]",
        "$.a[?(@.b == 1]",
        "$.a[?(@.b like 1)]",
        "$.a[?(@.b =~ 'x')]",
        "$.a[?(@.b =~ /x/g)]",
        "$.a[?(@.b =~ /(x/)]",
        "$.a[?()]",
        "$.a)",
        "$.a..",
        "$." + "a" * 5_000,
        "$" + ".a" * 300,
        "$[?(" + "(" * 30 + "@" + ")" * 30 + ")]",
    ],
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(InvalidPath):
        compile_path(text)


@pytest.mark.parametrize(
    ("text", "root"), [("$.a", "$"), ("$$.a", "$$"), ("$$", "$$"), ("$order.a[0]", "order")]
)
def test_a_path_says_what_it_starts_from(text: str, root: str) -> None:
    assert compile_path(text).root == root
