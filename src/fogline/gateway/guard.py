"""Which browsers may call us: a page the user happens to visit may not.

A web page can send requests to loopback addresses, directly (its `Origin` or `Sec-Fetch-Site` tells) or after
rebinding its own host name to 127.0.0.1 (its `Host` tells). Both are refused unless configuration allows them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from fogline.ports.http import HttpRequest, HttpResponse

_LOCAL_SUFFIXES = (".localhost", ".localhost.localstack.cloud", ".amazonaws.com", ".on.aws")
_LOCAL_NAMES = frozenset(
    ("localhost", "127.0.0.1", "::1", "localhost.localstack.cloud", "host.docker.internal")
)
_SYNC = "sync-"
"""SDKs put it before the name that they were given, for StartSyncExecution. Before a local one it is nobody's name."""
_REMEMBERED_MAX = 1_024


def host_name(host: str) -> str:
    """The name in a Host header: lower-case, without port, brackets of IPv6 and the dot that may end a whole name."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].removesuffix(".")


class Guard:
    """Decides by `Host`, `Origin` and `Sec-Fetch-Site`.

    `hosts` and `origins` are allowed beside the local ones; an entry `*` allows all.
    """

    def __init__(
        self, hosts: Collection[str] = (), origins: Collection[str] = (), listen: str = "127.0.0.1"
    ) -> None:
        self._hosts = {host_name(host) for host in hosts} | {listen}
        self._origins = {origin.rstrip("/").lower() for origin in origins}
        self._is_wide = listen in ("0.0.0.0", "::", "")  # noqa: S104 - compared, not bound
        self._known: dict[str, bool] = {}

    def allows_host(self, host: str) -> bool:
        """True for local names, allowed names, and addresses when we listen on all of them."""
        known = self._known.get(host)
        if known is None:
            if len(self._known) >= _REMEMBERED_MAX:
                self._known.clear()
            known = self._known[host] = self._judge_host(host_name(host))
        return known

    def is_configured(self, name: str) -> bool:
        """True for a name that a setting allows, beside those that are always local."""
        return name in self._hosts or "*" in self._hosts

    def _judge_host(self, name: str) -> bool:
        if name in self._hosts or "*" in self._hosts or name == "":
            return True
        name = name.removeprefix(_SYNC)
        if name in _LOCAL_NAMES:
            return True
        # AWS's own names come from clients that a proxy or /etc/hosts leads here. Nobody else can rebind them.
        if name.endswith(_LOCAL_SUFFIXES):
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        # An address in `Host` cannot come from rebinding, which needs a name.
        return address.is_loopback or self._is_wide

    def allows_origin(self, origin: str) -> bool:
        """True for pages served from local names, and for allowed origins."""
        if "*" in self._origins or origin.rstrip("/").lower() in self._origins:
            return True
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return False
        name = parts.hostname.lower()
        return name in _LOCAL_NAMES or name.endswith((".localhost", ".localhost.localstack.cloud"))

    def refusal_of_host(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a request that came by a name which may not lead here, or None."""
        host = request.headers.get("host", "")
        if self.allows_host(host):
            return None
        return _forbidden(
            f"Host '{host_name(host)[:200]}' is not allowed: no custom domain name of an API, no name of this"
            " machine. Start Fogline with --allow-host to allow it."
        )

    def refusal_of_page(self, request: HttpRequest) -> HttpResponse | None:
        """The answer to a request of a page that may not send any, or None."""
        headers = request.headers
        origin = headers.get("origin")
        if origin is not None:
            if not self.allows_origin(origin):
                return _forbidden(
                    f"Origin '{origin[:200]}' is not allowed. Start Fogline with --allow-origin to allow it."
                )
        elif headers.get("sec-fetch-site") == "cross-site":
            return _forbidden("Cross-site requests of browsers are not allowed.")
        return None

    @staticmethod
    def preflight(request: HttpRequest) -> HttpResponse | None:
        """The answer to a CORS preflight of an allowed origin, or None if it is none."""
        headers = request.headers
        if request.method != "OPTIONS" or "access-control-request-method" not in headers:
            return None
        return HttpResponse(
            204,
            [
                *cors_headers(headers.get("origin", "")),
                ("access-control-allow-methods", "GET, PUT, POST, DELETE, HEAD, PATCH, OPTIONS"),
                (
                    "access-control-allow-headers",
                    headers.get("access-control-request-headers", "*"),
                ),
                ("access-control-max-age", "600"),
            ],
        )


def cors_headers(origin: str) -> list[tuple[str, str]]:
    """What an allowed page needs to read an answer."""
    return [
        ("access-control-allow-origin", origin),
        ("access-control-expose-headers", "*"),
        ("vary", "Origin"),
    ]


def _forbidden(text: str) -> HttpResponse:
    return HttpResponse(403, [("content-type", "text/plain; charset=utf-8")], f"{text}\n".encode())
