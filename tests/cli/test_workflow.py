"""Workflows from the command line: drawn, started, watched, and read afterwards."""

import json
import uuid
from xml.etree import ElementTree

import pytest

from fogline.cli.waiting import wait_for

ROLE = "arn:aws:iam::000000000000:role/any"
PASSES = {
    "StartAt": "First",
    "States": {
        "First": {"Type": "Pass", "Next": "Second"},
        "Second": {"Type": "Pass", "Result": {"done": True}, "End": True},
    },
}
FAILS = {
    "StartAt": "Boom",
    "States": {"Boom": {"Type": "Fail", "Error": "Boom", "Cause": "told to"}},
}
WAITS = {
    "StartAt": "Nap",
    "States": {"Nap": {"Type": "Wait", "Seconds": 1, "Next": "Up"}, "Up": {"Type": "Succeed"}},
}


@pytest.fixture
def make_machine(call):
    def make_machine(definition=PASSES, **more) -> str:
        name = f"machine-{uuid.uuid4().hex[:8]}"
        request = {"name": name, "definition": json.dumps(definition), "roleArn": ROLE, **more}
        call("stepfunctions", "CreateStateMachine", **request)
        return name

    return make_machine


# ---- start


def test_an_execution_that_is_waited_for_answers_with_its_output(ask, make_machine):
    answer = ask("workflow", "start", make_machine(), "--input", '{"a": 1}', "--wait", "--json")
    assert answer.code == 0, answer.err
    assert answer.document["status"] == "SUCCEEDED"
    assert json.loads(answer.document["output"]) == {"done": True}
    assert json.loads(answer.document["input"]) == {"a": 1}


def test_without_waiting_the_start_is_told(ask, make_machine):
    name = make_machine()
    answer = ask("workflow", "start", name, "--name", "one", "--json")
    assert answer.code == 0, answer.err
    assert answer.document["executionArn"].endswith(f":execution:{name}:one")


@pytest.mark.parametrize("words", [("--wait",), ("--watch",), ("--watch", "--json")])
def test_an_execution_that_fails_makes_the_command_fail(ask, make_machine, words):
    answer = ask("workflow", "start", make_machine(FAILS), *words)
    assert answer.code == 1
    assert "told to" in answer.out


def test_the_input_can_come_from_a_file_or_stdin(ask, make_machine, tmp_path):
    name = make_machine()
    (tmp_path / "input.json").write_text('{"from": "file"}')
    for given, stdin in ((f"@{tmp_path / 'input.json'}", ""), ("-", '{"from": "stdin"}')):
        answer = ask("workflow", "start", name, "--input", given, "--wait", "--json", given=stdin)
        assert "from" in json.loads(answer.document["input"])


def test_an_input_file_that_is_not_there_is_a_usage_error(ask, make_machine):
    answer = ask("workflow", "start", make_machine(), "--input", "@nowhere.json")
    assert answer.code == 2
    assert "nowhere.json cannot be read" in answer.err


def test_an_input_that_is_no_json_is_refused_in_the_words_of_the_service(ask, make_machine):
    answer = ask("workflow", "start", make_machine(), "--input", "{broken", "--json")
    assert answer.code == 4
    assert answer.document["error"]["code"] == "InvalidExecutionInput"


@pytest.mark.parametrize("words", [("--sync",), ("--wait",)])
def test_an_express_machine_answers_with_its_result(ask, make_machine, words):
    answer = ask("workflow", "start", make_machine(type="EXPRESS"), *words, "--json")
    assert answer.code == 0, answer.err
    assert json.loads(answer.document["output"]) == {"done": True}


# ---- watch


def test_an_execution_is_watched_event_by_event_until_it_ends(ask, make_machine):
    name = make_machine(WAITS)
    ask("workflow", "start", name, "--name", "nap")
    answer = ask("workflow", "watch", f"{name}/nap")
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    assert "WaitStateEntered  Nap" in answer.out
    assert any(line.startswith("nap SUCCEEDED after 1") for line in lines)


