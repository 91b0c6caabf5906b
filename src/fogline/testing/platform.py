"""A whole Fogline in the test's own process: real sockets, real clients, and a clock that tests move."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, TypeVar

import uvloop

from fogline.app import Platform
from fogline.config import Config, read_config
from fogline.world.clock import ManualClock
from fogline.world.ids import Ids

T = TypeVar("T")

_ANSWER_SECONDS_MAX = 60
_MOVE_SECONDS_MAX = 600
"""A year has many hours in which something falls due, and the machine may be slow."""


class LocalPlatform:
    """Fogline on a free port, on an event loop in a thread of its own.

    By default nothing is kept and the clock is manual. `clients` make boto3 clients for an account.
    """

    def __init__(self, config: Config | None = None, seed: int | None = None) -> None:
        self.config = config or read_config({}, port=0, ephemeral=True, clock="manual")
        self._seed = seed
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="fogline", daemon=True)
        self.platform: Platform

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def ask(self, work: Coroutine[Any, Any, T], seconds_max: float = _ANSWER_SECONDS_MAX) -> T:
        """Run a coroutine on the platform's loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds_max)

    def start(self) -> LocalPlatform:
        self._thread.start()

        async def start() -> Platform:
            platform = Platform(self.config, ids=Ids(self._seed))
            await platform.start()
            await platform.complete()
            return platform

        self.platform = self.ask(start())
        return self

    def stop(self) -> None:
        self.ask(self.platform.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> LocalPlatform:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def endpoint(self) -> str:
        """Where SDKs reach it."""
        return f"http://127.0.0.1:{self.platform.port}"

    def now(self) -> int:
        """The platform's time, in milliseconds since the epoch."""
        return self.platform.clock.now()

    def advance(self, *, seconds: float = 0, hours: float = 0, days: float = 0) -> None:
        """Move the manual clock; all that falls due on the way is done when this returns."""
        assert isinstance(self.platform.clock, ManualClock)
        milliseconds = round((seconds + hours * 3600 + days * 86_400) * 1000)
        self.ask(self.platform.advance(milliseconds), _MOVE_SECONDS_MAX)

    def settle(self) -> None:
        """Return when nothing is due and nothing is in hand."""
        self.ask(self.platform.settle(), _MOVE_SECONDS_MAX)

    def client(self, service: str, account: str = "000000000000", region: str = "us-east-1") -> Any:
        """A boto3 client of that account and region."""
        import boto3
        from botocore.config import Config as ClientConfig

        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="test",  # noqa: S106 - any text does
            config=ClientConfig(
                retries={"max_attempts": 1},
                s3={"addressing_style": "path"},
                read_timeout=60,
                # `sync-` before the name of this host is a name that no machine knows.
                inject_host_prefix=False,
            ),
        )
