"""A FIFO queue among crashes: consumers die with messages in their hands, and SIGKILL takes the server three times.

Senders put numbered messages into many groups and send again, with the same deduplication ids, whatever was not
answered. Four consumers work through them at once. Whatever dies, within a group nothing overtakes, nobody gets what
another still holds, nothing is lost, and nothing is there twice.

    python tests/crash/fifo_under_crashes.py [--messages 50000] [--groups 100] [--seed 1]
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fogline.cli.client import Client
from fogline.cli.exits import Failure
from fogline.cli.waiting import wait_for

sys.path.insert(0, str(Path(__file__).parent))
from kill_under_load import START_SECONDS_MAX, Server, Unanswered

SENDERS = 4
CONSUMERS = 4
BATCH = 10
VISIBILITY_SECONDS = 2
DEATHS_PER_BATCH = 0.02
RESENT_SHARE = 0.05
SECONDS_MAX = 1_800.0
HEADERS = {"content-type": "application/x-amz-json-1.0"}

Message = tuple[str, int]
"""A group, and a number within it."""


class Died(Exception):
    """A consumer is gone, with all that it held."""


@dataclass
class Hold:
    """A group in a consumer's hands: nobody else may get anything of it before `until` (monotonic)."""

    consumer: str
    until: float


@dataclass
class Ledger:
    """What senders and consumers know, and what was wrong."""

    sent: dict[Message, tuple[str, str]] = field(default_factory=dict)
    """Message id and sequence number of what was acknowledged."""
    seen: dict[Message, str] = field(default_factory=dict)
    """The message id under which each was received."""
    last: dict[str, int] = field(default_factory=dict)
    """The highest number of each group that was dealt with."""
    deleted: set[Message] = field(default_factory=set)
    deleted_maybe: set[Message] = field(default_factory=set)
    """What was dealt with, and whose deletion was never answered: it may come again, or be gone."""
    holds: dict[str, Hold] = field(default_factory=dict)
    deaths: int = 0
    resent: int = 0
    failures: list[str] = field(default_factory=list)


