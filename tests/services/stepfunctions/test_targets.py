"""Executions that rules, schedules and pipes start."""

from __future__ import annotations

import json
import re

import pytest

ROLE = "arn:aws:iam::000000000000:role/starter"
NAME = re.compile(r"[0-9a-f-]{36}_[0-9a-f-]{36}")


@pytest.fixture
def executions(stepfunctions, fogline_platform):
    """The descriptions of all executions of a machine."""

    def executions(machine):
        fogline_platform.settle()
        listed = stepfunctions.list_executions(stateMachineArn=machine)["executions"]
        return [
            stepfunctions.describe_execution(executionArn=one["executionArn"]) for one in listed
        ]

    return executions


@pytest.fixture
def queue(fogline):
    """A queue: its URL, its ARN, and what can be received from it now."""
    sqs = fogline.client("sqs")

    class Queue:
        def __init__(self, name):
            self.url = sqs.create_queue(QueueName=name)["QueueUrl"]
            self.arn = f"arn:aws:sqs:us-east-1:{fogline.id}:{name}"

        def messages(self):
            found = sqs.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
            )
            return found.get("Messages", [])

        def in_flight(self):
            name = "ApproximateNumberOfMessagesNotVisible"
            found = sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])
            return int(found["Attributes"][name])

        def send(self, body):
            sqs.send_message(QueueUrl=self.url, MessageBody=json.dumps(body))

    return Queue


# ---- rules


@pytest.fixture
def put(fogline):
    """Puts an event that a rule for `shop` sends to the target."""
    events = fogline.client("events")

    def put(target, detail):
        events.put_rule(Name="rule", EventPattern='{"source": ["shop"]}')
        failed = events.put_targets(Rule="rule", Targets=[{"Id": "t", "RoleArn": ROLE, **target}])
        assert not failed["FailedEntryCount"]
        entry = {"Source": "shop", "DetailType": "Order", "Detail": json.dumps(detail)}
        events.put_events(Entries=[entry])

    return put


def test_a_rule_starts_an_execution_with_the_event(make_machine, put, executions):
    machine = make_machine()
    put({"Arn": machine}, {"id": 7})
    (execution,) = executions(machine)
    assert execution["status"] == "SUCCEEDED"
    assert json.loads(execution["input"])["detail"] == {"id": 7}
    assert NAME.fullmatch(execution["name"])


def test_a_rule_starts_an_execution_with_the_input_that_it_makes(make_machine, put, executions):
    machine = make_machine()
    made = {"InputPathsMap": {"id": "$.detail.id"}, "InputTemplate": '{"order": <id>}'}
    put({"Arn": machine, "InputTransformer": made}, {"id": 7})
    (execution,) = executions(machine)
    assert json.loads(execution["input"]) == {"order": 7}


def test_a_rule_starts_executions_of_aliases(stepfunctions, make_machine, put, executions):
    version = make_machine(publish=True) + ":1"
    alias = stepfunctions.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": version, "weight": 100}]
    )["stateMachineAliasArn"]
    put({"Arn": alias}, {})
    (execution,) = executions(alias)
    assert execution["stateMachineVersionArn"] == version


def test_what_is_for_a_machine_that_is_gone_is_buried(
    stepfunctions, make_machine, put, queue, fogline_platform
):
    machine, letters = make_machine(), queue("letters")
    stepfunctions.delete_state_machine(stateMachineArn=machine)
    put({"Arn": machine, "DeadLetterConfig": {"Arn": letters.arn}}, {})
    fogline_platform.settle()
    (message,) = letters.messages()
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_RESOURCE"


def test_a_rule_starts_express_executions(make_machine, put, queue, fogline_platform):
    told = queue("told")
    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": told.url, "MessageBody.$": "$.detail"},
        "End": True,
    }
    machine = make_machine("x", {"StartAt": "S", "States": {"S": send}}, type="EXPRESS")
    put({"Arn": machine}, {"id": 7})
    fogline_platform.settle()
    assert [json.loads(message["Body"]) for message in told.messages()] == [{"id": 7}]


# ---- schedules


@pytest.fixture
def schedule(fogline):
    scheduler = fogline.client("scheduler")

    def schedule(machine, **target):
        scheduler.create_schedule(
            Name="schedule",
            ScheduleExpression="rate(5 minutes)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": machine, "RoleArn": ROLE, **target},
        )

    return schedule


def test_a_schedule_starts_an_execution_each_time(
    make_machine, schedule, executions, fogline_platform
):
    machine = make_machine()
    schedule(machine, Input='{"tick": true}')
    fogline_platform.advance(seconds=600)
    found = executions(machine)
    assert len({execution["name"] for execution in found}) == len(found) >= 2
    assert {execution["input"] for execution in found} == {'{"tick": true}'}


def test_what_a_schedule_cannot_start_is_buried(
    stepfunctions, make_machine, schedule, queue, fogline_platform
):
    machine, letters = make_machine(), queue("letters")
    schedule(machine, DeadLetterConfig={"Arn": letters.arn})
    stepfunctions.delete_state_machine(stateMachineArn=machine)
    fogline_platform.advance(seconds=300)
    message, *_ = letters.messages()
    code = message["MessageAttributes"]["ERROR_CODE"]["StringValue"]
    assert code == "StateMachineDoesNotExist"


# ---- pipes

FORGET = {"StepFunctionStateMachineParameters": {"InvocationType": "FIRE_AND_FORGET"}}
DOUBLES = {
    "QueryLanguage": "JSONata",
    "StartAt": "Double",
    "States": {
        "Double": {
            "Type": "Pass",
            "Output": "{% [$states.input.$parse(body).n * 2] %}",
            "End": True,
        }
    },
}


@pytest.fixture
def make_pipe(fogline, fogline_platform):
    pipes = fogline.client("pipes")

    def make(source, target, **more):
        pipes.create_pipe(Name="pipe", RoleArn=ROLE, Source=source.arn, Target=target, **more)
        fogline_platform.settle()

    return make


def test_a_pipe_starts_an_execution_with_its_batch(make_machine, make_pipe, queue, executions):
    machine, source = make_machine(), queue("source")
    make_pipe(source, machine, TargetParameters=FORGET)
    source.send({"n": 4})
    (execution,) = executions(machine)
    (event,) = json.loads(execution["input"])
    assert json.loads(event["body"]) == {"n": 4}
    assert source.messages() == []


def test_a_pipe_waits_for_an_express_execution(make_machine, make_pipe, queue, fogline_platform):
    source = queue("source")
    make_pipe(source, make_machine("x", type="EXPRESS"))
    source.send({"n": 4})
    fogline_platform.settle()
    fogline_platform.advance(seconds=60)
    assert source.messages() == []


def test_a_pipe_cannot_wait_for_a_standard_execution(make_machine, make_pipe, queue, executions):
    machine, source = make_machine(), queue("source")
    make_pipe(source, machine)
    source.send({"n": 4})
    assert executions(machine) == []
    assert source.in_flight() == 1


def test_an_express_execution_enriches_what_a_pipe_sends(
    make_machine, make_pipe, queue, fogline_platform
):
    source, target = queue("source"), queue("target")
    make_pipe(source, target.arn, Enrichment=make_machine("x", DOUBLES, type="EXPRESS"))
    source.send({"n": 4})
    fogline_platform.settle()
    assert [message["Body"] for message in target.messages()] == ["8"]
