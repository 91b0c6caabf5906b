import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from fogline.cli.exits import MEANINGS
from fogline.cli.group import SECTIONS
from fogline.cli.group import fogline as command

COMMANDS = {name: text for section in SECTIONS.values() for name, text in section.items()}
HEAVY = ("rich", "boto3", "botocore", "uvloop", "fogline.app", "watchfiles", "yaml", "http.client")


def load(name: str) -> click.Command:
    found = command.get_command(click.Context(command), name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_of_itself_what_the_list_says_of_it(name):
    assert (load(name).help or "").split("\n")[0] == COMMANDS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    if name == "aws":
        return  # its --help is the AWS CLI's
    assert CliRunner().invoke(command, [name, "--help"]).exit_code == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_answer_in_json(name):
    if name in ("aws", "exec"):
        assert name in ("aws", "exec")  # what they run answers
        return
    for each in leaves(load(name)):
        assert "--json" in [flag for parameter in each.params for flag in parameter.opts]


def leaves(found):
    """The commands of a group, and of the groups in it."""
    if not isinstance(found, click.Group):
        return [found]
    return [leaf for each in found.commands.values() for leaf in leaves(each)]


def test_up_has_every_flag_it_is_known_by():
    flags = {flag for parameter in load("up").params for flag in parameter.opts}
    assert flags >= {
        "--port", "--listen", "--data", "--ephemeral", "--store", "--clock", "--durability",
        "--no-app", "--detach",
    }  # fmt: skip


def test_help_names_the_exit_codes():
    text = CliRunner().invoke(command, ["--help"]).output
    assert all(meaning in text for _, meaning in MEANINGS)


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from fogline.cli.group import fogline\n"
        "try: fogline(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_the_server_imports_neither_sdk_nor_rich():
    code = (
        "import sys, fogline.cli.serving\n"
        "print([n for n in ('rich', 'boto3', 'botocore', 'watchfiles') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_command_is_a_usage_error_that_names_the_nearest():
    done = CliRunner().invoke(command, ["stauts"])
    assert done.exit_code == 2
    assert "Did you mean 'status'?" in done.output
