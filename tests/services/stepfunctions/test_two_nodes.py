"""Two nodes on one PostgreSQL: whichever moves an execution, each of its steps is taken once."""

from __future__ import annotations

import json
import threading

import pytest
from tests.services.stepfunctions.conftest import ROLE

from fogline.cli.waiting import wait_for
from fogline.config import read_config
from fogline.testing.platform import LocalPlatform

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

EXECUTIONS = 40
SECONDS_MAX = 60
SEND = "arn:aws:states:::sqs:sendMessage"


@pytest.fixture
def nodes(postgres_url, tmp_path):
    def make(name):
        return LocalPlatform(read_config({}, port=0, data=tmp_path / name, store=postgres_url))

    with make("first") as first, make("second") as second:
        yield first, second


@pytest.fixture
def sfn(nodes):
    return [node.client("stepfunctions") for node in nodes]


@pytest.fixture
def queue(nodes):
    return nodes[0].client("sqs").create_queue(QueueName="work")["QueueUrl"]


def send(body, **more):
    """A task that sends a message."""
    parameters = {"QueueUrl": "http://localhost/000000000000/work", "MessageBody.$": body}
    return {"Type": "Task", "Resource": SEND, "Parameters": parameters, **more}


def make_machine(sfn, states):
    definition = {"StartAt": next(iter(states)), "States": states}
    made = sfn[0].create_state_machine(name="m", definition=json.dumps(definition), roleArn=ROLE)
    return made["stateMachineArn"]


def started_on_both(sfn, machine, count=EXECUTIONS):
    return [
        sfn[number % 2].start_execution(
            stateMachineArn=machine, name=f"e{number}", input=json.dumps({"n": number})
        )["executionArn"]
        for number in range(count)
    ]


def statuses(sfn, arns):
    def all_ended():
        found = [sfn.describe_execution(executionArn=arn)["status"] for arn in arns]
        return None if "RUNNING" in found else set(found)

    return wait_for(all_ended, SECONDS_MAX)


def whole(sfn, arn):
    """Its history, which has no gap and one end."""
    events = sfn.get_execution_history(executionArn=arn, maxResults=1000)["events"]
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    ends = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut")
    assert [event["type"] in ends for event in events].count(True) == 1
    return events


def drain(node, url):
    """The bodies of all messages."""
    client = node.client("sqs")
    found = []
    while got := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [message["Body"] for message in got]
    return found


def test_each_step_is_taken_by_one_node_only(nodes, sfn, queue):
    branches = [
        {
            "StartAt": f"Wait{side}",
            "States": {
                f"Wait{side}": {"Type": "Wait", "Seconds": 1, "Next": f"Tell{side}"},
                f"Tell{side}": send(f"States.Format('{{}}-{side}', $.n)", End=True),
            },
        }
        for side in ("left", "right")
    ]
    states = {
        "First": send("States.Format('{}-first', $.n)", ResultPath=None, Next="Both"),
        "Both": {"Type": "Parallel", "Branches": branches, "ResultPath": None, "Next": "Pause"},
        "Pause": {"Type": "Wait", "Seconds": 1, "Next": "Last"},
        "Last": send("States.Format('{}-last', $.n)", End=True),
    }
    arns = started_on_both(sfn, make_machine(sfn, states))
    assert statuses(sfn[0], arns) == {"SUCCEEDED"}
    steps = ("first", "left", "right", "last")
    expected = sorted(f"{number}-{step}" for number in range(EXECUTIONS) for step in steps)
    assert sorted(drain(nodes[1], queue)) == expected
    for arn in arns:
        whole(sfn[1], arn)


def test_a_token_is_answered_at_the_other_node_and_once(nodes, sfn, queue):
    asks = {"token.$": "$$.Task.Token", "n.$": "$.n"}
    task = {
        "Type": "Task",
        "Resource": f"{SEND}.waitForTaskToken",
        "Parameters": {"QueueUrl": queue, "MessageBody": asks},
        "End": True,
    }
    arns = started_on_both(sfn, make_machine(sfn, {"Ask": task}), 10)
    asked = []
    assert wait_for(lambda: asked.extend(drain(nodes[0], queue)) or len(asked) == 10, SECONDS_MAX)
    answered = []

    def answer(client, token, number):
        try:
            client.send_task_success(taskToken=token, output=json.dumps({"by": number}))
            answered.append(number)
        except client.exceptions.TaskTimedOut:
            pass

    for body in asked:
        token = json.loads(body)["token"]
        both = [threading.Thread(target=answer, args=(sfn[i], token, i)) for i in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join(SECONDS_MAX)
    assert len(answered) == 10
    assert statuses(sfn[1], arns) == {"SUCCEEDED"}
    for arn in arns:
        whole(sfn[0], arn)


def test_a_worker_at_the_other_node_gets_the_activitys_task(sfn):
    activity = sfn[0].create_activity(name="work")["activityArn"]
    task = {"Type": "Task", "Resource": activity, "HeartbeatSeconds": 20, "End": True}
    machine = make_machine(sfn, {"Do": task})
    taken = []

    def work():
        given = sfn[1].get_activity_task(activityArn=activity, workerName="w")
        sfn[1].send_task_heartbeat(taskToken=given["taskToken"])
        sfn[1].send_task_success(taskToken=given["taskToken"], output=given["input"])
        taken.append(given["input"])

    worker = threading.Thread(target=work)
    worker.start()
    [arn] = started_on_both(sfn, machine, 1)
    worker.join(SECONDS_MAX)
    assert taken == ['{"n": 0}']
    assert statuses(sfn[0], [arn]) == {"SUCCEEDED"}


def test_parents_and_children_of_both_nodes_end_each_other(nodes, sfn, queue):
    child = send("States.Format('{}-child', $.n)", End=True)
    states = {
        "Which": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericEquals": 3, "Next": "Endless"}],
            "Default": "Pause",
        },
        "Pause": {"Type": "Wait", "Seconds": 1, "Next": "Tell"},
        "Endless": {"Type": "Wait", "Seconds": 3_600, "Next": "Tell"},
        "Tell": child,
    }
    made = sfn[0].create_state_machine(
        name="child",
        definition=json.dumps({"StartAt": "Which", "States": states}),
        roleArn=ROLE,
    )
    run = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": made["stateMachineArn"], "Input.$": "$"},
        "End": True,
    }
    arns = started_on_both(sfn, make_machine(sfn, {"Run": run}), 20)
    sfn[1].stop_execution(executionArn=arns[3])
    ends = statuses(sfn[0], arns)
    assert ends == {"SUCCEEDED", "ABORTED"}
    told = drain(nodes[0], queue)
    assert sorted(told) == sorted(f"{n}-child" for n in range(20) if n != 3)
    for arn in arns:
        whole(sfn[1], arn)
