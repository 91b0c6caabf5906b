"""Map runs: described, listed and changed while they run."""

from __future__ import annotations

import pytest

ARN = "arn:aws:states:us-east-1"


def distributed(inner, **more):
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Child",
        "States": {"Child": {**inner, "End": True}},
    }
    return {"Type": "Map", "Label": "part", "ItemProcessor": processor, "End": True, **more}


PASS = {"Type": "Pass"}
WAIT = {"Type": "Wait", "Seconds": 60}


@pytest.fixture
def map_run_of(stepfunctions):
    """The ARN of the only map run of an execution."""

    def map_run_of(run):
        [listed] = stepfunctions.list_map_runs(executionArn=run.arn)["mapRuns"]
        return listed["mapRunArn"]

    return map_run_of


# ---- describe_map_run


def test_describe_map_run_counts_items_and_executions(begin, stepfunctions, map_run_of):
    run = begin({"Map": distributed(PASS, MaxConcurrency=1)}, [1, 2])
    described = stepfunctions.describe_map_run(mapRunArn=map_run_of(run))
    counts = {
        "aborted": 0,
        "failed": 0,
        "pending": 0,
        "resultsWritten": 2,
        "running": 0,
        "succeeded": 2,
        "timedOut": 0,
        "total": 2,
    }
    assert described["itemCounts"] == described["executionCounts"] == counts
    assert described["executionArn"] == run.arn
    assert (described["status"], described["maxConcurrency"]) == ("SUCCEEDED", 1)
    assert (described["toleratedFailureCount"], described["toleratedFailurePercentage"]) == (0, 0)
    assert described["stopDate"] >= described["startDate"]
    assert "redriveCount" not in described


def test_describe_map_run_refuses_what_is_none(fogline, stepfunctions, refusal):
    machine = f"{ARN}:{fogline.id}:stateMachine:m"
    code, _ = refusal(stepfunctions.describe_map_run, mapRunArn=machine)
    assert code == "InvalidArn"
    unknown = f"{ARN}:{fogline.id}:mapRun:m/part:1"
    code, _ = refusal(stepfunctions.describe_map_run, mapRunArn=unknown)
    assert code == "ResourceNotFound"


# ---- list_map_runs


def test_list_map_runs_names_the_machine_of_the_children(begin, fogline, stepfunctions):
    run = begin({"Map": distributed(PASS)}, [1])
    [listed] = stepfunctions.list_map_runs(executionArn=run.arn)["mapRuns"]
    assert listed["stateMachineArn"] == f"{ARN}:{fogline.id}:stateMachine:m0/part"
    assert listed["mapRunArn"].startswith(f"{ARN}:{fogline.id}:mapRun:m0/part:")
    assert listed["executionArn"] == run.arn


def test_list_map_runs_gives_pages(begin, stepfunctions, every, refusal):
    state = distributed(PASS, End=False)
    first = {name: value for name, value in state.items() if name != "End"}
    states = {"First": {**first, "Label": "a", "Next": "Map"}, "Map": distributed(PASS)}
    states["Map"]["ItemProcessor"] = {
        **states["Map"]["ItemProcessor"],
        "StartAt": "Other",
        "States": {"Other": {**PASS, "End": True}},
    }
    run = begin(states, [1])
    listed = every(stepfunctions.list_map_runs, "mapRuns", executionArn=run.arn, maxResults=1)
    assert [one["stateMachineArn"].rpartition("/")[2] for one in listed] == ["a", "part"]
    code, _ = refusal(stepfunctions.list_map_runs, executionArn=run.arn, nextToken="x")
    assert code == "InvalidToken"


def test_list_map_runs_refuses_an_execution_that_is_none(begin, stepfunctions, refusal):
    run = begin({"Map": distributed(PASS)}, [1])
    code, _ = refusal(stepfunctions.list_map_runs, executionArn=f"{run.arn}0")
    assert code == "ExecutionDoesNotExist"


# ---- update_map_run


def test_update_map_run_lets_more_children_run(begin, stepfunctions, map_run_of):
    run = begin({"Map": distributed(WAIT, MaxConcurrency=1)}, [1, 2, 3])
    arn = map_run_of(run)
    stepfunctions.update_map_run(mapRunArn=arn, maxConcurrency=3, toleratedFailureCount=2)
    run.advance(0)
    described = stepfunctions.describe_map_run(mapRunArn=arn)
    assert described["executionCounts"]["running"] == 3
    assert (described["maxConcurrency"], described["toleratedFailureCount"]) == (3, 2)


def test_update_map_run_changes_nothing_that_has_ended(begin, stepfunctions, map_run_of):
    run = begin({"Map": distributed(PASS, MaxConcurrency=1)}, [1])
    arn = map_run_of(run)
    stepfunctions.update_map_run(mapRunArn=arn, maxConcurrency=3)
    assert stepfunctions.describe_map_run(mapRunArn=arn)["maxConcurrency"] == 1


# ---- children


def test_children_are_executions_that_name_their_map_run(begin, stepfunctions, map_run_of):
    run = begin({"Map": distributed(PASS)}, [7])
    arn = map_run_of(run)
    [child] = stepfunctions.list_executions(mapRunArn=arn)["executions"]
    assert (child["mapRunArn"], child["itemCount"], child["status"]) == (arn, 1, "SUCCEEDED")
    described = stepfunctions.describe_execution(executionArn=child["executionArn"])
    assert (described["mapRunArn"], described["input"], described["output"]) == (arn, "7", "7")
    machine = stepfunctions.describe_state_machine_for_execution(executionArn=child["executionArn"])
    assert (machine["mapRunArn"], machine["label"]) == (arn, "part")
    events = stepfunctions.get_execution_history(executionArn=child["executionArn"])["events"]
    assert [event["type"] for event in events][1] == "PassStateEntered"


def test_an_express_child_is_described_and_stopped(begin, stepfunctions, map_run_of, refusal):
    state = distributed(WAIT, ToleratedFailurePercentage=100)
    state["ItemProcessor"]["ProcessorConfig"]["ExecutionType"] = "EXPRESS"
    run = begin({"Map": state}, [7])
    [child] = stepfunctions.list_executions(mapRunArn=map_run_of(run))["executions"]
    arn = child["executionArn"]
    code, _ = refusal(stepfunctions.get_execution_history, executionArn=arn)
    assert code == "StateMachineTypeNotSupported"
    assert stepfunctions.describe_execution(executionArn=arn)["status"] == "RUNNING"
    stepfunctions.stop_execution(executionArn=arn)
    run.advance(0)
    assert stepfunctions.describe_execution(executionArn=arn)["status"] == "ABORTED"
    assert [one["Status"] for one in run.output] == ["ABORTED"]


def test_a_map_run_is_forgotten_with_its_execution(begin, stepfunctions, map_run_of, refusal, leap):
    run = begin({"Map": distributed(PASS)}, [7])
    arn = map_run_of(run)
    leap(days=91)
    code, _ = refusal(stepfunctions.describe_map_run, mapRunArn=arn)
    assert code == "ResourceNotFound"
