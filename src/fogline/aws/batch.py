"""Batch requests: each entry runs for itself, and the answers are sorted into `Successful` and `Failed`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fogline.aws.errors import AwsError

Entry = Mapping[str, Any]


def run_batch(
    entries: Sequence[Entry],
    run: Callable[[Entry], dict[str, Any]],
    failed: Callable[[Entry, AwsError], dict[str, Any]],
) -> dict[str, Any]:
    """Run every entry. A refusal of one does not stop the others; a list that would be empty is left out."""
    successful: list[dict[str, Any]] = []
    failures: list[dict[str, Any]] = []
    for entry in entries:
        try:
            successful.append(run(entry))
        except AwsError as refusal:
            failures.append(failed(entry, refusal))
    result: dict[str, Any] = {}
    if successful:
        result["Successful"] = successful
    if failures:
        result["Failed"] = failures
    return result
