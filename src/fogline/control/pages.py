"""Every page of our own HTTP, by method and path."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from fogline import __version__
from fogline.aws.call import Call, call_of_account, root_trace
from fogline.background.lineage import Lineage
from fogline.background.supervisor import Supervisor
from fogline.config import Config
from fogline.control.endpoint import Control, Refused
from fogline.control.snapshots import Snapshots
from fogline.gateway.accept import accept, offer
from fogline.gateway.dispatch import Dispatch, aws_name
from fogline.gateway.models import load_service
from fogline.gateway.service_index import operations_count
from fogline.store.store import Store
from fogline.world.clock import Clock, ManualClock
from fogline.world.ids import Ids

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pages:
    """What the pages show and do, and the parts of the platform that they ask."""

    config: Config
    clock: Clock
    ids: Ids
    store: Store
    supervisor: Supervisor
    lineage: Lineage
    dispatch: Dispatch
    snapshots: Snapshots
    started_at: int
    endpoint: Callable[[], str]
    """The address at which this machine's programs reach the server."""
    advance: Callable[[int], Awaitable[None]]
    """Moves the manual clock by milliseconds."""

    def serve(self, control: Control) -> None:
        """Put every page in its place."""
        control.add("GET", "/_fogline/health", self.health)
        control.add("GET", "/_fogline/loops", self.loops)
        control.add("GET", "/_fogline/clock", self.show_clock)
        control.add("POST", "/_fogline/clock", self.move_clock)
        control.add("POST", "/_fogline/lineage", self.show_lineage)
        control.add("GET", "/_fogline/snapshots", self.list_snapshots)
        control.add("POST", "/_fogline/snapshots/save", self.save_snapshot)
        control.add("POST", "/_fogline/snapshots/restore", self.restore_snapshot)
        control.serve_operations(self.perform)
        for path in ("/_localstack/health", "/_localstack/info", "/_localstack/init"):
            control.add("GET", path, self.wrapper_health)

    # ---- how it is

    def health(self, asked: Answer) -> Answer:
        """Version, store, uptime, and per service how much of its model is built."""
        services = {
            name: {
                "operations_built": sum(len(names) for names in service.operations.values()),
                "operations_in_model": operations_count(name),
            }
            for name, service in sorted(self.dispatch.services().items())
        }
        return {
            "version": __version__,
            "status": "running",
            "store": self.store.dialect,
            "is_ephemeral": self.config.ephemeral,
            "uptime_seconds": (self.clock.now() - self.started_at) // 1000,
            "process": os.getpid(),
            "services": services,
        }

    def wrapper_health(self, asked: Answer) -> Answer:
        """What older wrappers wait for before they call."""
        return {
            "services": dict.fromkeys(sorted(self.dispatch.services()), "running"),
            "edition": "community",
            "version": __version__,
            "completed": True,
            "session_id": str(os.getpid()),
            "is_license_activated": False,
        }

    def loops(self, asked: Answer) -> Answer:
        """How every loop is doing."""
        return {"loops": [asdict(report) for report in self.supervisor.reports()]}

    def show_lineage(self, asked: Answer) -> Answer:
        """All that is recorded of one chain of causes."""
        trace_id = asked.get("trace_id")
        if not isinstance(trace_id, str):
            raise Refused("trace_id must be text.")
        return {"events": [asdict(event) for event in self.lineage.of_trace(trace_id)]}

    # ---- time

    def show_clock(self, asked: Answer) -> Answer:
        return {"now": self.clock.now(), "is_manual": isinstance(self.clock, ManualClock)}

    async def move_clock(self, asked: Answer) -> Answer:
        """Move the manual clock; the work of every instant on the way is done when this answers."""
        if not isinstance(self.clock, ManualClock):
            raise Refused("Time moves by itself here. Start with --clock=manual to move it.", 409)
        seconds = asked.get("advance_seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
            raise Refused("advance_seconds must be a number that is not negative.")
        await self.advance(round(seconds * 1000))
        return {"now": self.clock.now()}

    # ---- snapshots

    def list_snapshots(self, asked: Answer) -> Answer:
        return {"snapshots": self.snapshots.list()}

    def save_snapshot(self, asked: Answer) -> Answer:
        return self.snapshots.save(asked.get("name"), self.clock.now())

    def restore_snapshot(self, asked: Answer) -> Answer:
        facts = self.snapshots.restore(asked.get("name"))
        self.supervisor.wake_all()
        return facts

    # ---- any operation

    async def perform(self, service: str, operation: str, asked: Answer) -> Answer:
        """Any operation by name: plain JSON in and out, blobs as base64. Raises AwsError and Refused."""
        name = aws_name(service, operation)
        model = load_service(service).operations[name]
        account = str(asked.get("account") or self.config.account)
        region = str(asked.get("region") or self.config.region)
        request = asked.get("request") or {}
        if not isinstance(request, dict):
            raise Refused("request must be a JSON object.")
        call = self.root_call(service, account, region)
        result = await self.dispatch.call_waiting(
            service, name, accept(model, request, has_base64=True), call
        )
        return {"result": await offer(result)}

    def root_call(self, service: str, account: str, region: str) -> Call:
        """A call that nothing caused, on behalf of the account itself."""
        now = self.clock.now()
        request_id = self.ids.uuid()
        digits = request_id.replace("-", "")
        trace = root_trace(digits[:24], digits[16:], now)
        call = call_of_account(account, region, request_id, now, trace, self.endpoint())
        return call._replace(service=service)
