"""Message-move tasks: messages of a dead-letter queue go back to where they came from, or elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.arn import Arn, find_arn
from fogline.aws.call import Call
from fogline.services.sqs.errors import (
    InvalidParameterValueException,
    ResourceNotFoundException,
    UnsupportedOperation,
)
from fogline.services.sqs.move_tasks import (
    CANCELLED,
    RUNNING,
    TOPIC,
    TaskRow,
    make_task_handle,
    read_task_handle,
)
from fogline.services.sqs.service import Sqs
from fogline.services.sqs.tables import Queue
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_sqs import type_defs as types

Result = Mapping[str, Any]

_QUEUES_MAX = 1_000_000


def start_message_move_task(
    sqs: Sqs, call: Call, request: types.StartMessageMoveTaskRequestTypeDef
) -> Result:
    rate = request.get("MaxNumberOfMessagesPerSecond")
    _check_range(sqs.limits.move_tasks_per_second_max, "MaxNumberOfMessagesPerSecond", rate)
    destination = request.get("DestinationArn") or ""
    with sqs.store.write() as tx:
        arn, source = _require(sqs, tx, call, "SourceArn", request["SourceArn"])
        tx.lock(f"sqs-moves:{arn}")
        _check_queues(sqs, tx, call, source, destination)
        tasks = sqs.tables.move_tasks.of_queue(tx, arn)
        if any(task.document["status"] == RUNNING for task in tasks):
            raise InvalidParameterValueException(
                "There is already a task running. Only one active task is allowed for a source queue "
                "arn at a given time."
            )
        for old in tasks[sqs.limits.move_tasks_listed_max - 1 :]:
            sqs.tables.move_tasks.remove(tx, old)
        visible, in_flight, delayed = sqs.tables.counts(tx, source, call.now)
        id = sqs.ids.uuid()
        sqs.tables.move_tasks.add(
            tx,
            arn,
            sqs.ids.ordered(call.now),
            {
                "id": id,
                "source": source.arn,
                "destination": destination,
                "rate": rate or 0,
                "status": RUNNING,
                "started_at": call.now,
                "moved": 0,
                "to_move": visible + in_flight + delayed,
                "next_at": call.now,
                "failure": "",
            },
        )
        tx.stir(TOPIC)
    return {"TaskHandle": make_task_handle(id, source.arn)}


def _check_range(highest: int, name: str, value: int | None) -> None:
    if value is not None and not 1 <= value <= highest:
        raise InvalidParameterValueException(
            value=value, name=name, reason=f"Must be between 1 and {highest}, if provided"
        )


def _require(sqs: Sqs, tx: Tx, call: Call, name: str, text: str) -> tuple[Arn, Queue]:
    arn = find_arn(text)
    if arn is None or arn.service != "sqs":
        raise InvalidParameterValueException(
            f"You must use this format to specify the {name}: "
            "arn:<partition>:<service>:<region>:<account-id>:<resource-id>"
        )
    queue = sqs.tables.find_queue(tx, arn.account, arn.region, arn.resource)
    if queue is None or (arn.account, arn.region) != (call.account, call.region):
        raise ResourceNotFoundException(name=name)
    return arn, queue


def _check_queues(sqs: Sqs, tx: Tx, call: Call, source: Queue, destination: str) -> None:
    queues = sqs.tables.list_queues(tx, call.account, call.region, "", "", _QUEUES_MAX)
    if not any(queue.redrive and queue.redrive[0] == source.arn for queue in queues):
        raise InvalidParameterValueException(
            "Source queue must be configured as a Dead Letter Queue."
        )
    if not destination:
        return
    _, target = _require(sqs, tx, call, "DestinationArn", destination)
    if target.number == source.number:
        raise InvalidParameterValueException("Source and destination queue must not be the same.")
    if target.is_fifo != source.is_fifo:
        raise InvalidParameterValueException(
            "Source and destination queue must be of the same type."
        )


def list_message_move_tasks(
    sqs: Sqs, call: Call, request: types.ListMessageMoveTasksRequestTypeDef
) -> Result:
    limit = request.get("MaxResults")
    _check_range(sqs.limits.move_tasks_listed_max, "MaxResults", limit)
    with sqs.store.read() as tx:
        arn, _ = _require(sqs, tx, call, "SourceArn", request["SourceArn"])
        tasks = sqs.tables.move_tasks.of_queue(tx, arn)
    # Without MaxResults AWS tells of the newest only.
    return {"Results": [_shown(task.document) for task in tasks[: limit or 1]]}


def _shown(task: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "Status": task["status"],
        "SourceArn": task["source"],
        "ApproximateNumberOfMessagesMoved": task["moved"],
        "ApproximateNumberOfMessagesToMove": task["to_move"],
        "StartedTimestamp": task["started_at"],
    }
    if task["status"] == RUNNING:
        shown["TaskHandle"] = make_task_handle(task["id"], task["source"])
    if task["destination"]:
        shown["DestinationArn"] = task["destination"]
    if task["rate"]:
        shown["MaxNumberOfMessagesPerSecond"] = task["rate"]
    if task["failure"]:
        shown["FailureReason"] = task["failure"]
    return shown


def cancel_message_move_task(
    sqs: Sqs, call: Call, request: types.CancelMessageMoveTaskRequestTypeDef
) -> Result:
    """End a task. What it has moved stays where it is."""
    id, source = read_task_handle(request["TaskHandle"])
    with sqs.store.write() as tx:
        arn, _ = _require(sqs, tx, call, "SourceArn", source)
        tx.lock(f"sqs-moves:{arn}")
        task = _require_task(sqs, tx, arn, id)
        if task.document["status"] != RUNNING:
            raise UnsupportedOperation(reason="Only active tasks can be cancelled.")
        sqs.tables.move_tasks.save(tx, task, {"status": CANCELLED})
    return {"ApproximateNumberOfMessagesMoved": task.document["moved"]}


def _require_task(sqs: Sqs, tx: Tx, arn: Arn, id: str) -> TaskRow:
    for task in sqs.tables.move_tasks.of_queue(tx, arn):
        if task.document["id"] == id:
            return task
    raise ResourceNotFoundException("Task does not exist.")