def test_watched_events_are_json_lines_when_asked(ask, make_machine):
    name = make_machine()
    ask("workflow", "start", name, "--name", "one", "--wait")
    lines = ask("workflow", "watch", name, "--json").lines
    assert [line["type"] for line in lines][0::5] == ["ExecutionStarted", "ExecutionSucceeded"]
    assert lines[1]["state"] == "First"


def test_what_an_error_says_cannot_steer_the_terminal(ask, make_machine):
    boom = {**FAILS["States"]["Boom"], "Cause": "a\x1b[2Jb"}
    name = make_machine({**FAILS, "States": {"Boom": boom}})
    for words in (("start", name, "--wait"), ("watch", name), ("history", name)):
        answer = ask("workflow", *words)
        assert "a�[2Jb" in answer.out
        assert "\x1b" not in answer.out


# ---- graph


def test_a_machine_is_drawn(ask, make_machine):
    answer = ask("workflow", "graph", make_machine())
    assert answer.code == 0, answer.err
    assert "│ P First" in answer.out
    assert "(Start)" in answer.out


def test_the_path_of_an_execution_is_drawn(ask, make_machine):
    name = make_machine()
    ask("workflow", "start", name, "--name", "one", "--wait")
    for execution in ("one", "latest"):
        answer = ask("workflow", "graph", name, "--execution", execution)
        assert answer.code == 0, answer.err
        assert f"{name} / one SUCCEEDED" in answer.out
        assert "┃ ✓ First" in answer.out


def test_a_drawing_is_data_for_programs(ask, make_machine):
    name = make_machine()
    ask("workflow", "start", name, "--name", "one", "--wait")
    drawn = ask("workflow", "graph", name, "--execution", "one", "--json").document
    assert drawn["startAt"] == "First"
    assert drawn["execution"]["status"] == "SUCCEEDED"
    first = drawn["states"][0]
    assert first["ways"] == [{"to": "Second", "kind": "next", "taken": True}]
    assert first["progress"]["status"] == "succeeded"


def test_a_drawing_is_written_as_svg(ask, make_machine, tmp_path):
    name = make_machine()
    answer = ask("workflow", "graph", name, "--svg", str(tmp_path / "one.svg"))
    assert answer.code == 0, answer.err
    root = ElementTree.parse(tmp_path / "one.svg").getroot()
    assert root.tag.endswith("svg")
    assert ask("workflow", "graph", name, "--svg", "-").out.startswith("<svg ")


@pytest.fixture
def definition_file(tmp_path):
    def definition_file(text: str, name: str = "flow.asl.json") -> str:
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return definition_file


def test_a_file_is_drawn_without_a_server(ask, definition_file):
    file = definition_file(json.dumps(PASSES))
    answer = ask("workflow", "graph", file, FOGLINE_ENDPOINT="http://127.0.0.1:9")
    assert answer.code == 0, answer.err
    assert "First" in answer.out


def test_a_file_is_drawn_before_its_template_filled_it_in(ask, definition_file):
    file = definition_file(
        '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Function.Arn}", '
        '"TimeoutSeconds": ${Seconds}, "End": true}}}'
    )
    answer = ask("workflow", "graph", file)
    assert answer.code == 0, answer.err
    assert "λ A" in answer.out


def test_a_file_in_yaml_is_drawn(ask, definition_file):
    text = "StartAt: A\nStates:\n  A:\n    Type: Pass\n    End: true\n"
    assert "P A" in ask("workflow", "graph", definition_file(text, "flow.asl.yaml")).out


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"StartAt": "A", "States": {}}', '"x"', "[" * 100_000]
)
def test_a_file_that_is_no_definition_is_an_error_that_says_why(ask, definition_file, text):
    answer = ask("workflow", "graph", definition_file(text))
    assert answer.code == 1
    assert "is no definition" in answer.err


