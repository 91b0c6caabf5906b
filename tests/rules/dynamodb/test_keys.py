import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.errors import ValidationException
from fogline.services.dynamodb.keys import KeySchema, ordered, partition_of, segment_bounds

SCHEMA = KeySchema("pk", "S", "sk", "N")
KEY = {"pk": {"S": "a"}, "sk": {"N": "1"}}


def refused(call, *arguments):
    with pytest.raises(ValidationException) as refusal:
        call(*arguments)
    return refusal.value.text


@pytest.mark.parametrize(
    "key",
    [
        {"pk": {"S": "a"}},
        {"pk": {"S": "a"}, "sk": {"S": "1"}},
        {"pk": {"N": "1"}, "sk": {"N": "1"}},
        {**KEY, "x": {"S": ""}},
        {"pk": {"S": "a"}, "other": {"N": "1"}},
    ],
)
def test_a_key_must_be_what_the_schema_says(key):
    assert refused(SCHEMA.locate, key) == "The provided key element does not match the schema"


def test_an_item_must_have_its_key():
    assert refused(SCHEMA.locate_item, {"pk": {"S": "a"}}) == (
        "One or more parameter values were invalid: Missing the key sk in the item"
    )
    assert refused(SCHEMA.locate_item, {"pk": {"N": "1"}, "sk": {"N": "1"}}) == (
        "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N"
    )


def test_a_key_may_not_be_empty():
    assert refused(SCHEMA.locate, {**KEY, "pk": {"S": ""}}) == (
        "One or more parameter values are not valid. The AttributeValue for a key attribute "
        "cannot contain an empty string value. Key: pk"
    )


def test_keys_are_bounded():
    schema = KeySchema("pk", "S", "sk", "S")
    schema.locate({"pk": {"S": "a" * 2048}, "sk": {"S": "b" * 1024}})
    assert "maximum size limit of2048 bytes" in refused(
        schema.locate, {"pk": {"S": "a" * 2049}, "sk": {"S": "b"}}
    )
    assert "size limit of 1024 bytes" in refused(
        schema.locate, {"pk": {"S": "a"}, "sk": {"S": "b" * 1025}}
    )


def test_an_item_without_the_keys_of_an_index_stands_outside_it():
    assert SCHEMA.locate_index_entry({"pk": {"S": "a"}}, "idx") is None
    assert SCHEMA.locate_index_entry(KEY, "idx") == SCHEMA.locate(KEY)
    assert refused(SCHEMA.locate_index_entry, {"sk": {"S": "a"}}, "idx") == (
        "One or more parameter values were invalid: "
        "Type mismatch for Index Key sk Expected: N Actual: S IndexName: idx"
    )


@given(st.text(), st.text())
def test_the_bytes_of_texts_sort_by_code_point(left, right):
    assert (ordered({"S": left}) < ordered({"S": right})) == (left < right)


@given(st.text(min_size=1), st.integers(1, 1000))
def test_each_partition_lies_in_exactly_one_segment(text, total):
    partition = partition_of({"S": text})
    homes = 0
    for segment in {0, total - 1, *range(min(total, 40))}:
        low, high = segment_bounds(segment, total)
        homes += low <= partition and (high is None or partition < high)
    assert homes <= 1
    if total <= 40:
        assert homes == 1
