"""Map runs among crashes: the server is killed while items are read, while children run and while results are written.

Each map run reads its items from a file, does something to a table for every batch, and leaves its results in a bucket.
However often it was killed, every item has been processed, in the store exactly once, and the results are whole.

    python tests/crash/map_runs_under_crashes.py [--rounds 10]
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fogline.cli.client import Client
from fogline.cli.waiting import wait_for

sys.path.insert(0, str(Path(__file__).parent))
from kill_under_load import Server

PHASES = ("READING", "RUNNING", "WRITING")
ROUNDS_MAX = 20
ITEMS = 6_000
BATCH = 20
PADDING = "x" * 500
"""Of each item: what takes no time cannot be interrupted."""
SECONDS_MAX = 120.0
ROLE = "arn:aws:iam::000000000000:role/maps"

MACHINE = {
    "StartAt": "Map",
    "States": {
        "Map": {
            "Type": "Map",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSONL"},
                "Parameters": {"Bucket": "maps", "Key": "items.jsonl"},
            },
            "ItemBatcher": {
                "MaxItemsPerBatch": BATCH,
                "BatchInput": {"of.$": "$$.Execution.Name"},
            },
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Count",
                "States": {
                    "Count": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::dynamodb:updateItem",
                        "Parameters": {
                            "TableName": "effects",
                            "Key": {
                                "pk": {
                                    "S.$": "States.Format('{}#{}', $.BatchInput.of, $.Items[0].n)"
                                }
                            },
                            "UpdateExpression": "ADD attempts :one",
                            "ExpressionAttributeValues": {":one": {"N": "1"}},
                        },
                        "ResultPath": None,
                        "Next": "Tell",
                    },
                    "Tell": {"Type": "Pass", "Parameters": {"ns.$": "$.Items[*].n"}, "End": True},
                },
            },
            "ResultWriter": {
                "Resource": "arn:aws:states:::s3:putObject",
                "Parameters": {"Bucket": "maps", "Prefix": "results"},
            },
            "End": True,
        }
    },
}


class MapRunsUnderCrashes:
    """Rounds of one map run each, with a kill in another phase each time. `failures` tells what was wrong."""

    def __init__(self, folder: Path, *options: str) -> None:
        """`options` are further words for `fogline up`."""
        self.server = Server(folder, *options)
        self.failures: list[str] = []
        self.killed_in: set[str] = set()
        """Phases in which the server was killed."""
        self._machine = ""

    def run(
        self,
        rounds: int,
        tell: Callable[[str], None] = lambda text: None,
        is_enough: Callable[[], bool] = lambda: True,
    ) -> None:
        self.server.start()
        try:
            self._make()
            for number in itertools.count():
                # On a busy machine a phase may be over before anybody sees it: then there is another round.
                if number >= rounds and (is_enough() or number >= ROUNDS_MAX):
                    break
                self._round(number, PHASES[number % len(PHASES)])
                tell(
                    f"round {number}: killed in {sorted(self.killed_in)}, {len(self.failures)} failures"
                )
        finally:
            self.server.stop()

    def _make(self) -> None:
        lines = (json.dumps({"n": n, "padding": PADDING}) for n in range(ITEMS))
        with Client(self.server.endpoint) as client:
            client.call(
                "dynamodb",
                "CreateTable",
                TableName="effects",
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            )
            client.call("s3", "CreateBucket", Bucket="maps")
            with tempfile.NamedTemporaryFile("w") as file:
                file.write("\n".join(lines))
                file.flush()
                client.put_object("maps", "items.jsonl", Path(file.name))
            made = client.call(
                "stepfunctions",
                "CreateStateMachine",
                name="maps",
                roleArn=ROLE,
                definition=json.dumps(MACHINE),
            )
        self._machine = made["stateMachineArn"]

    def _round(self, number: int, phase: str) -> None:
        name = f"map-{number}"
        with Client(self.server.endpoint) as client:
            started = client.call(
                "stepfunctions", "StartExecution", stateMachineArn=self._machine, name=name
            )
        arn = started["executionArn"]
        self._await(arn, phase)
        self.server.kill()
        self.server.start()
        wait_for(lambda: self._status(arn) != "RUNNING", SECONDS_MAX, 0.1)
        status = self._status(arn)
        if status != "SUCCEEDED":
            self.failures.append(f"{name} ended {status}")
            return
        self._check_results(name, arn)
        self._check_effects(name)

    def _await(self, arn: str, phase: str) -> None:
        """Return when the map run is in that phase."""
        until = time.monotonic() + SECONDS_MAX
        with Client(self.server.endpoint) as client:
            while time.monotonic() < until:
                found = _phase(client, arn)
                if found == "" and self._status(arn) != "RUNNING":
                    return
                if found and PHASES.index(found) >= PHASES.index(phase):
                    self.killed_in.add(found)
                    return

    def _status(self, arn: str) -> str:
        with Client(self.server.endpoint) as client:
            found = client.call("stepfunctions", "DescribeExecution", executionArn=arn)
        status: str = found["status"]
        return status

    # ---- the end

    def _check_results(self, name: str, arn: str) -> None:
        with Client(self.server.endpoint) as client:
            told = client.call("stepfunctions", "DescribeExecution", executionArn=arn)["output"]
            details = json.loads(told)["ResultWriterDetails"]
            manifest = self._object(client, details["Key"])
            files = manifest["ResultFiles"]
            results = [
                child for file in files["SUCCEEDED"] for child in self._object(client, file["Key"])
            ]
        if files["FAILED"] or files["PENDING"]:
            self.failures.append(f"{name}: {files}")
        items = [n for child in results for n in json.loads(child["Output"])["ns"]]
        if items != list(range(ITEMS)):
            self.failures.append(f"{name}: {len(items)} results of {ITEMS}, or in another order")

    def _object(self, client: Client, key: str) -> Any:
        status, body = client.ask("GET", f"/maps/{key}", b"", {})
        assert status == 200, body
        return json.loads(body)

    def _check_effects(self, name: str) -> None:
        with Client(self.server.endpoint) as client:
            for first in range(0, ITEMS, BATCH):
                key = {"pk": {"S": f"{name}#{first}"}}
                found = client.call("dynamodb", "GetItem", TableName="effects", Key=key)
                count = int(found.get("Item", {}).get("attempts", {"N": "0"})["N"])
                if count != 1:
                    self.failures.append(f"{name}: the batch from {first} was done {count} times")


def _phase(client: Client, execution: str) -> str:
    """What the execution's map run is about, as its counts tell it; "" before it has begun, and after its end."""
    listed = client.call("stepfunctions", "ListMapRuns", executionArn=execution)["mapRuns"]
    if not listed:
        return ""
    arn = listed[0]["mapRunArn"]
    found = client.call("stepfunctions", "DescribeMapRun", mapRunArn=arn)
    counts = found["executionCounts"]
    if found["status"] != "RUNNING":
        return ""
    if not counts["total"]:
        return "READING"
    return "WRITING" if counts["succeeded"] == counts["total"] else "RUNNING"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="fogline-maps-"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped
    story = MapRunsUnderCrashes(folder)
    story.run(given.rounds, lambda text: print(text, flush=True))
    for failure in story.failures[:50]:
        print(f"  {failure}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    return 1 if story.failures else 0


if __name__ == "__main__":
    sys.exit(main())
