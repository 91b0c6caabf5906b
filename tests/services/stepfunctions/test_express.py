"""Express executions: waited for, or promised."""

from __future__ import annotations

import json
import threading
from concurrent.futures import Future

import pytest

from fogline.config import read_config
from fogline.services.stepfunctions.limits import Limits
from fogline.testing.platform import LocalPlatform

_ROUNDS_MAX = 500
_BEGIN_ROUNDS_MAX = 10_000


@pytest.fixture
def make_express(make_own):
    def make(states, name="express", *, top=None):
        return make_own(name, states, top=top, type="EXPRESS")

    return make


@pytest.fixture
def make_own(fogline, make_machine):
    """Makes a machine whose role is of its own account, so that its tasks are performed there."""

    def make(name, states, *, top=None, **more):
        definition = {"StartAt": next(iter(states)), "States": states, **(top or {})}
        role = f"arn:aws:iam::{fogline.id}:role/workflows"
        return make_machine(name, definition, roleArn=role, **more)

    return make


@pytest.fixture
def run(stepfunctions):
    """Runs an Express execution to its end; how that was, without what the SDK adds."""

    def run(machine, input=None, **more):
        answer = stepfunctions.start_sync_execution(
            stateMachineArn=machine, input=json.dumps(input or {}), **more
        )
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    return run


@pytest.fixture
def express(fogline_platform):
    """What runs Express executions."""
    return fogline_platform.platform.dispatch.services()["stepfunctions"].stands_on.express


@pytest.fixture
def run_through(run, express, fogline_platform):
    """The same, while the clock is moved second by second until it has ended."""

    def run_through(machine, input=None):
        ended = Future()
        threading.Thread(target=lambda: ended.set_result(run(machine, input))).start()
        for _ in range(_BEGIN_ROUNDS_MAX):
            fogline_platform.settle()
            if express.in_flight_count():
                break
        for _ in range(_ROUNDS_MAX):
            fogline_platform.advance(seconds=1)
            if ended.done():
                break
        return ended.result(30)

    return run_through


@pytest.fixture
def queue(fogline):
    sqs = fogline.client("sqs")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]

    class Queue:
        def __init__(self):
            self.url = url

        def bodies(self):
            found = []
            while page := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                found += [message["Body"] for message in page]
            return found

    return Queue()


