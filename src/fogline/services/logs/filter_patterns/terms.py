"""Term patterns: `ERROR "not found" -debug`, `?ERROR ?WARN`, `%ERR-\\d+%`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fogline.services.logs.filter_patterns.expressions import (
    REGEXES_MAX,
    InvalidFilterPattern,
    read_regex,
    refuse,
    unquoted,
)

_TERM = re.compile(r"""([?-]?)("(?:\\.|[^"\\])*"|%(?:\\.|[^%\\])+%|[^\s"]+)(?=\s|$)\s*""")
_PLAIN = re.compile(r"\w+")

Finds = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Terms:
    """Every included term, no excluded one; where there are only optional terms, any of them."""

    included: tuple[Finds, ...]
    excluded: tuple[Finds, ...]
    optional: tuple[Finds, ...]

    def matches(self, message: str) -> bool:
        if self.optional and not any(finds(message) for finds in self.optional):
            return False
        return all(finds(message) for finds in self.included) and not any(
            finds(message) for finds in self.excluded
        )

    def extract(self, message: str) -> Mapping[str, str]:
        return {}


def read_terms(text: str) -> Terms:
    """Compile a pattern of terms; an empty one matches everything."""
    terms: dict[str, list[Finds]] = {"": [], "-": [], "?": []}
    at = regexes = 0
    while at < len(text):
        found = _TERM.match(text, at)
        if found is None:
            refuse(f"a quotation is not closed at position {at}")
        sign, term = found.groups()
        regexes += term[0] == "%" and len(term) > 2
        terms[sign].append(_read_term(term))
        at = found.end()
    if regexes > REGEXES_MAX:
        refuse(f"it has more than {REGEXES_MAX} regular expressions")
    # AWS documents that optional terms count for nothing beside others.
    optional = [] if terms[""] or terms["-"] else terms["?"]
    return Terms(tuple(terms[""]), tuple(terms["-"]), tuple(optional))


def _read_term(term: str) -> Finds:
    if term[0] == "%" and len(term) > 2 and term[-1] == "%":
        return read_regex(term).found_in
    if term[0] == '"':
        text = unquoted(term)
        return lambda message: text in message
    if not _PLAIN.fullmatch(term):
        raise InvalidFilterPattern(f"Invalid character(s) in term '{term}'")
    return lambda message: term in message
