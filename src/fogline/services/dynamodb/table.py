"""A table, its indexes and its stream: what requests need to know of them, read once from a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fogline.aws.arn import make_arn
from fogline.services.dynamodb.keys import KeySchema
from fogline.services.dynamodb.values import Item

Document = Mapping[str, Any]


class Index:
    """A secondary index of a table, global or local."""

    def __init__(self, document: Document, types: Mapping[str, str], table: KeySchema) -> None:
        self.document = document
        self.name: str = document["IndexName"]
        self.number: int = document["Number"]
        self.is_local: bool = document["IsLocal"]
        self.schema = key_schema(document["KeySchema"], types)
        projection = document["Projection"]
        self.projects_all = projection["ProjectionType"] == "ALL"
        self.attributes = frozenset(
            (*table.names, *self.schema.names, *projection.get("NonKeyAttributes", ()))
        )

    def projected(self, item: Item) -> Item:
        """As much of an item as the index keeps."""
        if self.projects_all:
            return item
        return {name: value for name, value in item.items() if name in self.attributes}


class Stream:
    """A stream of a table's changes: its document, and what is read from it on every write."""

    def __init__(self, account: str, region: str, document: Document) -> None:
        self.account = account
        self.region = region
        self.document = document
        self.number: int = document["Number"]
        self.label: str = document["Label"]
        self.table_name: str = document["TableName"]
        self.view: str = document["ViewType"]
        self.ended_at: int | None = document.get("EndedAt")
        self.arn = make_arn(
            "dynamodb", region, account, f"table/{self.table_name}/stream/{self.label}"
        )
        self.topic = f"dynamodb.stream:{self.number}"

    @property
    def document_name(self) -> str:
        return f"{self.table_name}/{self.label}"


class Table:
    """A table: its document, and what is read from it on every request. Never changed, made anew."""

    def __init__(self, account: str, region: str, document: Document) -> None:
        self.account = account
        self.region = region
        self.document = document
        self.name: str = document["TableName"]
        self.number: int = document["Number"]
        self.arn = make_arn("dynamodb", region, account, f"table/{self.name}")
        types = {
            each["AttributeName"]: each["AttributeType"]
            for each in document["AttributeDefinitions"]
        }
        self.schema = key_schema(document["KeySchema"], types)
        self.key_names = frozenset(self.schema.names)
        self.indexes = tuple(Index(each, types, self.schema) for each in document["Indexes"])
        self.has_local_indexes = any(index.is_local for index in self.indexes)
        self.expiry_attribute: str = document.get("ExpiryAttribute", "")
        stream = document.get("Stream")
        self.latest_stream = Stream(account, region, stream) if stream else None
        self.stream = None if stream is None or "EndedAt" in stream else self.latest_stream
        self.is_watched = bool(self.indexes) or self.stream is not None
        """True when a write must know what was there before."""

    def find_index(self, name: str) -> Index | None:
        for index in self.indexes:
            if index.name == name:
                return index
        return None


def key_schema(elements: Sequence[Mapping[str, str]], types: Mapping[str, str]) -> KeySchema:
    """A key schema as clients write it, with the types of its attributes."""
    partition = elements[0]["AttributeName"]
    if len(elements) == 1:
        return KeySchema(partition, types[partition])
    sort = elements[1]["AttributeName"]
    return KeySchema(partition, types[partition], sort, types[sort])
