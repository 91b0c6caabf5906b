"""What an operation takes and gives, as AWS's service models say it: for those who ask for operations in data.

Answered by the models that the gateway reads. Read-only; members are made when they are first asked for, so a shape may
hold itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Shape(Protocol):
    """A type: `structure`, `list`, `map`, `string`, `integer`, `timestamp`, `blob`, ..."""

    @property
    def name(self) -> str: ...

    @property
    def type(self) -> str: ...

    @property
    def required(self) -> tuple[str, ...]: ...

    @property
    def min(self) -> int | float | None:
        """The least length, or the least value of a number."""

    @property
    def max(self) -> int | float | None: ...

    @property
    def enum(self) -> tuple[str, ...]:
        """The texts that may stand there; () for any."""

    @property
    def is_document(self) -> bool:
        """Whether any JSON stands there."""

    @property
    def members(self) -> Mapping[str, Member]:
        """Those of a structure, by AWS's names."""

    @property
    def member(self) -> Member:
        """The element of a list."""

    @property
    def value(self) -> Member:
        """The value of a map."""


class Member(Protocol):
    @property
    def shape(self) -> Shape: ...

    @property
    def is_streaming(self) -> bool: ...


class ServiceContract(Protocol):
    @property
    def name(self) -> str:
        """As boto3 names the client."""

    @property
    def service_id(self) -> str:
        """As AWS's SDKs name the service: `DynamoDB`, `CloudWatch Logs`."""

    @property
    def is_query_compatible(self) -> bool:
        """Whether it spoke the query protocol once, and still answers as it did then."""

    def error_shape(self, code: str) -> Shape | None:
        """The error of that code, where the model has one."""


class Contract(Protocol):
    """One operation."""

    @property
    def name(self) -> str: ...

    @property
    def service(self) -> ServiceContract: ...

    @property
    def input(self) -> Shape | None: ...

    @property
    def output(self) -> Shape | None: ...
