"""AllowedPattern: whole values, in linear time, and clear refusals of what is not matched here."""

import pytest

from fogline.aws.patterns.regex import InvalidRegex
from fogline.services.cloudformation.allowed_pattern import allowed_pattern

PASSWORD = r"^(?=.*[A-Z])(?=.*\d)(?!.*\s).{8,16}$"


@pytest.mark.parametrize(
    ("pattern", "value", "is_allowed"),
    [
        ("[a-z]+", "abc", True),
        ("[a-z]+", "abc1", False),
        ("^$|^arn:aws:.*", "", True),
        ("(^$|^arn:aws:.*$)", "arn:aws:x", True),
        ("(^$|^arn:aws:.*$)", "x", False),
        ("^((?:a|b)|c)$", "b", True),
        ("(a)(b)", "ab", True),
        ("^[(]x[)]$", "(x)", True),
        (r"^(\(x\))$", "(x)", True),
        (PASSWORD, "Secret123", True),
        (PASSWORD, "secret123", False),
        (PASSWORD, "Secretabc", False),
        (PASSWORD, "Secret 123", False),
        (PASSWORD, "Secret1", False),
        ("(?!aws|cdk)[a-z]+", "cdkapp", False),
        ("(?!aws|cdk)[a-z]+", "appcdk", True),
        ("(?!a$|b)[a-z]+", "ab", True),
        ("(?!a$|b)[a-z]+", "a", False),
        ("^(?=.*[)(])[()a]+$", "a(", True),
    ],
)
def test_a_value_matches_as_a_whole(pattern: str, value: str, is_allowed: bool) -> None:
    assert allowed_pattern(pattern).matches(value) is is_allowed


def test_an_expression_that_tries_everything_ends_at_once() -> None:
    assert not allowed_pattern(r"^(?=(a+)+b*!)((a|a)*)*[ab]?x?y$").matches("a" * 4000 + "!y")


@pytest.mark.parametrize(
    "pattern",
    [r"(a)\1", "a(?=b)b", "(?<=a)b", "(?=a)a|b", "(?=a", "a++", "[a", "(?i)a", "a{1,5000}"],
)
def test_what_is_not_matched_here_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidRegex):
        allowed_pattern(pattern)
