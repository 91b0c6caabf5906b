"""Executions: started, stopped, described and listed."""

from __future__ import annotations

import json

import pytest

WAITING = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}
FAILING = {
    "StartAt": "Fail",
    "States": {"Fail": {"Type": "Fail", "Error": "Broken", "Cause": "It was made so."}},
}


@pytest.fixture
def waiting(make_machine):
    return make_machine("waiting", WAITING)


@pytest.fixture
def ended(stepfunctions, fogline_platform):
    """Starts an execution and lets it run as far as it can; its description."""

    def ended(machine, **more):
        started = stepfunctions.start_execution(stateMachineArn=machine, **more)
        fogline_platform.settle()
        return stepfunctions.describe_execution(executionArn=started["executionArn"])

    return ended


def names(listed):
    return [execution["name"] for execution in listed["executions"]]


# ---- starting


def test_an_execution_has_the_name_it_is_given(stepfunctions, make_machine, fogline):
    machine = make_machine("m")
    started = stepfunctions.start_execution(stateMachineArn=machine, name="first")
    assert started["executionArn"] == f"arn:aws:states:us-east-1:{fogline.id}:execution:m:first"


def test_an_execution_without_a_name_is_given_one(stepfunctions, make_machine):
    machine = make_machine()
    arns = {
        stepfunctions.start_execution(stateMachineArn=machine)["executionArn"] for _ in range(2)
    }
    assert len(arns) == 2


@pytest.mark.parametrize("name", ["with space", "a/b", "a:b", "tab\t", "question?", "dollar$"])
def test_names_with_forbidden_characters_are_refused(stepfunctions, make_machine, refusal, name):
    machine = make_machine()
    refused = refusal(stepfunctions.start_execution, stateMachineArn=machine, name=name)
    assert refused == ("InvalidName", f"Invalid Name: '{name}'")


def test_a_name_has_80_characters_at_most(stepfunctions, make_machine, refusal):
    machine = make_machine()
    stepfunctions.start_execution(stateMachineArn=machine, name="n" * 80)
    code, _ = refusal(stepfunctions.start_execution, stateMachineArn=machine, name="n" * 81)
    assert code == "ValidationException"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("", "Invalid execution input."),
        (
            "not some json",
            "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token "
            "'null', 'true' or 'false')",
        ),
        (
            "{'not': 'json'",
            "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
        ),
    ],
)
def test_an_input_that_is_no_json_is_refused(stepfunctions, make_machine, refusal, given, reason):
    machine = make_machine()
    refused = refusal(stepfunctions.start_execution, stateMachineArn=machine, input=given)
    assert refused == (
        "InvalidExecutionInput",
        f"Invalid State Machine Execution Input: '{reason}'",
    )


@pytest.mark.parametrize("given", ["2", '"text"', "null", "[1]", "[" * 200 + "]" * 200])
def test_any_json_is_an_input(ended, make_machine, given):
    execution = ended(make_machine(), input=given)
    assert (execution["status"], execution["input"], execution["output"]) == (
        "SUCCEEDED",
        given,
        given,
    )


def test_an_input_has_256_kibibytes_at_most(stepfunctions, make_machine, refusal):
    machine = make_machine()
    stepfunctions.start_execution(stateMachineArn=machine, input=json.dumps("x" * 262_142))
    too_large = json.dumps("é" * 131_072, ensure_ascii=False)
    code, _ = refusal(stepfunctions.start_execution, stateMachineArn=machine, input=too_large)
    assert code == "InvalidExecutionInput"


def test_a_machine_that_is_not_there_starts_nothing(stepfunctions, make_machine, refusal):
    arn = make_machine() + "x"
    refused = refusal(stepfunctions.start_execution, stateMachineArn=arn)
    assert refused == ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")


def test_the_same_start_again_is_answered_the_same_while_it_runs(
    stepfunctions, waiting, fogline_platform
):
    request = {"stateMachineArn": waiting, "name": "once", "input": '{"a": 1}'}
    first = stepfunctions.start_execution(**request)
    fogline_platform.advance(seconds=5)
    second = stepfunctions.start_execution(**request)
    assert first["executionArn"] == second["executionArn"]
    assert first["startDate"] == second["startDate"]


