from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.services.logs.filter_patterns import InvalidFilterPattern, compile_filter

LINE = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache.gif HTTP/1.0" 200 1534'
EVENT = (
    '{"eventType": "UpdateTrail", "count": 3, "ratio": 0.5, "user": {"name": "Ann", "id": null},'
    ' "tags": ["a", "b"], "items": [{"id": 1}, {"id": 2}], "ok": true, "user name": "x"}'
)


@pytest.mark.parametrize(
    ("pattern", "found", "missed"),
    [
        ("", ["anything", ""], []),
        ("ERROR", ["an ERROR here", "[ERROR 400]"], ["error", "WARN"]),
        ("ERROR 400", ["400 ERROR"], ["ERROR 401", "400"]),
        ("?ERROR ?WARN", ["WARN x", "ERROR"], ["INFO"]),
        ("?ERROR INFO", ["INFO"], ["ERROR"]),
        ("ERROR -EXITING", ["ERROR here"], ["ERROR EXITING"]),
        ("-INFO", ["ERROR"], ["INFO"]),
        ('"not found" -"not found again"', ["not found"], ["found not", "not found again"]),
        (r'"say \"hi\""', ['to say "hi"'], ["say hi"]),
        (r"%ERR-\d{3}%", ["an ERR-404"], ["ERR-40"]),
        ("%^START|END$%", ["START x", "x END"], ["x START", "END x"]),
    ],
)
def test_terms(pattern, found, missed) -> None:
    compiled = compile_filter(pattern)
    assert [line for line in found + missed if compiled.matches(line)] == found


@pytest.mark.parametrize(
    "pattern",
    [
        '{ $.eventType = "UpdateTrail" }',
        '{$.eventType="Update*"}',
        "{ $.eventType = UpdateTrail }",
        '{ $.eventType != "CreateTrail" }',
        "{ $.eventType = %Trail$% }",
        "{ $.count = 3 }",
        "{ $.count = 3.0 }",
        "{ $.count >= 3 && $.count < 4 }",
        "{ $.ratio > 1e-1 }",
        "{ $.user.id IS NULL }",
        "{ $.user.name IS NOT NULL }",
        "{ $.nothing NOT EXISTS }",
        "{ $.user EXISTS }",
        "{ $.ok IS TRUE }",
        "{ $.ok = true }",
        '{ $.tags[0] = "a" }',
        '{ $.tags[*] = "b" }',
        "{ $.items[1].id = 2 }",
        "{ $.items[*].id = 1 }",
        "{ $.user.* = Ann }",
        '{ $.["user name"] = "x" }',
        "{ $['user name'] = x }",
        "{ ($.count = 9 || $.ok IS TRUE) && ($.user.name = A*) }",
        "{ $.count = 9 && $.count = 8 || $.count = 3 }",
    ],
)
def test_json_selectors_that_match(pattern) -> None:
    assert compile_filter(pattern).matches(EVENT)


@pytest.mark.parametrize(
    "pattern",
    [
        '{ $.eventType = "updatetrail" }',
        '{ $.eventType != "UpdateTrail" }',
        '{ $.nothing != "x" }',
        "{ $.count > 3 }",
        "{ $.eventType > 3 }",
        "{ $.nothing IS NULL }",
        "{ $.user.name NOT EXISTS }",
        "{ $.tags[2] EXISTS }",
        '{ $.tags = "a" }',
        "{ $.ok IS FALSE }",
        "{ $.eventType.name EXISTS }",
    ],
)
def test_json_selectors_that_do_not_match(pattern) -> None:
    assert not compile_filter(pattern).matches(EVENT)


def test_json_patterns_pass_over_other_messages() -> None:
    compiled = compile_filter("{ $.a NOT EXISTS }")
    assert compiled.matches("{}")
    assert not compiled.matches("a plain line")
    assert not compiled.matches("{broken")


@pytest.mark.parametrize(
    "pattern",
    [
        "[ip, identity, user_id, timestamp, request, status_code, size]",
        "[ip, identity, user, time, request, status = 200, size > 1000]",
        "[ip, identity, user, time, request, status = 2*, size]",
        "[ip, ..., status = 200, size]",
        "[..., size >= 1534]",
        "[ip = 127.0.0.*, ...]",
        "[ip, identity, user != bob && user != tom, ...]",
        '[ip, identity, user, time, request = "GET /*", ...]',
        "[ip, identity, user, time, request = %gif%, ...]",
        "[, , , , , status_code = 200 || status_code = 404, ]",
    ],
)
def test_columns_that_match(pattern) -> None:
    assert compile_filter(pattern).matches(LINE)


