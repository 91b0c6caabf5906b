"""Functions that break, flood, fork or pry must hurt nobody but themselves."""

import ast
import os
import select
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from tests.workers.conftest import is_running

from fogline.cli.waiting import wait_for
from fogline.workers.isolation import isolation

LEVEL = isolation().level
needs_namespaces = pytest.mark.namespaces


def attack(code: str) -> str:
    return textwrap.dedent(code) + textwrap.dedent(
        """
        def handler(event, context):
            return attack() if event else "well"
        """
    )


@pytest.mark.parametrize(
    "code",
    [
        """
        import os
        def attack():
            os.write(3, os.urandom(100_000))
        """,
        """
        import os
        def attack():
            os.write(3, b"\\xff\\xff\\xff\\xffO" + bytes(100_000))
        """,
        """
        import os
        def attack():
            os.write(3, b"\\x00\\x00\\x00\\x02O{}")
        """,
        """
        import os
        def attack():
            os.close(3)
        """,
        """
        import os, time
        def attack():
            os.close(3)
            time.sleep(60)
        """,
        """
        import ctypes
        def attack():
            ctypes.string_at(0)
        """,
        """
        import signal, time
        def attack():
            for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(name, signal.SIG_IGN)
            time.sleep(60)
        """,
        """
        def attack():
            while True:
                print("x" * 100_000)
        """,
        """
        import os
        def attack():
            os.closerange(0, 100)
        """,
    ],
)
def test_the_function_fails_and_works_again(workers, make_function, code):
    spec = make_function(attack(code), timeout_ms=300)
    workers.error(spec, "attack")
    assert workers.result(spec) == "well"


def test_too_much_memory_kills_the_function(workers, make_function):
    code = """
        def attack():
            held = []
            while True:
                held.append(bytearray(b"x" * (4 << 20)))
    """
    spec = make_function(attack(code), timeout_ms=20_000)
    outcome = workers.invoke(spec, "attack")
    assert outcome.payload.endswith(b' Error: Runtime exited with error: signal: killed"}')
    assert outcome.memory_used_mb == 128
    assert workers.result(spec) == "well"


def test_processes_that_share_memory_are_not_counted_twice(workers, make_function):
    spec = make_function(
        """
        import os, time
        held = b"x" * (60 << 20)
        def handler(event, context):
            children = [os.fork() for _ in range(1)]
            time.sleep(0.2)
            if children[0] == 0: os._exit(0)
            os.waitpid(children[0], 0)
            return len(held)
        """
    )
    assert workers.result(spec) == 60 << 20


@needs_namespaces
def test_processes_are_bounded(workers, make_function):
    code = """
        import os, time
        def attack():
            while True:
                try:
                    if os.fork() == 0:
                        time.sleep(60)
                except BlockingIOError:
                    return "bounded"
    """
    spec = make_function(attack(code), timeout_ms=20_000, memory_mb=3000)
    assert workers.result(spec, "attack") == "bounded"
    workers.pool.forget(spec.arn)


def test_processes_that_left_the_group_end_with_the_function(workers, make_function, tmp_path):
    os.chmod(tmp_path, 0o777)
    code = """
        import os, time
        def attack():
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.execv("/bin/sh", ["sh", "-c", "sleep 61.5; true"])
                os._exit(0)
            time.sleep(60)
    """
    spec = make_function(attack(code), timeout_ms=300)
    workers.error(spec, "attack")
    assert workers.result(spec) == "well"
    assert wait_for(lambda: not is_running("sleep 61.5"), 30)


def test_no_descriptor_of_the_server_is_open(workers, make_function):
    spec = make_function(
        """
        import os
        def handler(event, context):
            found = []
            for number in range(1024):
                try:
                    os.fstat(number)
                    found.append(number)
                except OSError:
                    pass
            return found
        """
    )
    assert workers.result(spec) == [0, 1, 2, 3]


