"""Mocked integrations: executions that are started as a test case are answered by a file."""

from __future__ import annotations

import json
import os

import pytest
from botocore.exceptions import ClientError

from fogline.config import SettingInvalid, read_config
from fogline.testing.platform import LocalPlatform

ROLE = "arn:aws:iam::000000000000:role/workflows"
TIMEOUT = {"Error": "Lambda.Timeout", "Cause": "slow"}
ASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Parameters": {"FunctionName": "missing", "Payload.$": "$"},
    "OutputPath": "$.Payload",
    "Retry": [{"ErrorEquals": ["Lambda.Timeout"], "IntervalSeconds": 1, "MaxAttempts": 2}],
    "End": True,
}
CALLBACK = {
    **ASK,
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": "nowhere", "MessageBody.$": "$$.Task.Token"},
}
FILE = {
    "StateMachines": {
        "orders": {"TestCases": {"Happy": {"Ask": "One"}, "Late": {"Ask": "Third"}}},
        "callbacks": {"TestCases": {"Happy": {"Ask": "One"}}},
    },
    "MockedResponses": {
        "One": {"0": {"Return": {"Payload": {"n": 1}}}},
        "Third": {"0-1": {"Throw": TIMEOUT}, "2": {"Return": {"Payload": {"n": 3}}}},
    },
}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("mocks") / "mocks.json"
    path.write_text(json.dumps(FILE))
    return path


@pytest.fixture(scope="module")
def platform(file):
    config = read_config({"SFN_MOCK_CONFIG": str(file)}, port=0, ephemeral=True, clock="manual")
    with LocalPlatform(config) as platform:
        yield platform


@pytest.fixture(scope="module")
def client(platform):
    client = platform.client("stepfunctions")
    yield client
    client.close()


@pytest.fixture(scope="module")
def machines(client):
    """ARNs of a machine of each type, whose task nobody could perform."""

    def make(name, state, type):
        definition = json.dumps({"StartAt": "Ask", "States": {"Ask": state}})
        made = client.create_state_machine(
            name=name, definition=definition, roleArn=ROLE, type=type
        )
        return made["stateMachineArn"]

    return {
        "standard": make("orders", ASK, "STANDARD"),
        "callback": make("callbacks", CALLBACK, "STANDARD"),
    }


@pytest.fixture
def run(client, platform):
    """Runs an execution to its end, and says how that was."""

    def run(machine_arn):
        started = client.start_execution(stateMachineArn=machine_arn)["executionArn"]
        platform.advance(seconds=10)
        return client.describe_execution(executionArn=started)

    return run


def refusal(function, **request):
    with pytest.raises(ClientError) as refused:
        function(**request)
    return refused.value.response["Error"]


def test_a_test_case_answers_tasks(run, machines):
    ended = run(f"{machines['standard']}#Happy")
    assert (ended["status"], ended["output"]) == ("SUCCEEDED", '{"n":1}')
    assert ended["stateMachineArn"] == machines["standard"]


def test_each_attempt_has_its_answer(run, machines, client):
    ended = run(f"{machines['standard']}#Late")
    assert ended["output"] == '{"n":3}'
    assert (ended["stopDate"] - ended["startDate"]).total_seconds() == 3
    events = client.get_execution_history(executionArn=ended["executionArn"])["events"]
    assert [event["type"] for event in events].count("TaskFailed") == 2


def test_without_a_test_case_the_service_is_asked(run, machines):
    ended = run(machines["standard"])
    assert ended["error"] == "Lambda.ResourceNotFoundException"


def test_a_callback_is_answered_too(run, machines):
    assert run(f"{machines['callback']}#Happy")["output"] == '{"n":1}'


def test_an_express_execution_can_be_a_test_case(client, platform, file):
    made = client.create_state_machine(
        name="fast",
        definition=json.dumps({"StartAt": "Ask", "States": {"Ask": ASK}}),
        roleArn=ROLE,
        type="EXPRESS",
    )
    whole = json.loads(file.read_text())
    whole["StateMachines"]["fast"] = {"TestCases": {"Happy": {"Ask": "One"}}}
    file.write_text(json.dumps(whole))
    answer = client.start_sync_execution(stateMachineArn=made["stateMachineArn"] + "#Happy")
    assert answer["output"] == '{"n":1}'


def test_a_test_case_that_is_missing_is_refused(client, machines, file):
    error = refusal(client.start_execution, stateMachineArn=f"{machines['standard']}#Sad")
    assert error["Code"] == "InvalidArn"
    assert f"{file} has no test case 'Sad' for 'orders'" in error["Message"]


def test_a_file_that_becomes_wrong_is_told_of_until_it_is_right_again(client, machines, file, run):
    right, arn = file.read_text(), f"{machines['standard']}#Happy"
    file.write_text("{")
    try:
        error = refusal(client.start_execution, stateMachineArn=arn)
        assert "cannot be used: The file is not JSON" in error["Message"]
    finally:
        file.write_text(right)
        os.utime(file, ns=(1, 1))
    assert run(arn)["status"] == "SUCCEEDED"


def test_a_test_case_needs_a_file(fogline):
    client = fogline.client("stepfunctions")
    made = client.create_state_machine(
        name="orders",
        definition=json.dumps({"StartAt": "Ask", "States": {"Ask": ASK}}),
        roleArn=ROLE,
    )
    error = refusal(client.start_execution, stateMachineArn=made["stateMachineArn"] + "#Happy")
    assert "no file of mocked integrations is set" in error["Message"]


def test_a_file_that_is_missing_is_no_setting(tmp_path):
    with pytest.raises(SettingInvalid, match="sfn_mock_config must be a file"):
        read_config({"FOGLINE_SFN_MOCK_CONFIG": str(tmp_path / "none.json")})
