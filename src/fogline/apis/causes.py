"""Causes: as whom an API asks others."""

from __future__ import annotations

from typing import Protocol

from fogline.apis.ground import Ground
from fogline.aws.arn import find_arn
from fogline.aws.call import Call, Principal, Trace, root_principal

_SESSION = "BackplaneAssumeRoleSession"


class _Site(Protocol):
    @property
    def account(self) -> str: ...

    @property
    def region(self) -> str: ...


class Asking(Protocol):
    """What is asked for: a request on its way through an API."""

    @property
    def site(self) -> _Site: ...

    @property
    def request_id(self) -> str: ...

    @property
    def now(self) -> int: ...

    @property
    def trace(self) -> Trace: ...


def cause_of(
    service: str, ground: Ground, exchange: Asking, credentials: str = "", region: str = ""
) -> Call:
    """The call as which an exchange asks others: as its credentials' role, or as its account."""
    site = exchange.site
    principal = principal_of(site.account, credentials)
    return Call(
        service,
        "",
        principal.account,
        region or site.region,
        principal,
        exchange.request_id,
        exchange.now,
        exchange.trace,
        ground.endpoint(),
        asked_at=exchange.now,
    )


def principal_of(account: str, credentials: str = "") -> Principal:
    """Who asks for an API of that account: the role that its integration names, or the account itself."""
    role = find_arn(credentials) if credentials.startswith("arn:") else None
    if role is None or not role.account.isdigit():
        return root_principal(account)
    name = role.resource.rpartition("/")[2]
    return Principal(
        role.account,
        f"arn:aws:sts::{role.account}:assumed-role/{name}/{_SESSION}",
        f"AROA{name}:{_SESSION}",
    )
