"""Where buckets, objects, their versions and uploads in parts are kept.

Keys are bytes (UTF-8), so that both engines order them as S3 does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from fogline.services.s3.checksums import Checksum
from fogline.services.s3.contents import Content, Piece
from fogline.store.documents import Document, Documents
from fogline.store.store import Store, Tx

NULL_VERSION = "null"
"""The version of what was written while its bucket kept none."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket. `settings` holds its configurations by the name of their operation's subject."""

    document: Document

    @property
    def name(self) -> str:
        return str(self.document["name"])

    @property
    def number(self) -> int:
        return int(self.document["number"])

    @property
    def account(self) -> str:
        return str(self.document["account"])

    @property
    def region(self) -> str:
        return str(self.document["region"])

    @property
    def arn(self) -> str:
        return f"arn:aws:s3:::{self.name}"

    @property
    def versioning(self) -> str:
        """`Enabled`, `Suspended`, or "" if it was never turned on."""
        return str(self.document["versioning"])

    @property
    def settings(self) -> Mapping[str, Any]:
        settings: Mapping[str, Any] = self.document["settings"]
        return settings

    def changed(self, **changes: Any) -> Bucket:
        return Bucket({**self.document, **changes})


@dataclass(frozen=True, slots=True)
class Object:
    """One version of an object, or a delete marker."""

    key: str
    number: int
    version: str
    is_latest: bool
    is_marker: bool
    modified_at: int
    etag: str
    storage_class: str
    checksum: Checksum
    content: Content
    headers: Mapping[str, Any]
    """Members of the answer that were given with the object: `ContentType`, ..."""
    metadata: Mapping[str, str]
    tags: Mapping[str, str]
    parts: tuple[tuple[int, int, str], ...]
    """Number, size and checksum of each part, if it was uploaded in parts."""

    @property
    def size(self) -> int:
        return self.content.size

    @property
    def quoted_etag(self) -> str:
        return f'"{self.etag}"'


class Listed(NamedTuple):
    """What lists tell of a version."""

    key: bytes
    number: int
    version: str
    is_latest: bool
    is_marker: bool
    modified_at: int
    size: int
    etag: str
    storage_class: str
    algorithm: str
    checksum_type: str


class Upload(NamedTuple):
    """An upload in parts that has begun. `facts` are those of the object to be."""

    id: str
    bucket: int
    key: str
    started_at: int
    number: int
    facts: Mapping[str, Any]


class Part(NamedTuple):
    """One part of an upload, with its checksums by algorithm."""

    number: int
    modified_at: int
    size: int
    etag: str
    blob: str
    checksums: Mapping[str, str]


_OBJECT = (
    "key, number, version, is_latest, is_marker, modified_at, size, etag, storage_class, checksum,"
    " checksum_type, inline, facts"
)
_LISTED = (
    "key, number, version, is_latest, is_marker, modified_at, size, etag, storage_class, checksum,"
    " checksum_type"
)


