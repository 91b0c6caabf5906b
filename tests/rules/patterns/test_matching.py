from __future__ import annotations

import time

import pytest

from fogline.aws.patterns import compile_pattern


def matches(pattern, event) -> bool:
    return compile_pattern(pattern).matches(event)


@pytest.mark.parametrize(
    ("condition", "admitted", "refused"),
    [
        (["a"], ["a", ["b", "a"]], ["A", "", None, ["b"], {"a": "a"}]),
        ([1], [1, 1.0, 1e0, [2, 1]], ["1", True, 2]),
        ([3.018e2], [301.8], [301.80001]),
        ([123456789012345678901], [123456789012345678901], [123456789012345678902]),
        ([True], [True], ["true", 1, False]),
        ([False], [False], [0, None]),
        ([None], [None], ["null", "", []]),
        ([""], [""], [None, " "]),
        ([{"prefix": "ab"}], ["ab", "abc"], ["xab", "a", 1, None]),
        ([{"prefix": ""}], ["", "x"], [1]),
        ([{"suffix": ".png"}], ["a.png"], ["a.PNG", "png"]),
        ([{"equals-ignore-case": "Eu-West"}], ["eu-west", "EU-WEST"], ["eu-west-1"]),
        ([{"prefix": {"equals-ignore-case": "EventB"}}], ["EVENTBRIDGE"], ["vent"]),
        ([{"suffix": {"equals-ignore-case": ".png"}}], ["a.PNG"], ["a.jpg"]),
        ([{"wildcard": "*.txt"}], [".txt", "a.txt"], ["a.txt.bak", "txt"]),
        ([{"wildcard": "a*b*c"}], ["abc", "axbxc", "abcbc"], ["ac", "ab", "acb"]),
        ([{"wildcard": "ab*ba"}], ["abba", "abxba"], ["aba"]),
        ([{"wildcard": r"a\*\\*"}], ["a*\\", "a*\\x"], ["ab\\"]),
        ([{"wildcard": ""}], [""], ["a"]),
        ([{"exactly": "a"}], ["a"], ["b"]),
        ([{"numeric": ["=", 5]}], [5, 5.0], ["5", True, 6]),
        ([{"numeric": [">", 0, "<=", 5]}], [0.1, 5], [0, 5.1, None]),
        ([{"numeric": [">=", 0]}], [0, 1], [-1]),
        ([{"numeric": ["<", 10]}], [9.99], [10]),
        ([{"numeric": ["<=", 10]}], [10], [10.5]),
        ([{"cidr": "10.0.0.0/24"}], ["10.0.0.255"], ["10.0.1.0", "10.0.0.256", 1, "x"]),
        ([{"cidr": "10.0.0.7/24"}], ["10.0.0.1"], ["10.0.1.1"]),
        ([{"cidr": "2001:db8::/32"}], ["2001:0db8::1"], ["2001:db9::1", "10.0.0.1"]),
        ([{"exists": True}], [None, 0, "x", ["x"]], [{"a": 1}, []]),
        ([{"exists": False}], [[], {"a": 1}], [None, "x"]),
        ([{"anything-but": "a"}], ["b", None, 1, True, ["a", "b"]], ["a", ["a"], []]),
        ([{"anything-but": ["a", "b"]}], ["c"], ["a", "b"]),
        ([{"anything-but": [1, 2]}], [3, "1", True], [1.0, 2]),
        ([{"anything-but": 0}], [789], [0]),
        ([{"anything-but": {"prefix": "init"}}], ["post", 12, None], ["init-x"]),
        ([{"anything-but": {"prefix": ["a", "b"]}}], ["c"], ["ax", "bx"]),
        ([{"anything-but": {"suffix": [".txt", ".jpg"]}}], ["a.png"], ["a.jpg"]),
        ([{"anything-but": {"equals-ignore-case": ["On", "OFF"]}}], ["idle"], ["ON", "off"]),
        ([{"anything-but": {"wildcard": ["*/a/*", "*/b/*"]}}], ["x/c/y", None], ["x/a/y"]),
        ([{"numeric": [">", 100]}, {"anything-but": "101"}], ["42", 101], ["101"]),
        ([{"anything-but": "a"}, {"exists": False}], ["b", []], ["a"]),
    ],
)  # fmt: skip
def test_condition_admits_these_values_and_no_others(condition, admitted, refused) -> None:
    pattern = compile_pattern({"field": condition})
    for value in admitted:
        assert pattern.matches({"field": value}), value
    for value in refused:
        assert not pattern.matches({"field": value}), value


