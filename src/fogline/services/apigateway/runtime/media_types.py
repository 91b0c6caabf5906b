"""Media types: which of them an API treats as binary."""

from __future__ import annotations

from collections.abc import Iterable


def media_type(header: str | None) -> str:
    """The first media type that a Content-Type or Accept header names, without its parameters."""
    if not header:
        return ""
    return header.partition(",")[0].partition(";")[0].strip().lower()


class BinaryTypes:
    """An API's binaryMediaTypes."""

    __slots__ = ("_exact", "_fronts", "has_all")

    def __init__(self, types: Iterable[str]) -> None:
        # Templates write `image~1png` where a slash must not be.
        names = [each.lower().replace("~1", "/") for each in types]
        self.has_all = "*/*" in names
        self._exact = frozenset(names)
        self._fronts = tuple(name[:-1] for name in names if name.endswith("/*") and name != "*/*")

    def has(self, header: str | None) -> bool:
        """True if the first media type of the header is one of them."""
        if self.has_all:
            return True
        kind = media_type(header)
        return bool(kind) and (kind in self._exact or kind.startswith(self._fronts or ("\0",)))
