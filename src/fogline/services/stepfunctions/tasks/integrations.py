"""Integrations: what performs a task, found by its Resource. The engine's only way into this folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from fogline.aws.errors import UnknownOperationException
from fogline.aws.sdk_names import boto3_name
from fogline.aws.states.machine.resources import Kind, Resource
from fogline.background.outgoing import Outgoing
from fogline.ports.api import Api
from fogline.ports.api_destinations import ApiDestinations
from fogline.services.stepfunctions.limits import Limits
from fogline.services.stepfunctions.tasks.api_calls import ApiInvoke, FindEndpoint
from fogline.services.stepfunctions.tasks.asking import Asking
from fogline.services.stepfunctions.tasks.functions import Function, Invoke
from fogline.services.stepfunctions.tasks.http_calls import HttpInvoke
from fogline.services.stepfunctions.tasks.names import capitalised
from fogline.services.stepfunctions.tasks.service_calls import sdk_call
from fogline.services.stepfunctions.tasks.task import Task
from fogline.services.stepfunctions.tasks.tuned_calls import TUNED, tuned_call
from fogline.world.clock import Clock
from fogline.world.ids import Ids

_KNOWN_MAX = 4_096


class Integration(Protocol):
    """Performs the tasks of one Resource."""

    @property
    def is_immediate(self) -> bool: ...

    def problems(self, given: Any) -> list[str]: ...

    def perform(self, task: Task) -> Any: ...

    async def perform_waiting(self, task: Task) -> Any: ...


class Refused(Exception):
    """Fogline cannot perform tasks of that Resource; `str()` says why."""


class Integrations:
    """All of them. What is known of a Resource is worked out once."""

    def __init__(
        self,
        api: Api,
        ids: Ids,
        clock: Clock,
        api_destinations: Callable[[], ApiDestinations],
        endpoint: Callable[[], str],
        find_endpoint: FindEndpoint,
        outgoing: Outgoing | None = None,
        limits: Limits | None = None,
    ) -> None:
        result_bytes_max = (limits or Limits()).payload_bytes_max
        self._asking = Asking(api, ids, clock, endpoint, result_bytes_max)
        self._api = api
        self._api_destinations = api_destinations
        self._find_endpoint = find_endpoint
        self._outgoing = outgoing or Outgoing()
        self._known: dict[str, Integration | Refused] = {}

    def refusal(self, resource: Resource) -> str | None:
        """Why Fogline cannot perform it, None when it can. Activities are not asked for here."""
        found = self._find(resource)
        return str(found) if isinstance(found, Refused) else None

    def is_immediate(self, resource: Resource) -> bool:
        """True when `perform` may be called: in the engine's transaction, for it waits for nobody."""
        return self._require(resource).is_immediate

    def problems(self, resource: Resource, given: Any) -> list[str]:
        """Why no task can be started with this input: [] for a usable one.

        AWS looks before it schedules the task (recorded: test_invoke_with_headers); `causes.unusable` tells them.
        """
        return self._require(resource).problems(given)

    def perform(self, task: Task) -> Any:
        """The result of an immediate task, as JSON. Raises TaskFailed.

        It joins the caller's transaction. Where the service refuses nothing is kept of the call; a task may also
        fail for what the service did answer (a failed entry among events), and that stays done.
        """
        return self._require(task.resource).perform(task)

    async def perform_waiting(self, task: Task) -> Any:
        """The result of any task, as JSON, once what was done is durable. Raises TaskFailed."""
        return await self._require(task.resource).perform_waiting(task)

    def _require(self, resource: Resource) -> Integration:
        found = self._find(resource)
        assert not isinstance(found, Refused), str(found)
        return found

    def _find(self, resource: Resource) -> Integration | Refused:
        found = self._known.get(resource.arn)
        if found is None:
            try:
                found = self._make(resource)
            except Refused as refused:
                found = refused
            if len(self._known) >= _KNOWN_MAX:
                self._known.clear()
            self._known[resource.arn] = found
        return found

    def _make(self, resource: Resource) -> Integration:
        if resource.kind is Kind.FUNCTION:
            self._require_operation("lambda", "Invoke")
            return Function(self._asking)
        if resource.kind is Kind.SDK:
            return self._sdk(resource)
        if resource.kind is Kind.OPTIMIZED:
            return self._tuned(resource)
        raise Refused("Activities are performed by workers.")

    def _sdk(self, resource: Resource) -> Integration:
        service, operation = boto3_name(resource.service), capitalised(resource.action)
        self._require_operation(service, operation)
        return sdk_call(self._asking, self._api.contract(service, operation))

    def _tuned(self, resource: Resource) -> Integration:
        service, action = resource.service, resource.action
        if (service, action) == ("lambda", "invoke"):
            self._require_operation("lambda", "Invoke")
            return Invoke(self._asking)
        if (service, action) == ("http", "invoke"):
            return HttpInvoke(self._asking, self._api_destinations, self._outgoing)
        if (service, action) == ("apigateway", "invoke"):
            return ApiInvoke(self._asking, self._find_endpoint)
        tuned = TUNED.get((service, action))
        if tuned is None:
            raise Refused(f"Fogline does not implement {service}:{action} in workflows yet.")
        self._require_operation(tuned.service, tuned.operation)
        return tuned_call(self._asking, tuned)

    def _require_operation(self, service: str, operation: str) -> None:
        if not self._api.has(service, operation):
            raise Refused(f"Fogline does not implement {service} {operation} yet.")
        try:
            self._api.contract(service, operation)
        except UnknownOperationException as unknown:
            raise Refused(unknown.text) from unknown