@pytest.mark.parametrize("operator", ["a", {"exists": True}, {"anything-but": "a"}])
def test_a_missing_field_is_matched_by_absence_alone(operator) -> None:
    assert not matches({"a": {"b": [operator]}}, {"a": {}})
    assert matches({"a": {"b": [operator, {"exists": False}]}}, {"a": {}})
    assert matches({"a": {"b": [{"exists": False}]}}, {})


def test_every_field_of_a_pattern_must_match() -> None:
    pattern = {"source": ["s"], "detail": {"x": [1], "y": [2]}}
    assert matches(pattern, {"source": "s", "detail": {"x": 1, "y": 2, "z": 3}})
    assert not matches(pattern, {"source": "s", "detail": {"x": 1, "y": 3}})


def test_names_joined_by_dots_are_one_path() -> None:
    assert matches({"a": {"b": [1]}}, {"a.b": 1})
    assert matches({"a.b": [1]}, {"a": {"b": 1}})
    assert not matches({"a": {"b": [1]}}, {"a.b": {"b": 1}})
    assert not matches({"a.b": {"b": [1]}}, {"a": {"b": 1}})


def test_text_that_holds_json_stays_text() -> None:
    assert not matches({"detail": {"a": ["b"]}}, {"detail": '{"a": "b"}'})


def test_fields_of_objects_in_an_array_must_match_in_one_element() -> None:
    pattern = {"people": {"first": ["Ann"], "last": ["Lee"]}}
    together = {"people": [{"first": "Bo", "last": "Ray"}, {"first": "Ann", "last": "Lee"}]}
    apart = {"people": [{"first": "Ann", "last": "Ray"}, {"first": "Bo", "last": "Lee"}]}
    assert matches(pattern, together)
    assert not matches(pattern, apart)


def test_nested_arrays_keep_their_elements_apart() -> None:
    pattern = {"team": {"name": ["x"], "people": {"first": ["Ann"], "last": ["Lee"]}}}
    ann, lee, both = {"first": "Ann"}, {"last": "Lee"}, {"first": "Ann", "last": "Lee"}
    assert matches(pattern, {"team": [{"name": "x", "people": [ann, both]}]})
    assert not matches(pattern, {"team": [{"name": "x", "people": [ann, lee]}]})
    assert not matches(pattern, {"team": [{"name": "x"}, {"name": "y", "people": [both]}]})


def test_different_arrays_are_free_of_each_other() -> None:
    pattern = {"a": {"x": [1]}, "b": {"x": [2]}}
    assert matches(pattern, {"a": [{"x": 0}, {"x": 1}], "b": [{"x": 2}]})


def test_or_matches_any_branch_and_nests() -> None:
    pattern = {
        "source": ["s"],
        "$or": [{"a": [1]}, {"detail": {"$or": [{"b": [2]}, {"c": [3]}]}}],
    }
    assert matches(pattern, {"source": "s", "a": 1})
    assert matches(pattern, {"source": "s", "detail": {"c": 3}})
    assert not matches(pattern, {"source": "t", "a": 1})
    assert not matches(pattern, {"source": "s", "detail": {"b": 3}})


def test_a_field_may_be_called_or() -> None:
    assert matches({"$or": ["a", "b"]}, {"$or": "b"})
    assert matches({"$or": [{"prefix": "a"}, {"prefix": "b"}]}, {"$or": "bc"})


def test_hostile_patterns_and_events_take_no_time() -> None:
    started = time.thread_time()
    assert not matches({"a": [{"wildcard": "*a*a*a*a*b"}]}, {"a": "a" * 200_000})
    event = {"a": [{"x": 1, "y": 2} for _ in range(3_000)], "b": [{"x": 1} for _ in range(3_000)]}
    assert not matches({"a": {"x": [1], "y": [2]}, "b": {"x": [1], "y": [1]}}, event)
    nested = [1]
    for _ in range(5_000):
        nested = [nested]
    assert matches({"a": [1]}, {"a": nested})
    assert time.thread_time() - started < 2
