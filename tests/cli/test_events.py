"""Events from the command line: put, watched, sent again, and patterns tried."""

import json
import uuid

import pytest

from fogline.cli.waiting import wait_for


@pytest.fixture
def bus(call) -> str:
    name = f"bus-{uuid.uuid4().hex[:8]}"
    call("events", "CreateEventBus", Name=name)
    return name


def put(ask, bus: str, detail: str = "{}", *words: str, **options):
    words = ("--source", "shop.orders", "--type", "OrderPlaced", *words)
    return ask("events", "put", bus, detail, *words, "--json", **options)


def tail(ask, bus: str, *words: str) -> list[dict]:
    answer = ask("events", "tail", bus, "--no-follow", "--json", *words)
    assert answer.code == 0, answer.err
    return answer.lines


def test_an_event_that_was_put_is_seen_passing_though_no_rule_matches_it(ask, bus):
    answer = put(ask, bus, '{"order_id": "1"}', "--resource", "arn:aws:s3:::shop")
    assert answer.code == 0, answer.err
    (event,) = tail(ask, bus)
    assert event["id"] == answer.document["EventId"]
    assert event["detail"] == {"order_id": "1"}
    assert event["resources"] == ["arn:aws:s3:::shop"]


def test_the_detail_can_come_from_stdin_or_a_file(ask, bus, tmp_path):
    (tmp_path / "detail.json").write_text('{"from": "file"}')
    put(ask, bus, "-", given='{"from": "stdin"}')
    put(ask, bus, str(tmp_path / "detail.json"))
    assert [event["detail"]["from"] for event in tail(ask, bus)] == ["stdin", "file"]


def test_a_pattern_keeps_the_rest_out(ask, bus):
    for amount in (1, 10, 100):
        put(ask, bus, json.dumps({"amount": amount}))
    seen = tail(ask, bus, "--pattern", '{"detail": {"amount": [{"numeric": [">", 5]}]}}')
    assert [event["detail"]["amount"] for event in seen] == [10, 100]


def test_an_event_that_the_bus_refuses_is_a_failure(ask, bus):
    answer = put(ask, bus, "{broken")
    assert answer.code == 4
    assert answer.document["error"]["code"] == "MalformedDetail"


def test_a_bus_that_is_not_there_has_nothing_to_show(ask):
    assert tail(ask, "nowhere") == []


def test_a_replay_sends_archived_events_again(ask, call, bus):
    arn = call("events", "DescribeEventBus", Name=bus)["Arn"]
    call("events", "CreateArchive", ArchiveName=bus, EventSourceArn=arn)
    put(ask, bus, '{"n": 1}')
    answer = ask("events", "replay", bus, "--since", "1h", "--json")
    assert answer.code == 0, answer.err
    assert answer.document["State"] == "COMPLETED"
    first, again = tail(ask, bus)
    assert again["replay-name"] == answer.document["ReplayName"]
    assert again["detail"] == first["detail"]


def test_an_unknown_archive_is_an_error(ask):
    answer = ask("events", "replay", "nowhere", "--since", "1h")
    assert answer.code == 1
    assert "There is no archive 'nowhere'" in answer.err


@pytest.mark.parametrize(("amount", "code", "says"), [(6, 0, True), (5, 1, False)])
def test_a_pattern_is_tried_on_an_event(ask, amount, code, says):
    pattern = '{"detail": {"amount": [{"numeric": [">", 5]}]}}'
    event = json.dumps({"detail": {"amount": amount}})
    answer = ask("events", "patterns", "test", pattern, event, "--json")
    assert answer.code == code
    assert answer.document == {"matches": says}


def test_a_pattern_that_is_none_is_told_so_in_the_words_of_the_service(ask):
    answer = ask("events", "patterns", "test", '{"a": 1}', "{}")
    assert answer.code == 4
    assert "Event pattern is not valid" in answer.err


@pytest.mark.parametrize(
    "words",
    [("put", "bus"), ("put", "bus", "{}"), ("tail", "bus", "--since", "soon"), ("replay", "a")],
    ids=" ".join,
)
def test_a_wrong_command_line_is_a_usage_error(ask, words):
    assert ask("events", *words).code == 2


def stack(call, name: str) -> dict:
    return call("cloudformation", "DescribeStacks", StackName=name)["Stacks"][0]


def test_a_rule_can_be_named_as_in_its_template(ask, call, bus):
    template = {
        "Resources": {
            "Projection": {
                "Type": "AWS::Events::Rule",
                "Properties": {"EventBusName": bus, "EventPattern": {"source": ["shop.orders"]}},
            }
        }
    }
    call("cloudformation", "CreateStack", StackName=bus, TemplateBody=json.dumps(template))
    arn = call("events", "DescribeEventBus", Name=bus)["Arn"]
    call("events", "CreateArchive", ArchiveName=bus, EventSourceArn=arn)
    assert wait_for(lambda: stack(call, bus)["StackStatus"] == "CREATE_COMPLETE", 60)
    answer = ask("events", "replay", bus, "--since", "1h", "--rule", "Projection", "--json")
    assert answer.code == 0, answer.err
    (described,) = call("events", "ListReplays", NamePrefix=bus)["Replays"]
    assert described["State"] == "COMPLETED"
