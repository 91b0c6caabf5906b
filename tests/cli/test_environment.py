import json
import subprocess
import sys

import pytest

from fogline.cli.commands.env import export_line, shell_of


def test_env_prints_exports_that_a_shell_understands(shared_server):
    lines = shared_server.run("env").out
    done = subprocess.run(
        ["sh", "-c", f"{lines}\nprintf %s \"$AWS_ENDPOINT_URL $AWS_ACCESS_KEY_ID\""],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == f"{shared_server.server().endpoint} 000000000000"


def test_env_unsets_what_would_lead_elsewhere(ask):
    lines = ask("env", "--shell", "sh", AWS_PROFILE="work", AWS_ENDPOINT_URL_SQS="http://x").out
    assert "unset AWS_PROFILE\n" in lines
    assert "unset AWS_ENDPOINT_URL_SQS\n" in lines


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("sh", "export A='it is'"),
        ("fish", "set -gx A 'it is';"),
        ("powershell", "$Env:A = 'it is'"),
    ],
)
def test_each_shell_has_its_words(shell, line):
    assert export_line(shell, "A", "it is") == line


def test_the_shell_is_known_by_the_users_own():
    assert shell_of({"SHELL": "/usr/bin/fish"}) == "fish"
    assert shell_of({"SHELL": "/bin/zsh"}) == "sh"
    assert shell_of({}) == "sh"


def test_env_as_json(ask):
    assert (
        ask("env", "--json", "--account", "123456789012").document["AWS_ACCESS_KEY_ID"]
        == "123456789012"
    )


def test_exec_gives_a_program_the_environment_and_hands_back_its_exit_code(shared_server):
    code = "import os, sys; print(os.environ['AWS_ENDPOINT_URL'], os.environ.get('AWS_PROFILE')); sys.exit(7)"
    answer = shared_server.run("exec", "--", sys.executable, "-c", code, AWS_PROFILE="work")
    assert answer.code == 7
    assert answer.out == f"{shared_server.server().endpoint} None\n"


def test_exec_of_an_unknown_program_says_so(shared_server):
    answer = shared_server.run("exec", "--", "no-such-program")
    assert answer.code == 127
    assert "not on the PATH" in answer.err


def test_exec_without_a_command_is_a_usage_error(shared_server):
    assert shared_server.run("exec").code == 2


def test_the_aws_cli_comes_here(shared_server):
    made = shared_server.run(
        "aws", "sqs", "create-queue", "--queue-name", "by-cli", "--output", "json"
    )
    assert made.code == 0, made.err
    assert json.loads(made.out)["QueueUrl"].endswith("/by-cli")


@pytest.mark.parametrize(
    "words", [["env"], ["exec", "--", "true"], ["aws", "s3", "ls"], ["status"], ["logs"]]
)
def test_without_a_server_commands_say_how_to_start_one(program, words):
    answer = program.run(*words, FOGLINE_ENDPOINT="http://127.0.0.1:1")
    assert answer.code == 3
    assert "fogline up" in answer.err


def test_without_a_server_of_the_folder_the_port_of_the_environment_is_asked(
    program, shared_server
):
    port = shared_server.server().endpoint.rpartition(":")[2]
    assert program.run("aws", "sqs", "list-queues", FOGLINE_PORT=port).code == 0
    assert program.run("api", "list", FOGLINE_PORT=port).code == 0
    assert ":4566" in program.run("env", FOGLINE_PORT="0", FOGLINE_ENDPOINT="").err


def test_failures_are_json_too(program):
    answer = program.run("status", "--json", FOGLINE_ENDPOINT="http://127.0.0.1:1")
    assert answer.code == 3
    assert answer.err == ""
    assert answer.document["error"]["exit_code"] == 3


def test_env_makes_curl_trust_the_server_when_asked(shared_server):
    assert "CERT" not in shared_server.run("env").out
    lines = shared_server.run("env", "--tls", "--shell", "sh").out
    url = shared_server.server().endpoint.replace("http://", "https://")
    script = f"{lines}\ntest -s $NODE_EXTRA_CA_CERTS && curl -sS {url}/_fogline/health"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["status"] == "running", done.stderr


def test_where_addresses_are_https_programs_trust_them(program):
    program.up("--no-app", "--tls")
    code = "import boto3; print(boto3.client('sqs').create_queue(QueueName='q')['QueueUrl'])"
    answer = program.run("exec", "--", sys.executable, "-c", code)
    assert answer.out.startswith(f"{program.server().endpoint}/"), answer.err
    assert program.server().endpoint.startswith("https://")
    assert program.run("env", "--json").document["AWS_CA_BUNDLE"].endswith("bundle.pem")
