"""A fork server as the pool sees it: start it, ask it for environments, end it."""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from fogline.ports.functions import EnvironmentFailed, FunctionSpec
from fogline.workers.environment import NODE_RUNTIME, RUNTIMES, Environment
from fogline.workers.frames import FrameChannel
from fogline.workers.interpreters import Interpreter
from fogline.workers.limits import WorkerLimits
from fogline.workers.variables import AUTHORITY_FILE, BUNDLE_FILE
from fogline.world.clock import Alarm, Clock

Trust = Callable[[], tuple[Path, Path]]
"""The file of our authority's certificate, and that of all that is trusted. It may take its time."""

_TRUST_FOLDER = "/var/runtime"
_SEATS_PER_NURSERY = 4096
_HELLO_BYTES_MAX = 65_536
_REFILL_SECONDS = 0.02
_seats = itertools.count(0, _SEATS_PER_NURSERY)


class Nursery:
    """One fork server, for one interpreter."""

    def __init__(
        self,
        interpreter: Interpreter,
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
        limits: WorkerLimits,
        *,
        isolate: bool,
        node_modules: Path | None = None,
        trust: Trust | None = None,
    ) -> None:
        self.interpreter, self._node_modules = interpreter, node_modules
        self._trust, self._trusted = trust, ""
        self._loop, self._clock, self._limits, self._isolate = loop, clock, limits, isolate
        self._control: FrameChannel | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._hello: asyncio.Future[dict[str, Any]] = loop.create_future()
        self._spares: deque[Environment] = deque()
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._numbers = itertools.count()
        self._takes = 0
        self._expiry: Alarm | None = None
        self.hello: dict[str, Any] = {}

    @property
    def is_alive(self) -> bool:
        return self._control is not None and self._control.is_open

    @property
    def is_isolated(self) -> bool:
        return bool(self.hello.get("level", "none") != "none")

    async def start(self) -> None:
        """Start the fork server; returns when it is ready to fork."""
        # The first to ask waits until the certificates are made; requests need not.
        trusted = await asyncio.to_thread(self._find_trusted)
        ours, theirs = socket.socketpair()
        is_python, is_node = (self.interpreter.kind == kind for kind in ("python", "node"))
        settings = {
            "kind": self.interpreter.kind,
            "visible": [str(Path(self.interpreter.path).parents[1])] if is_node else [],
            "placed": (self._placed() if is_node else {}) | trusted,
            "sdk": _own_sdk_folder() if is_python else "",
            "isolate": self._isolate,
            "seat": next(_seats),
        }
        program = self.interpreter.path if is_python else sys.executable
        self._control = FrameChannel(
            self._loop, ours, _HELLO_BYTES_MAX, self._on_frame, self._on_close
        )
        with theirs:
            self._process = subprocess.Popen(  # noqa: ASYNC220
                [
                    program,
                    "-I",
                    "-B",
                    f"{RUNTIMES}/fork_server.py",
                    str(theirs.fileno()),
                    json.dumps(settings),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"},
                start_new_session=True,
            )
        try:
            async with asyncio.timeout(self._limits.start_ms_max / 1000):
                self.hello = await self._hello
        except TimeoutError:
            self.close()
            raise EnvironmentFailed(f"{program} did not start within the time given.") from None
        if not self.is_isolated:
            self._scratch = tempfile.TemporaryDirectory(
                prefix="fogline-", ignore_cleanup_errors=True
            )
            os.chmod(self._scratch.name, 0o711)  # noqa: S103
            for target, source in trusted.items():
                shutil.copy(source, Path(self._scratch.name) / Path(target).name)
        if trusted:
            self._trusted = _TRUST_FOLDER if self._scratch is None else self._scratch.name

    def _find_trusted(self) -> dict[str, str]:
        """Where functions are shown each of the certificates, and where it lies."""
        if self._trust is None:
            return {}
        authority, bundle = self._trust()
        return {
            f"{_TRUST_FOLDER}/{AUTHORITY_FILE}": os.path.realpath(authority),
            f"{_TRUST_FOLDER}/{BUNDLE_FILE}": os.path.realpath(bundle),
        }

    def _placed(self) -> dict[str, str]:
        placed = {NODE_RUNTIME: os.path.realpath(f"{RUNTIMES}/node_runtime.cjs")}
        if self._node_modules is not None and self._node_modules.is_dir():
            placed["/var/runtime/node_modules"] = os.path.realpath(self._node_modules)
        return placed

    def _on_frame(self, kind: int, body: bytes | None) -> None:
        if body is not None and not self._hello.done():
            self._hello.set_result(orjson.loads(body))

    def _on_close(self) -> None:
        if not self._hello.done():
            said = f"The process that prepares {self.interpreter.path} ended at once."
            self._hello.set_exception(EnvironmentFailed(said))

    def make_environment(self) -> Environment:
        """A new environment: forked, not yet anyone's."""
        if self._control is None or not self._control.is_open:
            raise EnvironmentFailed(f"The process that prepares {self.interpreter.path} has ended.")
        ours, theirs = socket.socketpair()
        number = next(self._numbers)
        folder = "" if self._scratch is None else str(Path(self._scratch.name) / str(number))
        with theirs:
            self._control.send(b"+", [theirs.fileno()])
        loop, clock, limits = self._loop, self._clock, self._limits
        return Environment(loop, clock, limits, self.interpreter, ours, folder, self._trusted)

    def take_environment(self, spec: FunctionSpec) -> Environment:
        """A spare one if there is one that fits, else a new one."""
        self._takes += 1
        if self.interpreter.kind != "node" or not _wants_fresh_process(spec):
            self._loop.call_later(_REFILL_SECONDS, self.refill)
            while self._spares:
                environment = self._spares.popleft()
                if environment.is_alive:
                    return environment
        return self.make_environment()

    def refill(self) -> None:
        """Make environments ahead of need, with their processes started."""
        # Without namespaces, who a process runs as depends on the function it will be for.
        may_start = self.is_isolated or os.geteuid() != 0
        while self.is_alive and len(self._spares) < self._limits.spares:
            environment = self.make_environment()
            if may_start:
                environment.start_ahead()
            self._spares.append(environment)
        if self._expiry is None and self._spares:
            self._expire_later()

    def _expire_later(self) -> None:
        due = self._clock.now() + self._limits.idle_ms_max
        takes = self._takes
        self._expiry = self._clock.call_at(due, lambda: self._expire(takes))

    def _expire(self, takes: int) -> None:
        """Spares that nobody needed for so long are a waste; the next use brings them back."""
        self._expiry = None
        if takes != self._takes:
            self._expire_later()
            return
        self._drop_spares()

    def _drop_spares(self) -> None:
        for environment in self._spares:
            environment.close()
        self._spares.clear()

    def close(self) -> None:
        """End the fork server, and with it every process below it."""
        self._drop_spares()
        if self._expiry is not None:
            self._expiry.cancel()
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None


def _wants_fresh_process(spec: FunctionSpec) -> bool:
    """Whether the function has variables that Node.js reads only as it starts."""
    return any(name.startswith("NODE_") for name in spec.environment)


def _own_sdk_folder() -> str:
    """Where Fogline's own boto3 lies. It is looked for, never imported: the server has no use for it."""
    spec = importlib.util.find_spec("boto3")
    return "" if spec is None or spec.origin is None else str(Path(spec.origin).parents[1])
