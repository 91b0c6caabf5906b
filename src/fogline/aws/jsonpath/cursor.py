"""A place in a text that is being read."""

from __future__ import annotations

import re
from typing import ClassVar, NoReturn


class Cursor:
    """Reads on from `at`. Every method leaves the first character that is not its own."""

    error: ClassVar[type[ValueError]] = ValueError
    """What is raised when the text can't be read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    @property
    def is_at_end(self) -> bool:
        return self.at >= len(self.text)

    def stands_at(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def take(self, text: str) -> bool:
        """Pass the text if it is next."""
        is_there = self.text.startswith(text, self.at)
        if is_there:
            self.at += len(text)
        return is_there

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Pass what the pattern matches, if anything."""
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def skip(self) -> None:
        """Pass white space."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def need(self, text: str) -> None:
        """Pass white space and then the text, which must be there."""
        self.skip()
        if not self.take(text):
            self.fail(f"'{text}' is missing at position {self.at}")

    def fail(self, reason: str = "") -> NoReturn:
        what = "the end" if self.is_at_end else repr(self.text[self.at])
        raise self.error(reason or f"{what} at position {self.at} has no meaning there")
