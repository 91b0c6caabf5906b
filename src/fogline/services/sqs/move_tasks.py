"""Message-move tasks: their rows and their handles."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from fogline.aws.arn import Arn
from fogline.services.sqs.errors import InvalidParameterValueException
from fogline.store.documents import Document, Documents
from fogline.store.store import Store, Tx

TOPIC = "sqs-moves"

RUNNING, COMPLETED, CANCELLED, FAILED = "RUNNING", "COMPLETED", "CANCELLED", "FAILED"


class TaskRow(NamedTuple):
    """Where a task is kept, and what of it: the newest of a queue has the last name."""

    account: str
    region: str
    name: str
    document: Document


class MoveTasks:
    """Reads and writes of tasks."""

    def __init__(self, store: Store) -> None:
        self._documents = Documents(store, "sqs.move_task")

    def of_queue(self, tx: Tx, arn: Arn) -> list[TaskRow]:
        """The tasks of a source queue, the newest first."""
        rows = self._documents.page(tx, arn.account, arn.region, prefix=f"{arn.resource}/")
        return [TaskRow(arn.account, arn.region, *row) for row in reversed(rows)]

    def running(self, tx: Tx) -> list[TaskRow]:
        return [TaskRow(*row) for row in self._documents.every(tx) if row[3]["status"] == RUNNING]

    def find(self, tx: Tx, row: TaskRow) -> Document | None:
        return self._documents.find(tx, row.account, row.region, row.name)

    def add(self, tx: Tx, arn: Arn, number: int, document: Mapping[str, Any]) -> None:
        self._documents.save(tx, arn.account, arn.region, f"{arn.resource}/{number:020}", document)

    def save(self, tx: Tx, row: TaskRow, changes: Mapping[str, Any]) -> None:
        self._documents.save(tx, row.account, row.region, row.name, {**row.document, **changes})

    def remove(self, tx: Tx, row: TaskRow) -> None:
        self._documents.remove(tx, row.account, row.region, row.name)


# ---- handles


def make_task_handle(task_id: str, source_arn: str) -> str:
    return b64encode(orjson.dumps({"taskId": task_id, "sourceArn": source_arn})).decode()


def read_task_handle(handle: str) -> tuple[str, str]:
    """Task id and source ARN. Raises InvalidParameterValueException for what is no handle."""
    try:
        said = orjson.loads(b64decode(handle, validate=True))
        return str(said["taskId"]), str(said["sourceArn"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise InvalidParameterValueException("Value for parameter TaskHandle is invalid.") from None
