"""Workflows stopped at every write: after a restart each execution ends once, and what it did it did once.

Every story is one execution, driven by the same hand before and after the stop. Its effects are counted in a table:
what a task does in the store is done exactly once, what a workflow waits for (here: an Express one) at least once.

    python tests/crash/workflows_every_write.py [--every 1] [--first 1]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from every_write import ACCOUNT, REGION, StoppingStore, perform

from fogline.app import Platform
from fogline.aws.errors import AwsError
from fogline.config import read_config
from fogline.world.clock import SECOND, ManualClock

ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
PREFIX = f"arn:aws:states:{REGION}:{ACCOUNT}"
ROUNDS = 14
"""Seconds that each life of the platform has; every story ends in fewer."""
STOPPED_IN_ROUND = 3
BEGAN_AT = 1_767_225_600_000
TERMINAL = {"ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"}

States = dict[str, dict[str, Any]]


def effect(step: str, then: str = "", key: str = "") -> dict[str, Any]:
    """A task that counts itself, inside the store."""
    path = key or f"States.Format('{{}}#{step}', $$.Execution.Name)"
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:updateItem",
        "Parameters": {
            "TableName": "effects",
            "Key": {"pk": {"S.$": path}},
            "UpdateExpression": "ADD times :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        },
        "ResultPath": None,
        **({"Next": then} if then else {"End": True}),
    }


def machine(states: States, **more: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states, **more}


def wait(seconds: int, then: str) -> dict[str, Any]:
    return {"Type": "Wait", "Seconds": seconds, "Next": then}


ITEM_KEY = "States.Format('{}#item{}', $$.Execution.Name, $$.Map.Item.Value)"

MACHINES: dict[str, dict[str, Any]] = {
    "steps": machine(
        {
            "One": effect("one", "Pause"),
            "Pause": wait(2, "Which"),
            "Which": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "Two"}],
                "Default": "Wrong",
            },
            "Wrong": {"Type": "Fail"},
            "Two": effect("two"),
        }
    ),
    "fans": machine(
        {
            "Both": {
                "Type": "Parallel",
                "ResultPath": "$.both",
                "Branches": [
                    machine({"Late": wait(1, "Left"), "Left": effect("left")}),
                    machine({"Right": effect("right")}),
                ],
                "Next": "Each",
            },
            "Each": {
                "Type": "Map",
                "ItemsPath": "$.items",
                "ItemSelector": {"key.$": ITEM_KEY},
                "MaxConcurrency": 2,
                "ItemProcessor": machine(
                    {"Doze": wait(1, "Item"), "Item": effect("", "", "$.key")}
                ),
                "ResultPath": "$.each",
                "End": True,
            },
        }
    ),
    "token": machine(
        {
            "Ask": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"},
                "ResultPath": "$.answer",
                "Next": "Told",
            },
            "Told": effect("told"),
        }
    ),
    "retry": machine(
        {
            "Try": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:sqs:getQueueUrl",
                "Parameters": {"QueueName": "none"},
                "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2, "IntervalSeconds": 1}],
                "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": "Sorry"}],
                "End": True,
            },
            "Sorry": effect("sorry"),
        }
    ),
    "stop": machine(
        {"One": effect("one", "Long"), "Long": wait(100_000, "No"), "No": effect("no")}
    ),
    "nested": machine(
        {
            "Run": {
                "Type": "Task",
                "Resource": "arn:aws:states:::states:startExecution.sync:2",
                "Parameters": {
                    "StateMachineArn": f"{PREFIX}:stateMachine:child",
                    "Input": {"key": "child#in"},
                },
                "ResultSelector": {"name.$": "$.Name"},
                "Next": "After",
            },
            "After": effect("after"),
        }
    ),
    "waits": machine(
        {
            "Ask": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
                "Parameters": {
                    "StateMachineArn": f"{PREFIX}:stateMachine:quick",
                    "Name": "waited",
                },
                "ResultPath": None,
                "Next": "After",
            },
            "After": effect("after"),
        }
    ),
    "spread": machine(
        {
            "Each": {
                "Type": "Map",
                "ItemsPath": "$.items",
                "ItemSelector": {"key.$": ITEM_KEY.replace("$$.Execution.Name", "'spread'")},
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    **machine({"Item": effect("", "", "$.key")}),
                },
                "End": True,
            },
        }
    ),
}
CHILD = machine({"Doze": wait(1, "In"), "In": effect("in", "", "$.key")})
QUICK = machine({"Once": effect("once")})

INPUT = json.dumps({"n": 1, "items": ["a", "b", "c"], "large": "x" * 600})
STATUSES = {"retry": "SUCCEEDED", "stop": "ABORTED"}
ONCE = {
    *("steps#one", "steps#two", "fans#left", "fans#right", "token#told", "retry#sorry"),
    *("stop#one", "nested#after", "child#in", "waits#after"),
    *(f"{story}#item{item}" for story in ("fans", "spread") for item in "abc"),
}
AT_LEAST_ONCE = {"express#once", "waited#once"}


def make_platform(folder: Path, now: int) -> Platform:
    config = read_config({}, port=0, data=folder)
    return Platform(config, clock=ManualClock(now), embedded_store=StoppingStore)


async def prepare(folder: Path) -> None:
    """What is there before anything is started."""
    platform = make_platform(folder, BEGAN_AT)
    await platform.start()
    await perform(platform, "sqs", "CreateQueue", {"QueueName": "q"})
    await perform(
        platform,
        "dynamodb",
        "CreateTable",
        {
            "TableName": "effects",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )
    machines = {**MACHINES, "child": CHILD, "quick": QUICK}
    for name, definition in machines.items():
        request = {"name": name, "definition": json.dumps(definition), "roleArn": ROLE}
        if name == "quick":
            request["type"] = "EXPRESS"
        await perform(platform, "stepfunctions", "CreateStateMachine", request)
    await platform.stop()


class Hand:
    """Starts every story, answers and stops what is to be; what was answered before is not asked again."""

    def __init__(self, platform: Platform, answered: set[str], tell: Any) -> None:
        self.platform = platform
        self.answered = answered
        self._tell = tell

    def note(self, what: str) -> None:
        self.answered.add(what)
        self._tell(what)

    async def drive(self) -> None:
        for story in MACHINES:
            if story not in self.answered:
                await self._start(story, story)
        if "express" not in self.answered:
            await self._start("express", "quick")
        for number in range(ROUNDS):
            await self.platform.advance(SECOND)
            await self._answer_tokens()
            if number >= STOPPED_IN_ROUND and "stopped" not in self.answered:
                await self._ask("StopExecution", executionArn=f"{PREFIX}:execution:stop:stop")
                self.note("stopped")
        await self.platform.settle()

    async def _start(self, name: str, machine: str) -> None:
        arn = f"{PREFIX}:stateMachine:{machine}"
        try:
            await self._ask("StartExecution", stateMachineArn=arn, name=name, input=INPUT)
        except AwsError as refused:
            # It was started, and has ended, before its answer could be told.
            if refused.code != "ExecutionAlreadyExists":
                raise
        self.note(name)

    async def _answer_tokens(self) -> None:
        ask = {"QueueUrl": "q", "MaxNumberOfMessages": 10, "VisibilityTimeout": 1}
        got = await perform(self.platform, "sqs", "ReceiveMessage", ask)
        for message in got.get("Messages", []):
            try:
                await self._ask("SendTaskSuccess", taskToken=message["Body"], output='{"ok":1}')
            except AwsError as refused:
                if refused.code != "TaskTimedOut":
                    raise
            gone = {"QueueUrl": "q", "ReceiptHandle": message["ReceiptHandle"]}
            await perform(self.platform, "sqs", "DeleteMessage", gone)

    async def _ask(self, operation: str, **request: Any) -> Any:
        return await perform(self.platform, "stepfunctions", operation, request)


async def live(folder: Path, told: int) -> None:
    """The life that is stopped."""
    platform = make_platform(folder, BEGAN_AT)
    await platform.start()
    StoppingStore.statements = 0
    await Hand(platform, set(), lambda what: os.write(told, f"{what}\n".encode())).drive()
    os.write(told, f"statements {StoppingStore.statements}\n".encode())
    os._exit(0)


def live_until(folder: Path, stop_at: int) -> list[str]:
    """Live in a process of its own that dies at that statement; what had been answered."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        StoppingStore.stop_at = stop_at
        try:
            asyncio.run(live(folder, writer))
        finally:
            os._exit(1)
    os.close(writer)
    with os.fdopen(reader) as lines:
        answered = lines.read().split("\n")[:-1]
    _, status = os.waitpid(child, 0)
    died = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert died or (stop_at == 0 and os.WEXITSTATUS(status) == 0), answered
    return answered


