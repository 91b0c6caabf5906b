"""What the documentation shows, works: every marked block of a page, run in order in an empty folder."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from fogline.cli.waiting import pause

_spec = importlib.util.spec_from_file_location("pages", Path(__file__).with_name("pages.py"))
assert _spec is not None
assert _spec.loader is not None
pages = importlib.util.module_from_spec(_spec)
sys.modules["pages"] = pages
_spec.loader.exec_module(pages)

DOCS = Path(__file__).parents[2] / "docs"
BLOCK_SECONDS_MAX = 240
EVENTUALLY_SECONDS_MAX = 120

# What a block leaves behind (folder, variables) the next one finds.
_SHELL = """set -euo pipefail
[ -f "$SHELL_STATE" ] && . "$SHELL_STATE"
trap '{ declare -p | grep -vE "^declare -[a-zA-Z]*[rA]" ; echo "cd \\"$PWD\\""; } > "$SHELL_STATE" 2>/dev/null' EXIT
"""


class Reader:
    """Somebody who does what a page says, in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self._state = folder / "shell"
        self._folder = folder / "work"
        self._folder.mkdir()
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "FOGLINE_", "PYTEST_", "PYTHON"))
        }
        self._environment = {
            **kept,
            "PATH": f"{Path(sys.executable).parent}:{kept.get('PATH', '')}",
            "HOME": str(folder),
            "SHELL": "/bin/bash",
            "SHELL_STATE": str(self._state),
            "FOGLINE_PORT": "0",  # the usual one may be taken
            "AWS_PAGER": "",
        }

    def run(self, script: str) -> tuple[int, str]:
        """The exit code and all that it printed."""
        done = subprocess.run(
            ["bash", "-c", _SHELL + script],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=BLOCK_SECONDS_MAX,
            check=False,
        )
        return done.returncode, done.stdout

    def write(self, name: str, text: str) -> None:
        """Write a file where the shell stands now."""
        _, folder = self.run("pwd")
        path = Path(folder.strip()) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def reader() -> Iterator[Reader]:
    with tempfile.TemporaryDirectory(prefix="fogline-docs-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)  # functions run as a user of their own and must get at their code
        reader = Reader(folder)
        yield reader
        reader.run("fogline down")


def missing(expected: str, output: str) -> list[str]:
    """The lines that are expected and not there. Spaces count as one."""
    plain = " ".join(output.split())
    lines = (" ".join(line.split()) for line in expected.splitlines())
    return [line for line in lines if line not in ("", "...") and line not in plain]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "name", ["getting-started.md", "guide.md", "events.md", "workflows.md", "apis.md", "metrics.md"]
)
def test_every_command_of_a_page_works(name: str, reader: Reader) -> None:
    blocks = pages.read_blocks(DOCS / name)
    assert blocks
    for at, block in enumerate(blocks):
        where = f"{name}:{block.line}"
        if block.kind == "file":
            reader.write(block.name, block.text)
        elif block.kind in ("run", "eventually"):
            following = blocks[at + 1] if at + 1 < len(blocks) else None
            expected = following.text if following and following.kind == "output" else ""
            until = monotonic() + (EVENTUALLY_SECONDS_MAX if block.kind == "eventually" else 0)
            while True:
                code, output = reader.run(block.text)
                lacking = missing(expected, output)
                if (code == 0 and not lacking) or monotonic() >= until:
                    break
                pause(0.2)
            assert code == 0, f"{where} ended with {code}:\n{output}"
            assert not lacking, f"{where} did not print {lacking}, but:\n{output}"


def test_marks_are_read(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "a\n\n```sh run\necho 1\n```\n\n```text output\n1\n```\n\n```sh\nnot run\n```\n"
    )
    blocks = pages.read_blocks(page)
    assert [(block.kind, block.text, block.line) for block in blocks] == [
        ("run", "echo 1\n", 3),
        ("output", "1\n", 7),
    ]


def test_a_mark_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```sh rnu\necho 1\n```\n")
    with pytest.raises(ValueError, match="rnu"):
        pages.read_blocks(page)


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = []
    for page in [DOCS.parent / "README.md", *DOCS.glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text("utf-8")):
            path, _, heading = target.partition("#")
            file = page.parent / path if path else page
            if not file.exists() or (heading and heading not in _headings(file)):
                broken.append(f"{page.name}: {target}")
    assert broken == []


def _headings(page: Path) -> set[str]:
    """The anchors that GitHub gives to headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
