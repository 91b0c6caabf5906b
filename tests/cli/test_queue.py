"""Queues from the command line: looked into, sent to, redriven."""

import json
from urllib.request import Request, urlopen

import pytest


@pytest.fixture
def call(ask):
    endpoint = ask("env", "--json").document["FOGLINE_ENDPOINT"]

    def call(operation: str, **asked) -> dict:
        body = json.dumps({"request": asked}).encode()
        with urlopen(
            Request(f"{endpoint}/_fogline/api/sqs/{operation}", body), timeout=20
        ) as answer:
            return json.load(answer)["result"]

    return call


@pytest.fixture
def make_queue(call):
    def make(name: str, **attributes) -> str:
        if name.endswith(".fifo"):
            attributes["FifoQueue"] = "true"
        call("CreateQueue", QueueName=name, Attributes=attributes)
        return name

    return make


@pytest.fixture
def receive(call):
    def receive(queue: str, **wishes) -> list[dict]:
        wishes.setdefault("MaxNumberOfMessages", 10)
        names = {"AttributeNames": ["All"], "MessageAttributeNames": ["All"]}
        return call("ReceiveMessage", QueueUrl=queue, **names, **wishes).get("Messages", [])

    return receive


@pytest.fixture
def make_dead(make_queue, ask, receive):
    """A queue whose messages went to its dead-letter queue, which is named after it."""

    def make(name: str, count: int) -> str:
        dead = make_queue(f"{name}-dead")
        arn = f"arn:aws:sqs:us-east-1:000000000000:{dead}"
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
        make_queue(name, RedrivePolicy=policy)
        for number in range(count):
            ask("queue", "send", name, str(number))
        for _ in range(2):
            receive(name, VisibilityTimeout=0)
        return dead

    return make


# ---- send


def test_a_message_is_sent_with_its_attributes(ask, make_queue, receive):
    make_queue("cli-send")
    answer = ask("queue", "send", "cli-send", "Hello", "-a", "kind=new", "-a", "n:=7", "--json")
    assert answer.code == 0, answer.err
    (message,) = receive("cli-send")
    assert (message["MessageId"], message["Body"]) == (answer.document["MessageId"], "Hello")
    found = {name: value["DataType"] for name, value in message["MessageAttributes"].items()}
    assert found == {"kind": "String", "n": "Number"}


def test_a_body_comes_from_a_file_or_from_stdin(ask, make_queue, receive, tmp_path):
    make_queue("cli-sources")
    (tmp_path / "message").write_text("from a file")
    ask("queue", "send", "cli-sources", "--file", str(tmp_path / "message"))
    ask("queue", "send", "cli-sources", "-", given="from stdin")
    assert {message["Body"] for message in receive("cli-sources")} == {"from a file", "from stdin"}


def test_a_fifo_queue_is_given_group_and_deduplication_id(ask, make_queue, receive):
    make_queue("cli-send.fifo")
    for _ in range(2):
        answer = ask("queue", "send", "cli-send.fifo", "x", "--group", "a", "--dedup", "1")
        assert "number" in answer.out
    (message,) = receive("cli-send.fifo")
    assert message["Attributes"]["MessageDeduplicationId"] == "1"


def test_a_delayed_message_is_not_there_yet(ask, make_queue, receive):
    make_queue("cli-delay")
    ask("queue", "send", "cli-delay", "later", "--delay", "900")
    assert receive("cli-delay") == []


@pytest.mark.parametrize("form", ["arn:aws:sqs:us-east-1:000000000000:{}", "http://x/0/{}", "{}"])
def test_a_queue_is_named_in_any_form(ask, make_queue, form):
    make_queue("cli-forms")
    assert ask("queue", "send", form.format("cli-forms"), "x").code == 0
    assert ask("queue", "peek", form.format("cli-forms")).code == 0


def test_what_sqs_refuses_is_told(ask, make_queue):
    make_queue("cli-refused.fifo")
    answer = ask("queue", "send", "cli-refused.fifo", "x")
    assert answer.code == 4
    assert "MessageGroupId" in answer.err