async def go_on(folder: Path, answered: set[str]) -> list[str]:
    """The life after it, which ends all stories; what is wrong with them."""
    platform = make_platform(folder, BEGAN_AT + 60 * SECOND)
    await platform.start()
    await Hand(platform, answered, lambda what: None).drive()
    wrong: list[str] = []
    names = {name: f"{PREFIX}:execution:{name}:{name}" for name in MACHINES}
    arn = f"{PREFIX}:stateMachine:child"
    children = (await _list(platform, arn))["executions"]
    if len(children) != 1:
        wrong.append(f"the child was started {len(children)} times")
    names |= {f"child {each['name']}": each["executionArn"] for each in children}
    for name, execution in names.items():
        wrong += [f"{name}: {text}" for text in await _look(platform, name, execution)]
    effects = await perform(platform, "dynamodb", "Scan", {"TableName": "effects"})
    done = {item["pk"]["S"]: int(item["times"]["N"]) for item in effects["Items"]}
    wrong += [f"{key} was done {done.get(key, 0)} times" for key in ONCE if done.get(key) != 1]
    wrong += [f"{key} was not done" for key in AT_LEAST_ONCE if not done.get(key)]
    wrong += [f"{key} was done" for key in done.keys() - ONCE - AT_LEAST_ONCE]
    for table in ("sfn_running", "sfn_express", "sfn_activity_tasks"):
        with platform.store.read() as tx:
            [count] = tx.row(f"SELECT count(*) FROM {table}") or [0]
        if count:
            wrong.append(f"{table} holds {count} rows")
    await platform.stop()
    return wrong


