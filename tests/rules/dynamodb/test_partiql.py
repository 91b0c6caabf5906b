import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.errors import ValidationException
from fogline.services.dynamodb.expressions.compiled import condition_from
from fogline.services.dynamodb.partiql.parser import read_statement
from fogline.services.dynamodb.partiql.statements import Change, Insert, equalities

ITEM = {
    "id": {"S": "it's"},
    "n": {"N": "5"},
    "tags": {"SS": ["a"]},
    "m": {"M": {"x": {"L": [{"N": "1"}]}}},
    "nil": {"NULL": True},
}


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ("id = 'it''s'", True),
        ("\"id\" <> 'x' and n >= 5", True),
        ("n != 5 OR n IN [1, 5]", True),
        ("n IN (1, 2)", False),
        ("NOT (n < 5)", True),
        ("n BETWEEN -1 AND 5.0", True),
        ("begins_with(id, 'it')", True),
        ("contains(tags, 'b')", False),
        ("m.x[0] = 1", True),
        ("other IS MISSING AND n IS NOT MISSING", True),
        ("nil IS NULL AND n IS NOT NULL", True),
        ("size(id) > 3", True),
        ("m = {'x': [1]} AND tags = <<'a'>>", True),
    ],
)
def test_a_where_clause_decides(where, holds):
    select = read_statement(f"SELECT * FROM t WHERE {where}", [])
    assert condition_from(select.where, kind="").test(ITEM, select.values) is holds


def test_parameters_stand_for_values_in_their_order():
    insert = read_statement(
        "INSERT INTO t VALUE {'id': ?, 'l': [?, true]}", [{"S": "a"}, {"N": "1"}]
    )
    assert insert == Insert("t", {"id": {"S": "a"}, "l": {"L": [{"N": "1"}, {"BOOL": True}]}})
    for parameters in ([], [{"S": "a"}] * 3):
        with pytest.raises(ValidationException, match="Number of parameters"):
            read_statement("SELECT * FROM t WHERE a = ? AND b = ?", parameters)


def test_an_update_has_clauses_and_a_key():
    change = read_statement(
        "UPDATE \"my-table\" SET n = n + 1 SET tags = set_add(tags, <<'b'>>) REMOVE m.x "
        "WHERE id = 'a' RETURNING MODIFIED NEW *",
        [],
    )
    assert isinstance(change, Change)
    assert [each.section for each in change.actions] == ["SET", "ADD", "REMOVE"]
    assert (change.table, change.returning) == ("my-table", "UPDATED_NEW")
    assert list(equalities(change.where)) == ["id"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SELECT",
        "SELECT * FROM",
        "SELECT * FROM t WHERE",
        "SELECT * FROM t WHERE a = ",
        "SELECT * FROM t WHERE list_append(a, b) = c",
        "UPDATE t SET a = size(b) WHERE c = 1",
        "UPDATE t SET a = if_not_exists(1, 2) WHERE c = 1",
        "DELETE FROM t",
        "INSERT INTO t VALUE [1]",
        "INSERT INTO t VALUE <<1, 'a'>>",
        "SELECT * FROM t WHERE " + "(" * 500,
        "INSERT INTO t VALUE " + "[" * 500,
        "DROP TABLE t",
    ],
)
def test_what_is_no_statement_is_refused(text):
    with pytest.raises(ValidationException):
        read_statement(text, [])


WORDS = """
SELECT * FROM t WHERE a = 'x' AND ( ) [ ] { } << >> , . ? 1 UPDATE SET + size( IS NOT MISSING
list_append( if_not_exists( INSERT INTO VALUE : DELETE IN BETWEEN
"""


@given(st.lists(st.sampled_from(WORDS.split()), max_size=25))
def test_any_words_are_read_or_refused(words):
    with contextlib.suppress(ValidationException):
        read_statement(" ".join(words), [])
