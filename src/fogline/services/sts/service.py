"""STS's front page: what it stands on, and every operation by its file."""

from __future__ import annotations

from dataclasses import dataclass

from fogline.ports.roles import Roles
from fogline.ports.service import Service
from fogline.services.sts.credentials import IssuedCredentials
from fogline.services.sts.limits import Limits
from fogline.store.store import Store


@dataclass(frozen=True, slots=True)
class Sts:
    """What every operation of STS is handed."""

    store: Store
    credentials: IssuedCredentials
    roles: Roles
    limits: Limits


OPERATIONS = {
    "callers": ("get_access_key_info", "get_caller_identity"),
    "sessions": ("assume_role", "get_federation_token", "get_session_token"),
}


def make_service(sts: Sts) -> Service:
    """STS as the platform takes it in."""
    from fogline.services.sts.expiry import Expiry

    return Service(
        name="sts",
        package="fogline.services.sts",
        stands_on=sts,
        operations=OPERATIONS,
        loops=(Expiry(sts.store),),
    )