@pytest.mark.parametrize(
    "words", [("send", "q", "x"), ("peek", "q"), ("redrive", "q")], ids=lambda words: words[0]
)
def test_an_unknown_queue_is_an_error_that_says_what_there_is(ask, words):
    answer = ask("queue", *words, "--region", "eu-west-3")
    assert answer.code == 1
    assert "There is no queue 'q'" in answer.err
    assert "none yet" in answer.err


# ---- peek


def test_peek_shows_messages_and_changes_nothing(ask, make_queue, receive):
    make_queue("cli-peek")
    ask("queue", "send", "cli-peek", "seen", "-a", "kind=new")
    for _ in range(3):
        (shown,) = ask("queue", "peek", "cli-peek", "--json").document["messages"]
    assert (shown["body"], shown["state"], shown["receive_count"]) == ("seen", "visible", 0)
    assert shown["attributes"]["kind"]["StringValue"] == "new"
    (message,) = receive("cli-peek")
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert message["MessageId"] == shown["id"]


def test_peek_shows_what_nobody_can_receive_now(ask, make_queue, receive):
    make_queue("cli-states.fifo")
    for number, group in ((1, "a"), (2, "a"), (3, "b")):
        ask(
            "queue",
            "send",
            "cli-states.fifo",
            str(number),
            "--group",
            group,
            "--dedup",
            str(number),
        )
    receive("cli-states.fifo", MaxNumberOfMessages=1)
    messages = ask("queue", "peek", "cli-states.fifo", "--json").document["messages"]
    assert [(each["group"], each["state"]) for each in messages] == [
        ("a", "in flight"),
        ("a", "behind"),
        ("b", "visible"),
    ]
    assert all(len(each["sequence_number"]) == 20 for each in messages)
    table = ask("queue", "peek", "cli-states.fifo").out
    assert "visible in" in table
    assert "behind" in table


def test_peek_goes_on_past_a_number(ask, make_queue):
    make_queue("cli-pages")
    for number in range(3):
        ask("queue", "send", "cli-pages", str(number))
    first = ask("queue", "peek", "cli-pages", "--limit", "2", "--json").document["messages"]
    rest = ask("queue", "peek", "cli-pages", "--after", first[-1]["number"], "--json").document
    assert [each["body"] for each in [*first, *rest["messages"]]] == ["0", "1", "2"]
    assert "--after" in ask("queue", "peek", "cli-pages", "--limit", "2").err


def test_an_empty_queue_says_so(ask, make_queue):
    make_queue("cli-empty")
    assert "nothing" in ask("queue", "peek", "cli-empty").out


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30])
def test_a_number_that_is_none_is_refused(ask, make_queue, after):
    make_queue("cli-after")
    assert ask("queue", "peek", "cli-after", "--after", after).code == 4


# ---- redrive


def test_dead_letters_go_back_to_where_they_came_from(ask, make_dead, receive):
    dead = make_dead("cli-redrive", 3)
    answer = ask("queue", "redrive", dead)
    assert answer.code == 0, answer.err
    assert "3 messages" in answer.out
    assert {message["Body"] for message in receive("cli-redrive")} == {"0", "1", "2"}


def test_dead_letters_go_to_the_queue_that_is_named(ask, make_dead, make_queue, receive):
    dead = make_dead("cli-redrive-to", 2)
    make_queue("cli-elsewhere")
    answer = ask("queue", "redrive", dead, "--to", "cli-elsewhere", "--json")
    assert answer.document["Status"] == "COMPLETED"
    assert len(receive("cli-elsewhere")) == 2


def test_a_slow_redrive_need_not_be_waited_for(ask, make_dead, call):
    dead = make_dead("cli-redrive-slow", 3)
    answer = ask("queue", "redrive", dead, "--rate", "1", "--no-wait", "--json")
    call("CancelMessageMoveTask", TaskHandle=answer.document["TaskHandle"])


def test_a_redrive_that_fails_says_why(ask, make_dead):
    dead = make_dead("cli-redrive-fails", 0)
    ask("queue", "send", dead, "from nowhere")
    answer = ask("queue", "redrive", dead)
    assert answer.code == 1
    assert "--to" in answer.err
