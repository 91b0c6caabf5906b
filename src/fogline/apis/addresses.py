"""Addresses: which API, stage and path a request means, by its host or by its path.

`{api}.execute-api.{region}.localhost/{stage}/...`, `/restapis/{api}/{stage}/_user_request_/...`,
`/_aws/execute-api/{api}/{stage}/...`; custom domain names are looked up by their owner.
"""

from __future__ import annotations

from typing import NamedTuple

_LABEL = ".execute-api."
_USER_REQUEST = "/_user_request_"
_OWN = "/_aws/execute-api/"
_RESTAPIS = "/restapis/"


class Address(NamedTuple):
    api: str
    stage: str
    path: str
    """Within the stage, percent-encoded, without the query."""
    sent_path: str
    """What the API tells of the path, as if it had been called by its own host."""


def is_address(host: str, target: str) -> bool:
    """True if host or path have the form of an API's address."""
    if _LABEL in host:
        return True
    if target.startswith(_OWN):
        return True
    return target.startswith(_RESTAPIS) and _USER_REQUEST in target.partition("?")[0]


def read_address(host: str, path: str) -> Address | None:
    """The address; None for one that names no API and stage."""
    if _LABEL in host:
        return _in_stage(host.partition(_LABEL)[0].rpartition(".")[2].lower(), path)
    if path.startswith(_OWN):
        api, _, rest = path.removeprefix(_OWN).partition("/")
        return _in_stage(api, f"/{rest}")
    front, found, rest = path.partition(_USER_REQUEST)
    parts = front.split("/")
    if not found or len(parts) != 4:
        return None
    return _in_stage(parts[2], f"/{parts[3]}{rest or '/'}")


def _in_stage(api: str, path: str) -> Address | None:
    stage, _, rest = path.lstrip("/").partition("/")
    return Address(
        api, stage, f"/{rest}", f"/{stage}/{rest}" if rest or path.endswith("/") else f"/{stage}"
    )
