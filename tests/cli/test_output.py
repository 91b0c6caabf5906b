import json
import subprocess
import sys

from fogline.cli.output import Output

SPEAK = (
    "from fogline.cli.output import Output\n"
    "out = Output()\n"
    "out.say('well', 'good')\n"
    "out.table(('name', 'size'), [('a', 1), ('long', 22)], 'Things')\n"
)


def test_elsewhere_than_on_a_terminal_all_is_plain_text():
    done = subprocess.run([sys.executable, "-c", SPEAK], capture_output=True, text=True, check=True)
    assert done.stdout == "well\nThings\nNAME  SIZE\na     1\nlong  22\n"


def on_a_terminal(**variables: str) -> str:
    command = f'{sys.executable} -c "import pty, sys; pty.spawn([sys.executable, \'-c\', sys.argv[1]])" "$SPEAK"'
    environment = {"TERM": "xterm", "SPEAK": SPEAK, "PATH": "/usr/bin:/bin", **variables}
    done = subprocess.run(
        ["sh", "-c", command], env=environment, capture_output=True, text=True,
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.stdout


def test_a_terminal_gets_colours():
    assert "\x1b[32mwell" in on_a_terminal()


def test_no_color_is_respected():
    text = on_a_terminal(NO_COLOR="1")
    assert "well" in text
    assert "\x1b[32m" not in text


def test_json_silences_the_words(capsys):
    out = Output(is_json=True)
    out.say("words")
    out.table(("a",), [("b",)])
    out.event({"event": "x"}, "words")
    out.document({"answer": 1})
    first, _, rest = capsys.readouterr().out.partition("\n")
    assert json.loads(first) == {"event": "x"}
    assert json.loads(rest) == {"answer": 1}


def test_progress_is_two_lines_of_text(capsys):
    with Output().progress("Work", 3) as progress:
        progress.move(3, "fast")
    assert capsys.readouterr().out == "Work ...\nWork: 3 of 3 (fast)\n"
