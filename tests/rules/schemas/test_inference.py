from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fogline.aws.json_schema import compile_schema
from fogline.services.schemas import discovered
from fogline.services.schemas.inference import LEVELS_MAX, TooDeep, infer, merge_all, strict
from fogline.services.schemas.openapi import draft4_of

NAMES = st.sampled_from(["a", "b", "items", "type", "$ref", "nullable", "Order", "x y", "AWSEvent"])
TIMES = st.datetimes().map(lambda at: at.isoformat() + "Z") | st.sampled_from(
    (
        "0000-01-01T00:00:00Z",
        "2026-01-01",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00-00:00",
        "2026-01-01T00:00:00.123456789+23:59",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T25:00:00Z",
        "2026-02-30T00:00:00Z",
    )
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3)
    | TIMES
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
DETAILS = st.dictionaries(NAMES | st.text(max_size=2), VALUES, max_size=4)


def as_read(value):
    """The value as it is after a way through JSON."""
    return orjson.loads(orjson.dumps(value))


def event(detail) -> dict:
    return as_read(
        {
            "version": "0",
            "id": "1",
            "detail-type": "order placed",
            "source": "shop",
            "account": "1",
            "time": "2026-01-01T00:00:00Z",
            "region": "r",
            "resources": [],
            "detail": detail,
        }
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(DETAILS, min_size=1, max_size=4))
def test_an_event_fits_what_is_inferred_from_a_list_that_holds_it(details) -> None:
    events = [event(detail) for detail in details]
    shape = merge_all(infer(each) for each in events)
    document = discovered.write_event("shop", "order placed", shape)
    written = orjson.loads(orjson.dumps(document))
    assert discovered.read_event(written) == shape
    exact, exported = compile_schema(strict(shape)), compile_schema(draft4_of(written))
    for each in events:
        assert exact.errors(each) == []
        assert exported.errors(each) == []
        assert merge_all([shape, infer(each)]) == shape


@settings(max_examples=100, deadline=None)
@given(DETAILS, DETAILS)
def test_the_order_of_events_does_not_matter(one, other) -> None:
    first, second = infer(as_read(one)), infer(as_read(other))
    assert merge_all([first, second]) == merge_all([second, first])
    assert merge_all([first, second, first]) == merge_all([first, second])


@settings(max_examples=150, deadline=None)
@given(DETAILS, DETAILS)
def test_what_the_exact_schema_fits_adds_nothing(one, other) -> None:
    shape = infer(as_read(one))
    if compile_schema(strict(shape)).fits(as_read(other)):
        assert merge_all([shape, infer(as_read(other))]) == shape


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        ([1], {"type": "integer", "format": "int64"}),
        ([1, 2.5], {"type": "number", "format": "double"}),
        ([1, 2**63], {"type": "integer"}),
        (["x"], {"type": "string"}),
        (["2026-01-01T00:00:00Z"], {"type": "string", "format": "date-time"}),
        (["2026-01-01T00:00:00Z", "x"], {"type": "string"}),
        ([None], {}),
        ([None, True], {"type": "boolean", "nullable": True}),
        ([[]], {"type": "array", "items": {"type": "object"}}),
        ([[], ["x"]], {"type": "array", "items": {"type": "string"}}),
        ([["x", 1]], {"type": "array", "items": {"oneOf": [
            {"type": "integer", "format": "int64"}, {"type": "string"}]}}),
        (["x", 1, None], {"oneOf": [
            {"type": "integer", "format": "int64"}, {"type": "string"}], "nullable": True}),
        ([{}], {"type": "object", "properties": {}}),
        ([{"a": "x"}, {"a": "y", "b": None}], {
            "type": "object", "required": ["a"],
            "properties": {"a": {"type": "string"}, "b": {}}}),
    ],
)  # fmt: skip
def test_shapes_of_values(values, shape) -> None:
    assert merge_all(infer(value) for value in values) == shape


def test_values_that_are_nested_too_deeply_are_passed_over() -> None:
    value: object = 1
    for _ in range(LEVELS_MAX):
        value = [value]
    assert infer(value)
    with pytest.raises(TooDeep):
        infer([value])
