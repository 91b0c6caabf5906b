"""Addresses: which API a request means, by its host or by its path.

`{api}.execute-api.{region}.localhost/...`, `{api}.execute-api.localhost/...`, `/_aws/execute-api/{api}/...` and
`/restapis/{api}/{stage}/_user_request_/...`; custom domain names are in `domains.py`, with a path form, too:
`/_aws/execute-api/{domain}/...`.
"""

from __future__ import annotations

from typing import NamedTuple

_LABEL = ".execute-api."
_OF_ENDPOINT = "-vpce-"
"""Private APIs are addressed with the endpoint of a network, too: `{api}-vpce-{id}.execute-api...`."""
_USER_REQUEST = "/_user_request_"
_OWN = "/_aws/execute-api/"
_RESTAPIS = "/restapis/"


class Address(NamedTuple):
    """Paths are percent-encoded and without the query."""

    api: str
    stage: str | None
    """None where the path may begin with it: that is for the API's kind to say."""
    path: str
    """What follows the stage; where `stage` is None, what follows the host."""
    sent_path: str
    """What the API tells of the path, as if it had been called by its own host."""
    base_path: str = ""
    """The base path of a custom domain name's mapping, without slashes at its ends."""
    domain: str = ""
    """The custom domain name by which the request came, or ""."""


def is_address(host: str, target: str) -> bool:
    """True if host or path have the form of an API's address."""
    if _LABEL in host:
        return True
    if target.startswith(_OWN):
        return True
    return target.startswith(_RESTAPIS) and _USER_REQUEST in target.partition("?")[0]


def read_address(host: str, path: str) -> Address | None:
    """The address; None for one that names no API."""
    if _LABEL in host:
        api = host.partition(_LABEL)[0].rpartition(".")[2].lower()
        return Address(api.partition(_OF_ENDPOINT)[0], None, path, path)
    if path.startswith(_OWN):
        api, _, rest = path.removeprefix(_OWN).partition("/")
        return Address(api, None, f"/{rest}", f"/{rest}")
    front, found, rest = path.partition(_USER_REQUEST)
    parts = front.split("/")
    if not found or len(parts) != 4:
        return None
    rest = rest or "/"
    return Address(parts[2], parts[3], rest, f"/{parts[3]}{rest}")


def named_domain(address: Address) -> str:
    """The custom domain name that stands in a path where others have the id of an API, or ""."""
    return address.api.lower() if "." in address.api else ""


def endpoint_of(host: str) -> str:
    """The endpoint of a network (`vpce-{id}`) that an API's host names, or ""."""
    if _LABEL not in host:
        return ""
    _, found, rest = host.partition(_LABEL)[0].lower().partition(_OF_ENDPOINT)
    return f"vpce-{rest}" if found else ""


def with_stage(address: Address) -> Address:
    """The address with the first segment of its path taken for the stage, if it names none itself."""
    if address.stage is not None:
        return address
    stage, _, rest = address.path.lstrip("/").partition("/")
    if address.domain:
        return address._replace(stage=stage, path=f"/{rest}")
    has_more = bool(rest) or address.path.endswith("/")
    sent = f"/{stage}/{rest}" if has_more else f"/{stage}"
    return address._replace(stage=stage, path=f"/{rest}", sent_path=sent)