class Tables:
    """All that S3 keeps, apart from files. Bucket names are unique over all accounts and regions."""

    def __init__(self, store: Store) -> None:
        self._buckets = Documents(store, "s3.bucket")

    # ---- buckets

    def find_bucket(self, tx: Tx, name: str) -> Bucket | None:
        found = self._buckets.find(tx, "", "", name)
        return Bucket(found) if found is not None else None

    def save_bucket(self, tx: Tx, bucket: Bucket) -> None:
        self._buckets.save(tx, "", "", bucket.name, bucket.document)

    def remove_bucket(self, tx: Tx, bucket: Bucket) -> None:
        self._buckets.remove(tx, "", "", bucket.name)

    def buckets_of(self, tx: Tx, account: str, prefix: str = "", after: str = "") -> list[Bucket]:
        """An account's buckets in the order of their names."""
        found = self._buckets.page(tx, "", "", prefix=prefix, after=after)
        return [Bucket(document) for _, document in found if document["account"] == account]

    def is_empty(self, tx: Tx, bucket: Bucket) -> bool:
        """True when no object, version or delete marker is left."""
        return tx.row("SELECT 1 FROM s3_objects WHERE bucket = ? LIMIT 1", bucket.number) is None

    # ---- objects

    def find_object(self, tx: Tx, bucket: Bucket, key: str, version: str | None) -> Object | None:
        """A version of an object, or the latest one; it may be a delete marker."""
        which = "is_latest = 1" if version is None else "version = ?"
        values = () if version is None else (version,)
        row = tx.row(
            f"SELECT {_OBJECT} FROM s3_objects WHERE bucket = ? AND key = ? AND {which}",
            bucket.number,
            key.encode(),
            *values,
        )
        return _object(row) if row else None

    def add_object(self, tx: Tx, bucket: Bucket, made: Object) -> None:
        """Add a version, which is the latest from now on."""
        tx.run(
            "UPDATE s3_objects SET is_latest = 0 WHERE bucket = ? AND key = ? AND is_latest = 1",
            bucket.number,
            made.key.encode(),
        )
        tx.run(
            f"INSERT INTO s3_objects (bucket, {_OBJECT})"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            bucket.number,
            made.key.encode(),
            made.number,
            made.version,
            int(made.is_latest),
            int(made.is_marker),
            made.modified_at,
            made.size,
            made.etag,
            made.storage_class,
            f"{made.checksum.algorithm}:{made.checksum.value}",
            made.checksum.type,
            made.content.inline,
            _facts(made),
        )

    def save_tags(self, tx: Tx, bucket: Bucket, made: Object) -> None:
        """Keep the tags of a version that is there."""
        tx.run(
            "UPDATE s3_objects SET facts = ? WHERE bucket = ? AND key = ? AND number = ?",
            _facts(made),
            bucket.number,
            made.key.encode(),
            made.number,
        )

    def remove_object(self, tx: Tx, bucket: Bucket, gone: Object) -> None:
        """Remove a version; the newest of those left becomes the latest."""
        key = gone.key.encode()
        tx.run(
            "DELETE FROM s3_objects WHERE bucket = ? AND key = ? AND number = ?",
            bucket.number,
            key,
            gone.number,
        )
        if gone.is_latest:
            tx.run(
                "UPDATE s3_objects SET is_latest = 1 WHERE bucket = ? AND key = ? AND number ="
                " (SELECT MAX(number) FROM s3_objects WHERE bucket = ? AND key = ?)",
                bucket.number,
                key,
                bucket.number,
                key,
            )

    def current(
        self, tx: Tx, bucket: Bucket, since: bytes, until: bytes | None, limit: int
    ) -> list[Listed]:
        """Objects whose keys are from `since` up to, and not including, `until`, in their order."""
        end = "" if until is None else " AND key < ?"
        rows = tx.rows(
            f"SELECT {_LISTED} FROM s3_objects WHERE bucket = ? AND is_latest = 1 AND is_marker = 0"
            f" AND key >= ?{end} ORDER BY key LIMIT ?",
            bucket.number,
            since,
            *(() if until is None else (until,)),
            limit,
        )
        return [_listed(row) for row in rows]

    def versions(
        self,
        tx: Tx,
        bucket: Bucket,
        since: bytes,
        before: int | None,
        until: bytes | None,
        limit: int,
    ) -> list[Listed]:
        """All versions and delete markers, by key and then the newest first.

        Of the key `since` itself only those older than `before`, where that is given.
        """
        end = "" if until is None else " AND key < ?"
        older = "" if before is None else " AND NOT (key = ? AND number >= ?)"
        rows = tx.rows(
            f"SELECT {_LISTED} FROM s3_objects WHERE bucket = ? AND key >= ?{older}{end}"
            " ORDER BY key, number DESC LIMIT ?",
            bucket.number,
            since,
            *(() if before is None else (since, before)),
            *(() if until is None else (until,)),
            limit,
        )
        return [_listed(row) for row in rows]

    # ---- uploads in parts

    def add_upload(self, tx: Tx, upload: Upload) -> None:
        tx.run(
            "INSERT INTO s3_uploads (id, bucket, key, started_at, number, facts)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            upload.id,
            upload.bucket,
            upload.key.encode(),
            upload.started_at,
            upload.number,
            orjson.dumps(upload.facts),
        )

    def find_upload(self, tx: Tx, bucket: Bucket, key: str, upload: str) -> Upload | None:
        row = tx.row(
            "SELECT id, bucket, key, started_at, number, facts FROM s3_uploads"
            " WHERE id = ? AND bucket = ? AND key = ?",
            upload,
            bucket.number,
            key.encode(),
        )
        return _upload(row) if row else None

    def uploads(
        self,
        tx: Tx,
        bucket: Bucket,
        since: bytes,
        after: int | None,
        until: bytes | None,
        limit: int,
    ) -> list[Upload]:
        """Uploads of keys in that span, by key and then the oldest first.

        Of the key `since` itself only those younger than `after`, where that is given.
        """
        end = "" if until is None else " AND key < ?"
        younger = "" if after is None else " AND NOT (key = ? AND number <= ?)"
        rows = tx.rows(
            "SELECT id, bucket, key, started_at, number, facts FROM s3_uploads"
            f" WHERE bucket = ? AND key >= ?{younger}{end} ORDER BY key, number LIMIT ?",
            bucket.number,
            since,
            *(() if after is None else (since, after)),
            *(() if until is None else (until,)),
            limit,
        )
        return [_upload(row) for row in rows]

    def remove_upload(self, tx: Tx, upload: str) -> None:
        """Remove an upload and the rows of its parts."""
        tx.run("DELETE FROM s3_parts WHERE upload = ?", upload)
        tx.run("DELETE FROM s3_uploads WHERE id = ?", upload)

    def save_part(self, tx: Tx, upload: str, part: Part) -> Part | None:
        """Keep a part; the one that it replaces."""
        rows = self.parts(tx, upload, part.number - 1, 1)
        tx.run(
            "INSERT INTO s3_parts (upload, number, modified_at, size, etag, blob, checksums)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (upload, number) DO UPDATE SET"
            " modified_at = excluded.modified_at, size = excluded.size, etag = excluded.etag,"
            " blob = excluded.blob, checksums = excluded.checksums",
            upload,
            *part[:5],
            orjson.dumps(part.checksums),
        )
        return rows[0] if rows and rows[0].number == part.number else None

    def parts(self, tx: Tx, upload: str, after: int, limit: int) -> list[Part]:
        """Parts with numbers above `after`, in their order."""
        rows = tx.rows(
            "SELECT number, modified_at, size, etag, blob, checksums FROM s3_parts"
            " WHERE upload = ? AND number > ? ORDER BY number LIMIT ?",
            upload,
            after,
            limit,
        )
        return [Part(row[0], row[1], row[2], row[3], row[4], orjson.loads(row[5])) for row in rows]


