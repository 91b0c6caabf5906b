"""What commands show of the inbox, and how it is emptied."""

import json

from fogline.cli.waiting import wait_for


def letters(ask, number: str) -> list:
    return ask("inbox", "--recipient", number, "--json").document["letters"]


def publish(ask, number: str, message: str) -> None:
    """Send a text message by the server's door for operations."""
    from urllib.request import Request, urlopen

    endpoint = ask("env", "--json").document["FOGLINE_ENDPOINT"]
    body = {"request": {"PhoneNumber": number, "Message": message}}
    request = Request(f"{endpoint}/_fogline/api/sns/Publish", json.dumps(body).encode())
    with urlopen(request, timeout=20) as answer:
        assert answer.status == 200


def test_a_text_message_is_listed(ask):
    publish(ask, "+4915100000001", "Your parcel is here")
    answer = ask("inbox", "--recipient", "+4915100000001")
    assert answer.code == 0
    assert "Your parcel is here" in answer.out
    assert "sms" in answer.out


def test_list_is_meant_when_nothing_is_said(ask):
    publish(ask, "+4915100000002", "Hello")
    assert (
        ask("inbox", "list", "--recipient", "+4915100000002", "--json").document["letters"]
        == letters(ask, "+4915100000002")
        != []
    )


def test_a_letter_is_shown_whole(ask):
    publish(ask, "+4915100000003", "First line\nsecond line")
    (letter,) = letters(ask, "+4915100000003")
    shown = ask("inbox", "show", letter["id"])
    assert "To: +4915100000003" in shown.out
    assert shown.out.endswith("First line\nsecond line\n")


def test_the_newest_is_shown_when_none_is_named(ask):
    for text in ("older", "newer"):
        publish(ask, "+4915100000004", text)
    shown = ask("inbox", "show", "--recipient", "+4915100000004", "--json")
    assert shown.document["body"] == "newer"


def test_clearing_one_recipient_leaves_the_others(ask):
    for number in ("+4915100000005", "+4915100000006"):
        publish(ask, number, "Hello")
    assert ask("inbox", "clear", "--recipient", "+4915100000005").out == "Threw away 1 letter.\n"
    assert letters(ask, "+4915100000005") == []
    assert len(letters(ask, "+4915100000006")) == 1


def test_an_empty_inbox_says_so(ask):
    assert ask("inbox", "--recipient", "nobody@example.com").out == "The inbox is empty.\n"


def test_an_unknown_letter_is_an_error(ask):
    answer = ask("inbox", "show", "12")
    assert answer.code != 0
    assert "There is no letter 12" in answer.err


def test_letters_are_followed_as_they_come(ask, shared_server):
    publish(ask, "+4915100000007", "before")
    process = shared_server.start("inbox", "--follow", "--recipient", "+4915100000007", "--json")
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["body"] == "before"
    publish(ask, "+4915100000007", "after")
    assert json.loads(process.stdout.readline())["body"] == "after"
    process.terminate()
    assert wait_for(lambda: process.poll() is not None, 60)
