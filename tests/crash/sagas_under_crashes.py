"""Sagas among crashes: a server that runs a thousand of them is killed fifty times, and each still ends once.

Every execution books a flight (a function), a hotel (a write to a table, no function between) and a payment, which
fails for every third; then what was booked is given back, the last first. Effects are counted in a table:

- what is done inside the store happens with its transition, so exactly once;
- a function runs at least once, as AWS promises: its effect is kept under the execution's name, so it is there once;
- a history has no gap and no repetition, whenever the server died.

    python tests/crash/sagas_under_crashes.py [--executions 1000] [--kills 50] [--seed 1]
"""

from __future__ import annotations

import argparse
import io
import json
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fogline.cli.client import Client, to_blob
from fogline.cli.exits import Failure
from fogline.cli.waiting import wait_for

sys.path.insert(0, str(Path(__file__).parent))
from kill_under_load import Server, Unanswered

STARTERS = 3
SECONDS_MAX = 1_800.0
KILL_SECONDS = (0.1, 3.0)
ENDED = {
    "ExecutionSucceeded",
    "ExecutionFailed",
    "ExecutionAborted",
    "ExecutionTimedOut",
}
ROLE = "arn:aws:iam::000000000000:role/sagas"

FUNCTION = """import boto3
from botocore.exceptions import ClientError
table = boto3.resource("dynamodb").Table("effects")
class Declined(Exception):
    pass
def handler(event, context):
    table.update_item(Key={"pk": event["id"] + "#" + event["step"]},
        UpdateExpression="ADD attempts :one SET done = if_not_exists(done, :one)",
        ExpressionAttributeValues={":one": 1})
    if event["step"] == "payment" and event["fails"]:
        raise Declined("no money")
    return {"step": event["step"]}
"""


def _function(step: str, then: str, *, caught: str = "") -> dict[str, Any]:
    state: dict[str, Any] = {
        "Type": "Task",
        "Resource": "arn:aws:lambda:us-east-1:000000000000:function:step",
        "Parameters": {
            "id.$": "$$.Execution.Name",
            "step": step,
            "fails.$": "$.fails",
        },
        "ResultPath": f"$.{step}",
        "Retry": [
            {
                "ErrorEquals": ["Lambda.ServiceException", "Lambda.TooManyRequestsException"],
                "IntervalSeconds": 1,
                "MaxAttempts": 5,
            }
        ],
        "Next": then,
    }
    if caught:
        state["Catch"] = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": caught}]
    return state


def _write(step: str, then: str) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:updateItem",
        "Parameters": {
            "TableName": "effects",
            "Key": {"pk": {"S.$": f"States.Format('{{}}#{step}', $$.Execution.Name)"}},
            "UpdateExpression": "ADD attempts :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        },
        "ResultPath": None,
        "Next": then,
    }


MACHINE = {
    "StartAt": "Flight",
    "States": {
        "Flight": _function("flight", "Hotel"),
        "Hotel": _write("hotel", "Pause"),
        "Pause": {"Type": "Wait", "Seconds": 1, "Next": "Both"},
        "Both": {
            "Type": "Parallel",
            "ResultPath": None,
            "Branches": [
                {
                    "StartAt": f"Extra{one}",
                    "States": {
                        f"Extra{one}": {
                            **{k: v for k, v in _write(f"extra{one}", "").items() if k != "Next"},
                            "End": True,
                        }
                    },
                }
                for one in (1, 2)
            ],
            "Next": "Payment",
        },
        "Payment": _function("payment", "Booked", caught="CancelHotel"),
        "Booked": {"Type": "Succeed"},
        "CancelHotel": _write("cancel-hotel", "CancelFlight"),
        "CancelFlight": _function("cancel-flight", "Failed"),
        "Failed": {"Type": "Fail", "Error": "NotBooked", "Cause": "The payment was declined."},
    },
}
DONE_ALWAYS = ("flight", "hotel", "extra1", "extra2", "payment")
DONE_WHEN_FAILED = ("cancel-hotel", "cancel-flight")
IN_STORE = frozenset({"hotel", "extra1", "extra2", "cancel-hotel"})


