"""A client of S3 and buckets of one's own."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from fogline.testing.plugin import Account

_numbers = itertools.count(1)


@pytest.fixture
def s3(fogline: Account) -> Any:
    return fogline.client("s3")


@pytest.fixture
def make_bucket(s3: Any) -> Callable[[], str]:
    """Makes a bucket whose name nobody else has."""

    def make() -> str:
        name = f"bucket-{next(_numbers)}"
        s3.create_bucket(Bucket=name)
        return name

    return make


@pytest.fixture
def bucket(make_bucket: Callable[[], str]) -> str:
    return make_bucket()