class FifoUnderCrashes:
    """One story, from the first message to the last. `ledger.failures` tells what was wrong."""

    def __init__(self, folder: Path, seed: int, messages: int, groups: int, *options: str) -> None:
        """`options` are further words for `fogline up`."""
        self.server = Server(folder, *options)
        self.ledger = Ledger()
        self.messages, self.groups = messages, groups
        self._seed = seed
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._url = ""

    # ---- the story

    def run(self, kills: int = 3, tell: Callable[[str], None] = lambda text: None) -> None:
        self.server.start()
        try:
            self._make_queue()
            works = [(self._send_all, f"sender {number}") for number in range(SENDERS)]
            works += [(self._consume_all, f"consumer {number}") for number in range(CONSUMERS)]
            threads = [threading.Thread(target=self._guarded, args=work) for work in works]
            for thread in threads:
                thread.start()
            for number in range(kills):
                self._wait_until_deleted(self.messages * (number + 1) // (kills + 1))
                self.server.kill()
                tell(f"killed the server: {self.told()}")
                self.server.start()
            self._wait_until_deleted(self.messages)
            # What a dead consumer held, and had dealt with, comes once more.
            wait_for(lambda: self._depth() == 0, START_SECONDS_MAX, 0.2)
            self._is_over.set()
            for thread in threads:
                thread.join(START_SECONDS_MAX)
                assert not thread.is_alive(), "a client hangs"
            self._check_end()
            tell(f"the end: {self.told()}")
        finally:
            self._is_over.set()
            self.server.stop()

    def told(self) -> str:
        ledger = self.ledger
        return (
            f"{len(ledger.sent)} sent ({ledger.resent} again), {len(ledger.deleted)} deleted, "
            f"{ledger.deaths} consumers died, {len(ledger.failures)} failures"
        )

    def _wait_until_deleted(self, count: int) -> None:
        ledger = self.ledger

        def is_done() -> bool:
            with self._lock:
                return len(ledger.deleted | ledger.deleted_maybe) >= count or bool(ledger.failures)

        wait_for(is_done, SECONDS_MAX, 0.05)

    def _guarded(self, work: Callable[[str], None], name: str) -> None:
        try:
            work(name)
        except (AssertionError, LookupError, ValueError) as wrong:
            self._fail(f"{name}: {wrong!r}")

    def _fail(self, text: str) -> None:
        with self._lock:
            self.ledger.failures.append(text)

    def _ask(self, client: Client, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """One request as SDKs send it. Raises Unanswered."""
        body = json.dumps({"QueueUrl": self._url, **request}).encode()
        headers = {**HEADERS, "x-amz-target": f"AmazonSQS.{operation}"}
        try:
            status, answer = client.ask("POST", "/", body, headers)
        except (Failure, OSError) as failure:
            raise Unanswered from failure
        assert status == 200, f"{operation} answered {status}: {answer!r}"
        document: dict[str, Any] = json.loads(answer or b"{}")
        return document

    def _make_queue(self) -> None:
        attributes = {"FifoQueue": "true", "VisibilityTimeout": str(VISIBILITY_SECONDS)}
        with Client(self.server.endpoint) as client:
            made = client.call("sqs", "CreateQueue", QueueName="story.fifo", Attributes=attributes)
        self._url = made["QueueUrl"]

    # ---- senders

    def _send_all(self, name: str) -> None:
        """The messages of every fourth group, in order; what is not answered is sent again until it is."""
        chance = random.Random(f"{self._seed} {name}")
        own = int(name.split()[1])
        planned = [
            (f"group-{group}", number)
            for number in range(self.messages // self.groups)
            for group in range(own, self.groups, SENDERS)
        ]
        batches = [planned[at : at + BATCH] for at in range(0, len(planned), BATCH)]
        for at, batch in enumerate(batches):
            self._send_until_answered(batch)
            if chance.random() < RESENT_SHARE:
                # A sender that forgot what it did: all that is a duplicate, and answered as the original.
                self._send_until_answered(batches[chance.randrange(max(0, at - 5), at + 1)])

    def _send_until_answered(self, batch: list[Message]) -> None:
        entries = [
            {
                "Id": str(at),
                "MessageBody": json.dumps([group, number]),
                "MessageGroupId": group,
                "MessageDeduplicationId": f"{group}-{number}",
            }
            for at, (group, number) in enumerate(batch)
        ]
        tries = 0
        while not self._is_over.is_set():
            try:
                with Client(self.server.endpoint) as client:
                    answer = self._ask(client, "SendMessageBatch", {"Entries": entries})
                break
            except Unanswered:
                tries += 1
                time.sleep(0.05)
        else:
            return
        assert not answer.get("Failed"), answer
        with self._lock:
            self.ledger.resent += len(batch) if tries else 0
            for entry in answer["Successful"]:
                self._note_sent(batch[int(entry["Id"])], entry)

    def _note_sent(self, message: Message, entry: dict[str, Any]) -> None:
        group, number = message
        known = (entry["MessageId"], entry["SequenceNumber"])
        before = self.ledger.sent.setdefault(message, known)
        if before != known:
            self.ledger.failures.append(f"{message} was answered as {before}, then as {known}")
        earlier = self.ledger.sent.get((group, number - 1))
        if earlier is not None and earlier[1] >= known[1]:
            self.ledger.failures.append(f"{message} has a number before its predecessor's")

    # ---- consumers

    def _consume_all(self, name: str) -> None:
        """A consumer, and after its death another in its place."""
        chance = random.Random(f"{self._seed} {name}")
        life = 0
        while not self._is_over.is_set():
            life += 1
            with Client(self.server.endpoint) as client:
                try:
                    self._live(client, f"{name}.{life}", chance)
                except Died:
                    with self._lock:
                        self.ledger.deaths += 1
                except Unanswered:
                    time.sleep(0.05)

    def _live(self, client: Client, name: str, chance: random.Random) -> None:
        wish = {
            "MaxNumberOfMessages": chance.choice((1, 3, BATCH, BATCH, BATCH)),
            "WaitTimeSeconds": 1,
        }
        while not self._is_over.is_set():
            asked_at = time.monotonic()
            got = self._ask(client, "ReceiveMessage", wish).get("Messages", [])
            messages = [(_message(each), each) for each in got]
            if not self._note_received(name, messages, asked_at):
                continue
            is_last = chance.random() < DEATHS_PER_BATCH
            works_until = chance.randrange(len(messages) + 1) if is_last else len(messages)
            with self._lock:
                for (group, number), _ in messages[:works_until]:
                    self.ledger.last[group] = max(number, self.ledger.last.get(group, -1))
            if is_last and chance.random() < 0.5:
                raise Died  # with work done that nobody knows of
            unfinished = {group for (group, _), _ in messages[works_until:]}
            self._delete(client, name, messages[:works_until], unfinished)
            if is_last:
                raise Died

    def _note_received(
        self, name: str, messages: list[tuple[Message, dict[str, Any]]], asked_at: float
    ) -> bool:
        """False for a consumer who heard so late that somebody else may have them by now."""
        ledger = self.ledger
        with self._lock:
            now = time.monotonic()
            if now >= asked_at + VISIBILITY_SECONDS:
                return False
            last = {group: ledger.last.get(group, -1) for (group, _), _ in messages}
            for group in last:
                hold = ledger.holds.get(group)
                if hold is not None and now < hold.until:
                    ledger.failures.append(f"{name} got {group}, which {hold.consumer} still holds")
                ledger.holds[group] = Hold(name, asked_at + VISIBILITY_SECONDS)
            for message, received in messages:
                group, number = message
                if number > last[group] + 1:
                    ledger.failures.append(f"{message} overtook {group}'s {last[group] + 1}")
                last[group] = max(number, last[group])
                if message in ledger.deleted:
                    ledger.failures.append(f"{message} was deleted and came again")
                id = ledger.seen.setdefault(message, received["MessageId"])
                if id != received["MessageId"]:
                    ledger.failures.append(f"{message} is there twice")
        return True

    def _delete(
        self,
        client: Client,
        name: str,
        messages: list[tuple[Message, dict[str, Any]]],
        unfinished: set[str],
    ) -> None:
        """Delete messages. A consumer that dies leaves some groups unfinished, and goes on holding those."""
        if not messages:
            return
        # Before it is so: the next consumer may get a group sooner than this one hears that it is free.
        with self._lock:
            for group in {group for (group, _), _ in messages} - unfinished:
                hold = self.ledger.holds.get(group)
                if hold is not None and hold.consumer == name:
                    del self.ledger.holds[group]
        entries = [
            {"Id": str(at), "ReceiptHandle": received["ReceiptHandle"]}
            for at, (_, received) in enumerate(messages)
        ]
        with self._lock:
            self.ledger.deleted_maybe |= {message for message, _ in messages}
        answer = self._ask(client, "DeleteMessageBatch", {"Entries": entries})
        with self._lock:
            self.ledger.deleted_maybe -= {message for message, _ in messages}
            for entry in answer.get("Successful", []):
                self.ledger.deleted.add(messages[int(entry["Id"])][0])

    # ---- the end

    def _check_end(self) -> None:
        ledger = self.ledger
        everything = {
            (f"group-{group}", number)
            for number in range(self.messages // self.groups)
            for group in range(self.groups)
        }
        dealt_with = ledger.deleted | ledger.deleted_maybe
        if dealt_with != everything:
            lost = sorted(everything - dealt_with)
            ledger.failures.append(f"{len(lost)} messages were never dealt with, as {lost[:5]}")
        for message, id in ledger.seen.items():
            if ledger.sent.get(message, (id,))[0] != id:
                ledger.failures.append(f"{message} has another id than its sender was told")
        left = self._depth()
        if left:
            ledger.failures.append(f"the queue still holds {left} messages")

    def _depth(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        with Client(self.server.endpoint) as client:
            found = client.call(
                "sqs", "GetQueueAttributes", QueueUrl=self._url, AttributeNames=names
            )
        return sum(int(found["Attributes"][name]) for name in names)


def _message(received: dict[str, Any]) -> Message:
    group, number = json.loads(received["Body"])
    return group, number


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--groups", type=int, default=100)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--store", metavar="URL", help="an empty PostgreSQL database, in place of SQLite"
    )
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="fogline-fifo-"))
    options = ("--store", given.store) if given.store else ()
    story = FifoUnderCrashes(folder, given.seed, given.messages, given.groups, *options)
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped
    story.run(
        given.kills, lambda text: print(f"{time.monotonic() - began:6.0f} s  {text}", flush=True)
    )
    for failure in story.ledger.failures[:50]:
        print(f"  {failure}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    return 1 if story.ledger.failures else 0


if __name__ == "__main__":
    sys.exit(main())
