"""Ranges: which bytes of a content a request asks for."""

from __future__ import annotations

import re

from fogline.services.s3.errors import InvalidRange

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_DIGITS_MAX = 19


def find_range(asked: str | None, size: int) -> tuple[int, int] | None:
    """The first byte and the one after the last; None for the whole, which nonsense asks for, too.

    Raises InvalidRange when the range begins past the end.
    """
    match = _RANGE.fullmatch(asked.strip()) if asked else None
    if match is None or asked is None:
        return None
    first, last = match.groups()
    if max(len(first), len(last)) > _DIGITS_MAX or not (first or last):
        return None
    if not first:
        count = min(int(last), size)
        if not count:
            raise InvalidRange(asked, size)
        return size - count, size
    begin = int(first)
    if last and int(last) < begin:
        return None
    if begin >= size:
        raise InvalidRange(asked, size)
    return begin, min(int(last) + 1, size) if last else size
