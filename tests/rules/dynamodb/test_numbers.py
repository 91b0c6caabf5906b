from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.errors import ValidationException
from fogline.services.dynamodb import numbers

DIGITS = st.integers(min_value=1, max_value=10**38 - 1)


@st.composite
def stored_numbers(draw):
    digits = draw(DIGITS)
    magnitude = draw(st.integers(-130, 125))
    exponent = magnitude - len(str(digits)) + 1
    return draw(st.sampled_from(["", "-"])) + f"{digits}E{exponent}"


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("0.000", "0"),
        ("0e999999999999", "0"),
        ("007", "7"),
        ("+7", "7"),
        ("1.50", "1.5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("100", "100"),
        ("1E2", "100"),
        ("1.5e-7", "0.00000015"),
        ("-12.30e1", "-123"),
        ("1e20", "1" + "0" * 20),
        ("1" * 38, "1" * 38),
        ("1" * 38 + "000", "1" * 38 + "000"),
    ],
)
def test_a_number_is_stored_without_exponent_and_needless_zeros(given_text, stored):
    assert numbers.normalised(given_text) == stored


@pytest.mark.parametrize(
    "text", ["", "abc", "1e", "--1", "1_000", " 1", "NaN", "Infinity", "٣", "."]
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValidationException, match="cannot be converted to a numeric value"):
        numbers.normalised(text)


@pytest.mark.parametrize(
    ("last_allowed", "first_refused", "message"),
    [
        ("1" * 38, "1" * 39, "more than 38 significant digits"),
        ("9.9E125", "1E126", "Number overflow"),
        ("-9.9E125", "-1E126", "Number overflow"),
        ("1E-130", "9E-131", "Number underflow"),
        ("1E125", "1e99999999999999", "Number overflow"),
        ("1E-130", "1e-99999999999999", "Number underflow"),
    ],
)
def test_numbers_are_bounded_in_digits_and_magnitude(last_allowed, first_refused, message):
    numbers.normalised(last_allowed)
    with pytest.raises(ValidationException, match=message):
        numbers.normalised(first_refused)


def test_sums_keep_38_digits():
    assert numbers.plus("0.1", "0.2") == "0.3"
    assert numbers.plus("9" * 38, "1") == "1" + "0" * 38
    assert numbers.minus("1", "0.00000000000000000000000000000000000001") == "0." + "9" * 38
    assert numbers.minus("5", "7") == "-2"
    with pytest.raises(ValidationException, match="Number overflow"):
        numbers.plus(numbers.normalised("9.9E125"), numbers.normalised("9.9E125"))


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 1), ("1", 2), ("12", 2), ("123", 3), ("-1", 3), ("1000", 2), ("0.001", 2)],
)
def test_a_number_counts_a_byte_for_two_digits(text, size):
    assert numbers.stored_bytes(text) == size


@given(stored_numbers())
def test_normal_numbers_keep_their_value_and_are_their_own_normal_form(text):
    normal = numbers.normalised(text)
    assert Decimal(normal) == Decimal(text)
    assert numbers.normalised(normal) == normal


@given(stored_numbers() | st.just("0"), stored_numbers() | st.just("0"))
def test_the_bytes_of_numbers_sort_as_the_numbers(left, right):
    left, right = numbers.normalised(left), numbers.normalised(right)
    assert (numbers.ordered(left) < numbers.ordered(right)) == (Decimal(left) < Decimal(right))
    assert (numbers.ordered(left) == numbers.ordered(right)) == (left == right)


@given(st.integers(-300, 300), st.integers(-300, 300))
def test_the_bytes_of_near_numbers_sort_as_the_numbers(left, right):
    tenths = [numbers.normalised(f"{each}e-1") for each in (left, right)]
    one, two = map(numbers.ordered, tenths)
    assert (one < two) == (left < right)
