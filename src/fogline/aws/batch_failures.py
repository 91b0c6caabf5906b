"""Batch failures: which items of a batch a function or another target says it could not handle.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

from collections.abc import Collection

import orjson

_KEY = "batchItemFailures"


def failed_items(payload: bytes, identifiers: Collection[str]) -> set[str] | None:
    """The identifiers of the items that failed; None when the answer makes no sense: then all did.

    Nothing, an empty answer and an empty list all mean success.
    """
    text = payload.strip()
    if not text:
        return set()
    try:
        answer = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if answer is None or answer == "":
        return set()
    if not isinstance(answer, dict):
        return None
    failures = answer.get(_KEY)
    if failures is None:
        return set()
    if not isinstance(failures, list):
        return None
    failed: set[str] = set()
    for failure in failures:
        identifier = failure.get("itemIdentifier") if isinstance(failure, dict) else None
        if not isinstance(identifier, str) or identifier not in identifiers:
            return None
        failed.add(identifier)
    return failed
