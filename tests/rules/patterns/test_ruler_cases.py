"""What the published cases of AWS's own matcher (event-ruler) say about patterns, in a table of our own.

Each case is asked of the pattern alone and of a matcher that holds all of them at once.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from fogline.aws.patterns import InvalidPattern, compile_pattern
from fogline.aws.patterns.matcher import Matcher

SONGS = {
    "year": 1966,
    "genres": [{"pop": True}, {"classical": False}],
    "songs": [
        {
            "name": "Paperback Writer",
            "writers": [
                {"first": "John", "last": "Lennon"},
                {"first": "Paul", "last": "McCartney"},
            ],
        },
        {
            "name": "Paint It Black",
            "writers": [
                {"first": "Mick", "last": "Jagger"},
                {"first": "Keith", "last": "Richards"},
            ],
        },
    ],
}
STAFF = {
    "staff": [
        [{"name": "John", "ids": [12, 10]}, {"name": "Anna"}],
        [{"name": "Peter", "ids": []}],
    ]
}
THERE: Any = [{"exists": True}]
ABSENT: Any = [{"exists": False}]

CASES: list[tuple[str, Any, list[Any], list[Any]]] = [
    # name, pattern, events that match, events that do not
    ("values", {"a": [1, "x", None]}, [{"a": 1.0}, {"a": "x"}, {"a": None}], [{"a": "1"}, {}]),
    ("all fields", {"a": [1], "b": [2]}, [{"a": 1, "b": 2, "c": 3}], [{"a": 1}, {"a": 1, "b": 3}]),
    ("prefix", {"a": [{"prefix": "zoo"}]}, [{"a": "zoo"}, {"a": "zookeeper"}], [{"a": "Zoo"}]),
    (
        "prefix in any case",
        {"a": [{"prefix": {"equals-ignore-case": "zoo"}}]},
        [{"a": "zOokeeper"}],
        [{"a": "a zoo"}],
    ),
    (
        "suffix in any case",
        {"a": [{"suffix": {"equals-ignore-case": "hood"}}]},
        [{"a": "childhOoD"}],
        [{"a": "hooded"}],
    ),
    ("suffix of other scripts", {"a": [{"suffix": "大学"}]}, [{"a": "清华大学"}], [{"a": "大"}]),
    (
        "wildcards",
        {"a": [{"wildcard": "*hel*lo*"}]},
        [{"a": "hello"}, {"a": "xhel-lo!"}, {"a": "hehelllo"}],
        [{"a": "helo"}, {"a": "lohel"}],
    ),
    (
        "several wildcards",
        {"a": [{"wildcard": "a*c"}, {"wildcard": "ab*"}, "exactly"]},
        [{"a": "axc"}, {"a": "abz"}, {"a": "exactly"}],
        [{"a": "bac"}],
    ),
    (
        "anything but words",
        {"a": [{"anything-but": ["x", "y"]}]},
        [{"a": "z"}, {"a": 1}, {"a": ["x", "z"]}],
        [{"a": "x"}, {"a": ["x", "y"]}, {}],
    ),
    ("anything but numbers", {"a": [{"anything-but": [1, 2]}]}, [{"a": 3}], [{"a": 1.0}]),
    (
        "anything but wildcards",
        {"a": [{"anything-but": {"wildcard": ["*bar", "foo*"]}}]},
        [{"a": "xbarx"}],
        [{"a": "foobar"}, {"a": "bar"}],
    ),
    (
        "a range of addresses beside a refusal of one",
        {"ip": [{"cidr": "10.0.0.0/24"}], "a": [{"anything-but": {"suffix": "9"}}]},
        [{"ip": "10.0.0.7", "a": "8"}],
        [{"ip": "10.0.0.7", "a": "9"}, {"ip": "10.0.1.7", "a": "8"}],
    ),
    (
        "an address at the end of its range",
        {"ip": [{"cidr": "220.160.153.171/31"}]},
        [{"ip": "220.160.153.170"}, {"ip": "220.160.153.171"}],
        [{"ip": "220.160.153.169"}, {"ip": "220.160.153.172"}],
    ),
    (
        "numbers however they are written",
        {"a": [{"numeric": ["=", 3.018e2]}], "b": [{"numeric": [">", 0, "<=", 5]}]},
        [{"a": 301.8, "b": 5}, {"a": 301.80, "b": 0.1}],
        [{"a": 301.8, "b": 0}],
    ),
    ("null is no number", {"a": [{"numeric": ["=", 0]}]}, [{"a": 0}], [{"a": None}, {"a": "0"}]),
    # arrays of values
    ("one of an array", {"tags": ["admin"]}, [{"tags": ["user", "admin"]}], [{"tags": []}]),
    (
        "arrays of values side by side",
        {"d": {"tags": [{"prefix": "ad"}], "kinds": ["b"]}},
        [{"d": {"tags": ["x", "admin"], "kinds": ["a", "b"]}}],
        [{"d": {"tags": ["x"], "kinds": ["b"]}}],
    ),
    (
        "values between objects of an array",
        {"lines": {"points": [287.5], "points.pp": ["index0"]}},
        [{"lines": [{"points": [[[{"pp": "index0"}, 483.3, 287.5]]]}]}],
        [{"lines": [{"points": [[[{"pp": "index1"}, 483.3, 287.5]]]}]}],
    ),
    # arrays of objects: all fields within the same element
    (
        "the same element",
        {"d": {"a": THERE, "b": THERE}},
        [{"d": [{"a": 1}, {"b": 2}, {"a": 3, "b": 4}]}, {"d": {"a": 1, "b": 2}}],
        [{"d": [{"a": 1}, {"b": 2}]}, {"d": []}, {}],
    ),
    (
        "the same element of an inner array",
        {"u": {"t": {"k": ["color"], "v": ["blue"]}}},
        [{"u": [{"t": [{"k": "color", "v": "blue"}]}]}],
        [{"u": [{"t": [{"k": "color"}, {"v": "blue"}]}]}],
    ),
    (
        "the same element of an outer array",
        {"d": {"name": THERE, "info": {"x": ["1"]}}},
        [{"d": [{"name": "a", "info": {"x": "1"}}]}],
        [{"d": [{"name": "a"}, {"info": {"x": "1"}}]}],
    ),
    (
        "an array beside a value",
        {"users": {"name": THERE}, "version": ["1"]},
        [{"users": [{"name": "a"}], "version": "1"}],
        [{"users": [{"name": "a"}], "version": "2"}],
    ),
    (
        "song and writer",
        {
            "songs": {
                "name": ["Paperback Writer"],
                "writers": {"first": ["Paul"], "last": ["McCartney"]},
            }
        },
        [SONGS],
        [],
    ),
    (
        "genre and song",
        {"genres": {"pop": [True]}, "songs": {"name": ["Paint It Black"]}},
        [SONGS],
        [],
    ),
    (
        "the writer of another song",
        {"year": [1966], "songs": {"name": ["Paperback Writer"], "writers": {"first": ["Mick"]}}},
        [],
        [SONGS],
    ),
    (
        "half of each writer",
        {"songs": {"writers": {"first": ["Mick"], "last": ["McCartney"]}}},
        [],
        [SONGS],
    ),
    # absence
    ("absent", {"b": ABSENT}, [{"a": 1}, {"b": []}, {"b": {"c": 1}}], [{"b": None}]),
    ("absent beside a value", {"a": [1], "b": ABSENT}, [{"a": 1}], [{"a": 1, "b": 2}, {"b": 2}]),
    (
        "absent from the element that the others chose",
        {"staff": {"name": ["Anna", "Peter"], "zip": ABSENT}},
        [STAFF, {"staff": [{"name": "Anna"}, {"name": "John", "zip": 1}]}],
        [{"staff": [{"name": "Anna", "zip": 1}, {"name": "John"}]}],
    ),
    (
        "absent, asked before the element is chosen",
        {"staff": {"name": ["Anna"], "ids": ABSENT}},
        [{"staff": [{"name": "Anna"}]}],
        [STAFF],
    ),
    (
        "a value or its absence",
        {"staff": {"name": ["Anna"], "zip": [1, {"exists": False}]}},
        [
            {"staff": [{"name": "Anna", "zip": 1}]},
            {"staff": [{"name": "Anna"}, {"name": "John", "zip": 2}]},
        ],
        [{"staff": [{"name": "Anna", "zip": 2}, {"name": "John", "zip": 1}]}],
    ),
    (
        "absent from any depth",
        {"r": {"state": ["on"], "v": {"w": {"x": ABSENT}}}},
        [{"r": [{"state": "on", "v": [{"u": 1}]}, {"state": "off", "v": [{"w": {"x": 1}}]}]}],
        [{"r": [{"state": "on", "v": [{"w": [{"x": 1}]}]}]}],
    ),
    # choices
    (
        "one or the other",
        {"source": ["s"], "$or": [{"a": [1]}, {"b": [{"numeric": [">", 5]}]}]},
        [{"source": "s", "a": 1}, {"source": "s", "b": 6}],
        [{"source": "s", "b": 5}, {"a": 1}],
    ),
    (
        "choices within choices",
        {"$or": [{"a": [1], "$or": [{"b": [2]}, {"c": [3]}]}, {"d": [4]}]},
        [{"a": 1, "b": 2}, {"a": 1, "c": 3}, {"d": 4}],
        [{"a": 1}, {"b": 2}],
    ),
    ("a field that is called $or", {"$or": ["x"]}, [{"$or": "x"}], [{"$or": "y"}]),
    (
        "a field that is called $or and holds patterns",
        {"$or": [{"prefix": "x"}, {"suffix": "z"}]},
        [{"$or": "xy"}, {"$or": "yz"}],
        [{"$or": "y"}],
    ),
]


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    everyone = Matcher()
    for name, pattern, _, _ in CASES:
        everyone.put(name, compile_pattern(json.dumps(pattern)))
    return everyone


@pytest.mark.parametrize(
    ("name", "pattern", "matching", "others"), CASES, ids=[case[0] for case in CASES]
)
def test_a_pattern_matches_what_aws_says(
    matcher: Matcher, name: str, pattern: Any, matching: list[Any], others: list[Any]
) -> None:
    compiled = compile_pattern(json.dumps(pattern))
    for event in matching:
        assert compiled.matches(event), event
        assert name in matcher.find(event)
    for event in others:
        assert not compiled.matches(event), event
        assert name not in matcher.find(event)


@pytest.mark.parametrize(
    "condition",
    [
        '{"exactly": 33}',
        '{"prefix": "a", "suffix": "b"}',
        '{"anything-but": ["a", 1]}',
        '{"anything-but": {"prefix": ["a", ""]}}',
        '{"anything-but": {"wildcard": "a**b"}}',
        '{"prefix": {"equals-ignore-case": ["a"]}}',
        '{"cidr": "10.0.0.0"}',
        '{"exists": "true"}',
        '{"numeric": ["=", true]}',
        '{"numeric": ["="]}',
        '{"numeric": ["==", 1]}',
        '{"numeric": ["<", 1, ">", 0]}',
        '{"numeric": [">", 1, "<", 1]}',
        '{"numeric": [">", 1, "<", 30, false]}',
        '{"numeric": ["=", 1E309]}',
        '{"numeric": ["=", 1E-325]}',
        '{"wildcard": ["a"]}',
        "[1]",
    ],
)
def test_a_condition_that_aws_refuses_is_refused(condition: str) -> None:
    with pytest.raises(InvalidPattern):
        compile_pattern(f'{{"a": [{condition}]}}')


def test_the_smallest_number_is_one() -> None:
    assert compile_pattern('{"a": [{"numeric": [">", 1E-320]}]}').matches({"a": 1e-300})
