"""Who an access key belongs to: answered by IAM and STS, asked by the gateway."""

from __future__ import annotations

from typing import Protocol

from fogline.aws.call import Principal


class Principals(Protocol):
    def find(self, access_key: str) -> Principal | None:
        """The principal that this access key was issued to, or None if we did not issue it."""
