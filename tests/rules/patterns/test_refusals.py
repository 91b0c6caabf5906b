from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.patterns import InvalidPattern, compile_pattern

_MIXED = (
    "Inside anything but list, either all values are number or string, mixed type is not supported"
)
_NO_VALUE = "Value of anything-but must be an array or single string/number value."


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ([], "Empty arrays are not allowed"),
        ([[1]], "Match value must be String, number, true, false, or null"),
        ([{}], "Match expression name not found"),
        ([{"EXISTS": True}], "Unrecognized match type EXISTS"),
        ([{"exists": "true"}], "exists match pattern must be either true or false."),
        ([{"prefix": 1}], "prefix match pattern must be a string"),
        ([{"prefix": ["a"]}], "prefix match pattern must be a string"),
        ([{"prefix": {"suffix": "a"}}], "Unsupported prefix pattern: suffix"),
        ([{"suffix": 1}], "suffix match pattern must be a string"),
        ([{"prefix": "a", "suffix": "b"}], "Only one key allowed in match expression"),
        ([{"equals-ignore-case": ["a"]}], "equals-ignore-case match pattern must be a string"),
        ([{"wildcard": 1}], "wildcard match pattern must be a string"),
        (
            [{"wildcard": "arn:aws:events:us-east-1:**:event-bus/*"}],
            "Consecutive wildcard characters at pos 26",
        ),
        ([{"wildcard": r"a\b"}], "Invalid escape character at pos 2"),
        (
            [{"wildcard": "*:*:*:*:*:event-bus/*"}],
            "Rule is too complex - try using fewer wildcard characters or fewer repeating "
            "character sequences after a wildcard character",
        ),
        ([{"numeric": 10}], "Value of numeric must be an array."),
        ([{"numeric": [5]}], "Invalid member in numeric match: 5"),
        ([{"numeric": []}], "Invalid member in numeric match: ]"),
        ([{"numeric": ["=", "5"]}], "Value of equals must be numeric"),
        ([{"numeric": ["~", 5]}], "Unrecognized numeric range operator: ~"),
        ([{"numeric": [">", 0, ">", 0]}], "Bad numeric range operator: >"),
        ([{"numeric": [">", 0, "<"]}], "Value of < must be numeric"),
        ([{"numeric": [">", 5, "<", 5]}], "Bottom must be less than top"),
        ([{"numeric": ["<", 5, ">", 0]}], "Too many elements in numeric expression"),
        ([{"numeric": [">", 0, "<", 5, 6]}], "Too many terms in numeric range expression"),
        ([{"cidr": ["x"]}], "prefix match pattern must be a string"),
        ([{"cidr": "bad"}], "Malformed CIDR, one '/' required"),
        ([{"cidr": "bad-/64filter"}], "Malformed CIDR, mask bits must be an integer"),
        ([{"cidr": "xx.11.xx/8"}], "Nonstandard IP address: xx.11.xx"),
        ([{"cidr": "10.0.0.0/33"}], "IPv4 mask bits must be < 32"),
        ([{"anything-but": None}], _NO_VALUE),
        ([{"anything-but": True}], _NO_VALUE),
        ([{"anything-but": {"prefix": {"equals-ignore-case": "a"}}}], _NO_VALUE),
        ([{"anything-but": []}], _MIXED),
        ([{"anything-but": ["a", 1]}], _MIXED),
        (
            [{"anything-but": ["a", None]}],
            "Inside anything but list, start|null|boolean is not supported.",
        ),
        ([{"anything-but": {"cidr": "a"}}], "Unsupported anything-but pattern: cidr"),
        ([{"anything-but": {"prefix": 1}}], "prefix/suffix match pattern must be a string"),
        ([{"anything-but": {"suffix": ""}}], "Null prefix/suffix not allowed"),
        ([{"anything-but": {"wildcard": [1]}}], "wildcard match pattern must be a string"),
        (
            [{"anything-but": {"equals-ignore-case": 1}}],
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean "
            "is not supported.",
        ),
    ],
)
def test_a_wrong_condition_is_refused_in_the_words_of_aws(condition, reason) -> None:
    with pytest.raises(InvalidPattern) as refused:
        compile_pattern({"field": condition})
    assert refused.value.reason == reason
    assert str(refused.value) == f"Event pattern is not valid. Reason: {reason}"


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ('["a"]', "Filter is not an object"),
        ("1", "Filter is not an object"),
        ("{}", "Empty objects are not allowed"),
        ('{"a": {}}', "Empty objects are not allowed"),
        ('{"a": "b"}', '"a" must be an object or an array'),
        (
            '{"$or": [{"a": [1]}, {"b": {"$or": [1, 2]}}]}',
            "Only JSON object is allowed in array of $or relationship.",
        ),
        (
            '{"$or": [{"a": [1]}, {"b": {"$or": [{"c": [1]}]}}]}',
            "There must have at least 2 Objects in $or relationship.",
        ),
        (
            '{"$or": [{"a": [1]}, {"b": {"prefix": [1]}}]}',
            "prefix is Ruler reserved fieldName which cannot be used inside $or.",
        ),
        ('{"a": [NaN]}', "Non-standard token 'NaN': not allowed"),
        ('{"a":' * 200 + "[1]" + "}" * 200, "Pattern is nested too deeply"),
        ('{"a":' * 200_000, "Pattern is nested too deeply"),
    ],
)
def test_a_wrong_pattern_is_refused_in_the_words_of_aws(pattern, reason) -> None:
    with pytest.raises(InvalidPattern) as refused:
        compile_pattern(pattern)
    assert refused.value.reason == reason


@pytest.mark.parametrize("text", ["", "plain", "{'a': 1}", '{"a": [1]'])
def test_a_pattern_that_is_no_json_is_refused(text) -> None:
    with pytest.raises(InvalidPattern, match=r"Event pattern is not valid\. Reason: "):
        compile_pattern(text)


def test_choices_unfold_into_a_bounded_number_of_alternatives() -> None:
    choice = [{"a": [1]}, {"b": [1]}]
    nested = {f"f{number}": {"$or": choice} for number in range(9)}
    assert len(compile_pattern(nested).alternatives) == 512
    with pytest.raises(InvalidPattern, match="too complex"):
        compile_pattern({**nested, "f9": {"$or": choice}})


_NAMES = [
    "a",
    "b",
    "$or",
    "prefix",
    "suffix",
    "anything-but",
    "numeric",
    "wildcard",
    "cidr",
    "exists",
    "equals-ignore-case",
    "exactly",
]
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(_NAMES),
            below,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(_json, st.dictionaries(st.sampled_from(["a", "b", "$or"]), _json, max_size=3))
def test_any_pattern_compiles_and_matches_or_is_refused(pattern, event) -> None:
    try:
        compiled = compile_pattern(json.dumps(pattern))
    except InvalidPattern:
        return
    assert compiled.matches(event) in (True, False)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.text() | st.integers(), min_size=1))
def test_a_pattern_of_its_own_values_matches_an_event(event) -> None:
    assert compile_pattern({name: [value] for name, value in event.items()}).matches(event)
