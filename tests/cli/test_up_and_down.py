import json
import os
import resource
import signal
import socket

import pytest

from fogline.cli.client import Client
from fogline.cli.exits import NO_SERVER
from fogline.cli.server_file import find_server_file
from fogline.cli.waiting import wait_for


def test_up_writes_where_it_listens_and_answers_there(program):
    process = program.up("--no-app")
    server = program.server()
    assert server.pid == process.pid
    assert server.endpoint == f"http://127.0.0.1:{server.port}"
    with Client(server.endpoint) as client:
        assert client.health()["process"] == process.pid


def test_ctrl_c_ends_it_cleanly(program):
    process = program.up("--no-app")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert err == ""
    assert out.rstrip().endswith("Stopped.")
    assert not (program.state / "server.json").exists()


def test_json_is_lines_of_json_and_nothing_else(program):
    process = program.up("--no-app", "--json")
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    events = [json.loads(line)["event"] for line in out.splitlines()]
    assert events == ["listening", "stopping", "stopped"]


def test_detached_it_answers_before_the_command_returns_and_down_ends_it(program):
    started = program.run("up", "--port", "0", "--no-app", "--detach", "--json")
    assert started.code == 0, started.err
    server = program.server()
    assert started.document["endpoint"] == server.endpoint
    with Client(server.endpoint) as client:
        assert client.health()["status"] == "running"
    stopped = program.run("down", "--json")
    assert stopped.document["stopped"] is True
    assert find_server_file(program.state) is None
    assert "Stopped." in (program.state / "server.log").read_text()


def test_down_where_nothing_runs_is_no_failure(program):
    answer = program.run("down")
    assert (answer.code, answer.out) == (0, "Nothing runs here.\n")


def test_a_folder_has_one_server_at_a_time(program):
    program.up("--no-app")
    for words in (["up", "--no-app", "--port", "0"], ["up", "--no-app", "--port", "0", "--detach"]):
        second = program.run(*words)
        assert second.code == 1
        assert "already running here" in second.err
        assert "fogline down" in second.err


def test_after_kill_9_the_file_is_known_to_be_stale_and_the_state_is_there_again(program):
    process = program.up("--no-app")
    with Client(program.server().endpoint) as client:
        client.call("sqs", "CreateQueue", QueueName="kept")
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (program.state / "server.json").exists()
    assert find_server_file(program.state) is None
    assert program.run("status", FOGLINE_ENDPOINT="http://127.0.0.1:1").code == NO_SERVER
    program.up("--no-app")
    with Client(program.server().endpoint) as client:
        assert len(client.call("sqs", "ListQueues")["QueueUrls"]) == 1


def test_ephemeral_keeps_nothing(program):
    program.up("--no-app", "--ephemeral")
    assert not (program.state / "fogline.db").exists()


@pytest.mark.parametrize("flags", [[], ["--detach"]])
def test_a_port_in_use_is_said_plainly(program, flags):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = program.run("up", "--no-app", "--port", str(port), *flags)
    assert answer.code == 1
    assert f"Port {port} is in use" in answer.err
    assert "--port" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    "flags",
    [
        ["--port", "70000"],
        ["--port", "many"],
        ["--clock", "fast"],
        ["--durability", "never"],
        ["--account", "12"],
        ["--unheard-of"],
    ],
)
def test_flags_that_cannot_be_are_usage_errors(program, flags):
    answer = program.run("up", *flags)
    assert answer.code == 2
    assert "Traceback" not in answer.err


def test_a_setting_of_the_environment_that_cannot_be_is_a_usage_error(program):
    answer = program.run("up", FOGLINE_PORT="many")
    assert answer.code == 2
    assert "port must be a whole number" in answer.err


def test_a_data_folder_that_cannot_be_is_said_plainly(program):
    (program.folder / "taken").write_text("a file")
    answer = program.run("up", "--no-app", "--data", "taken/state")
    assert answer.code == 1
    assert "cannot be used" in answer.err


def test_a_store_that_does_not_answer_is_said_plainly(program):
    answer = program.run(
        "up", "--no-app", "--port", "0", "--store", "postgresql://127.0.0.1:1/none"
    )
    assert answer.code == 1
    assert "Traceback" not in answer.err


def test_listening_for_others_says_what_that_exposes(program):
    process = program.up("--no-app", "--listen", "0.0.0.0")
    assert program.server().endpoint.startswith("http://127.0.0.1:")
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert "whoever reaches this machine" in out


def test_commands_find_the_server_of_a_folder_above(program):
    program.up("--no-app")
    inner = program.folder / "src" / "deep"
    inner.mkdir(parents=True)
    folder, program.folder = program.folder, inner
    answer = program.run("status", "--json")
    program.folder = folder
    assert answer.document["endpoint"] == program.server().endpoint


def test_manual_time_moves_when_told(program):
    program.up("--no-app", "--ephemeral", "--clock", "manual")
    before = program.run("clock", "now", "--json").document["now"]
    after = program.run("clock", "advance", "1h30m", "--json").document["now"]
    assert after - before == 5_400_000


def test_the_server_leaves_no_process_behind(program):
    process = program.up("--no-app")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)

    def is_gone() -> bool:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    assert wait_for(is_gone, 60)


def test_a_folder_with_files_named_like_modules_disturbs_nothing(program):
    for name in ("click.py", "orjson.py", "logging.py"):
        (program.folder / name).write_text("raise RuntimeError('not this one')")
    started = program.run("up", "--port", "0", "--no-app", "--detach")
    assert started.code == 0, started.err


def test_a_reader_that_goes_away_does_not_end_the_server(program):
    process = program.up("--no-app")
    process.stdout.close()
    assert program.run("status").code == 0
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert process.stderr.read() == ""


def test_state_is_not_for_version_control(program):
    program.up("--no-app")
    assert (program.state / ".gitignore").read_text() == "*\n"


def test_it_may_hold_more_connections_than_a_shell_allows_files(program):
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, before[1]))
    try:
        program.up("--no-app")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    pid = program.server().pid
    assert resource.prlimit(pid, resource.RLIMIT_NOFILE)[0] > 10_000
