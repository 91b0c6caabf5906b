"""The function behind a mapping: what of it may run now, and the chain that a batch for it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fogline.aws.call import Trace, root_trace
from fogline.services.lambda_.errors import ResourceNotFoundException
from fogline.services.lambda_.lookup import Runnable, find_runnable
from fogline.services.lambda_.mappings import reference_of
from fogline.services.lambda_.service import Lambda
from fogline.store.store import Tx


class MappedFunction:
    """Finds the function of one mapping whenever a batch is wanted. `topic` stirs when there may be room again."""

    def __init__(self, lambda_: Lambda, mapping: Mapping[str, Any], topic: str) -> None:
        self._lambda = lambda_
        self._reference = reference_of(mapping)
        self._topic = topic
        self.is_stalled = False
        """True when it was found to be of no use until something but the source changes."""

    def find_free(self, tx: Tx) -> Runnable | None:
        """What to run, if it exists and one more of it may run."""
        reference = self._reference
        chance = self._lambda.ids.fraction() if reference.qualifier else None
        try:
            runnable = find_runnable(self._lambda, tx, reference, chance)
        except ResourceNotFoundException:
            self.is_stalled = True
            return None
        where = (reference.account, reference.region, reference.name)
        slots = self._lambda.slots
        if not slots.is_free(*where, runnable.reserved):
            slots.stir_when_free(*where, self._topic)
            # Where picking has a thread of its own, one may have become free in between.
            if not slots.is_free(*where, runnable.reserved):
                self.is_stalled = True
                return None
        self.is_stalled = False
        return runnable


def trace_of(lambda_: Lambda, causes: Iterable[Trace | None]) -> Trace:
    """A batch belongs to the chain of its first record that has one."""
    ids = lambda_.ids
    for cause in causes:
        if cause is not None:
            return Trace(cause.trace_id, ids.hex(16), cause.id)
    return root_trace(ids.hex(24), ids.hex(16), lambda_.clock.now())
