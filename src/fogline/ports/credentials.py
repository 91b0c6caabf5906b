"""Temporary credentials of roles, for services that run users' code or call on a role's behalf."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fogline.store.store import Tx


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key pair with its session token. It is known to the gateway until `expires_at` (ms)."""

    access_key: str
    secret_key: str
    session_token: str
    expires_at: int


class RoleCredentials(Protocol):
    """Answered by STS."""

    def issue(
        self, tx: Tx, role_arn: str, session_name: str, now: int, seconds: int
    ) -> Credentials:
        """Credentials that act as `assumed-role/<role>/<session_name>` for that many seconds.

        The role need not exist: services accept roles of other tools' making. Each call writes one
        row, so ask once per execution environment, not once per invocation.
        """
