"""Log events of one or more groups, in order, once each; followed as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fogline.cli.client import Client
from fogline.cli.exits import ServerRefused
from fogline.cli.output import Output

_SEEN_MAX = 20_000
# An event may be stored a little after its own time: a function's output travels through a pipe.
_LATE_MILLISECONDS_MAX = 10_000
_COLOURS = (36, 32, 33, 35, 34, 96, 92)


class LogReader:
    """Reads groups from an instant on; each call of `read` gives what is new."""

    def __init__(self, client: Client, since: int, pattern: str = "") -> None:
        self._client, self._since, self._pattern = client, since, pattern
        self._seen: dict[str, None] = {}
        self._newest = since

    def read(self, groups: Iterable[str]) -> list[dict[str, Any]]:
        """Events not given before, the oldest first; each with `group`."""
        fresh = []
        start = max(self._since, self._newest - _LATE_MILLISECONDS_MAX)
        for group in groups:
            for event in self._events(group, start):
                key = f"{group}\0{event.get('eventId')}"
                if key in self._seen:
                    continue
                self._seen[key] = None
                self._newest = max(self._newest, int(event["timestamp"]))
                fresh.append({"group": group, **event})
        while len(self._seen) > _SEEN_MAX:
            self._seen.pop(next(iter(self._seen)))
        # Within one millisecond the server's own order counts, so this must be a stable sort.
        fresh.sort(key=lambda event: int(event["timestamp"]))
        return fresh

    def _events(self, group: str, start: int) -> Iterator[dict[str, Any]]:
        request: dict[str, Any] = {"logGroupName": group, "startTime": start}
        if self._pattern:
            request["filterPattern"] = self._pattern
        try:
            for page in self._client.pages("logs", "FilterLogEvents", "nextToken", **request):
                yield from page.get("events", [])
        except ServerRefused as refusal:
            if refusal.error != "ResourceNotFoundException":
                raise


def print_event(out: Output, event: dict[str, Any], label: str) -> None:
    """One event: a JSON line, or its label and its message."""
    message = str(event.get("message", "")).rstrip("\n")
    document = {
        "group": event["group"],
        "stream": event.get("logStreamName"),
        "timestamp": event["timestamp"],
        "message": message,
    }
    if out.is_json:
        out.event({"event": "log", **document}, "")
        return
    front = label
    if out.has_colour and label:
        front = f"\x1b[{_COLOURS[sum(label.encode()) % len(_COLOURS)]}m{label}\x1b[0m"
    for line in message.split("\n"):
        out.say(f"{front}{' | ' if label else ''}{line}")