async def _list(platform: Platform, arn: str) -> Any:
    return await perform(platform, "stepfunctions", "ListExecutions", {"stateMachineArn": arn})


async def _look(platform: Platform, name: str, arn: str) -> list[str]:
    asked = {"executionArn": arn}
    described = await perform(platform, "stepfunctions", "DescribeExecution", asked)
    found = await perform(platform, "stepfunctions", "GetExecutionHistory", asked)
    events = found["events"]
    wrong = []
    expected = STATUSES.get(name, "SUCCEEDED")
    if described["status"] != expected:
        wrong.append(f"ended {described['status']}: {described.get('cause')}")
    if [event["id"] for event in events] != list(range(1, len(events) + 1)):
        wrong.append(f"its events are {[event['id'] for event in events]}")
    types = Counter(event["type"] for event in events)
    if sum(types[one] for one in TERMINAL) != 1 or events[-1]["type"] not in TERMINAL:
        wrong.append(f"its history ends {sum(types[one] for one in TERMINAL)} times")
    for event in events[1:]:
        if not 0 <= event["previousEventId"] < event["id"]:
            wrong.append(f"event {event['id']} follows {event['previousEventId']}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="stop at each of so many places only")
    parser.add_argument("--first", type=int, default=1)
    given = parser.parse_args()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        asyncio.run(prepare(root / "begin"))
        shutil.copytree(root / "begin", root / "whole")
        told = live_until(root / "whole", 0)
        statements = int(told[-1].split()[1])
        assert statements > 100
        assert asyncio.run(go_on(root / "whole", set(told))) == []
        places = range(given.first, statements + 1, given.every)
        for stop_at in places:
            folder = root / str(stop_at)
            shutil.copytree(root / "begin", folder)
            answered = live_until(folder, stop_at)
            StoppingStore.stop_at = 0
            found = asyncio.run(go_on(folder, set(answered)))
            for each in found:
                print(f"stopped at {stop_at} (answered {answered[-1:]}): {each}", flush=True)
            wrong += found
            shutil.rmtree(folder)
    print(f"stopped at {len(places)} of {statements} places: {len(wrong)} things are wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
