"""Work nobody asked for: consumers are started and stopped as mappings come, change and go."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fogline.background.event_sources import EventSources
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.tables import FUNCTIONS_TOPIC, MAPPINGS_TOPIC

if TYPE_CHECKING:
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
    """Keeps one consumer running for each enabled mapping whose queue exists, on every node."""

    name = "lambda.mappings"
    topics: tuple[str, ...] = (MAPPINGS_TOPIC, FUNCTIONS_TOPIC, "sqs-queues")

    def __init__(self, lambda_: Lambda, event_sources: EventSources) -> None:
        self._lambda = lambda_
        self._event_sources = event_sources
        self._running: dict[str, QueueConsumer] = {}
        self._loop = asyncio.get_running_loop()

    def step(self, now: int) -> int | None:
        lambda_ = self._lambda
        wanted: dict[str, QueueConsumer] = {}
        due: list[int] = []
        with lambda_.store.write() as tx:
            every = lambda_.tables.mappings.every(tx)
            if every:
                # Patterns take a while to import; a platform without mappings starts without them.
                from fogline.services.lambda_.mappings import is_gone
                from fogline.services.lambda_.polling import QueueConsumer
            for account, region, uuid, document in every:
                if is_gone(document, now):
                    lambda_.tables.mappings.remove(tx, account, region, uuid)
                    continue
                if document["change"] == "Deleting":
                    due.append(document["changing_until"])
                    continue
                if not document["is_enabled"]:
                    continue
                found = lambda_.sources.find_queue(document["EventSourceArn"])
                facts = found[1].facts(tx, found[0]) if found else None
                if found and facts:
                    wanted[uuid] = QueueConsumer(
                        lambda_, (account, region, uuid), document, found[0], found[1], facts.topic
                    )
        if lambda_.store.is_shared:
            # Steps run in threads there, and consumers belong to the event loop.
            self._loop.call_soon_threadsafe(self._apply, wanted)
        else:
            self._apply(wanted)
        return min(due, default=None)

    def _apply(self, wanted: dict[str, QueueConsumer]) -> None:
        for uuid in [uuid for uuid in self._running if uuid not in wanted]:
            self._event_sources.stop(self._running.pop(uuid).name)
        for uuid, consumer in wanted.items():
            running = self._running.get(uuid)
            if (
                running is None
                or running.is_stalled
                or (running.revision, running.topic) != (consumer.revision, consumer.topic)
            ):
                self._running[uuid] = consumer
                self._event_sources.start(consumer)
