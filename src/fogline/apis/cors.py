"""CORS: what users' configurations tell browsers, whatever functions and integrations say.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-cors
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fogline.aws.policy.likeness import is_like

Pairs = list[tuple[str, str]]

_FRONT = "access-control-"


class Cors:
    """The configuration of an HTTP API or a function URL: both name its members alike."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._origins = [each.lower() for each in _texts(document.get("AllowOrigins"))]
        self._has_all = "*" in self._origins
        own: Pairs = []
        if document.get("AllowCredentials"):
            own.append(("Access-Control-Allow-Credentials", "true"))
        self._answer = list(own)
        self._preflight = own
        exposed = _texts(document.get("ExposeHeaders"))
        if exposed:
            self._answer.append(("Access-Control-Expose-Headers", ",".join(exposed)))
        for name in ("AllowMethods", "AllowHeaders"):
            values = _texts(document.get(name))
            if values:
                header = f"Access-Control-Allow-{name.removeprefix('Allow')}"
                self._preflight.append((header, ",".join(values)))
        age = document.get("MaxAge")
        if isinstance(age, int):
            self._preflight.append(("Access-Control-Max-Age", str(age)))

    def preflight(self, origin: str) -> Pairs:
        """The headers of an answer to a preflight request; none for an origin that is not allowed."""
        allowed = self._allowed(origin)
        return [("Access-Control-Allow-Origin", allowed), *self._preflight] if allowed else []

    def put(self, headers: Pairs, origin: str) -> Pairs:
        """The headers of an answer, with those of CORS in place of what the integration says of it."""
        kept = [pair for pair in headers if not pair[0].lower().startswith(_FRONT)]
        allowed = self._allowed(origin)
        if allowed:
            kept.append(("Access-Control-Allow-Origin", allowed))
            kept += self._answer
        return kept

    def _allowed(self, origin: str) -> str:
        """What the answer says of an origin: itself, `*`, or "" for one that is not allowed."""
        if not origin:
            return ""
        if self._has_all:
            return "*"
        name = origin.lower()
        is_allowed = any(
            each == name or ("*" in each and is_like(each, name)) for each in self._origins
        )
        return origin if is_allowed else ""


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    return (
        method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers
    )


def _texts(values: Any) -> Sequence[str]:
    return [str(each) for each in values] if isinstance(values, (list, tuple)) else []
