"""Peers: what is known of a client for as long as it is connected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from sys import intern
from typing import Any


@dataclass(frozen=True, slots=True)
class Peer:
    """`host` is the name and port by which it came; `authorizer` and `identity` are what `$connect` found out."""

    id: str
    account: str
    region: str
    api: str
    stage: str
    host: str
    connected_at: int
    source_ip: str
    user_agent: str
    authorizer: Mapping[str, Any] | None = None
    identity: Mapping[str, Any] | None = None

    def facts(self) -> dict[str, Any]:
        """What a row keeps of it beside its own columns."""
        facts: dict[str, Any] = {
            "host": self.host,
            "sourceIp": self.source_ip,
            "userAgent": self.user_agent,
        }
        if self.authorizer is not None:
            facts["authorizer"] = self.authorizer
        if self.identity is not None:
            facts["identity"] = self.identity
        return facts


def peer_of(
    id: str, account: str, region: str, api: str, stage: str, at: int, facts: Mapping[str, Any]
) -> Peer:
    """The peer that those facts were kept of."""
    return Peer(
        id,
        intern(account),
        intern(region),
        intern(api),
        intern(stage),
        intern(facts["host"]),
        at,
        facts["sourceIp"],
        intern(facts["userAgent"]),
        facts.get("authorizer"),
        facts.get("identity"),
    )
