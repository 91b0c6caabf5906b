"""The page of the inbox: what would have gone to people and devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from fogline.background.inbox import PAGE_ROWS_MAX, Inbox, Letter
from fogline.control.endpoint import Control, Refused
from fogline.store.store import Store

Answer = Mapping[str, Any]

_DEFAULT_LIMIT = 100
_NUMBER_MAX = 2**63 - 1
_DIGITS_MAX = 19


@dataclass(frozen=True, slots=True)
class InboxPages:
    """Reads the inbox and empties it."""

    inbox: Inbox
    store: Store

    def serve(self, control: Control) -> None:
        """Put the page in its place."""
        control.add("GET", "/_fogline/inbox", self.read)
        control.add("DELETE", "/_fogline/inbox", self.empty)

    def read(self, asked: Answer) -> Answer:
        """The newest letters, or with `after` or `id` those past that one, or that one."""
        wanted = _wanted(asked)
        limit = _number(asked, "limit", _DEFAULT_LIMIT)
        if not 1 <= limit <= PAGE_ROWS_MAX:
            raise Refused(f"limit must be between 1 and {PAGE_ROWS_MAX}.")
        with self.store.read() as tx:
            if asked.get("id"):
                found = self.inbox.find(tx, _number(asked, "id"))
                if found is None:
                    raise Refused(f"There is no letter {asked['id']}.", 404)
                letters = [found]
            elif asked.get("after") is not None:
                letters = self.inbox.page(tx, **wanted, after=_number(asked, "after"), limit=limit)
            else:
                letters = self.inbox.newest(tx, **wanted, limit=limit)
        return {"letters": [_shown(letter) for letter in letters]}

    def empty(self, asked: Answer) -> Answer:
        """Throw away the letters asked for: all, or those of an account, channel, recipient."""
        wanted = _wanted(asked)
        with self.store.write() as tx:
            return {"removed": self.inbox.remove(tx, **wanted)}


def _shown(letter: Letter) -> dict[str, Any]:
    shown = asdict(letter)
    # As text: the number is larger than what JavaScript reads exactly.
    return {"id": str(shown.pop("number")), **shown}


def _wanted(asked: Answer) -> dict[str, str]:
    names = ("account", "region", "channel", "recipient")
    wanted = {name: asked[name] for name in names if asked.get(name) is not None}
    for name, value in wanted.items():
        if not isinstance(value, str):
            raise Refused(f"{name} must be text.")
    return wanted


def _number(asked: Answer, name: str, default: int = 0) -> int:
    given = asked.get(name, default)
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) <= _DIGITS_MAX:
        given = int(given)
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= _NUMBER_MAX:
        raise Refused(f"{name} must be a whole number that is not negative.")
    return given
