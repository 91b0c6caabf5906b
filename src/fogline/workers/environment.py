"""One execution environment: a warden, the user's process it keeps, one invocation at a time."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from dataclasses import replace
from pathlib import Path
from time import perf_counter_ns
from typing import Any
from urllib.parse import urlsplit

import orjson

from fogline.ports.functions import (
    EnvironmentFailed,
    FunctionSpec,
    Invocation,
    LogEvent,
    Outcome,
    Receiver,
)
from fogline.workers import reports
from fogline.workers.frames import (
    ANSWER,
    ERROR,
    FAILED,
    LAST_ERROR,
    PIECE,
    READY,
    STREAM,
    FrameChannel,
    frame,
)
from fogline.workers.interpreters import Interpreter
from fogline.workers.limits import WorkerLimits
from fogline.workers.memory import memory_of
from fogline.workers.output import Output
from fogline.workers.variables import Places, function_variables, node_path
from fogline.world.clock import Alarm, Clock

RUNTIMES = str(Path(__file__).parent / "runtimes")
NODE_RUNTIME = "/var/runtime/node_runtime.cjs"
"""Where an isolated environment sees the Node.js runtime."""

_FACTS_LENGTH = struct.Struct(">I")
_RESULT_HEAD = struct.Struct(">IB")
_WARDEN_BYTES_MAX = 65_536
_RESULT_SLACK_BYTES = 512


class Environment:
    """Life: forked, furnished for one function, then started, used, and started again after an end.

    A process that ends (timeout, exit, too much memory) takes its globals with it; code, layers
    and the content of `/tmp` stay for the next one, as on AWS.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        limits: WorkerLimits,
        interpreter: Interpreter,
        warden: socket.socket,
        folder: str,
        trust: str = "",
    ) -> None:
        self._loop, self._clock, self._limits = loop, clock, limits
        self._interpreter, self._folder = interpreter, folder
        self._warden = FrameChannel(
            loop, warden, _WARDEN_BYTES_MAX, self._on_warden, self._on_warden_gone
        )
        self._channel: FrameChannel | None = None
        self._output: Output | None = None
        self._life = 0
        self._is_started_ahead = False
        self._mounted: asyncio.Future[None] = loop.create_future()
        self._turn: _Turn | None = None
        self._lost: list[LogEvent] = []
        self._memory_peak_mb = 0
        self.warden_process = 0
        self._places = Places(trust=trust)
        self.spec: FunctionSpec | None = None
        self.stream = ""
        self.tenant = ""
        self.is_forgotten = False
        self.expiry: Alarm | None = None
        self.idle_since = 0

    # Becoming ready.

    @property
    def is_alive(self) -> bool:
        return self._warden.is_open

    def start_ahead(self) -> None:
        """Start the process before anyone knows whose it will be."""
        self._is_started_ahead = True
        opt = f"{self._folder}/opt" if self._folder else "/opt"
        major = self._interpreter.version.split(".")[0]
        variables = {"TZ": ":UTC", "NODE_PATH": node_path(opt, major)}
        self._start(variables | self._places.trusting())

    def furnish(self, spec: FunctionSpec, stream: str, tenant: str = "") -> None:
        """Make this the environment of one function and one tenant (or none), for good."""
        assert self.spec is None
        self.spec, self.stream, self.tenant = spec, stream, tenant
        if self._folder:
            folder = self._folder
            self._places = replace(
                self._places,
                task=str(spec.code_folder),
                opt=f"{folder}/opt",
                tmp=f"{folder}/tmp",  # noqa: S108
                runtime=RUNTIMES,
            )
        self._order(
            {
                "do": "mount",
                "code": os.path.realpath(spec.code_folder),
                "layers": [os.path.realpath(layer) for layer in spec.layers],
                "tmp_mb": spec.ephemeral_mb,
                "folder": self._folder,
            }
        )

    def _start(self, variables: dict[str, str]) -> None:
        """Have the warden fork the process. Its first frame, the settings, may be sent at once."""
        self._life += 1
        ours, theirs = socket.socketpair()
        reading, writing = os.pipe()
        order: dict[str, Any] = {"do": "start", "life": self._life}
        if self._interpreter.kind == "node":
            order["environment"] = variables
            script = f"{RUNTIMES}/node_runtime.cjs" if self._folder else NODE_RUNTIME
            wrapper = variables.get("AWS_LAMBDA_EXEC_WRAPPER")
            order["arguments"] = [*([wrapper] if wrapper else []), self._interpreter.path, script]
        try:
            self._order(order, [theirs.fileno(), writing])
        finally:
            theirs.close()
            os.close(writing)
        self._close_process()
        bytes_max = self._limits.response_bytes_max + _RESULT_SLACK_BYTES
        self._channel = FrameChannel(self._loop, ours, bytes_max, self._on_frame, self._on_gone)
        self._output = Output(self._loop, self._clock, reading, self._limits.log_bytes_max)

    def _start_for(self, spec: FunctionSpec) -> None:
        places = self._places
        variables = function_variables(spec, self.stream, places)
        if not self._is_started_ahead or self._channel is None:
            self._start(variables)
        self._is_started_ahead = False
        endpoint = urlsplit(spec.endpoint)
        home = {"host": endpoint.hostname, "port": endpoint.port, "names": spec.home_names}
        settings = {
            "environment": variables,
            "task": places.task,
            "opt": places.opt,
            "home": home,
        }
        assert self._channel is not None
        self._channel.send(frame(b"C", orjson.dumps(settings)))

    def _order(self, order: dict[str, Any], descriptors: list[int] | None = None) -> None:
        self._warden.send(frame(b"J", orjson.dumps(order)), descriptors)

    # Running.

    async def run(self, invocation: Invocation, receiver: Receiver | None = None) -> Outcome:
        """Run one invocation to its end, whatever end that is. A receiver takes what streams."""
        assert self.spec is not None
        assert self._turn is None
        assert invocation.tenant_id == self.tenant, "an environment serves one tenant"
        spec = self.spec
        if not self._warden.is_open:
            raise EnvironmentFailed("The execution environment has ended.")
        is_cold = self._channel is None or self._is_started_ahead
        turn = self._turn = _Turn(invocation, self._loop.create_future(), receiver)
        if receiver is not None:
            receiver.resume = self._resume
        try:
            if is_cold:
                if self._is_started_ahead:
                    await self._await_mounts()
                self._start_for(spec)
                limit_ms = self._limits.init_ms_max + spec.timeout_ms
            else:
                limit_ms = spec.timeout_ms
            turn.alarm = self._loop.call_later(limit_ms / 1000, self._on_timeout)
            facts: dict[str, Any] = {
                "id": invocation.request_id,
                "arn": invocation.invoked_arn,
                "trace": invocation.trace.header(),
                "ms": spec.timeout_ms,
            }
            if invocation.client_context:
                facts["client"] = invocation.client_context
            if invocation.cognito_identity:
                facts["cognito"] = invocation.cognito_identity
            if invocation.tenant_id:
                facts["tenant"] = invocation.tenant_id
            head = orjson.dumps(facts)
            turn.request = frame(
                b"I", b"".join((_FACTS_LENGTH.pack(len(head)), head, invocation.payload))
            )
            # A process that still loads is given the event once it is ready: what it prints until
            # then stands before START.
            if not is_cold:
                self._begin(turn)
                self._send_request(turn)
            return await turn.outcome
        except asyncio.CancelledError:
            self._kill()
            raise
        finally:
            if turn.alarm is not None:
                turn.alarm.cancel()
            self._turn = None
            self._resume()

    def _resume(self) -> None:
        if self._channel is not None:
            self._channel.resume()

    async def _await_mounts(self) -> None:
        try:
            async with asyncio.timeout(self._limits.start_ms_max / 1000):
                await asyncio.shield(self._mounted)
        except TimeoutError:
            raise EnvironmentFailed("The code could not be put in place in time.") from None

    def _send_request(self, turn: _Turn) -> None:
        assert self._channel is not None
        self._channel.send(turn.request)
        turn.request = b""

    def _begin(self, turn: _Turn) -> None:
        """The function's own time begins: what was printed before goes before START."""
        assert self.spec is not None
        turn.log = self._take_output()
        now = turn.started_at = self._clock.now()
        start = reports.start_event(self.spec, turn.invocation, now)
        if start is not None:
            turn.log.append(start)
        turn.started = perf_counter_ns()
        turn.has_begun = True

    def _take_output(self) -> list[LogEvent]:
        log, self._lost = self._lost, []
        if self._output is not None:
            log += self._output.take()
        return log

    # What happens meanwhile.

    def _on_frame(self, kind: int, body: bytes | None) -> None:
        turn = self._turn
        if body is None:
            # Without the rest of its answer, nothing more can be understood of this process.
            self._kill()
        if turn is None or turn.outcome.done():
            return
        if body is None:
            self._begin_late(turn)
            too_large = reports.response_too_large(self._limits.response_bytes_max)
            self._finish(turn, too_large, "Function.ResponseSizeTooLarge")
        elif kind == READY and not turn.has_begun:
            turn.init_ms = (perf_counter_ns() - turn.created) / 1e6
            self._begin(turn)
            if turn.alarm is not None:
                turn.alarm.cancel()
            assert self.spec is not None
            turn.alarm = self._loop.call_later(self.spec.timeout_ms / 1000, self._on_timeout)
            self._send_request(turn)
        elif kind == FAILED and not turn.has_begun:
            self._begin_late(turn)
            self._finish(turn, body, _error_type(body))
            self._kill()
        elif kind == STREAM:
            turn.begin_stream(body.decode("ascii", "replace"))
        elif kind == PIECE:
            self._take_piece(turn, body)
        elif kind in (ANSWER, ERROR, LAST_ERROR) and turn.has_begun and len(body) >= 5:
            memory, size = _RESULT_HEAD.unpack_from(body)
            self._memory_peak_mb = max(self._memory_peak_mb, min(memory, 1 << 20))
            content_type = body[5 : 5 + size].decode("ascii", "replace")
            payload = body[5 + size :]
            bytes_max = self._limits.response_bytes_max
            if turn.is_passed_on and kind == ANSWER:
                if payload:
                    self._take_piece(turn, payload)
                payload = b""
            elif turn.pieces and kind == ANSWER:
                bytes_max = self._limits.gathered_bytes_max
                payload = b"".join([*turn.pieces, payload])
            if turn.outcome.done():
                return
            if len(payload) > bytes_max or (
                not turn.is_passed_on and turn.pieces_bytes > bytes_max
            ):
                payload = reports.response_too_large(bytes_max)
                self._finish(turn, payload, "Function.ResponseSizeTooLarge")
                return
            error_type = "" if kind == ANSWER else _error_type(payload)
            self._finish(turn, payload, error_type, content_type, is_own_error=True)
            if kind == LAST_ERROR:
                self._kill()
        else:
            self._kill()
            self._fail(turn, "Runtime exited without providing a reason")

    def _take_piece(self, turn: _Turn, piece: bytes) -> None:
        limits = self._limits
        is_gathered = turn.receiver is None
        bytes_max = limits.gathered_bytes_max if is_gathered else limits.stream_bytes_max
        if turn.add_piece(piece, bytes_max):
            return
        if turn.pieces_bytes > bytes_max:
            too_large = reports.response_too_large(bytes_max)
            self._finish(turn, too_large, "Function.ResponseSizeTooLarge")
            self._kill()
        elif self._channel is not None:
            self._channel.pause()

    def _finish(
        self,
        turn: _Turn,
        payload: bytes,
        error_type: str,
        content_type: str = "application/json",
        *,
        is_own_error: bool = False,
    ) -> None:
        """Settle the turn. The log is complete: a runtime prints before it answers."""
        assert self.spec is not None
        duration_ms = (perf_counter_ns() - turn.started) / 1e6
        log = turn.log
        if self._output is not None:
            log += self._output.take()
        now = self._clock.now()
        is_timeout = error_type == "timeout"
        if is_timeout:
            log.append(reports.timeout_event(self.spec, turn.invocation, now))
            duration_ms = float(self.spec.timeout_ms)
        memory = self._memory_peak_mb
        figures = reports.Figures(duration_ms, turn.init_ms, memory, error_type, is_own_error)
        log += reports.end_events(self.spec, turn.invocation, now, figures)
        turn.outcome.set_result(
            Outcome(
                payload=payload,
                function_error="Unhandled" if error_type else "",
                log=tuple(log),
                log_stream=self.stream,
                started_at=turn.started_at,
                duration_ms=duration_ms,
                billed_ms=reports.billed_ms(duration_ms, turn.init_ms),
                memory_used_mb=memory,
                init_ms=turn.init_ms,
                is_timeout=is_timeout,
                content_type=content_type,
            )
        )

    def _begin_late(self, turn: _Turn) -> None:
        """The code did not load: AWS still shows the invocation, after what the loading printed."""
        if not turn.has_begun:
            turn.init_ms = (perf_counter_ns() - turn.created) / 1e6
            self._begin(turn)

    def _on_timeout(self) -> None:
        turn = self._turn
        if turn is None or turn.outcome.done():
            return
        assert self.spec is not None
        self._begin_late(turn)
        self._finish(turn, reports.timeout_error(self.spec, turn.invocation), "timeout")
        self._kill()

    def _fail(self, turn: _Turn, reason: str) -> None:
        self._begin_late(turn)
        if self._output is not None:
            turn.log += self._output.take()
        turn.log.append(reports.exit_event(turn.invocation, reason, self._clock.now()))
        error = reports.exit_error(turn.invocation, reason)
        self._finish(turn, error, "Runtime.ExitError")

    def _on_gone(self) -> None:
        """The process closed its socket. If that was not its end, make it so; the warden tells."""
        if self._turn is None:
            self._kill()
        else:
            self._order({"do": "kill", "life": self._life})

    def _on_warden(self, kind: int, body: bytes | None) -> None:
        message = orjson.loads(body or b"{}")
        if "warden" in message:
            self.warden_process = message["warden"]
        elif message.get("mounted"):
            if not self._mounted.done():
                self._mounted.set_result(None)
        elif "failed" in message:
            failure = EnvironmentFailed(f"The code could not be put in place: {message['failed']}")
            self.close(failure)
        elif message.get("exited") == self._life:
            self._on_exit(message["status"])

    def _on_exit(self, status: int) -> None:
        channel, turn = self._channel, self._turn
        while channel is not None and channel.read():  # an answer may have arrived before the end
            pass
        if turn is not None and not turn.outcome.done():
            self._fail(turn, reports.exit_reason(status))
        elif self._output is not None:
            self._lost += self._output.take()
        self._close_process()

    def _on_warden_gone(self) -> None:
        self.close(EnvironmentFailed("The execution environment ended unexpectedly."))

    # Memory.

    def watch_memory(self) -> None:
        """End the process of an invocation in progress that takes more memory than it may have."""
        turn, spec = self._turn, self.spec
        if turn is None or spec is None or not self.warden_process or turn.outcome.done():
            return
        used_mb = memory_of(self.warden_process, spec.memory_mb)
        self._memory_peak_mb = max(self._memory_peak_mb, min(used_mb, spec.memory_mb))
        if used_mb > spec.memory_mb:
            self._fail(turn, "Runtime exited with error: signal: killed")
            self._kill()

    # Ending.

    def _kill(self) -> None:
        """End the process; the environment stays."""
        self._order({"do": "kill", "life": self._life})
        if self._output is not None:
            self._lost += self._output.take()
        self._close_process()

    def _close_process(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._output is not None:
            self._output.close()
            self._output = None

    def close(self, failure: Exception | None = None) -> None:
        """End everything. Closing the warden's socket is what ends it."""
        self._warden.close()
        self._close_process()
        if self.expiry is not None:
            self.expiry.cancel()
        failure = failure or EnvironmentFailed("The execution environment was ended.")
        if not self._mounted.done():
            self._mounted.set_exception(failure)
            self._mounted.exception()  # it may be that nobody waits for it
        if self._turn is not None and not self._turn.outcome.done():
            self._turn.outcome.set_exception(failure)


class _Turn:
    """One invocation in progress."""

    __slots__ = (
        "alarm",
        "created",
        "has_begun",
        "init_ms",
        "invocation",
        "is_passed_on",
        "log",
        "outcome",
        "pieces",
        "pieces_bytes",
        "receiver",
        "request",
        "started",
        "started_at",
    )

    def __init__(
        self,
        invocation: Invocation,
        outcome: asyncio.Future[Outcome],
        receiver: Receiver | None,
    ) -> None:
        self.invocation, self.outcome, self.receiver = invocation, outcome, receiver
        self.is_passed_on = False
        self.log: list[LogEvent] = []
        self.alarm: asyncio.TimerHandle | None = None
        self.created = self.started = perf_counter_ns()
        self.started_at = 0
        self.has_begun = False
        self.init_ms: float | None = None
        self.pieces: list[bytes] = []
        self.pieces_bytes = 0
        self.request = b""

    def begin_stream(self, content_type: str) -> None:
        if self.receiver is not None and not self.is_passed_on:
            self.is_passed_on = True
            self.receiver.begin("".join(filter(str.isprintable, content_type))[:255])

    def add_piece(self, piece: bytes, bytes_max: int) -> bool:
        """Pass a piece on, or gather it; False when that is enough: for now, or for good."""
        self.pieces_bytes += len(piece)
        if self.receiver is not None:
            self.begin_stream("application/octet-stream")
            return self.pieces_bytes <= bytes_max and self.receiver.take(piece)
        if self.pieces_bytes <= bytes_max:
            self.pieces.append(piece)
        return True


def _error_type(payload: bytes) -> str:
    try:
        return str(orjson.loads(payload)["errorType"]) or "Error"
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return "Error"
