"""Texts that are no JSON are refused in the words of the library that AWS reads with."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fogline.aws.states.machine import InvalidJson, read_json

VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**20), 10**20),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(exclude_categories=["Cs"])),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [
        # The first two are recorded (test_validate_state_machine_definition_not_a_definition, and the
        # refusals of StartExecution's input).
        (
            "not a definition",
            "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token "
            "'null', 'true' or 'false')",
            4,
        ),
        (
            "{'not': 'json'}",
            "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
            3,
        ),
        (
            '{"a": 1,}',
            "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
            10,
        ),
        (
            '{"a" 1}',
            "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
            7,
        ),
        (
            "[1 2]",
            "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries",
            5,
        ),
        (
            '{"a":1 "b":2}',
            "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
            9,
        ),
        ("[01]", "Invalid numeric value: Leading zeroes not allowed", 3),
        ('["\\x"]', "Unrecognized character escape 'x' (code 120)", 5),
        (
            '["abc',
            "Unexpected end-of-input: was expecting closing quote for a string value",
            6,
        ),
    ],
)
def test_a_text_that_is_no_json_is_refused_in_the_words_of_aws(
    text: str, reason: str, column: int
) -> None:
    with pytest.raises(InvalidJson) as refused:
        read_json(text)
    assert refused.value.reason == reason
    assert refused.value.location.endswith(f"line: 1, column: {column}]")


def test_an_open_object_is_refused_with_the_place_where_it_began() -> None:
    with pytest.raises(InvalidJson) as refused:
        read_json('[\n  {"a": 1')
    assert "expected close marker for Object (start marker at [Source: (String)" in str(
        refused.value
    )
    assert "line: 2, column: 3]" in refused.value.reason


def test_a_long_source_is_repeated_only_in_part() -> None:
    with pytest.raises(InvalidJson) as refused:
        read_json("[" + "1," * 1_000)
    assert '"[truncated 1501 chars]; line: 1' in refused.value.location


@pytest.mark.parametrize("text", ['"\\ud800"', '{"\\udc00": 1}'])
def test_half_a_character_is_no_json(text: str) -> None:
    with pytest.raises(InvalidJson):
        read_json(text)


def test_a_number_that_python_will_not_read_is_refused() -> None:
    with pytest.raises(InvalidJson, match="exceeds the maximum allowed"):
        read_json("9" * 5_000)


@given(VALUES)
def test_what_is_json_is_read_as_it_is(value: Any) -> None:
    assert read_json(json.dumps(value)) == value


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


@settings(max_examples=500)
@given(st.one_of(st.text(max_size=40), st.text('{}[]",:0123456789.-eE+ \\utrfalsn\n', max_size=40)))
@example("Infinity")
@example("[NaN]")
@example("-Infinity")
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        # Python reads three words for numbers that are not JSON's.
        expected = json.loads(text, parse_constant=_refuse)
    except ValueError:
        with pytest.raises(InvalidJson):
            read_json(text)
    else:
        try:
            assert repr(read_json(text)) == repr(expected)
        except InvalidJson:
            # Only what the library reads and AWS does not: half characters.
            assert "\\u" in text


@given(st.lists(VALUES, min_size=1), st.data())
def test_a_text_that_is_cut_is_refused_with_its_place(
    values: list[Any], data: st.DataObject
) -> None:
    text = json.dumps(values)
    with pytest.raises(InvalidJson) as refused:
        read_json(text[: data.draw(st.integers(0, len(text) - 1))])
    assert refused.value.location.startswith("[Source: (String)")


def test_names_that_stand_twice_are_found_at_once_in_a_large_object() -> None:
    text = "{" + ",".join(f'"a{index}":1,"a{index}":2' for index in range(20_000)) + "}"
    assert read_json(text)["a7"] == 2
