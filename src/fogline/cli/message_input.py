"""What commands that send a message are given: its text, from three places, and its attributes."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from fogline.cli.exits import Failure


def read_message(message: str | None, file: Path | None) -> str:
    """The text: given as it is, `-` for stdin, or a file's."""
    if (message is None) == (file is None):
        raise click.UsageError("Give the message once: as MESSAGE, as - for stdin, or with --file.")
    try:
        if file is not None:
            return file.read_text("utf-8")
        if message == "-":
            return sys.stdin.buffer.read().decode()
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}.", code=2) from None
    except UnicodeDecodeError:
        raise click.UsageError("The message is not text in UTF-8.") from None
    assert message is not None
    return message


def read_attribute(text: str) -> tuple[str, dict[str, str]]:
    """A message attribute from `NAME=VALUE`, or from `NAME:=NUMBER` (or a JSON array)."""
    name, sign, value = text.partition("=")
    if not sign or not name.rstrip(":"):
        raise click.UsageError(f"'{text}' is no attribute; write NAME=VALUE.")
    if name.endswith(":"):
        kind = "String.Array" if value.startswith("[") else "Number"
        return name[:-1], {"DataType": kind, "StringValue": value}
    return name, {"DataType": "String", "StringValue": value}
