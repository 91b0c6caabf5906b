"""Calls of users' own APIs: `apigateway:invoke`, answered in this process by whatever serves the API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NoReturn

from fogline.aws.states.failures import RUNTIME
from fogline.ports.http import (
    Endpoint,
    HttpRequest,
    HttpResponse,
    InnerCaller,
    request_from_inside,
    whole_body,
)
from fogline.services.stepfunctions.tasks import api_requests
from fogline.services.stepfunctions.tasks.api_requests import ApiRequest
from fogline.services.stepfunctions.tasks.asking import Asking
from fogline.services.stepfunctions.tasks.causes import unusable
from fogline.services.stepfunctions.tasks.http_answers import body_of, phrase_of
from fogline.services.stepfunctions.tasks.metadata import http_date
from fogline.services.stepfunctions.tasks.task import Task, TaskFailed
from fogline.services.stepfunctions.tasks.tuned_calls import machine_arn_of

FindEndpoint = Callable[[str, str], Endpoint | None]
"""Who answers that host (without its port) and path."""

_TIMEOUT_SECONDS = 60
_CAUSE_CHARACTERS_MAX = 32_768
_BODY_BYTES_MAX = 10_485_760
_UNKNOWN_HOST = "ApiGateway.UnknownHostException"
_TIMED_OUT = "ApiGateway.SdkClientException"
_KIND = "content-type"
_SERVICE = "states.amazonaws.com"


class ApiInvoke:
    """The integration. All of it belongs to the event loop's thread."""

    is_immediate = False

    def __init__(self, asking: Asking, find_endpoint: FindEndpoint) -> None:
        self._asking = asking
        self._find_endpoint = find_endpoint

    def problems(self, given: Any) -> list[str]:
        return api_requests.problems_of(given)

    def perform(self, task: Task) -> NoReturn:
        raise AssertionError("an API is somebody's code: it is waited for")

    async def perform_waiting(self, task: Task) -> Any:
        given = task.input
        problems = api_requests.problems_of(given)
        if problems:
            raise unusable(given, problems)
        try:
            request = api_requests.request_of(given, task.region)
        except RecursionError:
            raise unusable(given, ["The Parameters nest too deeply"]) from None
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                response = await self._answer(task, request)
                body = await whole_body(response, _BODY_BYTES_MAX)
        except TimeoutError:
            raise TaskFailed(_TIMED_OUT, f"{request.host} did not answer in time.") from None
        return self._result(response, body)

    async def _answer(self, task: Task, request: ApiRequest) -> HttpResponse:
        host = request.host.partition(":")[0].lower()
        endpoint = self._find_endpoint(host, request.target.partition("?")[0])
        if endpoint is None:
            raise TaskFailed(_UNKNOWN_HOST, f"{request.host} is not the host of an API here.")
        return await endpoint.answer(self._sent(task, request), task.trace)

    def _sent(self, task: Task, request: ApiRequest) -> HttpRequest:
        fields = [("Host", request.host), *request.headers]
        return request_from_inside(
            request.method, request.target, fields, request.body, self._caller(task)
        )

    def _caller(self, task: Task) -> InnerCaller | None:
        kind = task.input.get("AuthType")
        if kind == api_requests.IAM_ROLE:
            return InnerCaller(self._asking.cause(task).principal)
        if kind == api_requests.RESOURCE_POLICY:
            return InnerCaller(
                self._asking.cause(task).principal, _SERVICE, machine_arn_of(task.execution_arn)
            )
        return None

    def _result(self, response: HttpResponse, body: bytes) -> dict[str, Any]:
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise TaskFailed(RUNTIME, "The response is not text.") from None
        if not 200 <= response.status < 300:
            cause = text or phrase_of(response.status)
            raise TaskFailed(f"ApiGateway.{response.status}", cause[:_CAUSE_CHARACTERS_MAX])
        if len(body) > self._asking.result_bytes_max:
            raise self._asking.too_large("apigateway")
        headers = self._headers(response, body)
        kind = next((values[-1] for name, values in headers.items() if name.lower() == _KIND), "")
        return {
            "Headers": headers,
            "ResponseBody": body_of(text, kind.strip().lower()),
            "StatusCode": response.status,
            "StatusText": phrase_of(response.status),
        }

    def _headers(self, response: HttpResponse, body: bytes) -> dict[str, list[str]]:
        """The headers, with those that the wire would add."""
        headers: dict[str, list[str]] = {
            "Content-Length": [str(len(body))],
            "Date": [http_date(self._asking.clock.now() // 1000)],
        }
        given: dict[str, list[str]] = {}
        for name, value in response.headers:
            given.setdefault(name, []).append(value)
        names = {name.lower() for name in given}
        headers = {name: value for name, value in headers.items() if name.lower() not in names}
        return dict(sorted((headers | given).items(), key=lambda pair: pair[0].lower()))
