"""An event on its way through buses and rules: its document, its text (made once), and where it comes from."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from fogline.aws.call import Trace
from fogline.aws.input_templates import written


class Event:
    """One event. `document` is what patterns see and targets get; it is never changed.

    `trace` is the work that brought it, `ingested_at` when its first bus took it, `hops` over how many buses it came
    before this one.
    """

    __slots__ = ("_text", "document", "hops", "ingested_at", "trace")

    def __init__(
        self,
        document: dict[str, Any],
        trace: Trace,
        ingested_at: int,
        hops: int = 0,
        text: str = "",
    ) -> None:
        self.document = document
        self.trace = trace
        self.ingested_at = ingested_at
        self.hops = hops
        self._text = text

    @property
    def text(self) -> str:
        """The event as JSON, in the order in which AWS writes its members."""
        if not self._text:
            self._text = written(self.document)
        return self._text


def make_document(
    *,
    id: str,
    source: str,
    detail_type: str,
    account: str,
    region: str,
    at: int,
    resources: list[str],
    detail: Any,
) -> dict[str, Any]:
    """An event as AWS writes it. `at` are milliseconds; events tell whole seconds."""
    return {
        "version": "0",
        "id": id,
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": written_time(at // 1000),
        "region": region,
        "resources": resources,
        "detail": detail,
    }


@lru_cache(256)
def written_time(seconds: int) -> str:
    """`2026-01-31T08:15:30Z`"""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
