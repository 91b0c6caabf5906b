"""Where a machine refuses namespaces: the same functions, at real paths."""

import tempfile
from pathlib import Path

import pytest
from tests.workers.conftest import is_running

from fogline.cli.waiting import wait_for
from fogline.workers.limits import WorkerLimits


@pytest.fixture(scope="module")
def workers(runner, shared_workers):
    workers = type(shared_workers)(runner, isolate=False, limits=WorkerLimits(spares=1))
    yield workers
    workers.close()


def test_code_runs_from_its_own_folder(workers, make_function):
    spec = make_function(
        """
        import os
        def handler(event, context): return [os.getcwd(), os.environ["LAMBDA_TASK_ROOT"]]
        """
    )
    assert workers.result(spec) == [str(spec.code_folder)] * 2


def test_the_folder_for_temporary_files_is_its_own_and_ends_with_it(workers, make_function):
    spec = make_function(
        """
        import os, tempfile
        def handler(event, context):
            open(os.path.join(tempfile.gettempdir(), "file"), "a").write("x")
            return tempfile.gettempdir()
        """
    )
    first, second = workers.result(spec), workers.result(spec)
    assert first == second != tempfile.gettempdir()
    assert Path(first, "file").read_text() == "xx"


def test_layers_are_found_and_the_last_covers_the_others(workers, make_function, tmp_path):
    for name in ("first", "second"):
        (tmp_path / name / "python").mkdir(parents=True)
        (tmp_path / name / "python" / "shared.py").write_text(f"name = '{name}'")
    spec = make_function(
        "import shared\ndef handler(event, context): return shared.name",
        layers=(tmp_path / "first", tmp_path / "second"),
    )
    assert workers.result(spec) == "second"


def test_processes_that_left_the_group_end_with_the_function(workers, make_function):
    spec = make_function(
        """
        import os, time
        def handler(event, context):
            if event is None: return "well"
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.execv("/bin/sh", ["sh", "-c", "sleep 62.5; true"])
                os._exit(0)
            time.sleep(60)
        """,
        timeout_ms=300,
    )
    assert workers.error(spec, "attack")["errorType"] == "Sandbox.Timedout"
    assert workers.result(spec) == "well"
    assert wait_for(lambda: not is_running("sleep 62.5"), 30)


def test_node_functions_run(workers, make_function):
    spec = make_function(
        "exports.handler = async (event) => [event, process.cwd()];", runtime="nodejs20.x"
    )
    assert workers.result(spec, 1) == [1, str(spec.code_folder)]
