"""Execution environments: when they are reused, when they end, how many there are."""

import asyncio
import json
import re
from dataclasses import replace

import pytest

from fogline.ports.functions import EnvironmentFailed, NoRuntime, TooManyInvocations
from fogline.workers.interpreters import find_interpreter
from fogline.workers.limits import WorkerLimits
from fogline.world.clock import MINUTE

COUNTING = """
    count = 0
    def handler(event, context):
        global count
        count += 1
        return count
"""
WAITING = """
    import time, os
    def handler(event, context):
        time.sleep(event)
        return os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
"""


def test_a_warm_environment_is_used_again(workers, make_function):
    spec = make_function(COUNTING)
    first, second = workers.invoke(spec), workers.invoke(spec)
    assert (first.payload, second.payload) == (b"1", b"2")
    assert first.log_stream == second.log_stream
    assert first.init_ms is not None
    assert second.init_ms is None


def test_invocations_at_the_same_time_have_environments_of_their_own(workers, make_function):
    spec = make_function(WAITING)
    outcomes = workers.invoke_together(spec, [0.05] * 4)
    assert len({outcome.payload for outcome in outcomes}) == 4


def test_changed_code_starts_afresh(workers, make_function):
    spec = make_function(COUNTING)
    workers.invoke(spec)
    (spec.code_folder / "index.py").write_text("def handler(event, context): return 'new'")
    assert workers.result(replace(spec, stamp="2")) == "new"


def test_a_forgotten_function_starts_afresh(workers, make_function):
    spec = make_function(COUNTING)
    assert workers.result(spec) == 1
    workers.pool.forget(spec.arn.rpartition(":")[0])
    assert workers.result(spec) == 1


def test_an_invocation_in_progress_outlives_the_function(workers, make_function):
    spec = make_function(WAITING)

    async def forget_meanwhile():
        running = asyncio.ensure_future(workers.pool.invoke(spec, workers.invocation(0.2)))
        while not any(each._turn and each._turn.has_begun for each in workers.pool._busy):
            await asyncio.sleep(0.01)
        workers.pool.forget(spec.arn)
        return await running

    first = workers.run(forget_meanwhile())
    assert not first.function_error
    assert workers.invoke(spec, 0).log_stream != first.log_stream


def test_an_idle_environment_ends_after_its_time(make_workers, make_function):
    workers = make_workers()
    spec = make_function(COUNTING)
    workers.invoke(spec)
    workers.clock.move_to(workers.clock.now() + 9 * MINUTE)
    assert workers.result(spec) == 2
    workers.clock.move_to(workers.clock.now() + 9 * MINUTE)
    assert workers.result(spec) == 3
    workers.clock.move_to(workers.clock.now() + 10 * MINUTE)
    assert workers.result(spec) == 1


def test_spares_end_when_nobody_needs_them(make_workers, make_function):
    workers = make_workers(limits=WorkerLimits(spares=2))
    spec = make_function(COUNTING)

    async def spares():
        workers.pool.prepare(spec)
        await asyncio.gather(*workers.pool._tasks)
        (task,) = workers.pool._nurseries.values()
        return (await task)._spares

    assert len(workers.run(spares())) == 2
    spares_left = workers.run(spares())
    workers.clock.move_to(workers.clock.now() + 10 * MINUTE)
    assert len(spares_left) == 0
    assert workers.result(spec) == 1


def test_the_longest_idle_environment_makes_room(make_workers, make_function):
    workers = make_workers(limits=WorkerLimits(environments_max=2, spares=0))
    first, second, third = (make_function(COUNTING) for _ in range(3))
    for spec in (first, second, first, third):
        workers.invoke(spec)
    assert workers.result(first) == 3
    assert workers.result(second) == 1


def test_invocations_wait_for_a_place_up_to_a_bound(make_workers, make_function):
    limits = WorkerLimits(environments_max=1, waiting_max=1, spares=0)
    workers = make_workers(limits=limits)
    specs = [make_function(WAITING) for _ in range(3)]

    async def together():
        calls = [workers.pool.invoke(spec, workers.invocation(0.05)) for spec in specs]
        return await asyncio.gather(*calls, return_exceptions=True)

    first, second, third = workers.run(together())
    assert not first.function_error
    assert not second.function_error
    assert isinstance(third, TooManyInvocations)


