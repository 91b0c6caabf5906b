"""Publishing: a version is a copy of `$LATEST` that never changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.services.lambda_.names import LATEST, Reference
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.tables import version_key
from fogline.store.store import Tx


def publish(
    lambda_: Lambda,
    tx: Tx,
    reference: Reference,
    function: Mapping[str, Any],
    description: str | None,
    now: int,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Publish `$LATEST`: the function's document as it is then (to be saved), and the new version.

    When nothing changed since the last version, that is the version.
    """
    latest = function["latest"]
    last = function["version_next"] - 1
    if last and function.get("published_stamp") == latest["stamp"]:
        known = lambda_.tables.find_version(tx, reference, str(last))
        if known is not None:
            return dict(function), dict(known)
    number = function["version_next"]
    version = {
        **latest,
        "Version": str(number),
        # A version is ready at once, and keeps its revision.
        "revisions": [lambda_.ids.uuid()] * 2,
        "changing_until": now,
        "change": "create",
    }
    if description:
        version["Description"] = description
    lambda_.tables.versions.save(
        tx,
        reference.account,
        reference.region,
        version_key(reference.name, str(number)),
        version,
    )
    changed = {
        **function,
        "version_next": number + 1,
        "published_stamp": latest["stamp"],
        "latest": {**latest, "revisions": [latest["revisions"][0], lambda_.ids.uuid()]},
    }
    assert version["Version"] != LATEST
    return changed, version
