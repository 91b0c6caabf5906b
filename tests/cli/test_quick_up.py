"""The short way into `fogline up` understands what the long way understands, or leaves it alone."""

from pathlib import Path

import click
import pytest

from fogline.cli.commands import up
from fogline.cli.group import fogline as command
from fogline.cli.quick_up import read_words
from fogline.config import read_config


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("FOGLINE_PORT", "FOGLINE_DATA"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def by_click(words: list[str]) -> dict:
    context = up.command.make_context("up", list(words), parent=click.Context(command))
    own = ("no_app", "template", "stack_name", "parameters", "detach")
    return {name: value for name, value in context.params.items() if name not in own}


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--port", "0"],
        ["--port=4567", "--data", "state", "--ephemeral"],
        ["--listen", "0.0.0.0", "--clock", "manual", "--durability=power", "--tls"],
        ["--region", "eu-west-1", "--account", "123456789012", "--log-level", "info"],
        ["--store", "postgresql://localhost/fogline", "--allow-origin", "*", "--allow-host", "a,b"],
    ],
)
def test_both_ways_read_the_same_settings(words):
    read = read_words(["--no-app", *words])
    assert read is not None
    assert read[0] == read_config({}, **by_click(words))


@pytest.mark.parametrize(
    "words",
    [["--help"], ["--detach"], ["-d"], ["--port"], ["--port", "x"], ["--unknown"], ["extra"],
     ["--tls=yes"], ["--clock", "fast"], ["--port", "--tls"]],
)  # fmt: skip
def test_what_leaves_a_question_goes_the_long_way(words):
    assert read_words(words) is None


def test_an_application_is_seen_by_its_template(empty_folder):
    assert read_words([])[1] is None
    (empty_folder / "template.yaml").write_text("")
    assert read_words([])[1] == []
    assert read_words(["--stack-name", "a", "--parameter=B=c"])[1] == [
        "--stack-name",
        "a",
        "--parameter",
        "B=c",
    ]
    assert read_words(["--no-app"])[1] is None