@needs_namespaces
def test_the_machine_is_out_of_sight(workers, make_function, tmp_path):
    (tmp_path / "state.db").write_text("everything")
    spec = make_function(
        """
        import os
        def handler(event, context):
            return {
                "state": os.path.exists(event),
                "home": os.path.exists(os.path.expanduser("/root/.bashrc")),
                "host": os.listdir("/.host"),
                "task": os.listdir("/var/task"),
                "processes": sum(name.isdigit() for name in os.listdir("/proc")),
                "place": os.getcwd(),
                "tmp": os.listdir("/tmp"),
                "server": os.path.exists("/proc/1/root/var"),
            }
        """
    )
    # An interpreter that is itself installed under /tmp is still found there.
    below = [place for place in (sys.prefix, sys.base_prefix) if place.startswith("/tmp/")]
    assert workers.result(spec, str(tmp_path / "state.db")) == {
        "state": False,
        "home": False,
        "host": [],
        "task": ["index.py"],
        "processes": 2,
        "place": "/var/task",
        "tmp": sorted({Path(place).parts[2] for place in below}),
        "server": False,
    }


@needs_namespaces
@pytest.mark.parametrize("path", ["/var/task/new", "/opt/new", "/usr/new", "/new", "/etc/passwd"])
def test_only_tmp_can_be_written(workers, make_function, path):
    spec = make_function("def handler(event, context): open(event, 'w')")
    assert workers.error(spec, path)["errorType"] in ("OSError", "PermissionError")
    assert workers.result(make_function("def handler(e, c): open('/tmp/new', 'w')")) is None


@needs_namespaces
def test_tmp_holds_what_the_function_was_given(workers, make_function):
    code = """
        def handler(event, context):
            with open("/tmp/big", "wb") as file:
                for _ in range(event):
                    file.write(bytes(1 << 20))
    """
    spec = make_function(code, ephemeral_mb=16, memory_mb=512)
    assert workers.result(spec, 15) is None
    assert "No space left on device" in workers.error(spec, 17)["errorMessage"]


def test_no_privilege_is_left(workers, make_function):
    spec = make_function(
        """
        def handler(event, context):
            lines = open("/proc/self/status").read().splitlines()
            facts = dict(line.split(":\\t", 1) for line in lines if ":\\t" in line)
            return [facts["NoNewPrivs"], facts["CapEff"], facts["CapPrm"]]
        """
    )
    if LEVEL != "none":
        assert workers.result(spec) == ["1", "0000000000000000", "0000000000000000"]


def test_when_the_server_is_killed_every_process_ends(tmp_path, make_function):
    spec = make_function("import time\ndef handler(event, context): time.sleep(60)")
    server = f"""
        import asyncio, pathlib
        from fogline.aws.call import Trace
        from fogline.ports.functions import *
        from fogline.workers.pool import FunctionPool
        from fogline.world.clock import RealClock
        from fogline.world.ids import Ids
        async def main():
            pool = FunctionPool(RealClock(), Ids())
            spec = FunctionSpec(
                arn="arn:aws:lambda:us-east-1:0:function:f:$LATEST", name="f", version="$LATEST",
                account="0", region="us-east-1", runtime="python3.11", handler="index.handler",
                code_folder=pathlib.Path({str(spec.code_folder)!r}), stamp="1",
                credentials=Credentials("", "", ""), endpoint="", logging=Logging("/g"),
                timeout_ms=60_000,
            )
            trace = Trace("1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8")
            running = asyncio.ensure_future(pool.invoke(spec, Invocation("r", b"1", trace, "")))
            while not pool._busy or not any(each._turn.has_begun for each in pool._busy):
                await asyncio.sleep(0.01)
            fork_server = (await list(pool._nurseries.values())[0])._process.pid
            print([each.warden_process for each in pool._busy] + [fork_server], flush=True)
            await running
        asyncio.run(main())
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(server)], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        started = ast.literal_eval(process.stdout.readline())
        below = [
            child
            for one in started
            for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()
        ]
        os.kill(process.pid, signal.SIGKILL)
        # The pipe closes once nobody below the server holds it either.
        process.stdout.read()
    assert len(started) == 2
    for one in {*started, *map(int, below)}:
        descriptor = _pidfd(one)
        if descriptor is not None:
            assert select.select([descriptor], [], [], 5)[0], f"process {one} lives on"
            os.close(descriptor)


def _pidfd(process: int) -> int | None:
    try:
        return os.pidfd_open(process)
    except ProcessLookupError:
        return None
