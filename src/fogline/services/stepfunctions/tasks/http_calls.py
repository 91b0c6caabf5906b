"""Calls of HTTPS APIs: `http:invoke`, with the authorization of a connection of EventBridge's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from fogline.aws.states.failures import RUNTIME
from fogline.background.outgoing import Answer, Outgoing, OutgoingFailed
from fogline.ports.api_destinations import ApiDestinations, CallRefused, HttpCall
from fogline.services.stepfunctions.tasks import http_answers, http_requests
from fogline.services.stepfunctions.tasks.asking import Asking
from fogline.services.stepfunctions.tasks.causes import unusable
from fogline.services.stepfunctions.tasks.task import Task, TaskFailed

_TIMEOUT_SECONDS = 60
_CAUSE_CHARACTERS_MAX = 32_768
_REFUSED_TOKEN = (401, 407)
_SOCKET = "States.Http.Socket"
_CONNECTION_ERRORS = {
    "NO_RESOURCE": "Events.ConnectionResource.ResourceNotFoundException",
    "INVALID_PARAMETER": RUNTIME,
}
_CONNECTION_ERROR = "Events.ConnectionResource.InvalidConnectionState"


class HttpInvoke:
    """The integration. All of it belongs to the event loop's thread."""

    is_immediate = False

    def __init__(
        self, asking: Asking, destinations: Callable[[], ApiDestinations], outgoing: Outgoing
    ) -> None:
        self._asking = asking
        self._destinations = destinations
        self._outgoing = outgoing

    def problems(self, given: Any) -> list[str]:
        return http_requests.problems_of(given)

    def perform(self, task: Task) -> NoReturn:
        raise AssertionError("an endpoint is somebody's code: it is waited for")

    async def perform_waiting(self, task: Task) -> Any:
        given = task.input
        problems = http_requests.problems_of(given)
        if problems:
            raise unusable(given, problems)
        answer = await self._ask(task, renew=False)
        if answer.status in _REFUSED_TOKEN:
            answer = await self._ask(task, renew=True)
        return self._result(answer)

    async def _ask(self, task: Task, *, renew: bool) -> Answer:
        given = task.input
        call = http_requests.call_of(given, task.region)
        connection = http_requests.connection_of(given)
        try:
            whole = await self._destinations().authorize(connection, call, renew=renew)
        except CallRefused as refused:
            error = _CONNECTION_ERRORS.get(refused.code, _CONNECTION_ERROR)
            raise TaskFailed(error, str(refused)) from refused
        array_format = http_requests.array_format_of(given)
        if array_format is not None:
            call, whole = (_as_form(one, array_format) for one in (call, whole))
        if task.watch is not None:
            task.watch.sent(call, whole)
        answer = await self._send(whole)
        if task.watch is not None:
            task.watch.answered(answer)
        return answer

    async def _send(self, call: HttpCall) -> Answer:
        try:
            return await self._outgoing.send(
                call.method,
                call.url,
                headers=call.headers,
                body=call.body,
                timeout_seconds=_TIMEOUT_SECONDS,
            )
        except OutgoingFailed as failed:
            raise TaskFailed(_SOCKET, str(failed)) from failed

    def _result(self, answer: Answer) -> dict[str, Any]:
        text = http_answers.read(answer)
        if not 200 <= answer.status < 300:
            raise TaskFailed(
                f"States.Http.StatusCode.{answer.status}", text[:_CAUSE_CHARACTERS_MAX]
            )
        if len(answer.body) > self._asking.result_bytes_max:
            raise self._asking.too_large("http")
        return http_answers.shown(answer, text)


def _as_form(call: HttpCall, array_format: str) -> HttpCall:
    form = http_requests.encoded(call.body, array_format)
    return HttpCall(call.method, call.url, call.headers, form)
