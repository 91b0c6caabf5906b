"""Which service answers to a target prefix, a signing name or an API version: an index over all models.

Reading every model takes seconds, so what routing needs of them is kept in `service_index.json`. After an update of
botocore, `python -m fogline.gateway.service_index` writes it anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import orjson

from fogline.gateway.models import load_service, service_names

_FILE = "service_index.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """What routing knows of a service before its model is read."""

    name: str
    protocol: str
    signing_name: str
    endpoint_prefix: str
    target_prefix: str
    api_version: str
    operations: int


@cache
def entries() -> tuple[Entry, ...]:
    """Every service that has a model."""
    text = resources.files("fogline.gateway").joinpath(_FILE).read_bytes()
    return tuple(Entry(*row) for row in orjson.loads(text))


@cache
def by_target_prefix() -> dict[str, str]:
    """Service by the part of `X-Amz-Target` before the operation, or of a CBOR path after `/service/`."""
    return {entry.target_prefix: entry.name for entry in reversed(entries()) if entry.target_prefix}


@cache
def by_signing_name() -> dict[str, tuple[str, ...]]:
    """Services by the name in the credential scope."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in entries():
        for name in {entry.signing_name, entry.endpoint_prefix}:
            found[name] = (*found.get(name, ()), entry.name)
    return found


@cache
def by_api_version() -> dict[str, tuple[str, ...]]:
    """Services of the query protocol by their API version."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in entries():
        if entry.protocol in ("query", "ec2") or entry.name == "sqs":
            found[entry.api_version] = (*found.get(entry.api_version, ()), entry.name)
    return found


@cache
def _counts() -> dict[str, int]:
    return {entry.name: entry.operations for entry in entries()}


def operations_count(service: str) -> int:
    """How many operations the model of a service has."""
    return _counts()[service]


def make_index() -> bytes:
    """The index of the installed models, as the file holds it."""
    rows = []
    for name in service_names():
        model = load_service(name)
        load_service.cache_clear()
        rows.append(
            (
                name,
                model.protocol,
                model.signing_name,
                model.endpoint_prefix,
                model.target_prefix,
                model.api_version,
                len(model.operations),
            )
        )
    return b"[\n" + b",\n".join(orjson.dumps(row) for row in rows) + b"\n]\n"


if __name__ == "__main__":
    with resources.as_file(resources.files("fogline.gateway").joinpath(_FILE)) as path:
        path.write_bytes(make_index())
