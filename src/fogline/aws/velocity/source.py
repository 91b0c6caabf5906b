"""The text of a template while it is read: a place in it, and what can stand there."""

from __future__ import annotations

import re
from typing import NoReturn

from fogline.aws.velocity.errors import InvalidTemplate

SPACE = re.compile(r"[ \t\r\n]*")
LINE_END = re.compile(r"[ \t]*(?:\r\n|\n|\r)")


def whole_characters(text: str) -> str:
    """The text with halves of characters put together, or replaced where the other half is missing."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class Source:
    """Reads on from `at`. Every method leaves the first character that is not its own."""

    def __init__(self, text: str, line: int = 1, column: int = 1) -> None:
        self.text = text
        self.at = 0
        self._line = line
        self._column = column
        self._known_at = self._known_lines = 0

    def take(self, text: str) -> bool:
        """Pass the text if it is next."""
        if self.text.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Pass what the pattern matches, if anything."""
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def skip(self) -> None:
        """Pass white space."""
        self.match(SPACE)

    def skip_line_end(self) -> None:
        """Pass the rest of the line if there is nothing in it: directives take it with them."""
        self.match(LINE_END)

    def stands_at(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def need(self, text: str, where: str) -> None:
        """Pass white space and then the text, which must be there."""
        self.skip()
        if not self.take(text):
            self.fail(f"'{text}' is missing in {where}")

    def position(self, at: int) -> tuple[int, int]:
        """Line and column."""
        if at < self._known_at:
            self._known_at = self._known_lines = 0
        # What has been counted before is not counted again: a long template has many texts in quotes.
        self._known_lines += self.text.count("\n", self._known_at, at)
        self._known_at = at
        if self._known_lines == 0:
            return self._line, self._column + at
        return self._line + self._known_lines, at - self.text.rfind("\n", 0, at)

    def fail(self, reason: str, at: int | None = None) -> NoReturn:
        raise InvalidTemplate(reason, *self.position(self.at if at is None else at))
