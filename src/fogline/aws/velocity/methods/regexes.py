"""Java's regular expressions, as far as JavaScript's say the same, in time proportional to the text."""

from __future__ import annotations

import re
from functools import lru_cache

from fogline.aws.jsonata.regex import InvalidRegex, Match, Regex
from fogline.aws.velocity.errors import TemplateFailed
from fogline.aws.velocity.limits import REGEXES_CACHED_MAX
from fogline.aws.velocity.run import Run

_SOURCE_MAX = 4_096
_PLAIN = re.compile(r"(?:[^\\.\[\](){}*+?^$|]|\\[^A-Za-z0-9])*", re.DOTALL)
_QUOTED = re.compile(r"\\Q(.*?)(?:\\E|$)", re.DOTALL)
_FLAGS = re.compile(r"\(\?([im]{1,2})\)")
_JAVA_ONLY = re.compile(r"(?:[^\\]|\\[^pPAzZGhHRNXkv])*(?:\\([pPAzZGhHRNXkv])|$)", re.DOTALL)
_REPLACED = re.compile(r"\\(.)|\$(\d)|(\$)|(\\)", re.DOTALL)


class JavaRegex:
    """One regular expression; what it costs is charged to the run."""

    def __init__(self, source: str) -> None:
        source = _QUOTED.sub(lambda quoted: re.sub(r"(\W)", r"\\\1", quoted[1]), source)
        self._plain: str | None = None
        if _PLAIN.fullmatch(source):
            self._plain = re.sub(r"\\(.)", r"\1", source, flags=re.DOTALL)
            return
        flags = ""
        if found := _FLAGS.match(source):
            flags, source = found[1], source[found.end() :]
        foreign = _JAVA_ONLY.match(source)
        if foreign and foreign[1]:
            raise InvalidRegex(f"\\{foreign[1]} is not supported")
        self._regex = Regex(source, flags)
        self._whole = Regex(f"^(?:{source})$", flags.replace("m", ""))

    def matches(self, text: str, run: Run) -> bool:
        """True if the whole text does."""
        run.charge_text(len(text))
        if self._plain is not None:
            return text == self._plain
        return self._whole.search(text, 0, run.charge) is not None

    def _found(self, text: str, run: Run, times: int) -> list[Match]:
        """The first matches, one after the other."""
        found: list[Match] = []
        at = 0
        while at <= len(text) and len(found) != times:
            match = self._search(text, at, run)
            if match is None:
                break
            found.append(match)
            at = match.end + (match.end == match.start)
        return found

    def _search(self, text: str, at: int, run: Run) -> Match | None:
        if self._plain is None:
            return self._regex.search(text, at, run.charge)
        start = text.find(self._plain, at)
        run.charge_text((start if start >= 0 else len(text)) - at)
        return None if start < 0 else Match(start, start + len(self._plain), [])

    def replace(self, text: str, replacement: str, run: Run, times: int = -1) -> str:
        parts: list[str] = []
        at = length = 0
        for match in self._found(text, run, times):
            parts += [text[at : match.start], self._filled(replacement, text, match)]
            at = match.end
            length += len(parts[-1])
            run.charge_text(len(parts[-2]) + len(parts[-1]))
            if length > len(text):
                run.charge_text(length)
        parts.append(text[at:])
        run.charge_text(length + len(text))
        return "".join(parts)

    @staticmethod
    def _filled(replacement: str, text: str, match: Match) -> str:
        if "$" not in replacement and "\\" not in replacement:
            return replacement

        def filled(one: re.Match[str]) -> str:
            if one[1] is not None:
                return one[1]
            if one[2] is None:
                raise TemplateFailed("Illegal group reference")
            number = int(one[2])
            if number > len(match.groups):
                raise TemplateFailed(f"No group {number}")
            group = text[match.start : match.end] if number == 0 else match.groups[number - 1]
            return group or ""

        return _REPLACED.sub(filled, replacement)

    def split(self, text: str, limit: int, run: Run) -> list[str]:
        """As `String.split`: without the empty texts at the end, unless there is a limit."""
        parts: list[str] = []
        at = 0
        for match in self._found(text, run, limit - 1 if limit > 0 else -1):
            if match.end == 0 or (match.start == match.end == len(text)):
                continue
            run.charge_text(match.start - at)
            parts.append(text[at : match.start])
            at = match.end
        parts.append(text[at:])
        if limit == 0:
            while len(parts) > 1 and not parts[-1]:
                parts.pop()
        return parts


@lru_cache(REGEXES_CACHED_MAX)
def _compiled(source: str) -> JavaRegex:
    return JavaRegex(source)


def compiled(source: str, run: Run) -> JavaRegex:
    """Raises TemplateFailed for what is no regular expression, or can't be matched in bounded time."""
    run.charge(1 + len(source))
    try:
        if len(source) > _SOURCE_MAX:
            raise InvalidRegex("it is too long")
        return _compiled(source)
    except InvalidRegex as invalid:
        raise TemplateFailed(f"The regular expression {source[:100]!r}: {invalid}") from None
