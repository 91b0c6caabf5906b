"""The library of the serverless transform: imported when a template first needs it, and without holding others up.

Importing it takes most of a second. A thread does that, while the request that needs it waits, as for a long
poll. What the library then does with a template takes milliseconds, and is done in place.
"""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from fogline.aws.call import Call, Wait
from fogline.store.store import Store
from fogline.world.clock import SECOND

if TYPE_CHECKING:
    from fogline.services.cloudformation.foundation import Cloudformation

TOPIC = "cloudformation-translator"
_WAIT_MAX = 30 * SECOND

Request = TypeVar("Request", bound=Mapping[str, Any])
Result = Mapping[str, Any]


class TranslatorIsOnItsWay(Exception):
    """What the request began is to be taken back, and it is to be asked again when `TOPIC` stirs."""


def import_translator() -> None:
    """Import all that the serverless transform needs."""
    import samtranslator.model.exceptions
    import samtranslator.parser.parser
    import samtranslator.translator.translator
    import samtranslator.utils.py27hash_fix  # noqa: F401


class Translator:
    """Whether the library is there yet. `load` imports it, in whatever thread."""

    def __init__(self, store: Store, load: Callable[[], None] = import_translator) -> None:
        self.load = load
        self._store = store
        self._lock = threading.Lock()
        self._is_there = False
        self._is_on_its_way = False

    def require(self, call: Call) -> None:
        """Return with the library there, or raise TranslatorIsOnItsWay.

        Who cannot wait imports it on the spot: threads of a pool, where nobody else is held up, what
        CloudFormation asks of itself, and a request that has waited too long already.
        """
        if self._is_there:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        if loop is None or not call.protocol or call.now >= call.asked_at + _WAIT_MAX:
            self._import()
            return
        if not self._is_on_its_way:
            self._is_on_its_way = True
            loop.run_in_executor(None, self._import).add_done_callback(self._arrived)
        raise TranslatorIsOnItsWay

    def _import(self) -> None:
        with self._lock:
            self.load()
            self._is_there = True

    def _arrived(self, done: asyncio.Future[None]) -> None:
        self._is_on_its_way = False
        if done.exception() is not None:
            # Who asks again imports it on the spot, and is told what is wrong.
            self._is_there = True
        with self._store.write() as tx:
            tx.stir(TOPIC)


def waits_for_translator(
    operation: Callable[[Cloudformation, Call, Request], Result],
) -> Callable[[Cloudformation, Call, Request], Result | Wait]:
    """The operation, asked again from the start once the library is there."""

    @functools.wraps(operation)
    def asked(cf: Cloudformation, call: Call, request: Request) -> Result | Wait:
        try:
            return operation(cf, call, request)
        except TranslatorIsOnItsWay:
            return Wait(TOPIC, call.asked_at + _WAIT_MAX)

    return asked