@dataclass
class Ledger:
    """What was asked for, and what was wrong."""

    started: set[int] = field(default_factory=set)
    """Numbers of executions whose start was acknowledged."""
    failures: list[str] = field(default_factory=list)
    kills: int = 0
    performed_again: int = 0


class SagasUnderCrashes:
    """One story, from the first execution to the end of the last. `ledger.failures` tells what was wrong."""

    def __init__(self, folder: Path, seed: int, executions: int, *options: str) -> None:
        """`options` are further words for `fogline up`."""
        self.server = Server(folder, *options)
        self.ledger = Ledger()
        self.executions = executions
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._machine = ""

    def run(self, kills: int = 50, tell: Callable[[str], None] = lambda text: None) -> None:
        self.server.start()
        try:
            self._make()
            starters = [
                threading.Thread(target=self._guarded, args=(number,)) for number in range(STARTERS)
            ]
            for thread in starters:
                thread.start()
            for _ in range(kills):
                time.sleep(self._chance.uniform(*KILL_SECONDS))
                self.server.kill()
                self.ledger.kills += 1
                self.server.start()
                tell(f"kill {self.ledger.kills}: {len(self.ledger.started)} started")
            for thread in starters:
                thread.join(SECONDS_MAX)
                assert not thread.is_alive(), "a starter hangs"
            wait_for(lambda: not self._running(), SECONDS_MAX, 0.2)
            self._check()
            tell(
                f"the end: {len(self.ledger.started)} executions, "
                f"{self.ledger.performed_again} tasks performed again, "
                f"{len(self.ledger.failures)} failures"
            )
        finally:
            self._is_over.set()
            self.server.stop()

    # ---- making and starting

    def _make(self) -> None:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as package:
            package.writestr("index.py", FUNCTION)
        with Client(self.server.endpoint) as client:
            client.call(
                "dynamodb",
                "CreateTable",
                TableName="effects",
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            )
            client.call(
                "lambda",
                "CreateFunction",
                FunctionName="step",
                Runtime="python3.12",
                Handler="index.handler",
                Role=ROLE,
                Timeout=30,
                Code={"ZipFile": to_blob(archive.getvalue())},
            )
            made = client.call(
                "stepfunctions",
                "CreateStateMachine",
                name="saga",
                roleArn=ROLE,
                definition=json.dumps(MACHINE),
            )
        self._machine = made["stateMachineArn"]

    def _guarded(self, starter: int) -> None:
        try:
            self._start_all(starter)
        except (AssertionError, LookupError, ValueError) as wrong:
            self._note(f"starter {starter}: {wrong!r}")

    def _note(self, failure: str) -> None:
        with self._lock:
            self.ledger.failures.append(failure)

    def _start_all(self, starter: int) -> None:
        for number in range(starter, self.executions, STARTERS):
            # The same again until it is answered: a name stands for one execution.
            request = {
                "stateMachineArn": self._machine,
                "name": f"saga-{number}",
                "input": json.dumps({"fails": fails(number)}),
            }
            while not self._is_over.is_set():
                try:
                    self._ask("StartExecution", request)
                    break
                except Unanswered:
                    time.sleep(0.05)
            with self._lock:
                self.ledger.started.add(number)

    def _ask(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """One request as SDKs send it. Raises Unanswered."""
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"AWSStepFunctions.{operation}",
        }
        with Client(self.server.endpoint) as client:
            try:
                status, answer = client.ask("POST", "/", json.dumps(request).encode(), headers)
            except (Failure, OSError) as failure:
                raise Unanswered from failure
        document: dict[str, Any] = json.loads(answer or b"{}")
        if status == 400 and document.get("__type", "").endswith("ExecutionAlreadyExists"):
            # It was started, and has ended, before its starter asked again.
            return {}
        assert status == 200, f"{operation} answered {status}: {answer!r}"
        return document

    # ---- the end

    def _running(self) -> bool:
        found = self._ask(
            "ListExecutions",
            {"stateMachineArn": self._machine, "statusFilter": "RUNNING", "maxResults": 1},
        )
        return bool(found["executions"])

    def _check(self) -> None:
        effects = self._effects()
        prefix = self._machine.replace(":stateMachine:", ":execution:")
        for number in range(self.executions):
            name = f"saga-{number}"
            arn = f"{prefix}:{name}"
            status = self._ask("DescribeExecution", {"executionArn": arn})["status"]
            expected = "FAILED" if fails(number) else "SUCCEEDED"
            if status != expected:
                self._note(f"{name} ended {status}")
            self._check_history(name, arn)
            self._check_effects(name, effects, is_failed=fails(number))

    def _check_history(self, name: str, arn: str) -> None:
        found = self._ask("GetExecutionHistory", {"executionArn": arn, "maxResults": 1000})
        events = found["events"]
        if [event["id"] for event in events] != list(range(1, len(events) + 1)):
            self._note(f"{name}: its events are {[event['id'] for event in events]}")
        types = Counter(event["type"] for event in events)
        if sum(types[one] for one in ENDED) != 1 or events[-1]["type"] not in ENDED:
            self._note(f"{name} ended {sum(types[one] for one in ENDED)} times")
        entered = Counter(
            event["stateEnteredEventDetails"]["name"]
            for event in events
            if "stateEnteredEventDetails" in event
        )
        again = {state: count for state, count in entered.items() if count > 1}
        if again:
            self._note(f"{name} entered {again}")
        for event in events[2:]:
            if not 0 < event["previousEventId"] < event["id"]:
                self._note(f"{name}: event {event['id']} follows {event['previousEventId']}")

    def _check_effects(self, name: str, effects: dict[str, int], *, is_failed: bool) -> None:
        expected = set(DONE_ALWAYS) | (set(DONE_WHEN_FAILED) if is_failed else set())
        for step in (*DONE_ALWAYS, *DONE_WHEN_FAILED):
            count = effects.get(f"{name}#{step}", 0)
            if (count > 0) != (step in expected):
                self._note(f"{name}: {step} was done {count} times")
            elif step in IN_STORE and count > 1:
                self._note(f"{name}: {step}, which is done in the store, was done {count} times")
            elif count > 1:
                self.ledger.performed_again += count - 1

    def _effects(self) -> dict[str, int]:
        """How often each step of each execution was done."""
        effects: dict[str, int] = {}
        with Client(self.server.endpoint) as client:
            start: dict[str, Any] | None = None
            while True:
                page = client.call(
                    "dynamodb",
                    "Scan",
                    TableName="effects",
                    **({"ExclusiveStartKey": start} if start else {}),
                )
                for item in page["Items"]:
                    effects[item["pk"]["S"]] = int(item["attempts"]["N"])
                start = page.get("LastEvaluatedKey")
                if not start:
                    return effects


def fails(number: int) -> bool:
    """Whether the payment of that execution is declined."""
    return number % 3 == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--executions", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--store", metavar="URL", help="an empty PostgreSQL database, in place of SQLite"
    )
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="fogline-sagas-"))
    folder.chmod(0o755)
    options = ("--store", given.store) if given.store else ()
    story = SagasUnderCrashes(folder, given.seed, given.executions, *options)
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped
    story.run(
        given.kills, lambda text: print(f"{time.monotonic() - began:6.0f} s  {text}", flush=True)
    )
    for failure in story.ledger.failures[:50]:
        print(f"  {failure}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    return 1 if story.ledger.failures else 0


if __name__ == "__main__":
    sys.exit(main())
