import pytest

from fogline.aws.errors import ValidationException
from fogline.services.dynamodb.comparison import contains, equal, less, size
from fogline.services.dynamodb.values import admit, admit_item, item_bytes


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            {},
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ),
        (
            {"S": "a", "N": "1"},
            "Supplied AttributeValue has more than one datatypes set, "
            "must contain exactly one of the supported datatypes",
        ),
        (
            {"NULL": False},
            "One or more parameter values were invalid: "
            "Null attribute value types must have the value of true",
        ),
        (
            {"SS": []},
            "One or more parameter values were invalid: An string set  may not be empty",
        ),
        (
            {"SS": ["a", "b", "a"]},
            "One or more parameter values were invalid: "
            "Input collection [a, b, a] contains duplicates.",
        ),
        (
            {"NS": ["1", "1.0"]},
            "One or more parameter values were invalid: Input collection contains duplicates",
        ),
        (
            {"BS": [b"foo", b"foo"]},
            "One or more parameter values were invalid: "
            "Input collection [Zm9v, Zm9v]of type BS contains duplicates.",
        ),
    ],
)
def test_an_unfit_value_is_refused_in_the_words_of_aws(value, message):
    with pytest.raises(ValidationException) as refusal:
        admit({"L": [value]})
    assert refusal.value.text == message


def nested(levels):
    value = {"S": "x"}
    for _ in range(levels):
        value = {"L": [value]}
    return value


def test_values_nest_32_levels_deep():
    admit(nested(32))
    with pytest.raises(ValidationException, match="Nesting Levels have exceeded supported limits"):
        admit(nested(33))


def test_numbers_are_brought_to_their_normal_form_everywhere():
    item = {"a": {"N": "01"}, "b": {"M": {"c": {"L": [{"NS": ["1.0", "2e1"]}]}}}}
    admit_item(item)
    assert item == {"a": {"N": "1"}, "b": {"M": {"c": {"L": [{"NS": ["1", "20"]}]}}}}


def test_the_size_of_an_item_counts_names_and_values():
    item = {
        "id": {"S": "Fred"},  # 2 + 4
        "é": {"B": b"123"},  # 2 + 3
        "n": {"N": "123"},  # 1 + 3
        "t": {"BOOL": True},  # 1 + 1
        "l": {"L": [{"NULL": True}, {"S": "ab"}]},  # 1 + 3 + 2 + 3
        "m": {"M": {"k": {"S": "v"}}},  # 1 + 3 + 1 + 2
        "s": {"SS": ["a", "bc"]},  # 1 + 3
    }
    assert admit_item(item) == 6 + 5 + 4 + 2 + 9 + 7 + 4
    assert item_bytes(item) == admit_item(item)


def test_sets_are_equal_in_any_order_and_lists_are_not():
    assert equal({"L": [{"SS": ["a", "b"]}]}, {"L": [{"SS": ["b", "a"]}]})
    assert equal({"M": {"x": {"NS": ["1", "2"]}}}, {"M": {"x": {"NS": ["2", "1"]}}})
    assert not equal({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]})
    assert not equal({"S": "1"}, {"N": "1"})


def test_only_values_of_one_type_have_an_order():
    assert less({"N": "9"}, {"N": "10"})
    assert less({"S": "10"}, {"S": "9"})
    assert less({"B": b"\x01"}, {"B": b"\xff"})
    assert not less({"N": "1"}, {"S": "2"})
    assert not less({"BOOL": False}, {"BOOL": True})


def test_contains_looks_into_texts_sets_and_lists():
    assert contains({"S": "abc"}, {"S": "bc"})
    assert contains({"B": b"abc"}, {"B": b"bc"})
    assert contains({"NS": ["1", "2"]}, {"N": "2"})
    assert contains({"L": [{"M": {}}, {"N": "2"}]}, {"M": {}})
    assert not contains({"SS": ["1"]}, {"N": "1"})
    assert not contains({"S": "1"}, {"N": "1"})
    assert not contains({"N": "12"}, {"N": "1"})


def test_size_is_of_what_has_one():
    assert size({"S": "héé"}) == {"N": "3"}
    assert size({"M": {"a": {"S": ""}}}) == {"N": "1"}
    assert size({"N": "100"}) is None
