"""The pytest plugin: fixtures `fogline_platform` (for the whole session) and `fogline` (an account of its own)."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from fogline.aws.errors import AwsError
from fogline.testing.platform import LocalPlatform

_accounts = itertools.count(1)


class Account:
    """One account nobody else uses, on a platform that all tests share."""

    def __init__(self, platform: LocalPlatform, account: str) -> None:
        self.platform = platform
        self.id = account
        self._clients: list[Any] = []

    def client(self, service: str, region: str = "us-east-1") -> Any:
        """A boto3 client of this account."""
        client = self.platform.client(service, self.id, region)
        self._clients.append(client)
        return client

    def close(self) -> None:
        """End the account's event source mappings, and let go of the connections of all clients.

        A message that fails for ever would otherwise be tried again whenever a later test moves the clock.
        """
        self.platform.ask(self._end_mappings())
        for client in self._clients:
            client.close()

    async def _end_mappings(self) -> None:
        platform = self.platform.platform
        for region in {"us-east-1", *(client.meta.region_name for client in self._clients)}:
            cause = platform.pages.root_call("lambda", self.id, region)
            perform = platform.dispatch.call_waiting
            found = await perform("lambda", "ListEventSourceMappings", {}, cause)
            for mapping in found["EventSourceMappings"]:
                with contextlib.suppress(AwsError):  # it is on its way out already
                    await perform(
                        "lambda", "DeleteEventSourceMapping", {"UUID": mapping["UUID"]}, cause
                    )


@pytest.fixture(scope="session")
def fogline_platform() -> Iterator[LocalPlatform]:
    """A platform with a manual clock that keeps nothing, shared by the session's tests."""
    with LocalPlatform() as platform:
        yield platform


@pytest.fixture
def fogline(fogline_platform: LocalPlatform) -> Iterator[Account]:
    """A fresh account on the shared platform."""
    account = Account(fogline_platform, f"{next(_accounts):012d}")
    yield account
    account.close()
