"""Executions that start others and wait for their end, however deep."""

from __future__ import annotations

import json

DEPTH = 300


def test_a_machine_that_waits_for_itself_ends_all_the_way_up(
    stepfunctions, make_machine, fogline, fogline_platform
):
    arn = f"arn:aws:states:us-east-1:{fogline.id}:stateMachine:deep"
    definition = {
        "StartAt": "Deeper?",
        "States": {
            "Deeper?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.left", "NumericEquals": 0, "Next": "Bottom"}],
                "Default": "Less",
            },
            "Less": {
                "Type": "Pass",
                "Parameters": {"left.$": "States.MathAdd($.left, -1)"},
                "Next": "Again",
            },
            "Again": {
                "Type": "Task",
                "Resource": "arn:aws:states:::states:startExecution.sync:2",
                "Parameters": {"StateMachineArn": arn, "Input.$": "$"},
                "OutputPath": "$.Output",
                "End": True,
            },
            "Bottom": {"Type": "Pass", "Result": "reached", "End": True},
        },
    }
    machine = make_machine("deep", definition)
    first = stepfunctions.start_execution(
        stateMachineArn=machine, input=json.dumps({"left": DEPTH})
    )["executionArn"]
    fogline_platform.settle()
    execution = stepfunctions.describe_execution(executionArn=first)
    assert (execution["status"], execution["output"]) == ("SUCCEEDED", '"reached"')


def test_stopping_the_first_stops_all_that_it_waits_for(
    stepfunctions, make_machine, fogline, fogline_platform
):
    arn = f"arn:aws:states:us-east-1:{fogline.id}:stateMachine:endless"
    again = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync",
        "Parameters": {"StateMachineArn": arn, "Input.$": "$"},
        "End": True,
    }
    wait = {"Type": "Wait", "Seconds": 1, "Next": "Again"}
    machine = make_machine("endless", {"StartAt": "Wait", "States": {"Wait": wait, "Again": again}})
    first = stepfunctions.start_execution(stateMachineArn=machine)["executionArn"]
    fogline_platform.advance(seconds=20)
    stepfunctions.stop_execution(executionArn=first)
    fogline_platform.advance(seconds=20)
    running = stepfunctions.list_executions(stateMachineArn=machine, statusFilter="RUNNING")
    assert running["executions"] == []
    stopped = stepfunctions.list_executions(stateMachineArn=machine, statusFilter="ABORTED")
    assert len(stopped["executions"]) >= 20
