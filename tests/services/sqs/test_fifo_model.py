"""Whatever is done to a FIFO queue, in whatever order: nothing overtakes within a group, and nothing is held back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from fogline.aws.call import Call, call_of_account, root_trace
from fogline.ports.seals import Seals
from fogline.services.sqs.errors import ReceiptHandleHasExpired
from fogline.services.sqs.limits import Limits
from fogline.services.sqs.operations import messages, queues
from fogline.services.sqs.schema import SCHEMA
from fogline.services.sqs.service import Sqs
from fogline.services.sqs.tables import Tables
from fogline.store import documents
from fogline.store.schema import migrate
from fogline.store.sqlite import SqliteStore
from fogline.world.ids import Ids

URL = "q.fifo"
VISIBILITY_SECONDS = 30


@dataclass
class Sent:
    """A message as the model knows it."""

    body: str
    visible_at: int
    handle: str = ""


class FifoMachine(RuleBasedStateMachine):
    """A queue, and beside it lists of what each group must hold."""

    @initialize()
    def begin(self) -> None:
        store = SqliteStore(None)
        migrate(store, (documents.SCHEMA, SCHEMA))
        self.sqs = Sqs(store, Tables(store), Ids(1), Limits(), Seals())
        self.now = 1_767_225_600_000
        self.groups: dict[str, list[Sent]] = {}
        self.count = 0
        queues.create_queue(
            self.sqs, self.call(), {"QueueName": URL, "Attributes": {"FifoQueue": "true"}}
        )

    def call(self) -> Call:
        trace = root_trace("0" * 24, "0" * 16, self.now)
        return call_of_account("000000000000", "us-east-1", "request", self.now, trace)

    def everything(self) -> list[tuple[str, Sent]]:
        return [(group, sent) for group, all_ in self.groups.items() for sent in all_]

    @rule(group=some.sampled_from("abc"), is_again=some.booleans())
    def send(self, group: str, is_again: bool) -> None:
        request: Any = {
            "QueueUrl": URL,
            "MessageBody": str(self.count),
            "MessageGroupId": group,
            "MessageDeduplicationId": str(self.count),
        }
        first = messages.send_message(self.sqs, self.call(), request)
        if is_again:
            assert messages.send_message(self.sqs, self.call(), request) == first
        self.groups.setdefault(group, []).append(Sent(str(self.count), self.now))
        self.count += 1

    @rule(count=some.integers(1, 10), seconds=some.sampled_from([0, 1, VISIBILITY_SECONDS]))
    def receive(self, count: int, seconds: int) -> None:
        wish: Any = {
            "QueueUrl": URL,
            "MaxNumberOfMessages": count,
            "VisibilityTimeout": seconds,
            "MessageSystemAttributeNames": ["MessageGroupId"],
        }
        answer: Any = messages.receive_message(self.sqs, self.call(), wish)
        got = answer.get("Messages", [])
        available = {group: self._available(group) for group in self.groups}
        taken: dict[str, int] = {}
        for message in got:
            group = message["Attributes"]["MessageGroupId"]
            at = taken.get(group, 0)
            assert at < len(available[group]), "it stands behind a message that is hidden"
            sent = available[group][at]
            assert sent.body == message["Body"], "it overtook one of its group"
            sent.handle = message["ReceiptHandle"]
            sent.visible_at = self.now + seconds * 1000
            taken[group] = at + 1
        assert len(got) == min(count, sum(map(len, available.values()))), "one was held back"

    def _available(self, group: str) -> list[Sent]:
        """What stands before the first hidden message of a group."""
        found = []
        for sent in self.groups[group]:
            if sent.visible_at > self.now:
                break
            found.append(sent)
        return found

    @precondition(lambda self: any(sent.handle for _, sent in self.everything()))
    @rule(data=some.data(), seconds=some.sampled_from([None, 0, 1, 60]))
    def touch(self, data: some.DataObject, seconds: int | None) -> None:
        """Delete a message that was received (None), or hide it for so long."""
        held = [(group, sent) for group, sent in self.everything() if sent.handle]
        group, sent = data.draw(some.sampled_from(held))
        request: Any = {"QueueUrl": URL, "ReceiptHandle": sent.handle}
        is_in_flight = sent.visible_at > self.now
        try:
            if seconds is None:
                messages.delete_message(self.sqs, self.call(), request)
            else:
                messages.change_message_visibility(
                    self.sqs, self.call(), {**request, "VisibilityTimeout": seconds}
                )
        except ReceiptHandleHasExpired:
            assert not is_in_flight
            return
        assert is_in_flight
        if seconds is None:
            self.groups[group].remove(sent)
        else:
            sent.visible_at = self.now + seconds * 1000

    @rule(seconds=some.sampled_from([1, 5, VISIBILITY_SECONDS]))
    def wait(self, seconds: int) -> None:
        self.now += seconds * 1000


TestFifoMachine = FifoMachine.TestCase
TestFifoMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
