"""The front of all APIs: the one HTTP endpoint of their hosts, paths and custom domain names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol, TypeVar

import orjson

from fogline.apis.addresses import Address, is_address, named_domain, read_address
from fogline.apis.domains import Domains
from fogline.apis.transactions import look
from fogline.aws.call import Trace
from fogline.ports.http import HttpRequest, HttpResponse
from fogline.store.store import Store, Tx
from fogline.world.ids import Ids

_OWN_NAMES = ("localhost", "localhost.localstack.cloud", "host.docker.internal")
_OTHERS_ENDINGS = (".amazonaws.com", ".on.aws", ".s3.localhost", ".s3.localhost.localstack.cloud")
_OTHERS_LABELS = (".s3.", ".s3-", ".lambda-url.", "sqs.", "sync-")
_CHARACTERS_OF_EXTENDED_ID = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_KNOWN_MAX = 4_096

S = TypeVar("S")


class Publisher(Protocol[S]):
    """Keeps APIs of one kind, and runs them. A site is what a request reached: a deployment under a stage."""

    def find_site(self, tx: Tx, address: Address, chance: float) -> S | None:
        """The site, or None; `chance` (0 to 1) decides whether a canary answers. Raises nothing."""

    async def answer(
        self, request: HttpRequest, site: S, address: Address, trace: Trace
    ) -> HttpResponse:
        """What the API answers. `address` is as `find_site` was given it."""


class Apis:
    """Answers requests to APIs (`ports/http.BrowserEndpoint`); the first publisher that has the site does it."""

    def __init__(
        self, store: Store, ids: Ids, domains: Domains, publishers: Sequence[Publisher[Any]]
    ) -> None:
        self._store = store
        self._ids = ids
        self._domains = domains
        self._publishers = publishers
        self._known: dict[str, Publisher[Any]] = {}
        """Who answered for an API last: who is asked first."""

    def matches(self, host: str, path: str) -> bool:
        return is_address(host, path) or self.knows_host(host)

    def knows_host(self, host: str) -> bool:
        domain = _domain(host)
        if not domain:
            return False
        with self._store.read() as tx:
            return self._domains.has(tx, domain)

    async def answer(self, request: HttpRequest, trace: Trace) -> HttpResponse:
        host, path = request.headers.get("host", ""), request.path
        chance = self._ids.fraction()

        def find(tx: Tx) -> tuple[Publisher[Any], Any, Address] | None:
            address = read_address(host, path) if is_address(host, path) else None
            domain = named_domain(address) if address is not None else _domain(host)
            if domain:
                rest = path if address is None else address.path
                address = self._domains.find_address(tx, domain, rest, request.headers)
            return self._find(tx, address, chance) if address is not None else None

        found = await look(self._store, find)
        if found is None:
            return forbidden(self._ids)
        publisher, site, address = found
        response = await publisher.answer(request, site, address, trace)
        if request.headers.get("connection", "keep-alive").lower() == "keep-alive":
            response.headers.append(("Connection", "keep-alive"))
        return response

    def _find(
        self, tx: Tx, address: Address, chance: float
    ) -> tuple[Publisher[Any], Any, Address] | None:
        known = self._known.get(address.api)
        if known is not None:
            site = known.find_site(tx, address, chance)
            if site is not None:
                return known, site, address
        for publisher in self._publishers:
            site = publisher.find_site(tx, address, chance) if publisher is not known else None
            if site is not None:
                if len(self._known) >= _KNOWN_MAX:
                    self._known.clear()
                self._known[address.api] = publisher
                return publisher, site, address
        return None


@lru_cache(1_024)
def _domain(host: str) -> str:
    """The name in a Host header if it could be a custom domain name, else ""."""
    name = "" if host.startswith("[") else host.partition(":")[0].lower().removesuffix(".")
    last = name.rpartition(".")[2]
    if not last or last.isdigit() or name in _OWN_NAMES or name.endswith(_OTHERS_ENDINGS):
        return ""
    return "" if any(label in name for label in _OTHERS_LABELS) else name


def forbidden(ids: Ids) -> HttpResponse:
    """What callers of an API get who name none, or a stage that it does not have."""
    headers = [
        ("Content-Type", "application/json"),
        ("x-amzn-ErrorType", "ForbiddenException"),
        ("x-amzn-RequestId", ids.uuid()),
        ("x-amz-apigw-id", extended_id(ids.bytes(14))),
    ]
    return HttpResponse(403, headers, orjson.dumps({"message": "Forbidden"}))


def extended_id(random: bytes) -> str:
    """An extended request id of 14 random bytes, of the form of API Gateway's."""
    letters = _CHARACTERS_OF_EXTENDED_ID
    return "".join([letters[byte % 62] for byte in random]) + "E="
