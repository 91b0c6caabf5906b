"""Pages whose examples run: fenced blocks, marked after the language, in the order in which a reader meets them.

    ```sh run                 is run in the page's folder, by one shell from the first block to the last
    ```sh run eventually      the same, again and again until its output is as the page says, within a bound
    ```yaml file=NAME         becomes that file (likewise python and any other language)
    ```text output            every line of it stands in the output of the block before, except lines of `...`

All other blocks are for reading only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(\S+)[ \t]*([^\n]*)\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A marked block. `kind` is run, eventually, file or output; `line` is where it stands."""

    kind: str
    text: str
    line: int
    name: str = ""


def read_blocks(page: Path) -> list[Block]:
    """The marked blocks of a page. Raises ValueError for a mark that nobody knows."""
    text = page.read_text("utf-8")
    blocks = []
    for found in _FENCE.finditer(text):
        marks = found[2].split()
        if not marks:
            continue
        line = text.count("\n", 0, found.start()) + 1
        kind, _, name = marks[-1].partition("=")
        is_right = (found[1], *marks) in (
            ("sh", "run"),
            ("sh", "run", "eventually"),
            ("text", "output"),
        ) or (len(marks) == 1 and kind == "file" and name)
        if not is_right:
            raise ValueError(f"{page.name}:{line}: the mark '{found[2]}' is not known")
        blocks.append(Block(kind, found[3], line, name))
    return blocks
