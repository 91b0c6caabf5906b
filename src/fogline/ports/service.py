"""What a service shows the platform: its operations, file by file, and what they stand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fogline.background.loop import Loop


@dataclass(frozen=True, slots=True)
class Service:
    """One AWS service.

    `operations` lists the functions of each file of `<package>.operations`; every one is called as
    `function(stands_on, call, request)`, and its file is imported on first use.
    """

    name: str
    """As boto3 names the client."""
    package: str
    """The package that holds `operations/`, such as `fogline.services.sqs`."""
    stands_on: object
    operations: Mapping[str, Sequence[str]]
    loops: Sequence[Loop] = field(default_factory=tuple)
    resource_types: Any = ()
    """The CloudFormation types the service owns; see `ports/resources.py`."""
