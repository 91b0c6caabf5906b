"""Work nobody asked for: consumers are started and stopped as pipes come, change and go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fogline.background.event_sources import EventSources
from fogline.services.pipes import states
from fogline.services.pipes.service import Pipes
from fogline.services.pipes.tables import PIPES_TOPIC
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from fogline.background.stream_consumer import StreamConsumer
    from fogline.services.pipes.pipe import Pipe
    from fogline.services.pipes.queue_polling import QueueConsumer


class PipeLoop:
    """Keeps the consumers of each running pipe whose source exists, on every node."""

    name = "pipes.running"
    topics: tuple[str, ...] = (PIPES_TOPIC, "sqs-queues", "kinesis-streams")

    def __init__(self, pipes: Pipes, event_sources: EventSources) -> None:
        self._pipes = pipes
        self._event_sources = event_sources
        self._ready: dict[str, Pipe] = {}
        self._running: dict[str, tuple[str, str]] = {}
        """By the name of a consumer: its revision and its topic."""
        self._loop = asyncio.get_running_loop()

    def step(self, now: int) -> int | None:
        pipes = self._pipes
        wanted: list[QueueConsumer | StreamConsumer] = []
        due: list[int] = []
        ready: dict[str, Pipe] = {}
        with pipes.store.write() as tx:
            for document in pipes.tables.every(tx):
                if states.is_gone(document, now):
                    self._remove(tx, document)
                elif document["change"] == "DELETING":
                    due.append(document["changing_until"])
                elif document["DesiredState"] == states.RUNNING:
                    pipe = ready[document["Arn"]] = self._make_ready(document)
                    wanted += self._consumers(tx, document, pipe)
        self._ready = ready
        if pipes.store.is_shared:
            # Steps run in threads there, and consumers belong to the event loop.
            self._loop.call_soon_threadsafe(self._apply, wanted)
        else:
            self._apply(wanted)
        return min(due, default=None)

    def _remove(self, tx: Tx, document: Document) -> None:
        from fogline.services.pipes.reading import end_reading

        tables, account, region = self._pipes.tables, document["account"], document["region"]
        tx.lock(states.lock_name(account, region))
        found = tables.find(tx, account, region, document["Name"])
        # By now another may have taken its name, and its place.
        if found is not None and found["id"] == document["id"]:
            end_reading(self._pipes, tx, document)
            tables.remove(tx, document)

    def _make_ready(self, document: Document) -> Pipe:
        """The pipe of a document, compiled only when it has changed."""
        known = self._ready.get(document["Arn"])
        if known is not None and known.revision == document["revision"]:
            return known
        # Patterns and templates take a while to import; a platform without pipes starts without them.
        from fogline.services.pipes.pipe import ready

        return ready(document, self._pipes.limits)

    def _consumers(
        self, tx: Tx, document: Document, pipe: Pipe
    ) -> Sequence[QueueConsumer | StreamConsumer]:
        from fogline.services.pipes.queue_polling import find_consumer
        from fogline.services.pipes.stream_polling import find_consumers

        if pipe.source_kind != "sqs":
            return find_consumers(self._pipes, tx, document, pipe)
        consumer = find_consumer(self._pipes, tx, pipe)
        return [consumer] if consumer is not None else []

    def _apply(self, wanted: list[QueueConsumer | StreamConsumer]) -> None:
        names = {consumer.name for consumer in wanted}
        for name in [name for name in self._running if name not in names]:
            del self._running[name]
            self._event_sources.stop(name)
        for consumer in wanted:
            stamp = (consumer.revision, consumer.topic)
            if self._running.get(consumer.name) != stamp:
                self._running[consumer.name] = stamp
                self._event_sources.start(consumer)