def test_a_file_has_no_executions(ask, definition_file):
    file = definition_file(json.dumps(PASSES))
    assert ask("workflow", "graph", file, "--execution", "latest").code == 2


# ---- history


def test_a_history_is_a_table(ask, make_machine):
    name = make_machine()
    ask("workflow", "start", name, "--name", "one", "--wait")
    answer = ask("workflow", "history", f"{name}/one")
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    assert lines[0].startswith("one SUCCEEDED")
    assert len(lines) == 8
    assert "PassStateEntered" in lines[3]
    assert "First" in lines[3]


def test_a_history_is_whole_as_json_and_can_be_turned_round(ask, make_machine):
    name = make_machine()
    ask("workflow", "start", name, "--name", "one", "--wait")
    events = ask("workflow", "history", name, "--reverse", "--json").document["events"]
    assert [event["id"] for event in events] == [6, 5, 4, 3, 2, 1]


def test_a_history_can_be_of_one_state(ask, make_machine):
    name = make_machine()
    ask("workflow", "start", name, "--wait")
    events = ask("workflow", "history", name, "--state", "Second", "--json").document["events"]
    assert [event["type"] for event in events] == ["PassStateEntered", "PassStateExited"]
    answer = ask("workflow", "history", name, "--state", "Third")
    assert answer.code == 1
    assert "States reached: First, Second" in answer.err


# ---- list


def test_machines_are_listed_with_their_latest_executions(ask, make_machine):
    name, quick = make_machine(), make_machine(type="EXPRESS")
    ask("workflow", "start", name, "--name", "one", "--wait")
    listed = ask("workflow", "list", "--json").document["stateMachines"]
    by_name = {each["name"]: each for each in listed}
    assert [each["name"] for each in by_name[name]["latestExecutions"]] == ["one"]
    assert by_name[quick]["latestExecutions"] == []
    assert name in ask("workflow", "list").out


# ---- names


def test_an_unknown_machine_is_an_error_that_names_similar_ones(ask, make_machine):
    name = make_machine()
    answer = ask("workflow", "graph", name.upper())
    assert answer.code == 1
    assert f"There is no state machine '{name.upper()}'" in answer.err
    assert f"Did you mean '{name}'" in answer.err


def test_an_unknown_execution_is_an_error_that_names_the_latest(ask, make_machine):
    name = make_machine()
    assert "has no executions yet" in ask("workflow", "history", name).err
    ask("workflow", "start", name, "--name", "one", "--wait")
    answer = ask("workflow", "history", f"{name}/two")
    assert answer.code == 1
    assert "The latest are: one" in answer.err


def test_an_execution_is_found_by_its_name_alone(ask, make_machine):
    name = make_machine()
    own_name = f"run-{name}"
    ask("workflow", "start", name, "--name", own_name, "--wait")
    assert ask("workflow", "history", own_name).code == 0
    assert ask("workflow", "history", f"{own_name}-no").code == 1


def test_a_machine_can_be_named_as_in_its_template(ask, call):
    stack = f"flows-{uuid.uuid4().hex[:8]}"
    logical = f"Flow{uuid.uuid4().hex[:8]}"
    properties = {"DefinitionString": json.dumps(PASSES), "RoleArn": ROLE}
    template = {
        "Resources": {
            logical: {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
        }
    }
    call("cloudformation", "CreateStack", StackName=stack, TemplateBody=json.dumps(template))

    def is_there():
        (found,) = call("cloudformation", "DescribeStacks", StackName=stack)["Stacks"]
        return found["StackStatus"] == "CREATE_COMPLETE"

    assert wait_for(is_there, 60)
    answer = ask("workflow", "start", logical, "--wait", "--json")
    assert answer.code == 0, answer.err
    assert ask("workflow", "graph", logical, "--execution", "latest").code == 0
