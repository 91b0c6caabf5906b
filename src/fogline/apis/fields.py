"""Fields: headers and query strings, whose names may come more than once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote_plus

_PARAMETERS_MAX = 1_000
_SPELLED = {"host": "Host", "user-agent": "User-Agent"}
"""Names that API Gateway spells its own way, whatever the client wrote."""


class Headers:
    """Headers in their order, by names without case, each with all its values."""

    __slots__ = ("_fields",)

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._fields: dict[str, tuple[str, list[str]]] = {}
        for name, value in pairs:
            self.add(name, value)

    def add(self, name: str, value: str) -> None:
        """One more value."""
        key = name.lower()
        found = self._fields.get(key)
        if found is None:
            self._fields[key] = (name, [value])
        else:
            found[1].append(value)

    def put(self, name: str, values: list[str]) -> None:
        """These values, in place of any."""
        self._fields[name.lower()] = (name, values)

    def drop(self, name: str) -> None:
        self._fields.pop(name.lower(), None)

    def find(self, name: str) -> str | None:
        """The last value, as API Gateway takes it where it takes one."""
        found = self._fields.get(name.lower())
        return found[1][-1] if found is not None else None

    def all(self, name: str) -> list[str]:
        found = self._fields.get(name.lower())
        return found[1] if found is not None else []

    def single(self) -> dict[str, str]:
        """The last value of each."""
        return {name: values[-1] for name, values in self._fields.values()}

    def multi(self) -> dict[str, list[str]]:
        return dict(self._fields.values())

    def pairs(self) -> Iterator[tuple[str, str]]:
        for name, values in self._fields.values():
            for value in values:
                yield name, value

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._fields

    def __bool__(self) -> bool:
        return bool(self._fields)


def request_headers(
    raw: Iterable[tuple[bytes, bytes]], dropped: frozenset[str] = frozenset()
) -> Headers:
    """Headers as a client sent them, without those that concern only the connection."""
    headers = Headers()
    for name, value in raw:
        text = name.decode("latin-1")
        key = text.lower()
        if key not in dropped:
            headers.add(_SPELLED.get(key, text), value.decode("latin-1"))
    return headers


def parse_query(query: str) -> dict[str, list[str]]:
    """The parameters of a raw query string, decoded; the first thousand of them."""
    values: dict[str, list[str]] = {}
    if not query:
        return values
    for pair in query.split("&", _PARAMETERS_MAX)[:_PARAMETERS_MAX]:
        name, _, value = pair.partition("=")
        if name:
            values.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return values


def last_values(values: Mapping[str, list[str]]) -> dict[str, str]:
    return {name: many[-1] for name, many in values.items()}
