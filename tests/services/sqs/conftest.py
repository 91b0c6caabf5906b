"""A queue to send to, and short words for what the tests do most."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fogline.ports.seals import Seals
from fogline.services.sqs.limits import Limits
from fogline.services.sqs.schema import SCHEMA
from fogline.services.sqs.service import Sqs
from fogline.services.sqs.tables import Tables
from fogline.store import documents
from fogline.store.schema import migrate
from fogline.store.sqlite import SqliteStore
from fogline.testing.plugin import Account
from fogline.world.ids import Ids


@pytest.fixture
def sqs(fogline: Account) -> Any:
    return fogline.client("sqs")


@pytest.fixture
def make_queue(sqs: Any) -> Callable[..., str]:
    def make(name: str = "queue", **attributes: object) -> str:
        given = {key: str(value) for key, value in attributes.items()}
        return str(sqs.create_queue(QueueName=name, Attributes=given)["QueueUrl"])

    return make


@pytest.fixture
def queue(make_queue: Callable[..., str]) -> str:
    return make_queue()


@pytest.fixture
def receive(sqs: Any) -> Callable[..., list[dict[str, Any]]]:
    def receive(queue: str, **wishes: Any) -> list[dict[str, Any]]:
        wishes.setdefault("MaxNumberOfMessages", 10)
        return list(sqs.receive_message(QueueUrl=queue, **wishes).get("Messages", []))

    return receive


@pytest.fixture
def make_bare() -> Callable[..., Sqs]:
    """SQS on a store in memory, without a server: for what no request can show."""

    def make(**limits: int) -> Sqs:
        store = SqliteStore(None)
        migrate(store, (documents.SCHEMA, SCHEMA))
        return Sqs(store, Tables(store), Ids(1), Limits(**limits), Seals())

    return make
