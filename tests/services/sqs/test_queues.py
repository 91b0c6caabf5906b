"""Queues, as a client sees them."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

MakeQueue = Callable[..., str]


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def attributes(sqs: Any, queue: str, *names: str) -> dict[str, str]:
    found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=list(names) or ["All"])
    return dict(found.get("Attributes", {}))


def test_a_new_queue_has_the_defaults_of_aws(sqs: Any, queue: str, fogline: Account) -> None:
    found = attributes(sqs, queue)
    assert found.pop("CreatedTimestamp") == found.pop("LastModifiedTimestamp")
    assert found == {
        "ApproximateNumberOfMessages": "0",
        "ApproximateNumberOfMessagesDelayed": "0",
        "ApproximateNumberOfMessagesNotVisible": "0",
        "DelaySeconds": "0",
        "MaximumMessageSize": "1048576",
        "MessageRetentionPeriod": "345600",
        "QueueArn": f"arn:aws:sqs:us-east-1:{fogline.id}:queue",
        "ReceiveMessageWaitTimeSeconds": "0",
        "SqsManagedSseEnabled": "true",
        "VisibilityTimeout": "30",
    }


def test_creating_a_queue_again_with_the_same_attributes_gives_the_same_queue(
    make_queue: MakeQueue,
) -> None:
    assert make_queue(DelaySeconds=5) == make_queue(DelaySeconds=5) == make_queue()


def test_creating_a_queue_again_with_another_attribute_is_refused(make_queue: MakeQueue) -> None:
    make_queue(DelaySeconds=5)
    with pytest.raises(ClientError) as error:
        make_queue(DelaySeconds=6)
    assert code(error) == "QueueAlreadyExists"


@pytest.mark.parametrize("name", ["", "with space", "n" * 81, "dot.fifo", "ümlaut"])
def test_names_that_aws_refuses_are_refused(sqs: Any, name: str) -> None:
    with pytest.raises(ClientError) as error:
        sqs.create_queue(QueueName=name)
    assert code(error) in ("InvalidParameterValue", "MissingParameter")


def test_a_name_of_eighty_characters_is_allowed(make_queue: MakeQueue) -> None:
    assert make_queue("n" * 80).endswith("n" * 80)


@pytest.mark.parametrize(
    ("name", "allowed", "refused"),
    [
        ("VisibilityTimeout", (0, 43_200), (-1, 43_201)),
        ("DelaySeconds", (0, 900), (-1, 901)),
        ("MaximumMessageSize", (1_024, 1_048_576), (1_023, 1_048_577)),
        ("MessageRetentionPeriod", (60, 1_209_600), (59, 1_209_601)),
        ("ReceiveMessageWaitTimeSeconds", (0, 20), (-1, 21)),
    ],
)
def test_attributes_keep_to_their_ranges(
    sqs: Any, queue: str, name: str, allowed: tuple[int, int], refused: tuple[int, int]
) -> None:
    for value in allowed:
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={name: str(value)})
        assert attributes(sqs, queue, name) == {name: str(value)}
    for value in refused:
        with pytest.raises(ClientError) as error:
            sqs.set_queue_attributes(QueueUrl=queue, Attributes={name: str(value)})
        assert code(error) == "InvalidAttributeValue"


def test_unknown_attributes_are_refused(sqs: Any, queue: str) -> None:
    with pytest.raises(ClientError) as error:
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Foobar": "1"})
    assert error.value.response["Error"]["Message"] == "Unknown Attribute Foobar."
    with pytest.raises(ClientError) as error:
        attributes(sqs, queue, "Foobar")
    assert code(error) == "InvalidAttributeName"


def test_an_empty_redrive_policy_removes_it(
    sqs: Any, make_queue: MakeQueue, fogline: Account
) -> None:
    make_queue("dead")
    policy = json.dumps(
        {
            "deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{fogline.id}:dead",
            "maxReceiveCount": "42",
        }
    )
    queue = make_queue(RedrivePolicy=policy)
    assert attributes(sqs, queue, "RedrivePolicy") == {"RedrivePolicy": policy}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": ""})
    assert attributes(sqs, queue, "RedrivePolicy") == {}


@pytest.mark.parametrize(
    "policy",
    ["dummy", "{}", '{"maxReceiveCount":1}', '{"deadLetterTargetArn":"dummy","maxReceiveCount":1}'],
)
def test_a_broken_redrive_policy_is_refused(sqs: Any, queue: str, policy: str) -> None:
    with pytest.raises(ClientError) as error:
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedrivePolicy": policy})
    assert code(error) == "InvalidParameterValue"


def test_a_dead_letter_queue_can_refuse_to_be_used(
    sqs: Any, make_queue: MakeQueue, fogline: Account
) -> None:
    make_queue("dead", RedriveAllowPolicy='{"redrivePermission":"denyAll"}')
    policy = {
        "deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{fogline.id}:dead",
        "maxReceiveCount": 3,
    }
    with pytest.raises(ClientError) as error:
        make_queue(RedrivePolicy=json.dumps(policy))
    assert code(error) == "InvalidParameterValue"


def test_sources_of_a_dead_letter_queue_are_listed(
    sqs: Any, make_queue: MakeQueue, fogline: Account
) -> None:
    dead = make_queue("dead")
    policy = json.dumps(
        {"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{fogline.id}:dead", "maxReceiveCount": 3}
    )
    sources = [make_queue(name, RedrivePolicy=policy) for name in ("a", "b")]
    make_queue("other")
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == sources


def test_queues_are_listed_by_prefix_and_page(sqs: Any, make_queue: MakeQueue) -> None:
    urls = [make_queue(f"a{index}") for index in range(5)]
    make_queue("b")
    assert sqs.list_queues(QueueNamePrefix="a")["QueueUrls"] == urls
    found: list[str] = []
    for page in sqs.get_paginator("list_queues").paginate(
        QueueNamePrefix="a", PaginationConfig={"PageSize": 2}
    ):
        found += page["QueueUrls"]
    assert found == urls


def test_no_queues_means_no_list(sqs: Any) -> None:
    assert "QueueUrls" not in sqs.list_queues()


def test_a_deleted_queue_is_gone_with_its_messages(
    sqs: Any, queue: str, make_queue: MakeQueue
) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    sqs.delete_queue(QueueUrl=queue)
    with pytest.raises(ClientError) as error:
        sqs.get_queue_url(QueueName="queue")
    assert code(error) == "AWS.SimpleQueueService.NonExistentQueue"
    again = make_queue()
    assert attributes(sqs, again, "ApproximateNumberOfMessages") == {
        "ApproximateNumberOfMessages": "0"
    }


def test_a_purge_empties_a_queue_and_may_be_repeated_after_a_minute(
    sqs: Any, queue: str, fogline_platform: LocalPlatform
) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody="x")
    sqs.purge_queue(QueueUrl=queue)
    assert (
        attributes(sqs, queue, "ApproximateNumberOfMessages")["ApproximateNumberOfMessages"] == "0"
    )
    fogline_platform.advance(seconds=59)
    with pytest.raises(ClientError) as error:
        sqs.purge_queue(QueueUrl=queue)
    assert code(error) == "AWS.SimpleQueueService.PurgeQueueInProgress"
    fogline_platform.advance(seconds=1)
    sqs.purge_queue(QueueUrl=queue)


def test_messages_are_counted_as_visible_in_flight_or_delayed(sqs: Any, queue: str) -> None:
    for delay in (0, 0, 0, 60):
        sqs.send_message(QueueUrl=queue, MessageBody="x", DelaySeconds=delay)
    sqs.receive_message(QueueUrl=queue)
    found = attributes(sqs, queue)
    assert found["ApproximateNumberOfMessages"] == "2"
    assert found["ApproximateNumberOfMessagesNotVisible"] == "1"
    assert found["ApproximateNumberOfMessagesDelayed"] == "1"


def test_tags_are_kept_and_removed(sqs: Any, queue: str) -> None:
    sqs.tag_queue(QueueUrl=queue, Tags={"a": "1", "A": ""})
    sqs.untag_queue(QueueUrl=queue, TagKeys=["a", "none"])
    assert sqs.list_queue_tags(QueueUrl=queue)["Tags"] == {"A": ""}
    sqs.untag_queue(QueueUrl=queue, TagKeys=["A"])
    assert "Tags" not in sqs.list_queue_tags(QueueUrl=queue)


def test_permissions_become_statements_of_the_policy(
    sqs: Any, queue: str, fogline: Account
) -> None:
    sqs.add_permission(
        QueueUrl=queue, Label="one", AWSAccountIds=["111111111111"], Actions=["ReceiveMessage"]
    )
    arn = f"arn:aws:sqs:us-east-1:{fogline.id}:queue"
    assert json.loads(attributes(sqs, queue, "Policy")["Policy"]) == {
        "Version": "2008-10-17",
        "Id": f"{arn}/SQSDefaultPolicy",
        "Statement": [
            {
                "Sid": "one",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
                "Action": "SQS:ReceiveMessage",
                "Resource": arn,
            }
        ],
    }
    sqs.remove_permission(QueueUrl=queue, Label="one")
    assert attributes(sqs, queue, "Policy") == {}


def test_accounts_and_regions_are_apart(
    fogline: Account, fogline_platform: LocalPlatform, queue: str
) -> None:
    elsewhere = fogline.client("sqs", region="eu-west-1")
    assert "QueueUrls" not in elsewhere.list_queues()
    url = elsewhere.create_queue(QueueName="queue")["QueueUrl"]
    assert url != queue
    elsewhere.send_message(QueueUrl=url, MessageBody="x")
    assert "Messages" not in fogline.client("sqs").receive_message(QueueUrl=queue)
    assert "QueueUrls" not in fogline_platform.client("sqs", "999999999999").list_queues()


@pytest.mark.parametrize(
    "form",
    [
        "{name}",
        "http://localhost:4566/{account}/{name}",
        "https://sqs.us-east-1.amazonaws.com/{account}/{name}",
        "https://us-east-1.queue.amazonaws.com/{account}/{name}",
        "http://sqs.us-east-1.localhost.localstack.cloud:4566/{account}/{name}",
        "http://localhost:4566/queue/us-east-1/{account}/{name}",
    ],
)
def test_a_queue_is_found_by_every_form_of_its_url(
    sqs: Any, queue: str, fogline: Account, form: str
) -> None:
    url = form.format(account=fogline.id, name="queue")
    sqs.send_message(QueueUrl=url, MessageBody="x")
    assert sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "x"


def test_the_older_query_protocol_is_understood(
    queue: str, fogline_platform: LocalPlatform
) -> None:
    with urllib.request.urlopen(f"{queue}?Action=SendMessage&MessageBody=hello") as answer:
        assert b"<SendMessageResult>" in answer.read()
    with urllib.request.urlopen(f"{queue}?Action=ReceiveMessage") as answer:
        text = answer.read().decode()
    assert "<Body>hello</Body>" in text
    asked = "Action=ReceiveMessage&VisibilityTimeout=0&AttributeName=SentTimestamp"
    urllib.request.urlopen(f"{queue}?Action=SendMessage&MessageBody=again").close()
    with urllib.request.urlopen(f"{queue}?{asked}") as answer:
        assert b"<Name>SentTimestamp</Name>" in answer.read()
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{queue}x?Action=ReceiveMessage")
    assert "does not exist for this wsdl version" in error.value.read().decode()
