"""A real server killed in the middle of longer work: what it had begun is finished, what it ran ends with it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.crash.kill_under_load import Server
from tests.scenarios.conftest import EXAMPLES, make_zip, zip_folder

from fogline.cli.client import Client, to_blob
from fogline.cli.waiting import wait_for

pytestmark = pytest.mark.slow

SECONDS_MAX = 90
SLEEPER = """import subprocess, time
def handler(event, context):
    subprocess.Popen(["sleep", "100"])
    print("asleep")
    time.sleep(100)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    tmp_path.chmod(0o755)
    server = Server(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("milliseconds", [0, 15, 40, 80, 160])
def test_a_stack_that_was_being_made_is_finished_after_the_kill(
    server: Server, tmp_path: Path, milliseconds: int
) -> None:
    package = tmp_path / "orders.zip"
    package.write_bytes(zip_folder(EXAMPLES / "orders/src"))
    template = (EXAMPLES / "orders/template.yaml").read_text()
    with Client(server.endpoint) as client:
        client.call("s3", "CreateBucket", Bucket="packages")
        client.put_object("packages", "orders.zip", package)
        client.call(
            "cloudformation",
            "CreateStack",
            StackName="orders",
            TemplateBody=template.replace("src/", "s3://packages/orders.zip"),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
    time.sleep(milliseconds / 1000)
    server.kill()
    server.start()
    with Client(server.endpoint) as client:

        def stack() -> dict[str, Any]:
            found: dict[str, Any] = client.call(
                "cloudformation", "DescribeStacks", StackName="orders"
            )["Stacks"][0]
            return found

        wait_for(lambda: not stack()["StackStatus"].endswith("IN_PROGRESS"), SECONDS_MAX)
        assert stack()["StackStatus"] == "CREATE_COMPLETE"
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack()["Outputs"]}
        order = json.dumps({"order_id": "a", "amount": 1})
        client.call("sqs", "SendMessage", QueueUrl=outputs["QueueUrl"], MessageBody=order)

        def is_stored() -> bool:
            found = client.call("dynamodb", "Scan", TableName=outputs["TableName"])
            return [item["order_id"]["S"] for item in found["Items"]] == ["a"]

        assert wait_for(is_stored, SECONDS_MAX)
        queues = client.call("sqs", "ListQueues")["QueueUrls"]
        assert len(queues) == 2, "nothing was made twice"


def test_functions_end_with_the_server_that_ran_them(server: Server) -> None:
    with Client(server.endpoint) as client:
        client.call(
            "lambda",
            "CreateFunction",
            FunctionName="sleeper",
            Runtime=f"python3.{sys.version_info[1]}",
            Handler="index.handler",
            Role="arn:aws:iam::000000000000:role/anybody",
            Timeout=120,
            Code={"ZipFile": to_blob(make_zip({"index.py": SLEEPER}))},
        )
        wait_for(lambda: _is_active(client), SECONDS_MAX)
        client.call("lambda", "Invoke", FunctionName="sleeper", InvocationType="Event")
    root = server.pid
    assert wait_for(lambda: any("sleep" in each for each in _family(root).values()), SECONDS_MAX)
    family = _family(root)
    server.kill()
    assert wait_for(lambda: not family.keys() & _processes().keys(), SECONDS_MAX), {
        pid: line for pid, (_, line) in _processes().items() if pid in family
    }


def _is_active(client: Client) -> bool:
    found = client.call("lambda", "GetFunctionConfiguration", FunctionName="sleeper")
    return bool(found["State"] == "Active")


def _processes() -> dict[int, tuple[int, str]]:
    """Every process that lives: its parent and its command line."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 3) for line in listing.splitlines()]
    return {int(row[0]): (int(row[1]), row[-1]) for row in rows if not row[2].startswith("Z")}


def _family(root: int) -> dict[int, str]:
    """The process and all that descend from it."""
    processes = _processes()
    family = {root}
    for _ in processes:
        grown = family | {pid for pid, (parent, _) in processes.items() if parent in family}
        if grown == family:
            break
        family = grown
    return {pid: processes[pid][1] for pid in family if pid in processes}
