"""Custom domain names: which stage of which API stands under which of their paths.

REST, HTTP and WebSocket APIs share them, as they do on AWS: what one service makes, the other shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.addresses import Address
from fogline.apis.parts import inside
from fogline.aws.call import Call
from fogline.store.documents import Documents
from fogline.store.store import Store, Tx

NO_PATH = "(none)"
"""The base path of a mapping for all that has no other."""
_PARTS_MAX = 20


def lock_domain(tx: Tx, call: Call, name: str) -> None:
    """Let nobody else change that domain name or its mappings until commit."""
    tx.lock(f"apigateway-held:{call.account}:{call.region}:{name}")


class Domains:
    """The documents of domain names and of their mappings.

    A domain name: what GetDomainName of REST APIs shows, without what follows from it. A mapping, inside its domain
    name by its `basePath`: `restApiId` (an API of any kind), `stage` (none: the first part of the path names it) and
    `apiMappingId`.
    """

    def __init__(self, store: Store) -> None:
        self.names = Documents(store, "apigateway.domain")
        self.mappings = Documents(store, "apigateway.mapping")

    def has(self, tx: Tx, domain: str) -> bool:
        """True for a name that somebody has."""
        return self.names.owner(tx, domain) is not None

    def find_address(self, tx: Tx, domain: str, path: str) -> Address | None:
        """What a percent-encoded path under a domain name means, by the longest base path mapped there."""
        owner = self.names.owner(tx, domain)
        if owner is None:
            return None
        parts = path.lstrip("/").split("/")
        for count in range(min(len(parts), _PARTS_MAX), -1, -1):
            base = "/".join(parts[:count]) or NO_PATH
            mapping = self.mappings.find(tx, *owner, inside(domain, base))
            if mapping is not None and (count or base == NO_PATH):
                return _mapped(mapping, domain, parts[:count], parts[count:], path)
        return None


def _mapped(
    mapping: Mapping[str, Any], domain: str, base: list[str], parts: list[str], path: str
) -> Address:
    return Address(
        api=mapping["restApiId"],
        stage=mapping.get("stage") or None,
        path="/" + "/".join(parts),
        sent_path=path,
        base_path="/".join(base),
        domain=domain,
    )
