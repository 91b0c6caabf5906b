from __future__ import annotations

import pytest

from fogline.aws.patterns import compile_pattern, record_matches

JSON_BODY = '{"code": "BBBB", "items": [{"id": 1}, {"id": 2}]}'


def is_kept(pattern, record, data="body") -> bool:
    return record_matches([compile_pattern(pattern)], record, data)


@pytest.mark.parametrize(
    ("pattern", "body", "kept"),
    [
        ({"body": {"code": ["BBBB"]}}, JSON_BODY, True),
        ({"body": {"code": ["AAAA"]}}, JSON_BODY, False),
        ({"body": {"items": {"id": [2]}}}, JSON_BODY, True),
        ({"body": {"code": ["BBBB"]}}, "plain", False),
        ({"body": {"code": [{"exists": False}]}}, "plain", False),
        ({"body": {"code": [{"exists": False}]}}, "{}", True),
        ({"body": ["plain"]}, "plain", True),
        ({"body": [{"prefix": "pl"}]}, "plain", True),
        ({"body": [{"exists": True}]}, JSON_BODY, False),
        ({"body": [{"exists": False}]}, JSON_BODY, False),
        ({"eventSource": ["aws:sqs"]}, JSON_BODY, True),
        ({"eventSource": ["aws:sqs"]}, "plain", True),
        ({"eventSource": ["aws:sqs"], "body": {"code": ["BBBB"]}}, " " + JSON_BODY, True),
        ({"body": {"code": ["BBBB"]}}, "{broken", False),
    ],
)
def test_the_form_of_the_body_must_be_the_form_of_the_filter(pattern, body, kept) -> None:
    assert is_kept(pattern, {"eventSource": "aws:sqs", "body": body}) is kept


def test_any_of_several_filters_is_enough_and_none_keeps_all() -> None:
    filters = [compile_pattern({"body": {"a": [1]}}), compile_pattern({"body": {"b": [1]}})]
    assert record_matches(filters, {"body": '{"b": 1}'})
    assert not record_matches(filters, {"body": '{"c": 1}'})
    assert record_matches([], {"body": "anything"})


def test_the_data_may_have_another_name() -> None:
    assert is_kept({"data": {"a": [1]}}, {"data": b'{"a": 1}'}, "data")


def test_a_record_may_be_data_itself() -> None:
    record = {"eventName": "INSERT", "dynamodb": {"NewImage": {"id": {"S": "a"}}}}
    assert is_kept({"dynamodb": {"NewImage": {"id": {"S": ["a"]}}}}, record, "")
    assert not is_kept({"dynamodb": {"OldImage": {"id": {"S": ["a"]}}}}, record, "")
