"""The pytest plugin: fixtures `fogline_platform` (for the whole session) and `fogline` (an account of its own)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

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
        """Let go of the connections of all clients."""
        for client in self._clients:
            client.close()


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
