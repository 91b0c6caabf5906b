"""One stack while an operation is carried out on it: its rows, read once, changed in memory, written once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call, Principal, Trace
from fogline.aws.dates import iso_milliseconds
from fogline.services.cloudformation import tables
from fogline.services.cloudformation.tables import Document
from fogline.store.store import Tx
from fogline.world.ids import Ids

STACK_TYPE = "AWS::CloudFormation::Stack"


def kept_call(call: Call) -> Document:
    """A call as it is kept, so that its work goes on after a restart in the same name."""
    return {
        "account": call.account,
        "region": call.region,
        "principal": [call.principal.account, call.principal.arn, call.principal.user_id],
        "request_id": call.request_id,
        "trace": [call.trace.trace_id, call.trace.id, call.trace.parent_id],
        "endpoint": call.endpoint,
        "access_key": call.access_key,
    }


def restored_call(kept: Mapping[str, Any], now: int) -> Call:
    return Call(
        service="cloudformation",
        operation="",
        account=kept["account"],
        region=kept["region"],
        principal=Principal(*kept["principal"]),
        request_id=kept["request_id"],
        now=now,
        trace=Trace(*kept["trace"]),
        endpoint=kept["endpoint"],
        access_key=kept["access_key"],
    )


class StackRun:
    """The stack, its resources and its events, for the length of one step. `save` writes what changed."""

    def __init__(self, tx: Tx, ids: Ids, stack: Document, now: int) -> None:
        self.tx = tx
        self.stack = stack
        self.now = now
        self._ids = ids
        self.rows = tables.resources(tx, stack["StackId"])
        self._changed: set[str] = set()
        self._events: list[tuple[int, Document]] = []
        self._next_event = tables.next_event(tx, stack["StackId"])

    @property
    def stack_id(self) -> str:
        return str(self.stack["StackId"])

    @property
    def token(self) -> str | None:
        """The client's token of the operation, which its events carry."""
        return self.stack.get("ClientRequestToken")

    def standing(self, logical_id: str) -> Document | None:
        """The row of a resource that stands: one that was made and not deleted."""
        row = self.rows.get(logical_id)
        return row if row is not None and row["is_there"] else None

    def change(self, logical_id: str) -> Document:
        """The row of a resource, to be changed in place; it is written at the end."""
        self._changed.add(logical_id)
        return self.rows[logical_id]

    def add(self, logical_id: str, row: Document) -> Document:
        self.rows[logical_id] = row
        self._changed.add(logical_id)
        return row

    def remove(self, logical_id: str) -> None:
        """Forget a resource that an update took out of the template."""
        del self.rows[logical_id]
        self._changed.discard(logical_id)
        tables.remove_resource(self.tx, self.stack_id, logical_id)

    def set_resource_status(
        self,
        logical_id: str,
        status: str,
        reason: str = "",
        *,
        properties: Mapping[str, Any] | None = None,
        physical_id: str | None = None,
    ) -> None:
        """Give a resource a status, and record the event."""
        row = self.change(logical_id)
        row["status"], row["reason"], row["at"] = status, reason, self.now
        shown = row["properties"] if properties is None else properties
        shown_id = row["physical_id"] if physical_id is None else physical_id
        self._record(logical_id, row["type"], shown_id, status, reason, shown)

    def record_cleanup(self, doomed: Mapping[str, Any], status: str, reason: str = "") -> None:
        """Record the event of a physical resource that no row stands for any more."""
        self._record(
            doomed["logical_id"],
            doomed["type"],
            doomed["physical_id"],
            status,
            reason,
            None,
            f"{doomed['logical_id']}-{self._ids.uuid()}",
        )

    def set_status(self, status: str, reason: str = "") -> None:
        """Give the stack a status, and record the event."""
        self.stack["StackStatus"] = status
        self.stack["StackStatusReason"] = reason
        self._record(
            self.stack["StackName"],
            STACK_TYPE,
            self.stack_id,
            status,
            reason,
            None,
            self._ids.uuid(),
        )

    def _record(
        self,
        logical_id: str,
        type_name: str,
        physical_id: str,
        status: str,
        reason: str,
        properties: Mapping[str, Any] | None,
        event_id: str = "",
    ) -> None:
        # Events of one step keep their order for whoever sorts them by time.
        at = max(self.now, self.stack.get("last_event_at", 0) + 1)
        self.stack["last_event_at"] = at
        if not event_id:
            event_id = f"{logical_id}-{status}-{iso_milliseconds(at)}"
        event: Document = {
            "StackId": self.stack_id,
            "EventId": event_id,
            "StackName": self.stack["StackName"],
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": physical_id,
            "ResourceType": type_name,
            "Timestamp": at,
            "ResourceStatus": status,
        }
        if reason:
            event["ResourceStatusReason"] = reason
        if properties is not None:
            event["ResourceProperties"] = json.dumps(
                properties, separators=(",", ":"), ensure_ascii=False
            )
        if self.token:
            event["ClientRequestToken"] = self.token
        self._events.append((self._next_event, event))
        self._next_event += 1

    def save(self) -> None:
        """Write the stack, the resources that changed, and the new events."""
        for logical_id in sorted(self._changed):
            tables.save_resource(self.tx, self.stack_id, logical_id, self.rows[logical_id])
        tables.add_events(self.tx, self.stack_id, self._events)
        tables.save_stack(self.tx, self.stack)
        self._changed.clear()
        self._events.clear()
