"""Rows of delimited text (RFC 4180) as objects: every value is a text, every row has the members of the header."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fogline.services.stepfunctions.distributed.failures import ItemReaderFailed
from fogline.services.stepfunctions.distributed.limits import MapRunLimits
from fogline.services.stepfunctions.distributed.member_order import member_order
from fogline.services.stepfunctions.distributed.reader_config import ReaderConfig
from fogline.services.stepfunctions.distributed.text_lines import without_end

_QUOTE = '"'


def csv_items(
    lines: Iterator[str], name: str, config: ReaderConfig, limits: MapRunLimits
) -> Iterator[dict[str, Any]]:
    """The rows below the header. Raises ItemReaderFailed.

    Fields that a row lacks are empty, those it has too many are dropped (recorded:
    test_map_item_reader_base_csv_headers_decl, test_map_item_reader_csv_first_row_extra_fields).
    """
    rows = csv_rows(lines, name, config.delimiter, limits)
    if config.header_location == "GIVEN":
        headers: Sequence[str] = config.headers
    else:
        headers = next(rows, [])
    return objects_of(rows, headers, limits)


def objects_of(
    rows: Iterator[list[str]], headers: Sequence[str], limits: MapRunLimits
) -> Iterator[dict[str, Any]]:
    """Each row under these headers. Raises ItemReaderFailed for headers that AWS refuses."""
    _check_headers(headers, limits)
    places = member_order(headers)
    is_same = places == sorted(places)
    names = [headers[place] for place in places]
    for row in rows:
        missing = len(headers) - len(row)
        if missing > 0:
            row += [""] * missing
        yield dict(zip(names, row if is_same else [row[at] for at in places], strict=False))


def _check_headers(headers: Sequence[str], limits: MapRunLimits) -> None:
    """Recorded: test_map_item_reader_csv_headers_decl_duplicate_headers."""
    if len(set(headers)) < len(headers):
        raise ItemReaderFailed("CSV headers cannot contain duplicates.")
    size = sum(len(header.encode()) + 1 for header in headers)
    if size > limits.csv_header_bytes_max:
        raise ItemReaderFailed(
            f"CSV headers cannot have more than {limits.csv_header_bytes_max} bytes."
        )


def csv_rows(
    lines: Iterator[str], name: str, delimiter: str, limits: MapRunLimits
) -> Iterator[list[str]]:
    """The fields of each row. Empty lines are no rows; blanks are values."""
    for line in lines:
        bare = without_end(line)
        if not bare:
            continue
        if _QUOTE in bare:
            yield _Row(line, lines, name, limits.line_bytes_max).fields(delimiter)
        else:
            yield bare.split(delimiter)


class _Row:
    """A row in which something is quoted; a quoted field may go on in the lines that follow."""

    def __init__(self, line: str, lines: Iterator[str], name: str, chars_max: int) -> None:
        self._line = line
        self._lines = lines
        self._name = name
        self._chars_max = self._chars_left = chars_max
        self._at = 0

    def fields(self, delimiter: str) -> list[str]:
        fields: list[str] = []
        while True:
            quoted = self._quoted() if self._line.startswith(_QUOTE, self._at) else ""
            end = self._line.find(delimiter, self._at)
            if end < 0:
                fields.append(quoted + without_end(self._line[self._at :]))
                return fields
            # What stands between the closing quote and the delimiter is kept.
            fields.append(quoted + self._line[self._at : end])
            self._at = end + 1

    def _quoted(self) -> str:
        """What is quoted from here on; stops behind the closing quote."""
        parts: list[str] = []
        self._at += 1
        while True:
            close = self._line.find(_QUOTE, self._at)
            if close < 0:
                parts.append(self._line[self._at :])
                self._next_line()
            elif self._line.startswith(_QUOTE, close + 1):
                parts.append(self._line[self._at : close + 1])
                self._at = close + 2
            else:
                parts.append(self._line[self._at : close])
                self._at = close + 1
                return "".join(parts)

    def _next_line(self) -> None:
        self._chars_left -= len(self._line)
        if self._chars_left < 0:
            raise ItemReaderFailed(f"A row of {self._name} has more than {self._chars_max} bytes.")
        line = next(self._lines, None)
        if line is None:
            raise ItemReaderFailed(f"A quoted field of {self._name} has no end.")
        self._line, self._at = line, 0
