"""Topics: how a write wakes whoever waits for it. A topic is a name; stirring it carries nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable


class Topics:
    """Who waits for what, in this process. All calls belong to the event loop's thread."""

    def __init__(self) -> None:
        self._once: dict[str, dict[int, Callable[[], None]]] = {}
        self._always: dict[str, list[Callable[[str], None]]] = {}
        self._next = 0

    def once(self, topic: str, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back the next time `topic` stirs. Returns what takes the wish back."""
        self._next += 1
        key = self._next
        self._once.setdefault(topic, {})[key] = callback

        def cancel() -> None:
            waiting = self._once.get(topic)
            if waiting is not None and waiting.pop(key, None) is not None and not waiting:
                del self._once[topic]

        return cancel

    def always(self, prefix: str, callback: Callable[[str], None]) -> None:
        """Call back with the topic whenever one stirs whose part before the first `:` is `prefix`."""
        self._always.setdefault(prefix, []).append(callback)

    def stir(self, topics: Iterable[str]) -> None:
        """Wake whoever waits for any of `topics`."""
        for topic in topics:
            for callback in list(self._once.pop(topic, {}).values()):
                callback()
            for each in self._always.get(topic.partition(":")[0], ()):
                each(topic)

    def waiting_count(self) -> int:
        """How many wait for a topic once."""
        return sum(len(waiting) for waiting in self._once.values())
