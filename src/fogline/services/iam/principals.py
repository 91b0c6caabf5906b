"""How the rest of the platform knows IAM: its roles by ARN, its users by their access keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from fogline.aws.arn import find_arn
from fogline.aws.call import Principal
from fogline.aws.signature_v4.checking import signing_key
from fogline.ports.roles import Role
from fogline.services.iam.tables import Tables
from fogline.store.store import Store, Tx

_CACHED_MAX = 4_096


class KnownRoles:
    """Answers `ports/roles.py`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def find(self, tx: Tx, arn: str) -> Role | None:
        parts = find_arn(arn)
        if parts is None or parts.service != "iam" or not parts.resource.startswith("role/"):
            return None
        role = self._tables.roles.find(tx, parts.account, parts.resource.rpartition("/")[2])
        if role is None or role["arn"] != arn:
            return None
        return Role(role["arn"], role["name"], role["id"], role["session_seconds"])


@dataclass(frozen=True, slots=True)
class UserKey:
    """A long-lived key of a user (`ports/principals.Key`)."""

    principal: Principal
    status: Literal["active", "inactive"]
    secret: str = field(repr=False)

    def has_token(self, token: str) -> bool:
        return not token

    def signing_key(self, date: str, region: str, service: str) -> bytes:
        return signing_key(self.secret, date, region, service)


class UserKeys:
    """Answers `ports/principals.py` for `AKIA` keys."""

    def __init__(self, store: Store, tables: Tables) -> None:
        self._store = store
        self._tables = tables
        self.cache: dict[str, UserKey] = store.make_cache()
        """What was found; operations that change keys forget it in their transaction."""

    def find(self, access_key: str) -> Principal | None:
        key = self.find_key(access_key)
        return key.principal if key is not None and key.status == "active" else None

    def find_key(self, access_key: str) -> UserKey | None:
        found = self.cache.get(access_key)
        if found is not None:
            return found
        with self._store.read() as tx:
            key = self._tables.find_key(tx, access_key)
            user = self._tables.users.find(tx, key.account, key.user_name) if key else None
        if key is None or user is None:
            return None
        made = UserKey(
            Principal(key.account, user["arn"], user["id"]),
            "active" if key.status == "Active" else "inactive",
            key.secret_key,
        )
        if len(self.cache) >= _CACHED_MAX:
            self.cache.clear()
        self.cache[access_key] = made
        return made
