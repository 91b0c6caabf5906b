"""Publishing from the command line."""

import json

import pytest

from fogline.cli.waiting import wait_for


@pytest.fixture
def listen(call):
    """Make a topic and a queue that hears it; what the queue got is read with the function returned."""

    def listen(name: str, **attributes) -> tuple[str, object]:
        fifo = {"FifoTopic": "true"} if name.endswith(".fifo") else {}
        topic = call("sns", "CreateTopic", Name=name, Attributes=fifo)["TopicArn"]
        queue = call(
            "sqs",
            "CreateQueue",
            QueueName=name,
            **({"Attributes": {"FifoQueue": "true"}} if fifo else {}),
        )["QueueUrl"]
        arn = topic.replace(":sns:", ":sqs:")
        call(
            "sns",
            "Subscribe",
            TopicArn=topic,
            Protocol="sqs",
            Endpoint=arn,
            Attributes={"RawMessageDelivery": "true"} | attributes,
        )
        return topic, lambda: call(
            "sqs",
            "ReceiveMessage",
            QueueUrl=queue,
            MessageAttributeNames=["All"],
            AttributeNames=["All"],
        )["Messages"]

    return listen


def test_a_message_reaches_who_listens_to_the_topic(ask, listen):
    topic, read = listen("cli-plain")
    answer = ask("topic", "publish", "cli-plain", "Hello", "--json")
    assert answer.code == 0, answer.err
    assert answer.document["TopicArn"] == topic
    assert [message["Body"] for message in read()] == ["Hello"]


def test_a_topic_can_be_named_by_its_arn(ask, listen):
    topic, read = listen("cli-arn")
    assert "Published" in ask("topic", "publish", topic, "Hello").out
    assert len(read()) == 1


def test_attributes_have_types(ask, listen):
    _, read = listen("cli-attributes")
    ask("topic", "publish", "cli-attributes", "x", "-a", "kind=new", "-a", "amount:=12")
    (message,) = read()
    found = {
        name: (value["DataType"], value["StringValue"])
        for name, value in message["MessageAttributes"].items()
    }
    assert found == {"kind": ("String", "new"), "amount": ("Number", "12")}


def test_the_message_can_come_from_stdin_or_a_file(ask, listen, tmp_path):
    _, read = listen("cli-sources")
    ask("topic", "publish", "cli-sources", "-", given="from stdin")
    (tmp_path / "message").write_text("from a file")
    ask("topic", "publish", "cli-sources", "--file", str(tmp_path / "message"))
    assert {read()[0]["Body"], read()[0]["Body"]} == {"from stdin", "from a file"}


def test_a_fifo_topic_takes_group_and_deduplication_id(ask, listen):
    _, read = listen("cli-ordered.fifo")
    ask("topic", "publish", "cli-ordered.fifo", "x", "--group", "a", "--dedup", "1")
    (message,) = read()
    assert message["Attributes"]["MessageGroupId"] == "a"


def test_a_message_may_have_a_text_for_each_protocol(ask, listen):
    _, read = listen("cli-structure")
    texts = json.dumps({"default": "for others", "sqs": "for queues"})
    ask("topic", "publish", "cli-structure", texts, "--structure", "json")
    assert [message["Body"] for message in read()] == ["for queues"]


def test_an_unknown_topic_is_an_error_that_names_what_there_is(ask, listen):
    listen("cli-known")
    answer = ask("topic", "publish", "cli-unknown", "x")
    assert answer.code == 1
    assert "There is no topic" in answer.err
    assert "cli-known" in answer.err


@pytest.mark.parametrize(
    "words", [("t",), ("t", "x", "--file", "y"), ("t", "x", "-a", "novalue")], ids=" ".join
)
def test_a_wrong_command_line_is_a_usage_error(ask, words):
    assert ask("topic", "publish", *words).code == 2


def test_topics_and_queues_can_be_named_as_in_their_template(ask, call):
    resources = {
        "Orders": {"Type": "AWS::SQS::Queue"},
        "News": {
            "Type": "AWS::SNS::Topic",
            "Properties": {
                "Subscription": [{"Protocol": "sqs", "Endpoint": {"Fn::GetAtt": "Orders.Arn"}}]
            },
        },
    }
    template = json.dumps({"Resources": resources})
    call("cloudformation", "CreateStack", StackName="cli-named", TemplateBody=template)
    wait_for(lambda: ask("topic", "publish", "News", "Hello").code == 0, 60)
    wait_for(lambda: ask("queue", "peek", "Orders", "--json").document["messages"], 60)
    (message,) = ask("queue", "peek", "Orders", "--json").document["messages"]
    assert json.loads(message["body"])["Message"] == "Hello"
