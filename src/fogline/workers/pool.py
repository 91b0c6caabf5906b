"""The pool: which environment runs what, how many there are, and when they end."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from fogline.ports.functions import (
    EnvironmentFailed,
    FunctionSpec,
    Invocation,
    NoRuntime,
    Outcome,
    Receiver,
    TooManyInvocations,
)
from fogline.workers.environment import Environment
from fogline.workers.interpreters import Interpreter, find_interpreter
from fogline.workers.limits import WorkerLimits
from fogline.workers.nursery import Nursery, Trust
from fogline.world.clock import Clock
from fogline.world.ids import Ids

_log = logging.getLogger(__name__)


class FunctionPool:
    """Answers `ports.functions.Functions`. Nothing is started before a function needs it."""

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        limits: WorkerLimits | None = None,
        *,
        isolate: bool = True,
        node_modules: Path | None = None,
        trust: Trust | None = None,
    ) -> None:
        """`node_modules` is a folder with what AWS's Node.js runtimes bring along (`@aws-sdk/...`)."""
        self._clock, self._ids, self._isolate = clock, ids, isolate
        self._node_modules, self._trust = node_modules, trust
        self._limits = limits or WorkerLimits()
        self._interpreters: dict[str, asyncio.Future[Interpreter]] = {}
        self._nurseries: dict[str, asyncio.Task[Nursery]] = {}
        self._environments: set[Environment] = set()
        # Idle ones by function, stamp and tenant, the last used last; and all of them, the longest
        # idle first.
        self._idle: dict[tuple[str, str, str], list[Environment]] = {}
        self._idle_order: dict[Environment, None] = {}
        self._busy: set[Environment] = set()
        self._stamps: dict[str, str] = {}
        self._places = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._watch: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    # What others ask.

    async def invoke(
        self, spec: FunctionSpec, invocation: Invocation, receiver: Receiver | None = None
    ) -> Outcome:
        tenant = invocation.tenant_id
        environment = self._find_idle(spec, tenant) or await self._make(spec, tenant)
        self._busy.add(environment)
        if self._watch is None:
            self._watch = self._watch_later(self._limits.memory_watch_ms / 1000)
        try:
            return await environment.run(invocation, receiver)
        finally:
            self._busy.discard(environment)
            self._give_back(environment)

    def prepare(self, spec: FunctionSpec) -> None:
        task = asyncio.get_running_loop().create_task(self._prepare(spec))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def forget(self, arn: str) -> None:
        def is_meant(environment: Environment) -> bool:
            assert environment.spec is not None
            own = environment.spec.arn
            return own == arn or own.rpartition(":")[0] == arn

        for environment in [each for each in self._environments if is_meant(each)]:
            if environment in self._busy:
                environment.is_forgotten = True
            else:
                self._end(environment)
        for own in [own for own in self._stamps if own == arn or own.rpartition(":")[0] == arn]:
            del self._stamps[own]

    async def close(self) -> None:
        self._is_closed = True
        for task in [*self._tasks, *self._nurseries.values()]:
            task.cancel()
        for environment in list(self._environments):
            self._end(environment)
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(EnvironmentFailed("Fogline is shutting down."))
        if self._watch is not None:
            self._watch.cancel()
        started = await asyncio.gather(*self._nurseries.values(), return_exceptions=True)
        for nursery in started:
            if isinstance(nursery, Nursery):
                nursery.close()
        self._nurseries.clear()

    # Environments.

    def _find_idle(self, spec: FunctionSpec, tenant: str) -> Environment | None:
        if self._stamps.get(spec.arn) != spec.stamp:
            self._retire_other_stamps(spec)
        idle = self._idle.get((spec.arn, spec.stamp, tenant))
        while idle:
            environment = idle[-1]
            self._remove_idle(environment)
            if environment.is_alive:
                return environment
            self._end(environment)
        return None

    def _retire_other_stamps(self, spec: FunctionSpec) -> None:
        """A function that changed starts afresh: environments of its older code end."""
        if spec.arn in self._stamps:
            for environment in list(self._environments):
                other = environment.spec
                if other is not None and other.arn == spec.arn and other.stamp != spec.stamp:
                    if environment in self._busy:
                        environment.is_forgotten = True
                    else:
                        self._end(environment)
        self._stamps[spec.arn] = spec.stamp

    async def _make(self, spec: FunctionSpec, tenant: str) -> Environment:
        if "AWS_LAMBDA_EXEC_WRAPPER" in spec.environment and spec.runtime.startswith("python"):
            raise NoRuntime(
                "Fogline does not run AWS_LAMBDA_EXEC_WRAPPER for Python functions yet."
            )
        await self._take_place()
        try:
            nursery = await self._nursery(spec.runtime)
            environment = nursery.take_environment(spec)
            environment.furnish(spec, self._log_stream(spec), tenant)
        except BaseException:
            self._leave_place()
            raise
        self._environments.add(environment)
        return environment

    def _log_stream(self, spec: FunctionSpec) -> str:
        day = _day(self._clock.now())
        # In a group that functions share, the name tells them apart.
        name = "" if spec.logging.group == f"/aws/lambda/{spec.name}" else spec.name
        return f"{day}/{name}[{spec.version}]{self._ids.hex(32)}"

    def _give_back(self, environment: Environment) -> None:
        spec = environment.spec
        assert spec is not None
        if not environment.is_alive or environment.is_forgotten or self._is_closed:
            self._end(environment)
            return
        self._idle.setdefault((spec.arn, spec.stamp, environment.tenant), []).append(environment)
        self._idle_order[environment] = None
        self._expire_later(environment)
        if self._waiting:
            self._make_room()

    def _expire_later(self, environment: Environment) -> None:
        """One alarm per environment: it looks when it rings whether it was used in the meantime."""
        environment.idle_since = self._clock.now()
        if environment.expiry is None:
            due = environment.idle_since + self._limits.idle_ms_max
            environment.expiry = self._clock.call_at(due, lambda: self._expire(environment))

    def _expire(self, environment: Environment) -> None:
        environment.expiry = None
        due = environment.idle_since + self._limits.idle_ms_max
        if environment not in self._environments:
            return
        if environment in self._idle_order and due <= self._clock.now():
            self._end(environment)
            return
        due = max(due, self._clock.now() + 1)
        environment.expiry = self._clock.call_at(due, lambda: self._expire(environment))

    def _remove_idle(self, environment: Environment) -> None:
        spec = environment.spec
        assert spec is not None
        if environment in self._idle_order:
            del self._idle_order[environment]
            key = (spec.arn, spec.stamp, environment.tenant)
            self._idle[key].remove(environment)
            if not self._idle[key]:
                del self._idle[key]

    def _end(self, environment: Environment) -> None:
        self._remove_idle(environment)
        environment.close()
        if environment in self._environments:
            self._environments.discard(environment)
            self._leave_place()

    # Places: there is a bound on environments in all.

    async def _take_place(self) -> None:
        if self._is_closed:
            raise EnvironmentFailed("Fogline is shutting down.")
        if self._places >= self._limits.environments_max:
            self._make_room()
        if self._places < self._limits.environments_max:
            self._places += 1
            return
        if len(self._waiting) >= self._limits.waiting_max:
            raise TooManyInvocations("Every environment is busy, and too many invocations wait.")
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._leave_place()
            raise

    def _make_room(self) -> None:
        for environment in self._idle_order:
            self._end(environment)
            return

    def _leave_place(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._places -= 1

    # Fork servers.

    async def _prepare(self, spec: FunctionSpec) -> None:
        try:
            nursery = await self._nursery(spec.runtime)
            nursery.refill()
        except (NoRuntime, EnvironmentFailed) as failure:
            _log.warning("%s", failure)

    async def _nursery(self, runtime: str) -> Nursery:
        interpreter = await self._interpreter(runtime)
        key = f"{interpreter.kind} {interpreter.path}"
        task = self._nurseries.get(key)
        if task is not None and task.done() and _has_ended(task):
            if not task.cancelled() and task.exception() is None:
                task.result().close()
            task = None
        if task is None:
            task = asyncio.get_running_loop().create_task(self._start_nursery(interpreter))
            self._nurseries[key] = task
        return await asyncio.shield(task)

    async def _interpreter(self, runtime: str) -> Interpreter:
        found = self._interpreters.get(runtime)
        if found is None or (found.done() and (found.cancelled() or found.exception())):
            loop = asyncio.get_running_loop()
            found = loop.run_in_executor(None, find_interpreter, runtime)
            self._interpreters[runtime] = found
            interpreter = await asyncio.shield(found)
            if note := interpreter.note():
                _log.warning("%s", note)
            return interpreter
        return await asyncio.shield(found)

    async def _start_nursery(self, interpreter: Interpreter) -> Nursery:
        loop = asyncio.get_running_loop()
        nursery = Nursery(
            interpreter,
            loop,
            self._clock,
            self._limits,
            isolate=self._isolate,
            node_modules=self._node_modules,
            trust=self._trust,
        )
        try:
            await nursery.start()
        except BaseException:
            nursery.close()
            raise
        if interpreter.kind == "python" and not nursery.hello.get("sdk"):
            _log.warning("boto3 cannot be imported by %s: functions miss it.", interpreter.path)
        if not nursery.is_isolated and self._isolate:
            _log.warning("Functions run without isolation: %s.", nursery.hello.get("reason"))
        return nursery

    # Memory.

    def _watch_later(self, pause: float) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(pause, self._watch_memory)

    def _watch_memory(self) -> None:
        """Runs while anything runs: an idle platform is not woken."""
        started = perf_counter()
        for environment in list(self._busy):
            environment.watch_memory()
        # Counting a crowd of processes takes long: never more than a twentieth of the time.
        pause = max(self._limits.memory_watch_ms / 1000, 20 * (perf_counter() - started))
        self._watch = self._watch_later(pause) if self._busy else None


def _has_ended(task: asyncio.Task[Nursery]) -> bool:
    return task.cancelled() or task.exception() is not None or not task.result().is_alive


def _day(now: int) -> str:
    return datetime.fromtimestamp(now / 1000, UTC).strftime("%Y/%m/%d")