def test_a_timeout_is_answered_in_time_and_leaves_the_content_of_tmp(workers, make_function):
    spec = make_function(
        """
        import os, tempfile, time
        file = os.path.join(tempfile.gettempdir(), "kept")
        count = 0
        def handler(event, context):
            global count
            count += 1
            open(file, "a").write("x")
            if event: time.sleep(60)
            return [count, open(file).read()]
        """,
        timeout_ms=1_150,  # long enough for a busy machine to come to the sleep
    )
    workers.invoke(spec)
    outcome = workers.invoke(spec, "slow")
    payload = json.loads(outcome.payload)
    request_id = payload["errorMessage"].split()[1]
    assert payload == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request_id} Error: Task timed out after 1.15 seconds",
    }
    assert outcome.is_timeout
    assert outcome.duration_ms == 1_150
    said = [event.message for event in outcome.log]
    assert re.fullmatch(rf"\S+Z {request_id} Task timed out after 1\.15 seconds\n\n", said[1])
    assert said[-1].endswith("Max Memory Used: 35 MB\tStatus: timeout\n") or "timeout" in said[-1]
    assert workers.result(spec) == [1, "xxx"]


def test_code_that_takes_too_long_to_load_times_out(make_workers, make_function):
    workers = make_workers(limits=WorkerLimits(init_ms_max=50, spares=0))
    spec = make_function("import time; time.sleep(60)", timeout_ms=100)
    assert workers.error(spec)["errorType"] == "Sandbox.Timedout"


def test_a_cancelled_invocation_frees_its_place(make_workers, make_function):
    workers = make_workers(limits=WorkerLimits(environments_max=1, spares=0))
    spec = make_function(WAITING, timeout_ms=60_000)

    async def cancel():
        running = asyncio.ensure_future(workers.pool.invoke(spec, workers.invocation(60)))
        await asyncio.sleep(0.3)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return await workers.pool.invoke(spec, workers.invocation(0))

    assert not workers.run(cancel()).function_error


def test_a_runtime_that_cannot_run_says_so(workers, make_function):
    with pytest.raises(NoRuntime, match=r"and not java21"):
        workers.invoke(make_function("", runtime="java21"))


def test_a_runtime_newer_than_the_machine_runs_on_the_nearest(workers, make_function):
    spec = make_function("def handler(event, context): return event", runtime="python3.19")
    assert workers.result(spec, 1) == 1


def test_code_that_is_not_there_is_a_failure_of_the_world(workers, make_function, tmp_path):
    spec = replace(make_function(COUNTING), code_folder=tmp_path / "absent")
    with pytest.raises(EnvironmentFailed):
        workers.invoke(spec)


def test_nothing_is_started_before_a_function_needs_it(make_workers):
    workers = make_workers()
    assert workers.pool._nurseries == {}


def test_prepare_makes_the_first_invocation_quick(make_workers, make_function):
    workers = make_workers()
    spec = make_function(COUNTING)

    async def prepare():
        workers.pool.prepare(spec)
        await asyncio.gather(*workers.pool._tasks)

    workers.run(prepare())
    assert len(workers.pool._nurseries) == 1
    assert workers.result(spec) == 1


def test_a_fork_server_that_died_is_started_again(make_workers, make_function):
    workers = make_workers()
    spec = make_function(COUNTING)
    workers.invoke(spec)

    async def kill():
        (task,) = workers.pool._nurseries.values()
        process = (await task)._process
        process.kill()
        process.wait()
        while any(each.is_alive for each in workers.pool._environments):
            await asyncio.sleep(0.01)

    workers.run(kill())
    assert workers.result(make_function(COUNTING)) == 1
    assert workers.result(spec) == 1


@pytest.mark.parametrize("runtime", ["python3.6", "python3.8"])
def test_a_python_too_old_for_boto3_does_not_count(workers, make_function, runtime):
    spec = make_function("import boto3\ndef handler(event, context): return event", runtime)
    assert workers.result(spec, 1) == 1
    assert not find_interpreter(runtime).is_exact
