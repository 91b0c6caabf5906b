"""The lines of a text file, plain or compressed, one after another and none too long."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from fogline.services.stepfunctions.distributed.failures import ItemReaderFailed
from fogline.services.stepfunctions.distributed.limits import MapRunLimits

_GZIP = b"\x1f\x8b"
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_MARK = b"\xef\xbb\xbf"


def text_lines(file: BinaryIO, name: str, limits: MapRunLimits) -> Iterator[str]:
    """Each line with its end. The file is closed behind the last one.

    Raises ItemReaderFailed where the file is no text in UTF-8, or larger than a map run reads.
    """
    with file, _plain(file, name) as plain:
        yield from bounded_lines(plain, name, limits)


def _plain(file: BinaryIO, name: str) -> BinaryIO:
    """The file decompressed. No text in UTF-8 begins as compressed data does."""
    begin = file.read(4)
    file.seek(0)
    if begin == _ZSTANDARD:
        raise ItemReaderFailed(f"Fogline does not read files compressed with Zstandard: {name}")
    if begin.startswith(_GZIP):
        return cast(BinaryIO, gzip.GzipFile(fileobj=file))
    return file


def bounded_lines(plain: BinaryIO, name: str, limits: MapRunLimits) -> Iterator[str]:
    """Each line of what is not compressed, with its end. Raises ItemReaderFailed."""
    most, left, number = limits.line_bytes_max, limits.text_bytes_max, 0
    while raw := _next_line(plain, name, most + 1):
        number += 1
        left -= len(raw)
        if len(raw) > most:
            raise ItemReaderFailed(f"Line {number} of {name} has more than {most} bytes.")
        if left < 0:
            raise ItemReaderFailed(
                f"The file {name} has more than {limits.text_bytes_max} bytes of text."
            )
        try:
            line = raw.removeprefix(_MARK).decode() if number == 1 else raw.decode()
        except UnicodeDecodeError:
            raise ItemReaderFailed(f"Line {number} of {name} is not text in UTF-8.") from None
        yield line


def _next_line(plain: BinaryIO, name: str, most: int) -> bytes:
    try:
        return plain.readline(most)
    except (EOFError, OSError, zlib.error):
        raise ItemReaderFailed(f"The compressed file {name} is damaged.") from None


def without_end(line: str) -> str:
    """The line without its line break."""
    return line.removesuffix("\n").removesuffix("\r")