def test_another_input_under_the_name_of_a_running_execution_is_refused(
    stepfunctions, waiting, refusal
):
    started = stepfunctions.start_execution(stateMachineArn=waiting, name="once", input="1")
    refused = refusal(
        stepfunctions.start_execution, stateMachineArn=waiting, name="once", input="2"
    )
    arn = started["executionArn"]
    assert refused == ("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'")


def test_a_name_stays_taken_for_90_days_after_the_end(
    stepfunctions, make_machine, ended, refusal, fogline_platform, leap
):
    machine = make_machine()
    ended(machine, name="once")
    request = {"stateMachineArn": machine, "name": "once"}
    leap(days=90)
    assert refusal(stepfunctions.start_execution, **request)[0] == "ExecutionAlreadyExists"
    fogline_platform.advance(seconds=1)
    assert stepfunctions.start_execution(**request)["executionArn"].endswith(":once")


# ---- stopping


def test_a_stopped_execution_is_aborted(stepfunctions, waiting, ended):
    arn = ended(waiting)["executionArn"]
    stopped = stepfunctions.stop_execution(executionArn=arn, error="Enough", cause="No more.")
    execution = stepfunctions.describe_execution(executionArn=arn)
    assert execution["status"] == "ABORTED"
    assert (execution["error"], execution["cause"]) == ("Enough", "No more.")
    assert execution["stopDate"] == stopped["stopDate"]


def test_an_execution_that_has_ended_is_stopped_with_its_own_end(
    stepfunctions, make_machine, ended, fogline_platform
):
    execution = ended(make_machine())
    fogline_platform.advance(seconds=10)
    stopped = stepfunctions.stop_execution(executionArn=execution["executionArn"])
    assert stopped["stopDate"] == execution["stopDate"]
    again = stepfunctions.describe_execution(executionArn=execution["executionArn"])
    assert again["status"] == "SUCCEEDED"


# ---- describing


def test_a_succeeded_execution_is_described_whole(ended, make_machine):
    machine = make_machine()
    execution = ended(
        machine, name="n", input="{}", traceHeader="Root=1-5759e988-bd862e3fe1be46a994272793"
    )
    del execution["ResponseMetadata"], execution["startDate"], execution["stopDate"]
    assert execution == {
        "executionArn": machine.replace("stateMachine", "execution") + ":n",
        "stateMachineArn": machine,
        "name": "n",
        "status": "SUCCEEDED",
        "input": "{}",
        "inputDetails": {"included": True},
        "output": "{}",
        "outputDetails": {"included": True},
        "redriveCount": 0,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
        "traceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793",
    }


def test_a_failed_execution_tells_why_and_that_it_can_be_redriven(ended, make_machine):
    execution = ended(make_machine("failing", FAILING))
    assert (execution["status"], execution["error"]) == ("FAILED", "Broken")
    assert execution["cause"] == "It was made so."
    assert execution["redriveStatus"] == "REDRIVABLE"
    assert "output" not in execution


def test_metadata_alone_has_no_payloads(stepfunctions, ended, make_machine):
    arn = ended(make_machine())["executionArn"]
    execution = stepfunctions.describe_execution(executionArn=arn, includedData="METADATA_ONLY")
    assert execution["inputDetails"] == {"included": False}
    assert not {"input", "output"} & set(execution)


