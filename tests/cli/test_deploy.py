import json
from pathlib import Path

import pytest

TEMPLATE = """
Parameters:
  Seconds: {Type: Number, Default: 30}
Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties: {VisibilityTimeout: !Ref Seconds}
Outputs:
  Url: {Value: !Ref Jobs}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    return tmp_path


def test_a_stack_is_made_changed_left_alone_and_deleted(ask, folder):
    words = ("deploy", "--stack-name", "made", "--json")
    made = ask(*words)
    assert made.code == 0, made.out
    assert [each["event"] for each in made.lines if each["event"] != "resource"] == [
        "deploying",
        "deployed",
    ]
    last = made.lines[-1]
    assert (last["status"], last["is_changed"]) == ("CREATE_COMPLETE", True)
    assert "/made-Jobs-" in last["outputs"]["Url"]
    assert ask(*words).lines[-1]["is_changed"] is False
    changed = ask(*words, "--parameter", "Seconds=40")
    assert changed.lines[-1]["status"] == "UPDATE_COMPLETE"
    gone = ask("delete", "made", "--json")
    assert gone.lines[-1] == {"event": "deleted", "stack": "made"}
    again = ask("delete", "made")
    assert again.code == 1
    assert "no stack 'made'" in again.err


def test_the_stack_is_named_after_the_folder(ask, folder):
    answer = ask("deploy")
    assert answer.code == 0, answer.err
    assert f"stack {folder.name.replace('_', '-')}" in answer.out
    assert "CREATE_COMPLETE" in answer.out
    assert ask("delete").code == 0


def test_a_parameter_without_value_is_asked_for(ask, folder):
    (folder / "template.yaml").write_text(TEMPLATE.replace(", Default: 30", ""))
    answer = ask("deploy", "--stack-name", "asks")
    assert answer.code == 2
    assert "--parameter Seconds=" in answer.err


def test_a_parameter_that_the_template_lacks_is_refused(ask, folder):
    answer = ask("deploy", "--stack-name", "asks", "--parameter", "Second=1")
    assert answer.code == 2
    assert "It has: Seconds." in answer.err


def test_a_resource_that_fails_is_named_with_its_reason(ask, folder):
    (folder / "template.yaml").write_text(TEMPLATE)
    answer = ask("deploy", "--stack-name", "fails", "--parameter", "Seconds=99999999")
    assert answer.code == 1
    assert "Jobs (AWS::SQS::Queue)" in answer.err
    assert "VisibilityTimeout" in answer.err
    fixed = ask("deploy", "--stack-name", "fails")
    assert fixed.code == 0, fixed.err
    assert ask("delete", "fails").code == 0


def test_a_type_that_is_not_there_is_named_before_anything_is_made(ask, folder):
    (folder / "template.yaml").write_text("Resources: {A: {Type: AWS::Braket::Job}}")
    answer = ask("deploy", "--stack-name", "unknown")
    assert answer.code in (1, 4)
    assert "AWS::Braket::Job" in answer.err


def test_without_a_template_it_is_a_usage_error(ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = ask("deploy")
    assert answer.code == 2
    assert "no template" in answer.err


def test_a_template_too_large_for_a_request_goes_by_way_of_a_bucket(ask, folder):
    padding = "\n".join(f"  Note{number}: {{Value: {'x' * 900}}}" for number in range(70))
    (folder / "template.yaml").write_text(TEMPLATE + padding)
    answer = ask("deploy", "--stack-name", "large", "--json")
    assert answer.code == 0, answer.out
    assert ask("delete", "large").code == 0


FLOW = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: statemachine/flow.asl.json
      DefinitionSubstitutions: {Next: Done}
Outputs:
  Revision: {Value: !GetAtt Flow.StateMachineRevisionId}
"""
STATES = """
{"StartAt": "Go", "States": {"Go": {"Type": "Pass", "Next": "${Next}"}, "Done": {"Type": "Succeed"}}}
"""


def test_a_state_machine_is_defined_in_a_file_of_its_own(ask, folder):
    (folder / "template.yaml").write_text(FLOW)
    definition = folder / "statemachine" / "flow.asl.json"
    definition.parent.mkdir()
    definition.write_text(STATES)
    words = ("deploy", "--stack-name", "flow", "--json")
    made = ask(*words)
    assert made.code == 0, made.out
    assert made.lines[-1]["outputs"]["Revision"] == "INITIAL"
    assert ask(*words).lines[-1]["is_changed"] is False
    definition.write_text(STATES.replace("Pass", "Wait").replace('"Next"', '"Seconds": 1, "Next"'))
    changed = ask(*words)
    assert changed.lines[-1]["outputs"]["Revision"] != "INITIAL", changed.out
    assert ask("delete", "flow").code == 0


def test_status_shows_stacks_and_queues(ask, folder):
    assert ask("deploy", "--stack-name", "shown").code == 0
    document = json.loads(ask("status", "--json").out)
    assert "shown" in [stack["StackName"] for stack in document["stacks"]]
    assert any(queue["name"].startswith("shown-Jobs") for queue in document["queues"])
    assert "shown" in ask("status").out
    assert ask("delete", "shown").code == 0


def test_snapshots_are_saved_listed_and_restored(program):
    program.up("--no-app")
    assert program.run("aws", "sqs", "create-queue", "--queue-name", "early").code == 0
    assert program.run("snapshot", "save", "before").code == 0
    assert program.run("aws", "sqs", "create-queue", "--queue-name", "late").code == 0
    assert "before" in program.run("snapshot", "list").out
    assert program.run("snapshot", "restore", "before").code == 0
    queues = program.run("status", "--json").document["queues"]
    assert [queue["name"] for queue in queues] == ["early"]
    missing = program.run("snapshot", "restore", "never")
    assert missing.code == 4
    assert "Traceback" not in missing.err
