"""Custom domain names: which stage of which API stands under which of their paths.

REST, HTTP and WebSocket APIs share them, as they do on AWS: what one service makes, the other shows. Under
`localhost` each has a name that leads to this machine without anybody's doing: `api.example.com.localhost`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fogline.apis.addresses import Address
from fogline.apis.parts import inside
from fogline.apis.routing_rules import choose
from fogline.aws.call import Call
from fogline.store.documents import Documents
from fogline.store.store import Store, Tx

NO_PATH = "(none)"
"""The base path of a mapping for all that has no other."""
RULES_ONLY, MAPPINGS_ONLY = "ROUTING_RULE_ONLY", "BASE_PATH_MAPPING_ONLY"
"""How a domain name leads to APIs; there is also the first of them before the second."""
_PARTS_MAX = 20
_LOCAL_ENDINGS = (".localhost", ".localhost.localstack.cloud")


def lock_domain(tx: Tx, call: Call, name: str) -> None:
    """Let nobody else change that domain name or its mappings until commit."""
    tx.lock(f"apigateway-held:{call.account}:{call.region}:{name}")


class Found(NamedTuple):
    """A domain name that somebody has."""

    name: str
    """As it was made: it may begin with `*.`."""
    owner: tuple[str, str]
    domain: str
    """As it is called, without what makes it local."""


class Domains:
    """The documents of domain names, of their mappings and of their routing rules.

    A domain name: what GetDomainName of REST APIs shows, without what follows from it. A mapping, inside its domain
    name by its `basePath`: `restApiId` (an API of any kind), `stage` (none: the first part of the path names it) and
    `apiMappingId`. A routing rule, inside its domain name by its id: what GetRoutingRule shows, without its ARN.
    """

    def __init__(self, store: Store) -> None:
        self.names = Documents(store, "apigateway.domain")
        self.mappings = Documents(store, "apigateway.mapping")
        self.rules = Documents(store, "apigateway.routing-rule")

    def has(self, tx: Tx, domain: str) -> bool:
        """True for a name that somebody has, or that a wildcard of somebody stands for."""
        return self._find(tx, domain) is not None

    def find_address(
        self, tx: Tx, domain: str, path: str, headers: Mapping[str, str]
    ) -> Address | None:
        """What a percent-encoded path under a domain name means, with headers whose names are lower-case."""
        found = self._find(tx, domain)
        if found is None:
            return None
        name, owner, domain = found
        about = self.names.find(tx, *owner, name)
        mode = about.get("routingMode", MAPPINGS_ONLY) if about is not None else MAPPINGS_ONLY
        parts = path.lstrip("/").split("/")
        if mode != MAPPINGS_ONLY:
            rules = self.rules.page(tx, *owner, prefix=inside(name, ""))
            choice = choose((rule for _, rule in rules), parts, headers)
            if choice is not None:
                mapping = {"restApiId": choice.api, "stage": choice.stage}
                count = choice.stripped
                return _mapped(mapping, domain, parts[:count], parts[count:], path)
            if mode == RULES_ONLY:
                return None
        return self._find_mapped(tx, name, owner, domain, parts, path)

    def _find(self, tx: Tx, domain: str) -> Found | None:
        for called in _meant_by(domain):
            for name in (called, f"*.{called.partition('.')[2]}"):
                owner = self.names.owner(tx, name)
                if owner is not None:
                    return Found(name, owner, called)
        return None

    def _find_mapped(
        self,
        tx: Tx,
        domain_name: str,
        owner: tuple[str, str],
        domain: str,
        parts: list[str],
        path: str,
    ) -> Address | None:
        """By the longest base path mapped there."""
        for count in range(min(len(parts), _PARTS_MAX), -1, -1):
            base = "/".join(parts[:count]) or NO_PATH
            mapping = self.mappings.find(tx, *owner, inside(domain_name, base))
            if mapping is not None and (count or base == NO_PATH):
                return _mapped(mapping, domain, parts[:count], parts[count:], path)
        return None


def _meant_by(domain: str) -> tuple[str, ...]:
    """The names that a name may stand for: without its local ending, and as it is."""
    for ending in _LOCAL_ENDINGS:
        if domain.endswith(ending):
            return domain.removesuffix(ending), domain
    return (domain,)


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