def send(queue, **more):
    """A state that sends its input."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": queue.url, "MessageBody.$": "$.text"},
        "ResultPath": None,
        **(more or {"End": True}),
    }


PASS = {"Type": "Pass", "End": True}


# ---- waited for


def test_an_execution_that_is_waited_for_answers_its_output(run, make_express):
    machine = make_express({"Only": {"Type": "Pass", "Result": {"a": 1}, "End": True}})
    answer = run(machine, {"b": 2}, name="mine")
    assert answer["status"] == "SUCCEEDED"
    assert answer["output"] == '{"a":1}'
    assert answer["input"] == '{"b": 2}'
    assert answer["inputDetails"] == answer["outputDetails"] == {"included": True}
    assert answer["stateMachineArn"] == machine
    prefix = machine.replace(":stateMachine:", ":express:")
    assert answer["executionArn"].startswith(f"{prefix}:mine:")
    assert answer["billingDetails"] == {
        "billedDurationInMilliseconds": 100,
        "billedMemoryUsedInMB": 64,
    }


def test_an_execution_that_fails_answers_its_error_and_cause(run, make_express):
    machine = make_express({"Only": {"Type": "Fail", "Error": "Bad", "Cause": "Luck"}})
    answer = run(machine)
    assert (answer["status"], answer["error"], answer["cause"]) == ("FAILED", "Bad", "Luck")
    assert "output" not in answer


def test_data_can_be_left_out_of_the_answer(run, make_express):
    answer = run(make_express({"Only": PASS}), includedData="METADATA_ONLY", traceHeader="Root=1")
    assert "input" not in answer
    assert "output" not in answer
    assert answer["outputDetails"] == {"included": False}
    assert answer["traceHeader"] == "Root=1"


def test_executions_of_one_name_are_several(run, make_express):
    machine = make_express({"Only": PASS})
    first, second = run(machine, name="same"), run(machine, name="same")
    assert first["name"] == second["name"] == "same"
    assert first["executionArn"] != second["executionArn"]


def test_the_context_object_does_not_speak_of_redrives(run, make_express):
    machine = make_express({"Only": {**PASS, "Parameters": {"of.$": "$$.Execution"}}})
    answer = run(machine)
    assert "RedriveCount" not in json.loads(answer["output"])["of"]


def test_a_standard_machine_is_not_waited_for(stepfunctions, make_machine, refusal):
    code, message = refusal(
        stepfunctions.start_sync_execution, stateMachineArn=make_machine("standard")
    )
    assert code == "StateMachineTypeNotSupported"
    assert message == "This operation is not supported by this type of state machine"


def test_a_missing_machine_cannot_be_run(stepfunctions, make_express, refusal):
    missing = make_express({"Only": PASS}) + "s"
    code, _ = refusal(stepfunctions.start_sync_execution, stateMachineArn=missing)
    assert code == "StateMachineDoesNotExist"


def test_an_input_that_is_no_json_is_refused(stepfunctions, make_express, refusal):
    machine = make_express({"Only": PASS})
    code, message = refusal(
        stepfunctions.start_sync_execution, stateMachineArn=machine, input="not json"
    )
    assert code == "InvalidExecutionInput"
    assert "Unrecognized token 'not'" in message


def test_a_version_and_an_alias_can_be_run(stepfunctions, run, make_express):
    machine = make_express({"Only": PASS})
    version = stepfunctions.publish_state_machine_version(stateMachineArn=machine)
    version = version["stateMachineVersionArn"]
    alias = stepfunctions.create_state_machine_alias(
        name="live",
        routingConfiguration=[{"stateMachineVersionArn": version, "weight": 100}],
    )["stateMachineAliasArn"]
    assert run(version)["stateMachineArn"] == run(alias)["stateMachineArn"] == machine


# ---- time


def test_an_execution_waits_by_the_clock(run_through, make_express):
    machine = make_express({"Rest": {"Type": "Wait", "Seconds": 20, "End": True}})
    answer = run_through(machine, {"a": 1})
    assert answer["output"] == '{"a": 1}'
    assert (answer["stopDate"] - answer["startDate"]).total_seconds() == 20
    assert answer["billingDetails"]["billedDurationInMilliseconds"] == 20_000


def test_an_execution_ends_after_five_minutes_at_the_latest(run_through, make_express):
    machine = make_express({"Rest": {"Type": "Wait", "Seconds": 301, "End": True}})
    answer = run_through(machine)
    assert (answer["status"], answer["error"]) == ("TIMED_OUT", "States.Timeout")
    assert (answer["stopDate"] - answer["startDate"]).total_seconds() == 300


def test_a_definition_may_allow_less_time(run_through, make_express):
    machine = make_express(
        {"Rest": {"Type": "Wait", "Seconds": 20, "End": True}}, top={"TimeoutSeconds": 10}
    )
    answer = run_through(machine)
    assert answer["status"] == "TIMED_OUT"
    assert (answer["stopDate"] - answer["startDate"]).total_seconds() == 10


def test_a_failing_task_is_tried_again_by_the_clock(run_through, make_express):
    machine = make_express(
        {
            "Ask": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:sqs:getQueueUrl",
                "Parameters": {"QueueName": "missing"},
                "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 3, "MaxAttempts": 2}],
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
                "End": True,
            },
            "Caught": {**PASS, "Parameters": {"caught.$": "$.Error"}},
        }
    )
    answer = run_through(machine)
    assert json.loads(answer["output"]) == {"caught": "Sqs.QueueDoesNotExistException"}
    assert (answer["stopDate"] - answer["startDate"]).total_seconds() == 9


def test_branches_wait_side_by_side(run_through, make_express):
    def resting(name, seconds):
        states = {name: {"Type": "Wait", "Seconds": seconds, "End": True}}
        return {"StartAt": name, "States": states}

    machine = make_express(
        {"Both": {"Type": "Parallel", "Branches": [resting("A", 3), resting("B", 5)], "End": True}}
    )
    answer = run_through(machine, {"n": 1})
    assert json.loads(answer["output"]) == [{"n": 1}, {"n": 1}]
    assert (answer["stopDate"] - answer["startDate"]).total_seconds() == 5


def test_one_that_goes_round_and_round_ends(run, make_express, fogline_platform):
    rule = {"Variable": "$.stop", "IsPresent": True, "Next": "Out"}
    machine = make_express(
        {"Again": {"Type": "Choice", "Choices": [rule], "Default": "Again"}, "Out": PASS}
    )
    answer = run(machine)
    assert (answer["status"], answer["error"]) == ("FAILED", "States.Runtime")


# ---- tasks


def test_tasks_are_performed(run, make_express, queue):
    machine = make_express({"First": send(queue, Next="Then"), "Then": send(queue)})
    assert run(machine, {"text": "hello"})["status"] == "SUCCEEDED"
    assert queue.bodies() == ["hello", "hello"]


def test_a_map_performs_a_task_for_each_item(run, make_express, queue):
    processor = {"StartAt": "Send", "States": {"Send": send(queue)}}
    machine = make_express({"Each": {"Type": "Map", "ItemProcessor": processor, "End": True}})
    items = [{"text": f"{number}"} for number in range(60)]
    assert json.loads(run(machine, items)["output"]) == items
    assert sorted(map(int, queue.bodies())) == list(range(60))


def test_a_standard_execution_runs_an_express_one_and_takes_its_output(
    stepfunctions, make_express, make_own, fogline_platform
):
    child = make_express({"Only": {**PASS, "Result": {"of": "child"}}})
    ask = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
        "Parameters": {"StateMachineArn": child, "Input": {"a": 1}},
        "ResultSelector": {"told.$": "$.Output"},
        "End": True,
    }
    parent = make_own("parent", {"Ask": ask})
    started = stepfunctions.start_execution(stateMachineArn=parent)["executionArn"]
    fogline_platform.settle()
    output = stepfunctions.describe_execution(executionArn=started)["output"]
    assert json.loads(output) == {"told": '{"of":"child"}'}


# ---- promised


def test_an_execution_that_nobody_waits_for_runs(
    stepfunctions, make_express, queue, fogline_platform
):
    machine = make_express({"Send": send(queue)})
    asked = {"stateMachineArn": machine, "name": "mine", "input": '{"text": "hi"}'}
    first = stepfunctions.start_execution(**asked)["executionArn"]
    second = stepfunctions.start_execution(**asked)["executionArn"]
    fogline_platform.settle()
    assert first != second
    assert first.startswith(machine.replace(":stateMachine:", ":express:") + ":mine:")
    assert queue.bodies() == ["hi", "hi"]


def test_a_promised_execution_waits_by_the_clock(
    stepfunctions, make_express, queue, fogline_platform
):
    machine = make_express(
        {"Rest": {"Type": "Wait", "Seconds": 60, "Next": "Send"}, "Send": send(queue)}
    )
    stepfunctions.start_execution(stateMachineArn=machine, input='{"text": "late"}')
    fogline_platform.advance(seconds=59)
    assert queue.bodies() == []
    fogline_platform.advance(seconds=1)
    assert queue.bodies() == ["late"]


def test_a_standard_execution_starts_an_express_one(
    stepfunctions, make_express, make_own, queue, fogline_platform
):
    child = make_express({"Send": send(queue)})
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution",
        "Parameters": {"StateMachineArn": child, "Input": {"text": "from parent"}},
        "End": True,
    }
    parent = make_own("parent", {"Start": start})
    stepfunctions.start_execution(stateMachineArn=parent)
    fogline_platform.settle()
    assert queue.bodies() == ["from parent"]


def test_more_than_run_at_once_wait_or_are_throttled(
    stepfunctions, make_express, refusal, express, fogline, fogline_platform
):
    machine = make_express({"Rest": {"Type": "Wait", "Seconds": 60, "End": True}})
    platform = fogline_platform.platform

    async def start(count):
        cause = platform.pages.root_call("stepfunctions", fogline.id, "us-east-1")
        for _ in range(count):
            await platform.dispatch.call_waiting(
                "stepfunctions", "StartExecution", {"stateMachineArn": machine}, cause
            )

    most = Limits().express_at_once_max
    fogline_platform.ask(start(most + 1))
    fogline_platform.advance(seconds=1)
    assert express.in_flight_count() == most
    code, message = refusal(stepfunctions.start_sync_execution, stateMachineArn=machine)
    assert (code, message) == ("ThrottlingException", "Rate exceeded")
    fogline_platform.advance(seconds=60)
    assert express.in_flight_count() == 1
    fogline_platform.advance(seconds=60)
    assert express.in_flight_count() == 0


def test_a_promised_execution_is_begun_again_after_a_restart(tmp_path):
    config = read_config({}, port=0, data=tmp_path, clock="manual")
    with LocalPlatform(config) as before:
        url = before.client("sqs").create_queue(QueueName="heard")["QueueUrl"]
        states = {
            "Rest": {"Type": "Wait", "Seconds": 60, "Next": "Send"},
            "Send": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sqs:sendMessage",
                "Parameters": {"QueueUrl": url, "MessageBody.$": "$.text"},
                "End": True,
            },
        }
        client = before.client("stepfunctions")
        made = client.create_state_machine(
            name="express",
            definition=json.dumps({"StartAt": "Rest", "States": states}),
            roleArn="arn:aws:iam::000000000000:role/workflows",
            type="EXPRESS",
        )
        client.start_execution(
            stateMachineArn=made["stateMachineArn"], input='{"text": "in the end"}'
        )
        before.advance(seconds=30)
        client.close()
    with LocalPlatform(config) as after:
        after.advance(seconds=60)
        client = after.client("sqs")
        messages = client.receive_message(QueueUrl=url)["Messages"]
        client.close()
    assert [message["Body"] for message in messages] == ["in the end"]


@pytest.mark.parametrize(
    "operation", ["describe_execution", "stop_execution", "get_execution_history"]
)
def test_nothing_can_be_asked_of_an_express_execution(
    stepfunctions, run, make_express, refusal, operation
):
    execution = run(make_express({"Only": PASS}))["executionArn"]
    code, message = refusal(getattr(stepfunctions, operation), executionArn=execution)
    assert code == "InvalidArn"
    assert message == "Invalid Arn: 'Resource type not valid in this context: express'"


def test_express_executions_are_not_listed(stepfunctions, make_express, refusal):
    code, _ = refusal(stepfunctions.list_executions, stateMachineArn=make_express({"Only": PASS}))
    assert code == "StateMachineTypeNotSupported"
