"""From the name of an operation to the function that performs it, and from its result to a durable answer."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from fogline.aws.call import Call, Trace, Wait
from fogline.aws.errors import (
    AwsError,
    InternalFailure,
    NotImplementedByFogline,
    UnknownOperationException,
)
from fogline.background.lineage import Lineage
from fogline.background.topics import Topics
from fogline.gateway.accept import accept
from fogline.gateway.models import UnknownService, load_service, snake_case
from fogline.ports.contracts import Contract
from fogline.ports.service import Service
from fogline.store.store import CONFLICTS_MAX, Store, StoreConflict, StoreFailure
from fogline.world.clock import Clock
from fogline.world.ids import Ids

log = logging.getLogger("fogline.dispatch")

Result = Mapping[str, Any]
Done = Callable[[Result | AwsError], None]
Cancel = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Operation:
    """A function found: call it as `function(stands_on, call, request)`."""

    function: Callable[..., Any]
    stands_on: object
    is_async: bool
    may_wait: bool = False
    """True when it is async, or may answer `Wait`: its return type says so."""


class Dispatch:
    """Finds and performs operations. `executor` runs them in threads, where the store needs that."""

    def __init__(
        self,
        store: Store,
        topics: Topics,
        clock: Clock,
        ids: Ids,
        lineage: Lineage,
        executor: Executor | None = None,
    ) -> None:
        self._store = store
        self._topics = topics
        self._clock = clock
        self._ids = ids
        self._lineage = lineage
        self._executor = executor
        self._services: dict[str, Service] = {}
        self._expected: frozenset[str] = frozenset()
        self._load: Callable[[str], None] = lambda service: None
        self._files: dict[tuple[str, str], str] = {}
        self._found: dict[tuple[str, str], Operation] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, service: Service) -> None:
        """Make a service's operations known, by their function names."""
        self._services[service.name] = service
        for file, functions in service.operations.items():
            for function in functions:
                self._files[service.name, function] = file

    def expect(self, names: Iterable[str], load: Callable[[str], None]) -> None:
        """Services of these names exist; `load` makes one, which calls `add`, when it is first needed."""
        self._expected = frozenset(names)
        self._load = load

    def made(self) -> Mapping[str, Service]:
        """The services that are made so far."""
        return self._services

    def is_built(self, service: str) -> bool:
        """True for services that are there or will be when they are needed."""
        return service in self._expected or service in self._services

    def services(self) -> Mapping[str, Service]:
        """Every service, made now where it was not."""
        for name in self._expected:
            self._need(name)
        return self._services

    def _need(self, service: str) -> None:
        if service not in self._services and service in self._expected:
            self._load(service)

    def has(self, service: str, operation: str) -> bool:
        """True when the operation (AWS's or boto3's name for it) is built."""
        self._need(service)
        return (service, snake_case(operation)) in self._files

    def find(self, service: str, operation: str) -> Operation:
        """The function of an operation, by AWS's name for it.

        Raises NotImplementedByFogline when it is not built.
        """
        found = self._found.get((service, operation))
        if found is None:
            self._need(service)
            name = snake_case(operation)
            file = self._files.get((service, name))
            if file is None:
                raise NotImplementedByFogline(service=service, operation=operation)
            entry = self._services[service]
            module = importlib.import_module(f"{entry.package}.operations.{file}")
            function = getattr(module, name)
            is_async = inspect.iscoroutinefunction(function)
            may_wait = is_async or "Wait" in str(function.__annotations__.get("return"))
            found = Operation(function, entry.stands_on, is_async, may_wait)
            self._found[service, operation] = found
        return found

    # ---- for the gateway: an answer by callback, after its commit

    def perform(
        self, operation: Operation, call: Call, request: Mapping[str, Any], done: Done
    ) -> Cancel | None:
        """Perform an operation; `done` gets its result or its refusal once that is durable.

        Returns what gives the call up while it waits for a topic, if it waits.
        """
        if operation.is_async:
            self._keep(self._perform_async(operation, call, request, done))
            return None
        if self._executor is not None:
            waiting = _Waiting(self, operation, call, request, done)
            waiting.ask_in_thread()
            return waiting.cancel
        result = self._ask(operation, call, request)
        if type(result) is Wait:
            waiting = _Waiting(self, operation, call, request, done)
            waiting.park(result)
            return waiting.cancel
        self._answer_durably(call, result, done)
        return None

    def _ask(
        self, operation: Operation, call: Call, request: Mapping[str, Any], conflicts: int = 0
    ) -> Any:
        try:
            return operation.function(operation.stands_on, call, request)
        except AwsError as refusal:
            return refusal
        except StoreConflict:
            # Two nodes wanted the same rows in opposite orders; the other one has them now, and goes on.
            if conflicts < CONFLICTS_MAX:
                return self._ask(operation, call, request, conflicts + 1)
            log.exception(
                "%s %s (%s) met others in its way", call.service, call.operation, call.request_id
            )
            return InternalFailure()
        except Exception:
            log.exception("%s %s (%s) failed", call.service, call.operation, call.request_id)
            return InternalFailure()

    def _answer_durably(self, call: Call, result: Result | AwsError, done: Done) -> None:
        def answer(failure: StoreFailure | None) -> None:
            if failure is not None:
                log.error("%s %s was not kept: %s", call.service, call.operation, failure)
                done(InternalFailure())
            else:
                self._lineage.request(call, result)
                done(result)

        self._store.when_durable(answer)

    async def _perform_async(
        self, operation: Operation, call: Call, request: Mapping[str, Any], done: Done
    ) -> None:
        result: Result | AwsError
        try:
            result = await operation.function(operation.stands_on, call, request)
        except AwsError as refusal:
            result = refusal
        except Exception:
            log.exception("%s %s (%s) failed", call.service, call.operation, call.request_id)
            result = InternalFailure()
        self._answer_durably(call, result, done)

    def _keep(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def active_count(self) -> int:
        """How many operations are in the middle of waiting for somebody's code."""
        return len(self._tasks)

    # ---- ports/api.py

    def call(self, service: str, operation: str, request: Mapping[str, Any], cause: Call) -> Result:
        """Perform an operation at once, in the caller's transaction; see `ports/api.py`."""
        name = aws_name(service, operation)
        found = self.find(service, name)
        assert not found.is_async, f"{service} {operation} waits; use call_waiting"
        inner = self._caused(service, name, cause)
        accepted = accept(load_service(service).operations[name], request)
        try:
            result = found.function(found.stands_on, inner, accepted)
            if isinstance(result, Wait):
                result = found.function(found.stands_on, inner._replace(now=result.until), accepted)
            assert not isinstance(result, Wait)
        except (AwsError, StoreFailure):
            raise
        except Exception as bug:
            log.exception("%s %s (%s) failed", service, name, inner.request_id)
            raise InternalFailure from bug
        self._lineage.request(inner, result)
        answer: Result = result
        return answer

    async def call_waiting(
        self, service: str, operation: str, request: Mapping[str, Any], cause: Call
    ) -> Result:
        """Perform any operation and return after its commit; see `ports/api.py`."""
        name = aws_name(service, operation)
        found = self.find(service, name)
        accepted = accept(load_service(service).operations[name], request)
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

        def done(result: Result | AwsError) -> None:
            if answer.done():
                return
            if isinstance(result, AwsError):
                answer.set_exception(result)
            else:
                answer.set_result(result)

        self.perform(found, self._caused(service, name, cause), accepted, done)
        return await answer

    def waits(self, service: str, operation: str) -> bool:
        """True when it may wait; see `ports/api.py`."""
        return self.find(service, aws_name(service, operation)).may_wait

    def contract(self, service: str, operation: str) -> Contract:
        """What the operation takes and gives; see `ports/api.py`."""
        return load_service(service).operations[aws_name(service, operation)]

    def _caused(self, service: str, operation: str, cause: Call) -> Call:
        now = self._clock.now()
        return cause._replace(
            service=service,
            operation=operation,
            protocol="",
            request_id=self._ids.uuid(),
            now=now,
            asked_at=now,
            trace=Trace(cause.trace.trace_id, self._ids.hex(16), cause.trace.id),
        )


class _Waiting:
    """An operation asked again until it stops answering Wait, or its caller gives up."""

    __slots__ = (
        "_alarm",
        "_call",
        "_dispatch",
        "_done",
        "_gone",
        "_operation",
        "_request",
        "_wish",
    )

    def __init__(
        self,
        dispatch: Dispatch,
        operation: Operation,
        call: Call,
        request: Mapping[str, Any],
        done: Done,
    ) -> None:
        self._dispatch, self._operation, self._call = dispatch, operation, call
        self._request, self._done = request, done
        self._gone = False
        self._wish: Cancel | None = None
        self._alarm: Any = None

    def park(self, wait: Wait) -> None:
        self._wish = self._dispatch._topics.once(wait.topic, self._again)
        self._alarm = self._dispatch._clock.call_at(wait.until, self._again)

    def _again(self) -> None:
        self._unpark()
        if self._gone:
            return
        self._call = self._call._replace(now=self._dispatch._clock.now())
        if self._dispatch._executor is not None:
            self.ask_in_thread()
            return
        self._take(self._dispatch._ask(self._operation, self._call, self._request))

    def _take(self, result: Any) -> None:
        if self._gone:
            return
        if type(result) is Wait:
            self.park(result)
        else:
            self._dispatch._answer_durably(self._call, result, self._done)

    def ask_in_thread(self) -> None:
        self._dispatch._keep(self._ask_in_thread())

    async def _ask_in_thread(self) -> None:
        loop = asyncio.get_running_loop()
        dispatch = self._dispatch
        ask = dispatch._ask
        result = await loop.run_in_executor(
            dispatch._executor, ask, self._operation, self._call, self._request
        )
        if type(result) is Wait:
            # What it waits for may have happened between its reading and our listening.
            stirred = asyncio.Event()
            cancel = dispatch._topics.once(result.topic, stirred.set)
            call = self._call._replace(now=dispatch._clock.now())
            result = await loop.run_in_executor(
                dispatch._executor, ask, self._operation, call, self._request
            )
            cancel()
            if type(result) is Wait and stirred.is_set():
                self._again()
                return
        self._take(result)

    def _unpark(self) -> None:
        if self._wish is not None:
            self._wish()
            self._wish = None
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def cancel(self) -> None:
        self._gone = True
        self._unpark()


def aws_name(service: str, operation: str) -> str:
    """AWS's name of an operation, given that or boto3's. Raises UnknownOperationException."""
    try:
        model = load_service(service)
    except UnknownService:
        raise UnknownOperationException(f"There is no service {service}.") from None
    if operation in model.operations:
        return operation
    name = model.operations_by_method.get(operation)
    if name is None:
        raise UnknownOperationException(f"The service {service} has no operation {operation}.")
    return name
