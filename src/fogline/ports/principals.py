"""Who an access key belongs to: answered by IAM and STS, asked by the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from fogline.aws.call import Principal


class Principals(Protocol):
    def find(self, access_key: str) -> Principal | None:
        """The principal that this access key was issued to, or None if we did not issue it.

        Keys that have expired or were turned off are not found.
        """


class PrincipalsByPrefix:
    """Asks whoever issues keys that begin with these four letters."""

    def __init__(self, issuers: Mapping[str, Principals]) -> None:
        self._issuers = dict(issuers)

    def find(self, access_key: str) -> Principal | None:
        issuer = self._issuers.get(access_key[:4])
        return issuer.find(access_key) if issuer is not None else None