@pytest.mark.parametrize(
    "pattern",
    [
        "[ip, identity]",
        "[ip, ..., status = 404, size]",
        "[a, b, c, d, e, f, g, ..., h]",
        "[ip, identity, user = bob, ...]",
    ],
)
def test_columns_that_do_not_match(pattern) -> None:
    assert not compile_filter(pattern).matches(LINE)


def test_values_are_extracted_under_their_names() -> None:
    assert compile_filter("[ip, ..., status, size]").extract(LINE) == {
        "$ip": "127.0.0.1",
        "$2": "-",
        "$3": "frank",
        "$4": "10/Oct/2000:13:25:15 -0700",
        "$5": "GET /apache.gif HTTP/1.0",
        "$status": "200",
        "$size": "1534",
    }
    assert compile_filter("{ $.user.name = A* || $.count > 5 }").extract(EVENT) == {
        "$.user.name": "Ann",
        "$.count": "3",
    }
    assert compile_filter("ERROR").extract("ERROR") == {}


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("a:b", "Invalid character(s) in term 'a:b'"),
        ('"open', "Invalid filter pattern: a quotation is not closed at position 0"),
        ("{ $.a = 1", "Invalid filter pattern: a brace is not closed"),
        ("{ $.a }", "Invalid filter pattern: it ends too early"),
        ("{ a = 1 }", "Invalid filter pattern: 'a' is no field"),
        ("{ $.a > b }", "Invalid filter pattern: 'b' is no number"),
        ("{ $.a IS b }", "Invalid filter pattern: IS must be followed by NULL, TRUE or FALSE"),
        ("{ ($.a = 1 }", "Invalid filter pattern: it ends too early"),
        ("{ " + "(" * 900 + " }", "Invalid filter pattern: it is nested too deeply"),
        ("[a, b", "Invalid filter pattern: a bracket is not closed"),
        ("[..., a, ...]", "Invalid filter pattern: '...' may stand once"),
        ("[a, a]", "Invalid filter pattern: two columns have one name"),
        ("%a% %b% %c%", "Invalid filter pattern: it has more than 2 regular expressions"),
        ("%(a)%", "Invalid filter pattern: the regular expression %(a)%: '(' has no meaning at position 0"),
        ("%a{9999}%", "Invalid filter pattern: the regular expression %a{9999}%: it is too large"),
    ],
)  # fmt: skip
def test_a_wrong_pattern_is_refused_with_a_reason(pattern, reason) -> None:
    with pytest.raises(InvalidFilterPattern) as refused:
        compile_filter(pattern)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    "source",
    [
        "a",
        "^a",
        "a$",
        "^a$",
        "ab*c",
        "a.c",
        "[a-c]+",
        "[^a]b",
        "a{2,3}$",
        r"\d+x?",
        r"^\w\W",
        "a|^b",
    ],
)
@given(text=st.text(alphabet="abcx1 -", max_size=8))
def test_regular_expressions_agree_with_pythons(source, text) -> None:
    assert compile_filter(f"%{source}%").matches(text) == bool(re.search(source, text))


@given(st.text(alphabet='{}[]$.=<>!&|()"%?-*, ab1\\', max_size=30), st.text(max_size=20))
def test_any_pattern_compiles_and_matches_or_is_refused(pattern, message) -> None:
    try:
        compiled = compile_filter(pattern)
    except InvalidFilterPattern:
        return
    assert compiled.matches(message) in (True, False)
    compiled.extract(message)


def test_hostile_patterns_and_messages_take_no_time() -> None:
    started = time.thread_time()
    assert not compile_filter("%" + "a*" * 300 + "b%").matches("a" * 100_000)
    assert not compile_filter("[a, b]").matches("[ " * 300_000)
    assert not compile_filter("{ $.a = *a*a*a*a*a*b }").matches('{"a": "' + "a" * 100_000 + '"}')
    assert time.thread_time() - started < 3
