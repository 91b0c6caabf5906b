"""The orders example, deployed by CloudFormation and driven by the manual clock."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.scenarios.conftest import Orders

from fogline.testing.platform import LocalPlatform


def order(name: str, amount: int = 1) -> dict[str, Any]:
    return {"order_id": name, "amount": amount}


def test_an_order_becomes_an_item_and_its_message_goes(orders: Orders) -> None:
    orders.send(order("a"))
    assert orders.stored() == ["a"]
    assert orders.waiting() == (0, 0)


def test_orders_sent_twice_are_stored_once(orders: Orders) -> None:
    orders.send(*[order(f"{number:02}") for number in range(20)])
    orders.send(*[order(f"{number:02}", amount=99) for number in range(5, 15)])
    assert orders.stored() == [f"{number:02}" for number in range(20)]
    item = orders.dynamodb.get_item(
        TableName=orders.outputs["TableName"], Key={"order_id": {"S": "07"}}
    )["Item"]
    assert item["amount"] == {"N": "1"}, "the first one counts"


def test_only_the_failed_message_of_a_batch_comes_again(orders: Orders) -> None:
    orders.send(order("bad", amount=0), *[order(name) for name in "abcdefghi"])
    assert orders.stored() == list("abcdefghi")
    assert orders.waiting() == (0, 1)


def test_an_order_that_fails_three_times_goes_to_the_dead_letters(
    orders: Orders, fogline_platform: LocalPlatform
) -> None:
    orders.send(order("bad", amount=-1))
    for _ in range(2):
        fogline_platform.advance(seconds=5)
        assert orders.waiting() == (0, 1), "it is tried again"
    fogline_platform.advance(seconds=5)
    assert orders.dead() == ["bad"]
    assert orders.waiting() == (0, 0)


def test_the_function_was_given_a_poisoned_order_exactly_three_times(
    orders: Orders, fogline_platform: LocalPlatform
) -> None:
    orders.send(order("bad", amount=-1))
    fogline_platform.advance(seconds=60)
    logs = orders.account.client("logs")
    group = f"/aws/lambda/{orders.outputs['FunctionName']}"
    events = logs.filter_log_events(logGroupName=group, filterPattern="OrderInvalid")["events"]
    assert len(events) == 3


def test_a_dead_letter_tells_where_it_comes_from_and_dies_of_old_age(
    orders: Orders, fogline_platform: LocalPlatform
) -> None:
    orders.send(order("bad", amount=-1))
    fogline_platform.advance(seconds=60)
    message = orders.sqs.receive_message(
        QueueUrl=orders.outputs["DeadLettersUrl"], AttributeNames=["All"]
    )["Messages"][0]
    queue = orders.outputs["QueueUrl"].rpartition("/")[2]
    assert message["Attributes"]["DeadLetterQueueSourceArn"].endswith(f":{queue}")
    fogline_platform.advance(days=14)
    assert orders.dead() == []


def test_an_edited_order_sent_from_the_dead_letters_is_stored(
    orders: Orders, fogline_platform: LocalPlatform
) -> None:
    orders.send(order("a", amount=0))
    fogline_platform.advance(seconds=60)
    message = orders.sqs.receive_message(QueueUrl=orders.outputs["DeadLettersUrl"])["Messages"][0]
    orders.send(order("a", amount=5))
    orders.sqs.delete_message(
        QueueUrl=orders.outputs["DeadLettersUrl"], ReceiptHandle=message["ReceiptHandle"]
    )
    assert orders.stored() == ["a"]


def test_a_deleted_stack_leaves_nothing(orders: Orders, fogline_platform: LocalPlatform) -> None:
    orders.send(order("a"))
    orders.cloudformation.delete_stack(StackName="orders")
    fogline_platform.settle()
    with pytest.raises(ClientError, match="does not exist"):
        orders.cloudformation.describe_stacks(StackName="orders")
    assert "QueueUrls" not in orders.sqs.list_queues()
    assert orders.dynamodb.list_tables()["TableNames"] == []
    assert orders.account.client("lambda").list_functions()["Functions"] == []
    assert orders.account.client("lambda").list_event_source_mappings()["EventSourceMappings"] == []
