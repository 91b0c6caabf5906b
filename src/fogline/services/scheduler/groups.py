"""Schedule groups, of which `default` is always there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.services.scheduler.errors import ResourceNotFoundException
from fogline.services.scheduler.schedule import DEFAULT_GROUP, group_arn
from fogline.services.scheduler.service import Scheduler
from fogline.store.documents import Document
from fogline.store.store import Tx

_DEFAULT: Document = {"CreationDate": 0, "LastModificationDate": 0, "tags": {}, "ClientToken": ""}


def require_group(scheduler: Scheduler, tx: Tx, call: Call, name: str) -> Document:
    """The group of that name. Raises ResourceNotFoundException."""
    found = scheduler.tables.groups.find(tx, call.account, call.region, name)
    if found is not None:
        return found
    if name == DEFAULT_GROUP:
        return _DEFAULT
    raise ResourceNotFoundException(what="Schedule group", name=name)


def shown(call: Call, name: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """A group as GetScheduleGroup shows it."""
    return {
        "Arn": group_arn(call.account, call.region, name),
        "Name": name,
        "State": "ACTIVE",
        "CreationDate": document["CreationDate"],
        "LastModificationDate": document["LastModificationDate"],
    }
