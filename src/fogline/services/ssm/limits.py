"""Every number that Parameter Store publishes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """https://docs.aws.amazon.com/general/latest/gr/ssm.html"""

    standard_parameters_max: int = 10_000
    standard_value_max: int = 4_096
    advanced_value_max: int = 8_192
    hierarchy_levels_max: int = 15
    versions_max: int = 100
    labels_max: int = 10
    tags_max: int = 50
    path_page_max: int = 10
    described_max: int = 50