def _facts(made: Object) -> bytes:
    return orjson.dumps(
        {
            "headers": made.headers,
            "metadata": made.metadata,
            "tags": made.tags,
            "parts": made.parts,
            "pieces": [tuple(piece) for piece in made.content.pieces],
        }
    )


def _object(row: tuple[Any, ...]) -> Object:
    facts = orjson.loads(row[12])
    algorithm, _, value = row[9].partition(":")
    return Object(
        key=bytes(row[0]).decode(),
        number=row[1],
        version=row[2],
        is_latest=bool(row[3]),
        is_marker=bool(row[4]),
        modified_at=row[5],
        etag=row[7],
        storage_class=row[8],
        checksum=Checksum(algorithm, value, row[10]),
        content=Content(
            row[6],
            bytes(row[11]) if row[11] is not None else None,
            tuple(Piece(*piece) for piece in facts["pieces"]),
        ),
        headers=facts["headers"],
        metadata=facts["metadata"],
        tags=facts["tags"],
        parts=tuple((number, size, checksum) for number, size, checksum in facts["parts"]),
    )


def _listed(row: tuple[Any, ...]) -> Listed:
    return Listed(
        bytes(row[0]),
        row[1],
        row[2],
        bool(row[3]),
        bool(row[4]),
        row[5],
        row[6],
        row[7],
        row[8],
        row[9].partition(":")[0],
        row[10],
    )


def _upload(row: tuple[Any, ...]) -> Upload:
    return Upload(row[0], row[1], bytes(row[2]).decode(), row[3], row[4], orjson.loads(row[5]))
