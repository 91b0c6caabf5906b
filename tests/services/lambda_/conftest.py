"""What the tests of Lambda share: packages made from text, and functions made from packages."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from fogline.testing.plugin import Account

ROLE = "arn:aws:iam::{account}:role/anybody"
ECHO = "def handler(event, context):\n    return event\n"

MakeFunction = Callable[..., dict[str, Any]]


def make_zip(**files: str) -> bytes:
    """A zip of `index="..."` as index.py, `lib__a="..."` as lib/a.py."""
    return make_zip_of({f"{name.replace('__', '/')}.py": text for name, text in files.items()})


def make_zip_of(files: dict[str, str | bytes]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return body.getvalue()


@pytest.fixture
def client(fogline: Account) -> Any:
    return fogline.client("lambda")


@pytest.fixture
def make_function(fogline: Account, client: Any) -> MakeFunction:
    def make(name: str, code: str = ECHO, **options: Any) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "FunctionName": name,
            "Runtime": "python3.11",
            "Handler": "index.handler",
            "Role": ROLE.format(account=fogline.id),
            "Code": {"ZipFile": make_zip(index=code)},
            "Timeout": 20,  # real time, and the machine may be busy
            **options,
        }
        given = {name: value for name, value in settings.items() if value is not None}
        made: dict[str, Any] = client.create_function(**given)
        return made

    return make
