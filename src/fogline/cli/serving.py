"""The server in the foreground: listens first, then starts the application's session beside it, and stops both cleanly.

Nothing is imported here that answering the first request does not need; the session (templates, building, watching,
drawing) is a process of its own, which asks the server over HTTP as any other client does.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import signal
import sys

import uvloop

from fogline.app import Platform, calm_collector
from fogline.cli.exits import FAILED, Failure
from fogline.cli.output import Output
from fogline.cli.programs import OURSELVES
from fogline.cli.server_file import (
    FolderTaken,
    ServerFile,
    lock_folder,
    remove_server_file,
    taken,
    write_server_file,
)
from fogline.config import Config
from fogline.store.store import SchemaTooNew, StoreFailure

_SESSION_SECONDS_MAX = 5.0
_FILES_WANTED = (65_536, 10_240)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(config: Config, app: list[str] | None, out: Output) -> None:
    """Run until Ctrl-C or a signal. `app` are the words for the application's session, None for none."""
    logging.basicConfig(
        level=config.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    try:
        lock = lock_folder(config.data)
    except FolderTaken:
        raise taken(config.data) from None
    except OSError as error:
        raise Failure(
            f"The data folder {config.data} cannot be used: {error.strerror}.",
            "Name another with --data.",
        ) from None
    raise_file_limit()
    with lock:
        try:
            uvloop.run(_Server(config, app, out).run())
        finally:
            remove_server_file(config.data)


def raise_file_limit() -> None:
    """Allow this process as many open files as it may have: every connection is one, and shells allow 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in _FILES_WANTED:
        number = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        if soft == resource.RLIM_INFINITY or soft >= number:
            return
        with contextlib.suppress(OSError, ValueError):  # macOS has a bound below its "infinity"
            resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
            return


class _Server:
    def __init__(self, config: Config, app: list[str] | None, out: Output) -> None:
        self._config, self._app, self._out = config, app, out
        self._signals = 0
        self._session: asyncio.subprocess.Process | None = None

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        stopping = asyncio.Event()
        # Under nohup a lost terminal is not to end us.
        hangup = () if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN else (signal.SIGHUP,)
        for number in (signal.SIGINT, signal.SIGTERM, *hangup):
            loop.add_signal_handler(number, self._on_signal, stopping)
        platform = await self._start()
        completing = loop.create_task(self._complete(platform))
        try:
            self._announce(platform)
            watching = None
            if self._app is not None:
                watching = loop.create_task(self._run_session(platform, self._app))
            await stopping.wait()
            self._tell({"event": "stopping"}, "Stopping ...", "dim")
            if watching is not None:
                await self._end_session(watching)
        finally:
            completing.cancel()
            await platform.stop()
        self._tell({"event": "stopped"}, "Stopped.", "dim")

    def _on_signal(self, stopping: asyncio.Event) -> None:
        self._signals += 1
        stopping.set()
        if self._signals >= 3:
            # Asked three times: whoever asks wants an end now. What was acknowledged is on disk.
            os._exit(FAILED)

    async def _start(self) -> Platform:
        config = self._config
        try:
            platform = Platform(config)
        except (SchemaTooNew, StoreFailure) as error:
            raise Failure(str(error)) from None
        try:
            await platform.start()
        except OSError as error:
            with contextlib.suppress(Exception):
                await platform.stop()
            raise self._cannot_listen(error) from None
        return platform

    async def _complete(self, platform: Platform) -> None:
        """What is left to do once it answers."""
        await platform.complete()
        calm_collector()

    def _cannot_listen(self, error: OSError) -> Failure:
        import errno

        where = f"{self._config.listen}:{self._config.port}"
        if error.errno == errno.EADDRINUSE or "in use" in str(error):
            return Failure(
                f"Port {self._config.port} is in use by another program.",
                "Stop that one, or take another port: `fogline up --port 4567` (0 takes any that is free).",
            )
        if error.errno == errno.EACCES:
            return Failure(f"Listening on {where} is not permitted.", "Take a port above 1023.")
        return Failure(
            f"Listening on {where} failed: {error.strerror or error}.",
            "See --listen and --port in `fogline up --help`.",
        )

    def _announce(self, platform: Platform) -> None:
        config, out = self._config, self._out
        endpoint = platform.endpoint()
        server = ServerFile(os.getpid(), platform.port, endpoint, platform.pages.started_at)
        write_server_file(config.data, server)
        state = "in memory" if config.ephemeral else str(config.data)
        if config.store:
            state = "PostgreSQL"
        self._tell(
            {"event": "listening", "endpoint": endpoint, "port": platform.port, "pid": server.pid},
            f"Fogline listens at {out.paint(endpoint, 'name')} (state: {state})",
        )
        if config.listen not in _LOOPBACK:
            text = (
                f"Listening on {config.listen}: whoever reaches this machine there can read and change all data here, "
                "and run code as the functions' user. Keep it behind a firewall."
            )
            self._tell({"event": "exposed", "listen": config.listen}, text, "warn")
        if self._app is None and not out.is_json:
            hint = 'Lead your tools here: eval "$(fogline env)". Ctrl-C stops.'
            self._tell({}, hint, "dim")

    def _tell(self, event: dict[str, object], text: str, kind: str = "") -> None:
        """Say it, if anybody still listens: who read our words may have gone, the server stays."""
        with contextlib.suppress(BrokenPipeError):
            self._out.event(event, text, kind)

    # ---- the application's session

    async def _run_session(self, platform: Platform, words: list[str]) -> None:
        command = [
            *(*OURSELVES, "deploy", "--watch"),
            *("--endpoint", platform.endpoint()),
            *("--data", str(self._config.data)),
            *("--account", self._config.account, "--region", self._config.region),
            *("--report", str(self._config.data / "app.json")),
            *(["--json"] if self._out.is_json else []),
            *words,
        ]
        self._session = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL
        )
        code = await self._session.wait()
        if not self._signals and code:
            text = "The application is not watched any more; the server runs on. Ctrl-C stops it."
            self._tell({"event": "unwatched", "exit_code": code}, text, "warn")

    async def _end_session(self, watching: asyncio.Task[None]) -> None:
        session = self._session
        if session is not None and session.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                session.send_signal(signal.SIGINT)
        done, _ = await asyncio.wait({watching}, timeout=_SESSION_SECONDS_MAX)
        if not done and session is not None:
            with contextlib.suppress(ProcessLookupError):
                session.kill()
            await asyncio.wait({watching}, timeout=_SESSION_SECONDS_MAX)
