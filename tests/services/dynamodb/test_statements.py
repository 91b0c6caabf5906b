from __future__ import annotations

import pytest


@pytest.fixture
def run(dynamodb):
    def run(statement, *parameters, **more):
        if parameters:
            more["Parameters"] = list(parameters)
        return dynamodb.execute_statement(Statement=statement, **more)["Items"]

    return run


@pytest.fixture
def people(run, series):
    for number in range(5):
        run(
            f"INSERT INTO {series} VALUE {{'pk': 'a', 'sk': ?, 'name': ?}}",
            {"N": str(number)},
            {"S": f"n{number}"},
        )
    return series


def test_an_item_is_inserted_once(run, table, refusal):
    insert = f"INSERT INTO {table} VALUE {{'id': 'a', 'tags': <<'x', 'y'>>, 'n': null}}"
    assert run(insert) == []
    [item] = run(f"SELECT * FROM {table} WHERE id = 'a'")
    assert item == {"id": {"S": "a"}, "tags": {"SS": ["x", "y"]}, "n": {"NULL": True}}
    assert refusal(run, statement=insert) == (
        "DuplicateItemException",
        "Duplicate primary key exists in table",
    )


def test_a_select_reads_a_range_of_a_partition(run, people):
    found = run(
        f"SELECT sk FROM {people} WHERE pk = 'a' AND sk > ? AND sk < 4 ORDER BY sk DESC", {"N": "1"}
    )
    assert found == [{"sk": {"N": "3"}}, {"sk": {"N": "2"}}]


def test_a_select_without_a_partition_scans(run, people):
    found = run(f"SELECT name FROM {people} WHERE name IN ['n1', 'n3'] AND other IS MISSING")
    assert sorted(each["name"]["S"] for each in found) == ["n1", "n3"]


@pytest.mark.parametrize("where", ["", " WHERE pk = 'a'"])
def test_pages_of_a_select_follow_each_other(dynamodb, people, where):
    found, more = [], {}
    while True:
        page = dynamodb.execute_statement(
            Statement=f'SELECT * FROM "{people}"{where}', Limit=2, **more
        )
        found += [each["sk"]["N"] for each in page["Items"]]
        if "NextToken" not in page:
            break
        more = {"NextToken": page["NextToken"]}
    assert found == list("01234")


def test_an_update_changes_what_is_there(run, people, refusal):
    update = f"UPDATE {people} SET name = 'new' SET hits = ? REMOVE other WHERE pk = 'a' AND sk = 1"
    assert run(update + " RETURNING ALL OLD *", {"N": "1"}) == [
        {"pk": {"S": "a"}, "sk": {"N": "1"}, "name": {"S": "n1"}}
    ]
    [item] = run(f"SELECT * FROM {people} WHERE pk = 'a' AND sk = 1")
    assert item["name"] == {"S": "new"}
    missing = f"UPDATE {people} SET name = 'x' WHERE pk = 'a' AND sk = 99"
    assert refusal(run, statement=missing)[0] == "ConditionalCheckFailedException"
    guarded = f"UPDATE {people} SET name = 'x' WHERE pk = 'a' AND sk = 1 AND hits = 7"
    assert refusal(run, statement=guarded)[0] == "ConditionalCheckFailedException"


def test_a_delete_needs_the_whole_key(run, people, invalid):
    assert run(f"DELETE FROM {people} WHERE pk = 'a' AND sk = 1 RETURNING ALL OLD *")[0][
        "name"
    ] == {"S": "n1"}
    assert run(f"DELETE FROM {people} WHERE pk = 'a' AND sk = 1") == []
    assert "mandatory equality" in invalid(run, statement=f"DELETE FROM {people} WHERE pk = 'a'")


def test_a_batch_answers_each_statement(dynamodb, table):
    dynamodb.put_item(TableName=table, Item={"id": {"S": "b"}})
    result = dynamodb.batch_execute_statement(
        Statements=[
            {"Statement": f"INSERT INTO {table} VALUE {{'id': 'a'}}"},
            {"Statement": f"UPDATE {table} SET n=20 WHERE id='b'"},
            {"Statement": f"SELECT * FROM {table} WHERE id = 'b'"},
            {"Statement": f"INSERT INTO {table} VALUE {{'id': 'a'}}"},
            {"Statement": "nonsense"},
        ]
    )["Responses"]
    assert result[:3] == [
        {"TableName": table},
        {"TableName": table},
        {"TableName": table, "Item": {"id": {"S": "b"}, "n": {"N": "20"}}},
    ]
    assert [each["Error"]["Code"] for each in result[3:]] == ["DuplicateItem", "ValidationError"]


def test_a_transaction_of_statements(dynamodb, table):
    run = dynamodb.execute_transaction
    run(
        TransactStatements=[
            {"Statement": f"INSERT INTO {table} VALUE {{'id': 'a'}}"},
            {"Statement": f"INSERT INTO {table} VALUE {{'id': 'b'}}"},
        ]
    )
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as refused:
        run(
            TransactStatements=[
                {"Statement": f"DELETE FROM {table} WHERE id = 'a'"},
                {"Statement": f"EXISTS(SELECT * FROM {table} WHERE id = 'z')"},
            ]
        )
    reasons = refused.value.response["CancellationReasons"]
    assert [each["Code"] for each in reasons] == ["None", "ConditionalCheckFailed"]
    read = run(
        TransactStatements=[
            {"Statement": f"SELECT * FROM {table} WHERE id = ?", "Parameters": [{"S": each}]}
            for each in ("a", "z")
        ]
    )
    assert read["Responses"] == [{"Item": {"id": {"S": "a"}}}, {}]


def test_a_false_token_is_refused(dynamodb, people, invalid):
    for token in ("x", "AAAA", "W10="):
        assert "NextToken" in invalid(
            dynamodb.execute_statement, Statement=f"SELECT * FROM {people}", NextToken=token
        )
