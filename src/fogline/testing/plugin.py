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
        """End what the account would go on doing by itself, and let go of the connections of all clients.

        A message that fails for ever, or a job that comes every minute, would otherwise be tried again and again
        whenever a later test moves the clock.
        """
        self.platform.ask(self._end())
        for client in self._clients:
            client.close()

    async def _end(self) -> None:
        for region in {"us-east-1", *(client.meta.region_name for client in self._clients)}:
            await self._end_mappings(region)
            await self._end_pipes(region)
            await self._end_schedules(region)
            await self._end_scheduled_rules(region)

    async def _perform(self, region: str, service: str, operation: str, **request: Any) -> Any:
        platform = self.platform.platform
        cause = platform.pages.root_call(service, self.id, region)
        return await platform.dispatch.call_waiting(service, operation, request, cause)

    async def _end_mappings(self, region: str) -> None:
        found = await self._perform(region, "lambda", "ListEventSourceMappings")
        for mapping in found["EventSourceMappings"]:
            with contextlib.suppress(AwsError):  # it is on its way out already
                uuid = mapping["UUID"]
                await self._perform(region, "lambda", "DeleteEventSourceMapping", UUID=uuid)

    async def _end_pipes(self, region: str) -> None:
        for pipe in (await self._perform(region, "pipes", "ListPipes"))["Pipes"]:
            with contextlib.suppress(AwsError):  # it is on its way out already
                await self._perform(region, "pipes", "DeletePipe", Name=pipe["Name"])

    async def _end_schedules(self, region: str) -> None:
        while found := (await self._perform(region, "scheduler", "ListSchedules"))["Schedules"]:
            for each in found:
                with contextlib.suppress(AwsError):  # it deleted itself
                    where = {"Name": each["Name"], "GroupName": each["GroupName"]}
                    await self._perform(region, "scheduler", "DeleteSchedule", **where)

    async def _end_scheduled_rules(self, region: str) -> None:
        for rule in (await self._perform(region, "events", "ListRules"))["Rules"]:
            if rule.get("ScheduleExpression") and rule["State"] != "DISABLED":
                await self._perform(region, "events", "DisableRule", Name=rule["Name"])


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
