"""Functions deployed, invoked, watched and heard from the command line."""

import json
import signal
from pathlib import Path

import pytest
from tests.cli.conftest import Watched

from fogline.cli.waiting import wait_for

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Greet:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: src, Handler: app.handler, Runtime: python3.12, Timeout: 20}
Outputs:
  Name: {Value: !Ref Greet}
"""
CODE = """
def handler(event, context):
    print("greeting", event.get("name"))
    if "fail" in event:
        raise ValueError(event["fail"])
    return {"hello": event.get("name", "nobody")}
"""


def write_application(folder: Path) -> None:
    (folder / "src").mkdir()
    (folder / "src" / "app.py").write_text(CODE)
    (folder / "template.yaml").write_text(TEMPLATE)


@pytest.fixture(scope="module")
def greet(shared_server, tmp_path_factory):
    """The application, deployed as a package on the shared server."""
    folder = tmp_path_factory.mktemp("greet")
    write_application(folder)
    template = str(folder / "template.yaml")
    done = shared_server.run("deploy", "--template", template, "--stack-name", "greet")
    assert done.code == 0, done.err
    return shared_server


def test_a_function_is_invoked_by_its_name_in_the_template(greet, ask):
    answer = ask("invoke", "Greet", "--payload", '{"name": "Ada"}')
    assert answer.code == 0, answer.err
    assert json.loads(answer.out) == {"hello": "Ada"}


def test_a_function_is_invoked_by_its_own_name(greet, ask):
    functions = ask("status", "--json").document["functions"]
    name = next(each["FunctionName"] for each in functions if "Greet" in each["FunctionName"])
    assert json.loads(ask("invoke", name).out) == {"hello": "nobody"}


def test_the_event_comes_from_a_file_or_from_stdin(greet, ask, tmp_path):
    (tmp_path / "event.json").write_text('{"name": "file"}')
    from_file = ask("invoke", "Greet", "--payload-file", str(tmp_path / "event.json"))
    assert json.loads(from_file.out) == {"hello": "file"}
    assert json.loads(ask("invoke", "Greet", "-", given='{"name": "in"}').out) == {"hello": "in"}


def test_a_function_that_fails_is_a_failed_command(greet, ask):
    answer = ask("invoke", "Greet", "--payload", '{"fail": "so"}', "--json")
    assert answer.code == 1
    assert answer.document["answer"]["errorMessage"] == "so"


def test_the_log_is_shown_on_request(greet, ask):
    assert "greeting Ada" in ask("invoke", "Greet", "--payload", '{"name": "Ada"}', "--log").err


def test_async_hands_the_event_over(greet, ask):
    answer = ask("invoke", "Greet", "--async", "--json")
    assert answer.code == 0
    assert answer.document["status"] == 202


@pytest.mark.parametrize(
    "words",
    [
        ["--payload", "{"],
        ["--payload", "{}", "-"],
        ["{}"],
        ["--payload-file", "/no/such/file"],
    ],
)
def test_events_that_cannot_be_are_usage_errors(greet, ask, words):
    assert ask("invoke", "Greet", *words).code == 2


def test_an_unknown_function_is_told_what_there_is(greet, ask):
    answer = ask("invoke", "Gret")
    assert answer.code == 1
    assert "Greet" in answer.err


def test_logs_are_filtered(greet, ask):
    ask("invoke", "Greet", "--payload", '{"name": "Grace"}')
    answer = ask("logs", "Greet", "--filter", "Grace")
    assert set(answer.out.splitlines()) == {"greeting Grace"}
    lines = ask("logs", "Greet", "--filter", "Grace", "--json").lines
    assert lines[0]["message"] == "greeting Grace"


def test_logs_of_a_group_that_is_not_there_say_so(greet, ask):
    answer = ask("logs", "/no/such/group")
    assert answer.code == 1
    assert "no log group" in answer.err


def test_logs_since_a_time_that_cannot_be_is_a_usage_error(greet, ask):
    assert ask("logs", "--since", "yesterday").code == 2


def test_tail_shows_what_comes_until_ctrl_c(greet):
    process = greet.start("logs", "Greet", "--tail", "--since", "1h")
    greet.run("invoke", "Greet", "--payload", '{"name": "tail"}')
    assert process.stdout is not None
    for line in process.stdout:
        if "greeting tail" in line:
            break
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err


def test_tail_ends_on_ctrl_c_when_a_shell_has_it_ignored(greet):
    """As shells do for what they start in the background."""
    heeded = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = greet.start("logs", "Greet", "--tail", "--since", "1h")
    finally:
        signal.signal(signal.SIGINT, heeded)
    greet.run("invoke", "Greet", "--payload", '{"name": "again"}')
    assert process.stdout is not None
    for line in process.stdout:
        if "greeting again" in line:
            break
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130


@pytest.mark.slow
def test_up_deploys_watches_and_tells_what_functions_write(program):
    write_application(program.folder)
    process = program.start("up", "--port", "0", "--json")
    watched = Watched(process)
    assert watched.until("deployed")["status"] == "CREATE_COMPLETE"

    code = program.folder / "src" / "app.py"
    code.write_text(CODE.replace('"hello"', '"good day"'))
    assert watched.until("changed")["functions"] == ["Greet"]
    assert json.loads(program.run("invoke", "Greet").out) == {"good day": "nobody"}
    assert "START" in watched.until("log")["message"]

    template = program.folder / "template.yaml"
    template.write_text(TEMPLATE.replace("Timeout: 20", "Timeout: 21"))
    assert watched.until("changed")["deploys"] is True
    assert watched.until("deployed")["status"] == "UPDATE_COMPLETE"

    template.write_text("Resources: [")
    watched.until("waiting")
    template.write_text(TEMPLATE.replace("Timeout: 20", "Timeout: 21"))
    assert str(template) in watched.until("corrected")["files"]
    template.write_text(TEMPLATE.replace("Timeout: 20", "Timeout: 22"))
    assert watched.until("deployed")["status"] == "UPDATE_COMPLETE"

    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in err


@pytest.mark.slow
def test_detached_up_returns_when_the_application_stands(program):
    write_application(program.folder)
    started = program.run("up", "--port", "0", "--detach", "--json")
    assert started.code == 0, started.err
    assert started.document["app"]["state"] == "deployed"
    assert json.loads(program.run("invoke", "Greet").out) == {"hello": "nobody"}
    assert program.run("down").code == 0


@pytest.mark.slow
def test_detached_up_says_why_the_application_does_not_stand(program):
    (program.folder / "template.yaml").write_text("Resources: {A: {Type: AWS::Braket::Job}}")
    started = program.run("up", "--port", "0", "--detach")
    assert started.code == 1
    assert "AWS::Braket::Job" in started.err
    assert program.run("status").code == 0


@pytest.mark.slow
def test_the_watcher_ends_with_its_server(program):
    write_application(program.folder)
    program.up("--no-app")
    process = program.start("deploy", "--watch", "--json")
    Watched(process).until("deployed")
    program.run("down")
    assert wait_for(lambda: process.poll() is not None, 60)
    assert process.returncode == 3


@pytest.mark.slow
def test_the_demo_loses_nothing(program):
    answer = program.run("demo", "--json")
    assert answer.code == 0, answer.out + answer.err
    report = answer.document
    assert (report["sent"], report["stored"], report["dead"]) == (500, 475, 5)
    assert report["killed_after"] > 0
