"""Tasks of activities, as workers ask for them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.fixture
def activity(stepfunctions):
    return stepfunctions.create_activity(name="pack")["activityArn"]


@pytest.fixture
def started(stepfunctions, make_machine, activity, fogline_platform):
    """Starts an execution whose only task is the activity's; its ARN."""

    def started(input="{}", **more):
        task = {"Type": "Task", "Resource": activity, "End": True, **more}
        machine = make_machine(f"m{len(more)}", {"StartAt": "Pack", "States": {"Pack": task}})
        arn = stepfunctions.start_execution(stateMachineArn=machine, input=input)["executionArn"]
        fogline_platform.settle()
        return arn

    return started


def test_a_worker_gets_the_task_with_its_input(stepfunctions, activity, started):
    arn = started('{"box": 1}')
    task = stepfunctions.get_activity_task(activityArn=activity, workerName="w")
    assert task["input"] == '{"box": 1}'
    stepfunctions.send_task_success(taskToken=task["taskToken"], output='"packed"')
    events = stepfunctions.get_execution_history(executionArn=arn)["events"]
    (given,) = [event for event in events if event["type"] == "ActivityStarted"]
    assert given["activityStartedEventDetails"] == {"workerName": "w"}
    execution = stepfunctions.describe_execution(executionArn=arn)
    assert (execution["status"], execution["output"]) == ("SUCCEEDED", '"packed"')


def test_tasks_are_given_in_the_order_in_which_they_came(stepfunctions, activity, started):
    for number in range(3):
        started(str(number))
    given = [stepfunctions.get_activity_task(activityArn=activity)["input"] for _ in range(3)]
    assert given == ["0", "1", "2"]


def test_a_worker_waits_a_minute_for_a_task(stepfunctions, activity, fogline_platform):
    with ThreadPoolExecutor(1) as workers:
        asked = workers.submit(stepfunctions.get_activity_task, activityArn=activity)
        while not asked.done():
            fogline_platform.advance(seconds=10)
    assert "taskToken" not in asked.result()


def test_a_waiting_worker_gets_a_task_as_soon_as_there_is_one(
    stepfunctions, activity, started, fogline
):
    asking = threading.Event()
    client = fogline.client("stepfunctions")
    client.meta.events.register("before-send.*", lambda **_: asking.set())
    with ThreadPoolExecutor(1) as workers:
        asked = workers.submit(client.get_activity_task, activityArn=activity)
        asking.wait(30)
        started("7")
        assert asked.result(30)["input"] == "7"


def test_a_task_is_given_to_one_worker(stepfunctions, activity, started, fogline_platform):
    started()
    stepfunctions.get_activity_task(activityArn=activity)
    with ThreadPoolExecutor(1) as workers:
        asked = workers.submit(stepfunctions.get_activity_task, activityArn=activity)
        while not asked.done():
            fogline_platform.advance(seconds=10)
    assert "taskToken" not in asked.result()


def test_tasks_that_nobody_waits_for_are_not_given(
    stepfunctions, activity, started, fogline_platform
):
    stopped = started("0")
    started("1", TimeoutSeconds=5)
    stepfunctions.stop_execution(executionArn=stopped)
    fogline_platform.advance(seconds=5)
    started("2")
    assert stepfunctions.get_activity_task(activityArn=activity)["input"] == "2"


def test_a_heartbeat_is_due_from_when_the_worker_took_the_task(
    stepfunctions, activity, started, fogline_platform
):
    arn = started(HeartbeatSeconds=10)
    fogline_platform.advance(seconds=5)
    task = stepfunctions.get_activity_task(activityArn=activity)
    fogline_platform.advance(seconds=9)
    stepfunctions.send_task_heartbeat(taskToken=task["taskToken"])
    fogline_platform.advance(seconds=10)
    execution = stepfunctions.describe_execution(executionArn=arn)
    assert execution["status"] == "FAILED"


def test_an_activity_that_is_not_there_has_no_tasks(stepfunctions, activity, refusal):
    refused = refusal(stepfunctions.get_activity_task, activityArn=f"{activity}x")
    assert refused == ("ActivityDoesNotExist", f"Activity Does Not Exist: '{activity}x'")
    assert refusal(stepfunctions.get_activity_task, activityArn="nonsense")[0] == "InvalidArn"


def test_an_execution_can_be_the_worker(
    fogline, stepfunctions, activity, started, make_machine, fogline_platform
):
    ask = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:getActivityTask",
        "Parameters": {"ActivityArn": activity, "WorkerName": "w"},
        "Next": "Answer",
    }
    answer = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
        "Parameters": {"TaskToken.$": "$.TaskToken", "Output.$": "$.Input"},
        "End": True,
    }
    definition = {"StartAt": "Ask", "States": {"Ask": ask, "Answer": answer}}
    role = f"arn:aws:iam::{fogline.id}:role/worker"
    worker = make_machine("w", definition, roleArn=role)
    stepfunctions.start_execution(stateMachineArn=worker)
    arn = started('{"box": 1}')
    fogline_platform.settle()
    execution = stepfunctions.describe_execution(executionArn=arn)
    assert (execution["status"], execution.get("output")) == ("SUCCEEDED", '{"box":1}')
