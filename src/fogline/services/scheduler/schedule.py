"""A schedule, as operations describe it and as the loop fires it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fogline.aws.arn import make_arn

DEFAULT_GROUP = "default"

_OWN = frozenset(("Anchor", "ClientToken"))


@dataclass(frozen=True, slots=True)
class Address:
    """Where a schedule is."""

    account: str
    region: str
    group: str
    name: str

    @property
    def key(self) -> str:
        """Its name in the documents, beside others of its group."""
        return f"{self.group}/{self.name}"

    @property
    def arn(self) -> str:
        return make_arn("scheduler", self.region, self.account, f"schedule/{self.key}")


def group_arn(account: str, region: str, name: str) -> str:
    return make_arn("scheduler", region, account, f"schedule-group/{name}")


def address_of(account: str, region: str, key: str) -> Address:
    """The address of a schedule by its name in the documents."""
    group, _, name = key.partition("/")
    return Address(account, region, group, name)


def shown(address: Address, document: Mapping[str, Any]) -> dict[str, Any]:
    """A schedule as GetSchedule shows it."""
    return {
        "Arn": address.arn,
        "GroupName": address.group,
        "Name": address.name,
        **{name: value for name, value in document.items() if name not in _OWN},
    }


def summary(address: Address, document: Mapping[str, Any]) -> dict[str, Any]:
    """A schedule as ListSchedules shows it."""
    return {
        "Arn": address.arn,
        "GroupName": address.group,
        "Name": address.name,
        "State": document["State"],
        "CreationDate": document["CreationDate"],
        "LastModificationDate": document["LastModificationDate"],
        "Target": {"Arn": document["Target"]["Arn"]},
    }
