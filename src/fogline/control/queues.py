"""The page that looks into a queue. AWS has no such thing: to see messages there is to receive them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from fogline.aws.arn import make_arn
from fogline.config import Config
from fogline.control.endpoint import Control, Refused
from fogline.ports.sources import Peeked, Sources
from fogline.store.store import Store
from fogline.world.clock import Clock

Answer = Mapping[str, Any]

_LIMIT_DEFAULT = 10
_LIMIT_MAX = 1_000
_NUMBER_DIGITS_MAX = 18
_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z0-9-]{1,40}")
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,80}")


@dataclass(frozen=True, slots=True)
class QueuePages:
    """Looks into queues. `load` makes the service that has them, if it is not made yet."""

    sources: Sources
    store: Store
    clock: Clock
    config: Config
    load: Callable[[], None]

    def serve(self, control: Control) -> None:
        """Put the page in its place."""
        control.add("POST", "/_fogline/queues/peek", self.peek)

    def peek(self, asked: Answer) -> Answer:
        """The first messages of `queue` past the number `after`, `limit` at most; no message changes."""
        name = _text(asked, "queue", _NAME, "")
        region = _text(asked, "region", _REGION, self.config.region)
        account = _text(asked, "account", _ACCOUNT, self.config.account)
        limit = asked.get("limit", _LIMIT_DEFAULT)
        if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= _LIMIT_MAX:
            raise Refused(f"limit must be a whole number between 1 and {_LIMIT_MAX}.")
        self.load()
        found = self.sources.find_queue(make_arn("sqs", region, account, name))
        assert found is not None, "a loaded service reads its queues"
        arn, source = found
        now = self.clock.now()
        with self.store.read() as tx:
            messages = source.peek(tx, arn, now, _after(asked), limit)
        if messages is None:
            raise Refused(f"There is no queue '{name}' in {region} of account {account}.", 404)
        return {"now": now, "messages": [_shown(message) for message in messages]}


def _text(asked: Answer, name: str, form: re.Pattern[str], default: str) -> str:
    value = asked.get(name) or default
    if not isinstance(value, str) or form.fullmatch(value) is None:
        raise Refused(f"{name} must be given, in the form that AWS has for it.")
    return value


def _after(asked: Answer) -> int:
    text = str(asked.get("after") or "0")
    if not (text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS_MAX + 1):
        raise Refused("after must be the number of a message.")
    return min(int(text), 2**63 - 1)


def _shown(message: Peeked) -> dict[str, Any]:
    shown = asdict(message)
    # As text: the number is larger than what JavaScript reads exactly.
    shown["number"] = str(message.number)
    return shown
