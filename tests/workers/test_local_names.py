"""Names under `.localhost` in what a program is given."""

import importlib.util
import time

import pytest

from fogline.workers.runtimes import python_runtime
from fogline.workers.runtimes.local_names import NAMES_MAX, PLACES_MAX, Hosts, names_in


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b'{"url": "https://a1.execute-api.eu-west-1.localhost:4566/dev"}', ["a1.execute-api.eu-west-1.localhost"]),
        (b"x.localhost y.localhost,x.localhost", ["x.localhost", "y.localhost"]),
        (b"a.localhost.localstack.cloud/", ["a.localhost.localstack.cloud"]),
        (b"localhost .localhost ..localhost a..localhost", []),
        (b"a.localhost.example.com a.localhosts b_.localhost-x -c.localhost", []),
        (b"my_bucket.localhost", ["my_bucket.localhost"]),
        (b"a.localhost", ["a.localhost"]),
        ("ü.localhost".encode(), []),
    ],
)  # fmt: skip
def test_names_are_found_whole(data, names):
    assert names_in(data) == [name.encode() for name in names]


def test_long_data_take_no_long_time():
    began = time.thread_time()
    assert names_in(b"a" * 6_000_000) == []
    assert names_in(b"-" * 3_000_000 + b".localhost") == []
    assert len(names_in(b"".join(b"n%d.localhost " % n for n in range(100_000)))) == PLACES_MAX
    assert time.thread_time() - began < 1


def test_a_file_of_its_own_is_added_to_and_others_are_left_alone(tmp_path):
    own, machines = tmp_path / "own", tmp_path / "machine's"
    for file in (own, machines):
        file.write_text("127.0.0.1 localhost\n")
    Hosts(machines, own).learn(b"a.localhost")
    hosts = Hosts(own, own)
    for _ in range(2):
        hosts.learn(b"a.localhost b.localhost")
    hosts.learn(b"nothing")
    assert machines.read_text() == "127.0.0.1 localhost\n"
    assert own.read_text() == "127.0.0.1 localhost\n127.0.0.1 a.localhost b.localhost\n"


def test_names_without_end_fill_no_disk(tmp_path):
    own = tmp_path / "own"
    own.write_text("")
    hosts = Hosts(own, own)
    for number in range(NAMES_MAX * 2):
        hosts.learn(b"n%d.localhost" % number)
    assert len(own.read_text().splitlines()) == NAMES_MAX


@pytest.mark.parametrize(
    ("name", "is_home"),
    [
        ("abc.execute-api.eu-west-1.amazonaws.com", True),
        ("ABC.execute-api.eu-west-1.amazonaws.com.", True),
        ("xyz.execute-api.eu-west-1.amazonaws.com", False),
        ("x.abc.execute-api.eu-west-1.amazonaws.com", False),
        (b"api.example.com", True),
        ("example.com", False),
        ("tea.shops.example", True),
        ("shops.example", False),
        ("black.tea.shops.example", False),
        ("*", False),
        ("", False),
        (None, False),
    ],
)
def test_only_names_of_what_lives_here_lead_home(name, is_home):
    spec = importlib.util.spec_from_file_location("of_one_function", python_runtime.__file__)
    runtime = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(runtime)
    assert not runtime._is_home(name)
    names = ["abc.execute-api.eu-west-1.amazonaws.com", "api.example.com", "*.shops.example"]
    runtime._home_names = frozenset(names)
    assert runtime._is_home(name) is is_home
