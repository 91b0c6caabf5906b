"""Documents that belong to another: the stages of an API, the mappings of a domain name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import orjson

from fogline.store.documents import Document, Documents
from fogline.store.store import Tx
from fogline.world.ids import Ids

_BETWEEN = "|"  # no identifier has it in it
ID_CHARACTERS = 6


def inside(parent: str, name: str) -> str:
    """The name under which a part of something is kept: a stage of an API, a key of a plan."""
    return f"{parent}{_BETWEEN}{name}"


class Owner(Protocol):
    """Whose it is: a call says so, for one."""

    @property
    def account(self) -> str: ...

    @property
    def region(self) -> str: ...


def parts_of(
    documents: Documents, tx: Tx, call: Owner, parent: str
) -> Iterator[tuple[str, Document]]:
    """The names and documents of all parts of something."""
    front = parent + _BETWEEN
    for name, document in documents.page(tx, call.account, call.region, prefix=front):
        yield name.removeprefix(front), document


def remove_parts(documents: Documents, tx: Tx, call: Owner, parent: str) -> None:
    for name, _ in parts_of(documents, tx, call, parent):
        documents.remove(tx, call.account, call.region, inside(parent, name))


def thawed(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that may be changed: what documents hand out is shared."""
    copy: dict[str, Any] = orjson.loads(orjson.dumps(document))
    return copy


def fresh_id(ids: Ids, taken: Mapping[str, Any], characters: int = ID_CHARACTERS) -> str:
    """An identifier that no part of something has yet."""
    while (id := ids.lowers(characters)) in taken:
        pass
    return id
