"""Who an access key belongs to: answered by IAM and STS, asked by the gateway and by whoever checks signatures."""

from __future__ import annotations

from typing import Literal, Protocol

from fogline.aws.call import Principal


class Key(Protocol):
    """An access key that was issued here. It does not give its secret away."""

    @property
    def principal(self) -> Principal:
        """Who holds it."""

    @property
    def status(self) -> Literal["active", "inactive", "expired"]:
        """Whether it is good."""

    def has_token(self, token: str) -> bool:
        """True for the session token that belongs to it, "" where it has none."""

    def signing_key(self, date: str, region: str, service: str) -> bytes:
        """What signs with it on that day, in that region, for that service (Signature Version 4)."""


class Principals(Protocol):
    def find(self, access_key: str) -> Principal | None:
        """The principal that this access key was issued to, or None if we did not issue it.

        Keys that have expired or were turned off are not found.
        """

    def find_key(self, access_key: str) -> Key | None:
        """The access key, good or not; None if we did not issue it, or know nothing of it any more."""
