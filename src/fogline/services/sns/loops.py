"""Work nobody asked for: what no longer counts is removed."""

from __future__ import annotations

from fogline.services.sns.archive import beginning_at
from fogline.services.sns.service import Sns
from fogline.world.clock import HOUR
from fogline.world.ids import ordered_from


class Expiry:
    """Removes deduplication ids, unconfirmed subscriptions and archived messages when their time is over.

    Nobody is shown them from that moment on; this frees their rows.
    """

    name = "sns.expiry"
    topics: tuple[str, ...] = ()

    def __init__(self, sns: Sns) -> None:
        self._sns = sns

    def step(self, now: int) -> int | None:
        tables = self._sns.tables
        with self._sns.store.write() as tx:
            tables.remove_deduplications(tx, now)
            tables.remove_lapsed(tx, now)
            archived = tables.archived_topics(tx)
        for arn in archived:
            with self._sns.store.write() as tx:
                topic = tables.find_topic(tx, arn)
                beginning = beginning_at(topic, now) if topic is not None else None
                if topic is not None and beginning is not None:
                    tables.clear_archive(tx, topic, ordered_from(beginning))
        return now + HOUR
