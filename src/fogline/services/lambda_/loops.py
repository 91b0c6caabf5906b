"""Work nobody asked for: consumers are started and stopped as mappings come, change and go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fogline.background.event_sources import EventSources
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.tables import FUNCTIONS_TOPIC, MAPPINGS_TOPIC
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from fogline.background.stream_consumer import StreamConsumer
    from fogline.services.lambda_.polling import QueueConsumer


class Readiness:
    """Once, at the start: what starts slowest, a runtime's first process, is started before it is needed."""

    name = "lambda.readiness"
    topics: tuple[str, ...] = ()

    def __init__(self, lambda_: Lambda) -> None:
        self._lambda = lambda_

    def step(self, now: int) -> int | None:
        one_of_each: dict[str, str] = {}
        with self._lambda.store.write() as tx:
            for account, region, name, function in self._lambda.tables.functions.every(tx):
                runtime = function["latest"].get("Runtime", "")
                one_of_each.setdefault(runtime, f"{FUNCTIONS_TOPIC}:{account}:{region}:{name}")
            for topic in one_of_each.values():
                tx.stir(topic)
        return None


class MappingLoop:
    """Keeps the consumers of each enabled mapping whose source exists running, on every node."""

    name = "lambda.mappings"
    topics: tuple[str, ...] = (MAPPINGS_TOPIC, FUNCTIONS_TOPIC, "sqs-queues", "kinesis-streams")

    def __init__(self, lambda_: Lambda, event_sources: EventSources) -> None:
        self._lambda = lambda_
        self._event_sources = event_sources
        self._running: dict[str, QueueConsumer | StreamConsumer] = {}
        self._loop = asyncio.get_running_loop()

    def step(self, now: int) -> int | None:
        lambda_ = self._lambda
        wanted: list[QueueConsumer | StreamConsumer] = []
        due: list[int] = []
        with lambda_.store.write() as tx:
            every = lambda_.tables.mappings.every(tx)
            if every:
                # Patterns take a while to import; a platform without mappings starts without them.
                from fogline.services.lambda_.mappings import is_gone
                from fogline.services.lambda_.stream_polling import reader_of
            for account, region, uuid, document in every:
                if is_gone(document, now):
                    lambda_.streams.positions.remove(tx, reader_of(document))
                    lambda_.tables.mappings.remove(tx, account, region, uuid)
                elif document["change"] == "Deleting":
                    due.append(document["changing_until"])
                elif document["is_enabled"]:
                    wanted += self._consumers(tx, (account, region, uuid), document)
        if lambda_.store.is_shared:
            # Steps run in threads there, and consumers belong to the event loop.
            self._loop.call_soon_threadsafe(self._apply, wanted)
        else:
            self._apply(wanted)
        return min(due, default=None)

    def _consumers(
        self, tx: Tx, place: tuple[str, str, str], document: Document
    ) -> Sequence[QueueConsumer | StreamConsumer]:
        from fogline.services.lambda_.polling import QueueConsumer
        from fogline.services.lambda_.stream_mappings import is_stream
        from fogline.services.lambda_.stream_polling import find_consumers

        if is_stream(document["EventSourceArn"]):
            return find_consumers(self._lambda, tx, place, document)
        found = self._lambda.sources.find_queue(document["EventSourceArn"])
        facts = found[1].facts(tx, found[0]) if found else None
        if found is None or facts is None:
            return []
        return [QueueConsumer(self._lambda, place, document, found[0], found[1], facts.topic)]

    def _apply(self, wanted: Sequence[QueueConsumer | StreamConsumer]) -> None:
        names = {consumer.name for consumer in wanted}
        for name in [name for name in self._running if name not in names]:
            del self._running[name]
            self._event_sources.stop(name)
        for consumer in wanted:
            running = self._running.get(consumer.name)
            if (
                running is None
                or running.is_stalled
                or (running.revision, running.topic) != (consumer.revision, consumer.topic)
            ):
                self._running[consumer.name] = consumer
                self._event_sources.start(consumer)
