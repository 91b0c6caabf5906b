"""What operations refuse with, as tests look at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


class Refused:
    """What a refusal says."""

    def __init__(self, code: str, message: str, status: int) -> None:
        self.code = code
        self.message = message
        self.status = status

    def __eq__(self, other: object) -> bool:
        return (self.code, self.message) == other

    def __repr__(self) -> str:
        return f"{self.code}: {self.message}"

    __hash__ = None  # type: ignore[assignment]  # nothing keeps them by what they say


Refusal = Callable[..., Refused]


@pytest.fixture
def refusal() -> Refusal:
    """What an operation refuses with."""

    def ask(operation: Callable[..., Any], **request: Any) -> Refused:
        with pytest.raises(ClientError) as caught:
            operation(**request)
        answer = caught.value.response
        error = answer["Error"]
        return Refused(
            error["Code"], error["Message"], answer["ResponseMetadata"]["HTTPStatusCode"]
        )

    return ask
