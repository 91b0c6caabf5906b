"""Selection expressions, by the examples of the developer guide and around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.services.apigatewayv2.websocket.reading import parsed, value_at
from fogline.services.apigatewayv2.websocket.selection import pattern_of, selection, stringified

MESSAGE = parsed(
    '{"service": "chat", "action": "join", "data": {"room": "room1234", "n": 3, "list": ["a", "b"]}}'
)


def key(expression: str) -> str:
    def lookup(name: str) -> object:
        if name.startswith("request.body"):
            return value_at(MESSAGE, name.removeprefix("request.body"))
        return {"context.connectionId": "c1"}.get(name)

    return selection(expression).key(lookup)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$request.body.action", "join"),
        ("${request.body.action}", "join"),
        ("${request.body.service}/${request.body.action}", "chat/join"),
        ("${request.body.action}-${request.body.invalidPath}", "join-"),
        ("action", "action"),
        (r"\$default", "$default"),
        ("$request.body.data.room", "room1234"),
        ("$request.body.data.n", "3"),
        ("$request.body.data.list", "[a, b]"),
        ("$request.body.data.list[1]", "b"),
        ("v-${request.body.action}-${context.connectionId}", "v-join-c1"),
        ("$default", "$default"),
        ("request.body.action", "request.body.action"),
        ("", ""),
    ],
)
def test_an_expression_gives_the_key_that_the_guide_says(expression, expected):
    assert key(expression) == expected


def test_what_a_variable_stands_for_is_not_read_as_an_expression():
    assert selection("${request.body.x}").key(lambda name: "${request.body.y}") == (
        "${request.body.y}"
    )


@pytest.mark.parametrize("expression", ["${", "${}", "$", "$$", "\\", "${request.body[}", "}{"])
def test_a_broken_expression_harms_nobody(expression):
    assert isinstance(key(expression), str)


def test_only_what_names_the_body_needs_it():
    assert selection("$request.body.action").reads_body
    assert not selection("fixed").reads_body


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (True, "true"), (1.5, "1.5"), ({"a": 1}, '{"a":1}'), ([], "[]")]
)
def test_values_of_any_kind_are_texts_in_keys(value, text):
    assert stringified(value) == text


def test_a_key_between_slashes_is_a_pattern():
    assert pattern_of(r"/2\d\d/") == r"2\d\d"
    assert pattern_of("200") is None
    assert pattern_of("/") is None


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
_PIECES = st.sampled_from(
    [
        "$",
        "{",
        "}",
        "\\",
        "${request.body",
        "$request.body",
        ".a",
        "[0]",
        "[*]",
        "..",
        "'",
        "?(@",
        "x",
    ]
)


@given(st.lists(_PIECES, max_size=12).map("".join), _VALUES)
def test_any_expression_gives_any_message_a_key(expression, message):
    def lookup(name: str) -> object:
        return value_at(message, name.removeprefix("request.body"))

    assert isinstance(selection(expression).key(lookup), str)
