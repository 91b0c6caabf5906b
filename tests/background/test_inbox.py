"""The inbox: what would have gone to people and devices can be read here, and by HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from fogline.aws.call import Trace
from fogline.background import inbox
from fogline.background.inbox import Inbox, Letter
from fogline.store.schema import migrate
from fogline.store.sqlite import SqliteStore
from fogline.testing.platform import LocalPlatform
from fogline.world.ids import Ids

NOW = 1_767_225_600_000
TRACE = Trace("1-0-0", "0", "")


class Hall:
    """An inbox on a store of its own."""

    def __init__(self, rows_max: int = 100) -> None:
        self.store = SqliteStore(None, on_stir=lambda topics: None)
        migrate(self.store, (inbox.SCHEMA,))
        self.inbox = Inbox(Ids(1), rows_max)

    def put(self, recipient: str = "ada@example.com", channel: str = "email", **given: Any) -> int:
        with self.store.write() as tx:
            values = {
                "account": "000000000000",
                "region": "us-east-1",
                "body": "Hello",
                "now": NOW,
                "trace": TRACE,
            } | given
            return self.inbox.put(tx, channel=channel, recipient=recipient, **values)

    def page(self, **wanted: Any) -> list[Letter]:
        with self.store.read() as tx:
            return self.inbox.page(tx, **wanted)


def test_what_was_put_in_comes_out_in_order():
    hall = Hall()
    hall.put(subject="First", facts={"token": "abc"})
    hall.put(body="Second")
    first, second = hall.page()
    assert (first.subject, first.facts, first.arrived_at) == ("First", {"token": "abc"}, NOW)
    assert second.body == "Second"
    assert first.number < second.number


@pytest.mark.parametrize(
    "wanted",
    [{"channel": "sms"}, {"recipient": "+4912345678"}, {"account": "111111111111"}],
    ids=lambda wanted: next(iter(wanted)),
)
def test_letters_are_found_by_what_they_are(wanted):
    hall = Hall()
    hall.put()
    hall.put("+4912345678", "sms", account="111111111111")
    assert [letter.channel for letter in hall.page(**wanted)] == ["sms"]


def test_a_reader_goes_on_where_the_last_page_ended():
    hall = Hall()
    numbers = [hall.put() for _ in range(5)]
    page = hall.page(after=numbers[1], limit=2)
    assert [letter.number for letter in page] == numbers[2:4]


def test_the_newest_come_in_the_order_they_arrived():
    hall = Hall()
    numbers = [hall.put() for _ in range(5)]
    with hall.store.read() as tx:
        assert [letter.number for letter in hall.inbox.newest(tx, limit=2)] == numbers[3:]


def test_the_oldest_make_room_for_the_newest():
    hall = Hall(rows_max=10)
    numbers = [hall.put() for _ in range(31)]
    assert [letter.number for letter in hall.page()] == numbers[-10:]


def test_emptying_leaves_the_letters_of_others():
    hall = Hall()
    hall.put("ada@example.com")
    hall.put("eve@example.com")
    with hall.store.write() as tx:
        assert hall.inbox.remove(tx, recipient="eve@example.com") == 1
    assert [letter.recipient for letter in hall.page()] == ["ada@example.com"]


# ---- by HTTP


def ask(platform: LocalPlatform, method: str, query: str) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(f"{platform.endpoint}/_fogline/inbox{query}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def put(platform: LocalPlatform, recipient: str) -> int:
    async def work() -> int:
        return await platform.platform.store.transact(
            lambda tx: platform.platform.inbox.put(
                tx,
                account="000000000000",
                region="us-east-1",
                channel="email",
                recipient=recipient,
                body="Hello",
                now=platform.now(),
                trace=TRACE,
            )
        )

    return platform.ask(work())


def test_the_page_shows_the_letters_of_a_recipient(fogline_platform):
    number = put(fogline_platform, "shown@example.com")
    status, answer = ask(fogline_platform, "GET", "?channel=email&recipient=shown%40example.com")
    assert status == 200
    (letter,) = answer["letters"]
    assert letter["id"] == str(number)
    assert (letter["recipient"], letter["body"]) == ("shown@example.com", "Hello")


def test_the_page_shows_one_letter_and_those_after_it(fogline_platform):
    first, second = (put(fogline_platform, "after@example.com") for _ in range(2))
    _, answer = ask(fogline_platform, "GET", f"?id={first}")
    assert [letter["id"] for letter in answer["letters"]] == [str(first)]
    _, answer = ask(fogline_platform, "GET", f"?recipient=after@example.com&after={first}")
    assert [letter["id"] for letter in answer["letters"]] == [str(second)]


def test_the_page_is_emptied_for_one_recipient(fogline_platform):
    put(fogline_platform, "gone@example.com")
    assert ask(fogline_platform, "DELETE", "?recipient=gone@example.com") == (200, {"removed": 1})
    assert ask(fogline_platform, "GET", "?recipient=gone@example.com")[1] == {"letters": []}


@pytest.mark.parametrize("query", ["?after=x", "?after=-1", "?limit=0", "?limit=1001", "?id=²"])
def test_what_is_no_number_is_refused(fogline_platform, query):
    status, answer = ask(fogline_platform, "GET", query.replace("²", "%C2%B2"))
    assert status == 400
    assert "must be" in answer["error"]


def test_a_letter_that_is_not_there_is_said_to_be_missing(fogline_platform):
    assert ask(fogline_platform, "GET", "?id=5")[0] == 404