def test_an_execution_says_which_version_and_alias_it_was_started_from(
    stepfunctions, make_machine, ended
):
    machine = make_machine(publish=True)
    version = f"{machine}:1"
    alias = stepfunctions.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": version, "weight": 100}]
    )["stateMachineAliasArn"]
    plain, versioned, aliased = ended(machine), ended(version), ended(alias)
    assert "stateMachineVersionArn" not in plain
    assert versioned["stateMachineVersionArn"] == version
    assert "stateMachineAliasArn" not in versioned
    assert aliased["stateMachineVersionArn"] == version
    assert aliased["stateMachineAliasArn"] == alias
    assert aliased["stateMachineArn"] == machine


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        ("nonsense", "InvalidArn"),
        ("arn:aws:states:us-east-1:{id}:execution:m", "InvalidArn"),
        ("arn:aws:states:us-east-1:{id}:stateMachine:m", "InvalidArn"),
        ("arn:aws:states:us-east-1:{id}:express:m:n:o", "InvalidArn"),
        ("arn:aws:states:us-east-1:{id}:execution:m:n", "ExecutionDoesNotExist"),
        ("arn:aws:states:us-east-1:999999999999:execution:m:n", "ExecutionDoesNotExist"),
    ],
)
@pytest.mark.parametrize(
    "operation",
    [
        "describe_execution",
        "stop_execution",
        "get_execution_history",
        "describe_state_machine_for_execution",
        "redrive_execution",
    ],
)
def test_what_names_no_execution_is_refused(stepfunctions, fogline, refusal, operation, arn, code):
    named = arn.format(id=fogline.id)
    assert refusal(getattr(stepfunctions, operation), executionArn=named)[0] == code


def test_the_machine_is_described_as_the_execution_runs_it(
    stepfunctions, make_machine, ended, passing
):
    machine = make_machine("m", passing("before"))
    arn = ended(machine)["executionArn"]
    made = stepfunctions.describe_state_machine(stateMachineArn=machine)
    stepfunctions.update_state_machine(stateMachineArn=machine, definition=passing("after"))
    shown = stepfunctions.describe_state_machine_for_execution(executionArn=arn)
    del shown["ResponseMetadata"]
    assert shown == {
        "stateMachineArn": machine,
        "name": "m",
        "definition": passing("before"),
        "roleArn": made["roleArn"],
        "updateDate": made["creationDate"],
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
        "tracingConfiguration": {"enabled": False},
    }


def test_the_machine_of_an_execution_names_its_revision_and_variables(
    stepfunctions, make_machine, ended
):
    machine = make_machine()
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "Set",
        "States": {
            "Set": {"Type": "Pass", "Assign": {"x": 1}, "Next": "Get"},
            "Get": {"Type": "Pass", "Output": "{% $x %}", "End": True},
        },
    }
    updated = stepfunctions.update_state_machine(
        stateMachineArn=machine, definition=json.dumps(definition)
    )
    arn = ended(machine)["executionArn"]
    shown = stepfunctions.describe_state_machine_for_execution(executionArn=arn)
    assert shown["revisionId"] == updated["revisionId"]
    assert shown["updateDate"] == updated["updateDate"]
    assert shown["variableReferences"] == {"Get": ["x"]}


def test_executions_are_forgotten_90_days_after_their_end(
    stepfunctions, make_machine, ended, refusal, fogline_platform, leap
):
    machine = make_machine()
    arn = ended(machine)["executionArn"]
    leap(days=90)
    assert stepfunctions.describe_execution(executionArn=arn)["status"] == "SUCCEEDED"
    fogline_platform.advance(seconds=1)
    code, _ = refusal(stepfunctions.describe_execution, executionArn=arn)
    assert code == "ExecutionDoesNotExist"
    assert stepfunctions.list_executions(stateMachineArn=machine)["executions"] == []


# ---- listing


def test_executions_are_listed_the_last_started_first(stepfunctions, waiting, fogline_platform):
    for name in ("a", "b", "c"):
        stepfunctions.start_execution(stateMachineArn=waiting, name=name)
        fogline_platform.advance(seconds=1)
    assert names(stepfunctions.list_executions(stateMachineArn=waiting)) == ["c", "b", "a"]


def test_a_listed_execution_says_what_it_is(stepfunctions, make_machine, ended):
    machine = make_machine()
    execution = ended(machine, name="n")
    assert stepfunctions.list_executions(stateMachineArn=machine)["executions"] == [
        {
            "executionArn": execution["executionArn"],
            "stateMachineArn": machine,
            "name": "n",
            "status": "SUCCEEDED",
            "startDate": execution["startDate"],
            "stopDate": execution["stopDate"],
            "redriveCount": 0,
        }
    ]


