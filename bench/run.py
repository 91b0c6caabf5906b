"""`make bench`: what Fogline does in a second, beside an echo server that does nothing, in one table.

Starts both on free ports, Fogline durable in a temporary folder. Echo is measured anew before and after every case,
because the machine is not equally fast all the time: compare figures of one run only, and best as shares of echo.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from time import perf_counter

import load_events  # noqa: F401 - its cases
import load_http_apis  # noqa: F401 - its cases
import load_rest_apis  # noqa: F401 - its cases
import load_workflows  # noqa: F401 - its cases
import uvloop
from load import CASES, Case, Failed, Figures, Floor, Maker, measure_echo

from fogline.cli.client import Client
from fogline.cli.exits import NoServer
from fogline.cli.server_file import find_server_file

STARTUP_MS_MAX = 250.0
IDLE_MB_MAX = 60.0
_STARTS = 5
_START_SECONDS_MAX = 30.0
_IDLE_SECONDS = 2.0


@contextmanager
def echo_server() -> Iterator[str]:
    """The URL of a running echo server."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("echo.py"))],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()


class Server:
    """A Fogline in a process of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._data = folder / ".fogline"
        self._log = (folder / "server.log").open("ab")
        self.url = ""

    def start(self) -> float:
        """Start; the milliseconds until the first call of the AWS API was answered."""
        began = perf_counter()
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "fogline.cli.main", "up", "--no-app"),
                *("--port", "0", "--data", str(self._data)),
            ],
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        while (known := find_server_file(self._data)) is None or known.pid != self.process.pid:
            if self.process.poll() is not None or perf_counter() - began > _START_SECONDS_MAX:
                raise SystemExit(f"Fogline did not start; see {self._log.name}")
            time.sleep(0.001)
        self.url = known.endpoint
        headers = {
            "x-amz-target": "AmazonSQS.ListQueues",
            "content-type": "application/x-amz-json-1.0",
        }
        with Client(self.url) as client:
            while True:
                try:
                    status, _ = client.ask("POST", "/", b"{}", headers)
                    break
                except NoServer:
                    time.sleep(0.001)
        assert status == 200, status
        return (perf_counter() - began) * 1000

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)

    def memory_mb(self) -> float:
        """Resident memory of the server and of every process it started."""
        listing = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True
        ).stdout
        rows = [tuple(map(int, line.split())) for line in listing.splitlines()]
        family = {self.process.pid}
        for _ in rows:
            grown = family | {pid for pid, parent, _rss in rows if parent in family}
            if grown == family:
                break
            family = grown
        return sum(rss for pid, _parent, rss in rows if pid in family) / 1024


def measure_start(folder: Path) -> tuple[float, float]:
    """Median milliseconds to the first answer, and megabytes when idle with nothing deployed."""
    took = []
    memory = 0.0
    for _ in range(_STARTS):
        server = Server(folder)
        took.append(server.start())
        if len(took) == _STARTS:
            time.sleep(_IDLE_SECONDS)
            memory = server.memory_mb()
        server.stop()
    return sorted(took)[_STARTS // 2], memory


# ---- the table

_ROW = "{:<38} {:>11} {:>8} {:>9} {:>9}   {:<16} {}"


def say(*columns: str) -> None:
    print(_ROW.format(*columns).rstrip(), flush=True)


def show_floor(floor: Floor) -> str:
    if floor.share is not None:
        return f">= {floor.share:.0%} of echo"
    if floor.per_second is not None:
        return f">= {floor.per_second:,.0f}/s"
    return f"p50 <= {floor.p50_ms:g} ms"


def holds(floor: Floor, figures: Figures, share: float | None) -> bool:
    """True when a case reaches its floor."""
    if floor.share is not None:
        return share is not None and share >= floor.share
    if floor.per_second is not None:
        return figures.per_second is not None and figures.per_second >= floor.per_second
    assert floor.p50_ms is not None
    return figures.p50_ms is not None and figures.p50_ms <= floor.p50_ms


def show_case(case: Case, figures: Figures, share: float | None, *, is_held: bool) -> None:
    say(
        case.text,
        f"{figures.per_second:,.0f}/s" if figures.per_second is not None else "",
        f"{share:.1%}" if share is not None else "",
        f"{figures.p50_ms:.2f} ms",
        f"{figures.p99_ms:.2f} ms",
        show_floor(case.floor),
        "" if is_held else "BELOW",
    )


def run(names: list[str], seconds: float) -> dict[str, object]:
    report: dict[str, object] = {}
    with tempfile.TemporaryDirectory(prefix="fogline-bench-") as temporary, echo_server() as echo:
        os.chmod(
            temporary, 0o755
        )  # functions run as a user of their own and must get at their code
        folder = Path(temporary)
        say("case", "rate", "of echo", "p50", "p99", "floor", "")
        if "start" in names:
            startup, memory = measure_start(folder / "start")
            is_held = startup <= STARTUP_MS_MAX
            say("start to first answer", "", "", f"{startup:.0f} ms", "", f"p50 <= {STARTUP_MS_MAX:g} ms",
                "" if is_held else "BELOW")  # fmt: skip
            say("idle memory", f"{memory:.1f} MB", "", "", "", f"<= {IDLE_MB_MAX:g} MB",
                "" if memory <= IDLE_MB_MAX else "BELOW")  # fmt: skip
            report["start"] = {"p50_ms": startup, "idle_mb": memory}
        server = Server(folder)
        server.start()
        try:
            for case in CASES:
                if case.name in names:
                    report[case.name] = run_case(case, echo, Maker(server.url), seconds)
        finally:
            server.stop()
    return report


def run_case(case: Case, echo: str, maker: Maker, seconds: float) -> dict[str, object]:
    echoed: float = uvloop.run(measure_echo(echo, seconds / 2))
    try:
        figures: Figures = uvloop.run(_measure(case, maker, seconds))
    except (Failed, OSError, TimeoutError) as failure:
        say(case.text, "failed", "", "", "", show_floor(case.floor), "BELOW")
        print(f"  {str(failure)[:600]}", flush=True)
        return {"failure": str(failure)}
    share = None
    if figures.per_second is not None:
        echoed = (echoed + uvloop.run(measure_echo(echo, seconds / 2))) / 2
        share = figures.per_second / echoed
    is_held = holds(case.floor, figures, share)
    show_case(case, figures, share, is_held=is_held)
    return {"echo_per_second": echoed, "share": share, "is_held": is_held, **asdict(figures)}


async def _measure(case: Case, maker: Maker, seconds: float) -> Figures:
    return await asyncio.wait_for(case.measure(maker, seconds), seconds + 120)


def main() -> None:
    known = ["start", *(case.name for case in CASES)]
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", default=",".join(known), help=f"some of: {', '.join(known)}")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each case runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    given = parser.parse_args()
    names = given.cases.split(",")
    if unknown := set(names) - set(known):
        parser.error(f"there is no case {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    report = run(names, given.seconds)
    if given.json is not None:
        given.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
