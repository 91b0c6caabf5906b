"""States: what a pipe is on its way to, and how it is shown until it gets there.

A document holds AWS's members, and in small letters our own: `account`, `region`, `id` (new for each pipe made
under a name), `change` and `changing_until`, `revision`, `tags`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RUNNING, STOPPED, DELETED = "RUNNING", "STOPPED", "DELETED"

_SUMMARY = (
    "Arn", "CreationTime", "DesiredState", "Enrichment", "LastModifiedTime", "Name", "Source",
    "StateReason", "Target",
)  # fmt: skip
_CHANGED = ("Arn", "CreationTime", "DesiredState", "LastModifiedTime", "Name")


def lock_name(account: str, region: str) -> str:
    """The lock under which the pipes of an account and region change."""
    return f"pipes:{account}:{region}"


def is_gone(document: Mapping[str, Any], now: int) -> bool:
    """True once the deletion of a pipe has come to its end."""
    return bool(document["change"] == "DELETING" and now >= document["changing_until"])


def current_state(document: Mapping[str, Any], now: int) -> str:
    """The CurrentState of a pipe."""
    if now < document["changing_until"]:
        return str(document["change"])
    return str(document["DesiredState"])


def changed(document: Mapping[str, Any]) -> dict[str, Any]:
    """What is answered to the request that began a change."""
    result = {name: document[name] for name in _CHANGED}
    result["CurrentState"] = document["change"]
    return result


def summary(document: Mapping[str, Any], now: int) -> dict[str, Any]:
    """A pipe in a list of pipes."""
    result = {name: document[name] for name in _SUMMARY if name in document}
    result["CurrentState"] = current_state(document, now)
    return result


def described(document: Mapping[str, Any], now: int) -> dict[str, Any]:
    """A pipe as DescribePipe shows it."""
    result = {name: value for name, value in document.items() if name[0].isupper()}
    result["CurrentState"] = current_state(document, now)
    if document["tags"]:
        result["Tags"] = document["tags"]
    return result
