"""Calls of services' operations: SDK integrations, and the tuned ones that differ from them in how answers are shown.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterable, Callable, Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.ports.contracts import Contract
from fogline.services.stepfunctions.tasks.asking import Asking
from fogline.services.stepfunctions.tasks.causes import Names, of_sdk
from fogline.services.stepfunctions.tasks.names import pascal_case
from fogline.services.stepfunctions.tasks.parameters import Parameters
from fogline.services.stepfunctions.tasks.results import Results
from fogline.services.stepfunctions.tasks.task import Task, TaskFailed

_EXTENDED_ID_BYTES = 56
_MEASURED = frozenset({"GetObject"})

Prepare = Callable[[dict[str, Any], Task], None]
"""Completes a request."""
Finish = Callable[[dict[str, Any], Call], Any]
"""The result as it is shown. Raises TaskFailed."""
Fail = Callable[[Contract, AwsError, Call], TaskFailed]


class ServiceCall:
    """One operation of one service."""

    def __init__(
        self,
        asking: Asking,
        contract: Contract,
        fail: Fail,
        *,
        is_tuned: bool = False,
        prepare: Prepare | None = None,
        finish: Finish | None = None,
    ) -> None:
        self._asking = asking
        self._contract = contract
        self._service, self._operation = contract.service.name, contract.name
        self._parameters = Parameters(contract, is_tuned=is_tuned)
        self._results = Results(contract, is_tuned=is_tuned)
        self._fail = fail
        self._prepare = prepare
        self._finish = finish
        output = contract.output
        members = output.members if output is not None else {}
        self._streams = [name for name, member in members.items() if member.is_streaming]
        waits = asking.api.waits(self._service, self._operation)
        self.is_immediate = not waits and not self._streams

    def problems(self, given: Any) -> list[str]:
        return self._parameters.problems(given)

    def perform(self, task: Task) -> Any:
        assert self.is_immediate, f"{self._service} {self._operation} is waited for"
        request, cause = self._request(task), self._asking.cause(task)
        try:
            answer = self._asking.api.call(self._service, self._operation, request, cause)
        except AwsError as refused:
            raise self._fail(self._contract, refused, cause) from refused
        return self._shown(answer, cause)

    async def perform_waiting(self, task: Task) -> Any:
        request, cause = self._request(task), self._asking.cause(task)
        try:
            answer = await self._asking.api.call_waiting(
                self._service, self._operation, request, cause
            )
            if self._streams:
                answer = await self._gathered(task, answer)
        except AwsError as refused:
            raise self._fail(self._contract, refused, cause) from refused
        return self._shown(answer, cause)

    def _request(self, task: Task) -> dict[str, Any]:
        request = self._parameters.read(task.input)
        if self._prepare is not None:
            self._prepare(request, task)
        return request

    def _shown(self, answer: Mapping[str, Any], cause: Call) -> Any:
        shown = self._results.write(answer)
        return shown if self._finish is None else self._finish(shown, cause)

    async def _gathered(self, task: Task, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The answer with what it streams read whole, up to a bound."""
        gathered = dict(answer)
        for name in self._streams:
            body: Any = answer.get(name)
            if hasattr(body, "__aiter__"):
                try:
                    gathered[name] = await self._whole(task, body)
                finally:
                    close = getattr(body, "aclose", None)
                    if close is not None:
                        await close()
        if self._operation in _MEASURED:
            _measure(gathered)
        return gathered

    async def _whole(self, task: Task, body: AsyncIterable[bytes]) -> bytes:
        parts: list[bytes] = []
        size = 0
        async for part in body:
            size += len(part)
            if size > self._asking.result_bytes_max:
                raise self._asking.too_large(task.resource.arn)
            parts.append(part)
        return b"".join(parts)


def _measure(answer: dict[str, Any]) -> None:
    """What the wire says of an object without S3's help: its length, and that there are no words about it."""
    answer.setdefault("ContentLength", len(answer.get("Body") or b""))
    answer.setdefault("Metadata", {})


def sdk_call(asking: Asking, contract: Contract) -> ServiceCall:
    """An `aws-sdk` integration."""
    service = pascal_case(contract.service.service_id)
    names = Names(service, service, f"{service}.{service}Exception")

    def fail(contract: Contract, refused: AwsError, cause: Call) -> TaskFailed:
        extended = ""
        if contract.service.name == "s3":
            extended = base64.b64encode(asking.ids.bytes(_EXTENDED_ID_BYTES)).decode()
        return of_sdk(names, contract, refused, cause.request_id, extended)

    return ServiceCall(asking, contract, fail)
