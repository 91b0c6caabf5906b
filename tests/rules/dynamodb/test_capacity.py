import pytest

from fogline.services.dynamodb.capacity import consumed, read_units, write_units


@pytest.mark.parametrize(("size", "units"), [(0, 1), (1, 1), (4096, 1), (4097, 2), (400_000, 98)])
def test_reading_costs_a_unit_for_each_4_kib_and_half_when_eventual(size, units):
    assert read_units(size, is_consistent=True) == units
    assert read_units(size, is_consistent=False) == units / 2


@pytest.mark.parametrize(("size", "units"), [(0, 1), (1024, 1), (1025, 2)])
def test_writing_costs_a_unit_for_each_kib(size, units):
    assert write_units(size) == units


def test_the_answer_says_as_much_as_was_asked():
    assert consumed(None, "t", 1.0) is None
    assert consumed("NONE", "t", 1.0) is None
    assert consumed("TOTAL", "t", 1.0, {"i": 2.0}) == {"TableName": "t", "CapacityUnits": 3.0}
    assert consumed("INDEXES", "t", 1.0, {"i": 2.0}) == {
        "TableName": "t",
        "CapacityUnits": 3.0,
        "Table": {"CapacityUnits": 1.0},
        "GlobalSecondaryIndexes": {"i": {"CapacityUnits": 2.0}},
    }
