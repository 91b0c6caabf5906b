"""Statements as they stand in a document, where one may stand for a list of one; and those that let accounts in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def listed(value: Any) -> list[Any]:
    """What stands in the place of one thing or of several, as a list. Never to be changed."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def without(statements: Sequence[Mapping[str, Any]], sid: str | None) -> list[Mapping[str, Any]]:
    """The statements that have another name, or none."""
    return [each for each in statements if each.get("Sid") != sid]


def account_principal(account: str) -> str:
    """How a policy names a whole account."""
    return f"arn:aws:iam::{account}:root"


def accounts_allowed(
    sid: str, accounts: Sequence[str], actions: Sequence[str], resource: str
) -> dict[str, Any]:
    """The statement that lets accounts do something, as queues and topics write it: a list of one is that one."""
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": _single([account_principal(each) for each in accounts])},
        "Action": _single(list(actions)),
        "Resource": resource,
    }


def _single(texts: list[str]) -> str | list[str]:
    return texts[0] if len(texts) == 1 else texts