def test_executions_are_listed_by_their_status(stepfunctions, waiting):
    for name in ("a", "b"):
        stepfunctions.start_execution(stateMachineArn=waiting, name=name)
    arn = waiting.replace("stateMachine", "execution") + ":a"
    stepfunctions.stop_execution(executionArn=arn)

    def listed(status):
        return names(stepfunctions.list_executions(stateMachineArn=waiting, statusFilter=status))

    assert (listed("ABORTED"), listed("RUNNING"), listed("FAILED")) == (["a"], ["b"], [])


def test_executions_are_listed_by_version_and_alias(stepfunctions, make_machine):
    machine = make_machine(publish=True)
    version = f"{machine}:1"
    alias = stepfunctions.create_state_machine_alias(
        name="live", routingConfiguration=[{"stateMachineVersionArn": version, "weight": 100}]
    )["stateMachineAliasArn"]
    for arn, name in ((machine, "plain"), (version, "versioned"), (alias, "aliased")):
        stepfunctions.start_execution(stateMachineArn=arn, name=name)

    def listed(arn):
        return set(names(stepfunctions.list_executions(stateMachineArn=arn)))

    assert listed(machine) == {"plain", "versioned", "aliased"}
    assert listed(version) == {"versioned", "aliased"}
    assert listed(alias) == {"aliased"}


def test_lists_come_in_pages(stepfunctions, waiting, every):
    started = [
        stepfunctions.start_execution(stateMachineArn=waiting, name=str(number))["executionArn"]
        for number in range(5)
    ]
    found = every(
        stepfunctions.list_executions, "executions", stateMachineArn=waiting, maxResults=2
    )
    assert {execution["executionArn"] for execution in found} == set(started)
    assert len(found) == 5


def test_a_token_of_another_list_or_changed_is_refused(stepfunctions, waiting, refusal):
    for _ in range(2):
        stepfunctions.start_execution(stateMachineArn=waiting)
    token = stepfunctions.list_executions(stateMachineArn=waiting, maxResults=1)["nextToken"]
    invalid = ("InvalidToken", "Invalid Token: 'Invalid token'")
    for given in (f"{token}A", "AAAA", token[:-4], token.swapcase()):
        request = {"stateMachineArn": waiting, "nextToken": given}
        assert refusal(stepfunctions.list_executions, **request) == invalid
    request = {"stateMachineArn": waiting, "statusFilter": "FAILED", "nextToken": token}
    assert refusal(stepfunctions.list_executions, **request) == invalid


def test_executions_of_express_machines_cannot_be_listed(stepfunctions, make_machine, refusal):
    machine = make_machine("express", type="EXPRESS")
    assert refusal(stepfunctions.list_executions, stateMachineArn=machine) == (
        "StateMachineTypeNotSupported",
        "This operation is not supported by this type of state machine",
    )


def test_lists_of_what_is_not_there_are_refused(stepfunctions, make_machine, refusal, fogline):
    machine = make_machine()

    def code(**request):
        return refusal(stepfunctions.list_executions, **request)[0]

    assert code(stateMachineArn=f"{machine}x") == "StateMachineDoesNotExist"
    assert code(stateMachineArn=f"{machine}:7") == "StateMachineDoesNotExist"
    assert code(stateMachineArn=f"{machine}:live") == "StateMachineDoesNotExist"
    run = f"arn:aws:states:us-east-1:{fogline.id}:mapRun:machine/label:run"
    assert code(mapRunArn=run) == "ResourceNotFound"
    assert code(mapRunArn="nonsense") == "InvalidArn"
    assert code() == "ValidationException"
    assert code(stateMachineArn=machine, mapRunArn=run) == "ValidationException"
    assert code(stateMachineArn=machine, redriveFilter="REDRIVEN") == "ValidationException"
