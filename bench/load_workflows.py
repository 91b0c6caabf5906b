"""The cases of workflows: Express and Standard executions, tasks, and a map of many items. See `load.py`."""

from __future__ import annotations

import asyncio
import itertools
import json
from time import perf_counter
from typing import Any

from load import CONNECTIONS, Failed, Figures, Maker, Script, case, make_zip, play, replay

ROLE = "arn:aws:iam::000000000000:role/bench"
_STATES = 10
_DRAINED = 1_000
_ITEMS = 10_000
_SECONDS_MAX = 120.0

_TEN = {
    f"P{number}": (
        {"Type": "Pass", "Next": f"P{number + 1}"}
        if number + 1 < _STATES
        else {"Type": "Pass", "End": True}
    )
    for number in range(_STATES)
}


def _machine(maker: Maker, name: str, definition: dict[str, Any], kind: str = "STANDARD") -> str:
    made = maker.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=ROLE, type=kind
    )
    arn: str = made["stateMachineArn"]
    return arn


def _function(maker: Maker, name: str) -> str:
    client = maker.client("lambda")
    made = client.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Handler="index.handler",
        Role=ROLE,
        Code={"ZipFile": make_zip("index.py", "def handler(event, context):\n    return event\n")},
    )
    for _ in range(4):
        client.invoke(FunctionName=name, Payload=b"{}")
    arn: str = made["FunctionArn"]
    return arn


async def _drained(maker: Maker, machine: str) -> None:
    """Return when nothing of the machine runs."""
    client = maker.client("stepfunctions")
    began = perf_counter()
    while client.list_executions(stateMachineArn=machine, statusFilter="RUNNING", maxResults=1)[
        "executions"
    ]:
        if perf_counter() - began > _SECONDS_MAX:
            raise Failed("executions do not come to an end")
        await asyncio.sleep(0.02)


@case("express-sync", "Express execution of ten Pass states, synchronous", share=0.01)
async def express_sync(maker: Maker, seconds: float) -> Figures:
    machine = _machine(maker, "ten-express", {"StartAt": "P0", "States": _TEN}, "EXPRESS")
    start = maker.request(
        "stepfunctions", "start_sync_execution", stateMachineArn=machine, input="{}"
    )
    return await replay(maker, [start], seconds)


@case("standard-drained", "Standard execution of ten Pass states, drained", share=0.005)
async def standard_drained(maker: Maker, seconds: float) -> Figures:
    machine = _machine(maker, "ten-standard", {"StartAt": "P0", "States": _TEN})
    start = maker.request("stepfunctions", "start_execution", stateMachineArn=machine, input="{}")
    left = itertools.repeat(None, _DRAINED)

    def starts() -> Script:
        for _ in left:
            yield start

    began = perf_counter()
    await play(maker.url, [starts() for _ in range(CONNECTIONS)])
    await _drained(maker, machine)
    took = perf_counter() - began
    each_ms = took * 1_000 / _DRAINED
    return Figures(_DRAINED / took, each_ms, each_ms)


@case("express-function", "Express execution of one warm function", p50_ms=2.3)
async def express_function(maker: Maker, seconds: float) -> Figures:
    """Beside `lambda-warm`: the difference is what a task adds."""
    task = {"Type": "Task", "Resource": _function(maker, "task"), "End": True}
    machine = _machine(maker, "one-function", {"StartAt": "T", "States": {"T": task}}, "EXPRESS")
    start = maker.request(
        "stepfunctions", "start_sync_execution", stateMachineArn=machine, input="{}"
    )
    return await replay(maker, [start], seconds, connections=1)


@case("standard-functions", "Standard execution, one of twenty functions in a row", p50_ms=1.9)
async def standard_functions(maker: Maker, seconds: float) -> Figures:
    arn = _function(maker, "row")
    states = {
        f"T{number}": {
            "Type": "Task",
            "Resource": arn,
            **({"Next": f"T{number + 1}"} if number < 19 else {"End": True}),
        }
        for number in range(20)
    }
    machine = _machine(maker, "row", {"StartAt": "T0", "States": states})
    client = maker.client("stepfunctions")
    took: list[float] = []
    for _ in range(10):
        arn = client.start_execution(stateMachineArn=machine)["executionArn"]
        await _drained(maker, machine)
        shown = client.describe_execution(executionArn=arn)
        took.append((shown["stopDate"] - shown["startDate"]).total_seconds() * 1_000 / 20)
    return Figures(None, sorted(took)[len(took) // 2], max(took))


@case("map-items", "Distributed Map, items of a warm function", per_second=500)
async def map_items(maker: Maker, seconds: float) -> Figures:
    arn = _function(maker, "item")
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Work",
        "States": {"Work": {"Type": "Task", "Resource": arn, "End": True}},
    }
    s3 = maker.client("s3")
    s3.create_bucket(Bucket="items")
    s3.put_object(Bucket="items", Key="all.json", Body=json.dumps(list(range(_ITEMS))).encode())
    state = {
        "Type": "Map",
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON"},
            "Parameters": {"Bucket": "items", "Key": "all.json"},
        },
        "ItemProcessor": processor,
        "ResultPath": None,
        "End": True,
    }
    machine = _machine(maker, "items", {"StartAt": "All", "States": {"All": state}})
    began = perf_counter()
    maker.client("stepfunctions").start_execution(stateMachineArn=machine)
    await _drained(maker, machine)
    each_ms = (perf_counter() - began) * 1_000 / _ITEMS
    return Figures(1_000 / each_ms, each_ms, each_ms)
