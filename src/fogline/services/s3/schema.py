"""The tables that S3 keeps, step by step. `tables.py` reads and writes them."""

from __future__ import annotations

from fogline.store.schema import Schema

SCHEMA = Schema(
    "s3",
    (
        (
            """CREATE TABLE s3_objects (
                bucket INTEGER NOT NULL, key BLOB NOT NULL, number INTEGER NOT NULL,
                version TEXT NOT NULL, is_latest INTEGER NOT NULL, is_marker INTEGER NOT NULL,
                modified_at INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
                storage_class TEXT NOT NULL, checksum TEXT NOT NULL, checksum_type TEXT NOT NULL,
                inline BLOB, facts BLOB NOT NULL, PRIMARY KEY (bucket, key, number))""",
            """CREATE INDEX s3_objects_current ON s3_objects (bucket, key)
                WHERE is_latest = 1 AND is_marker = 0""",
            """CREATE TABLE s3_uploads (
                id TEXT PRIMARY KEY, bucket INTEGER NOT NULL, key BLOB NOT NULL,
                started_at INTEGER NOT NULL, number INTEGER NOT NULL, facts BLOB NOT NULL)""",
            "CREATE INDEX s3_uploads_by_key ON s3_uploads (bucket, key, number)",
            """CREATE TABLE s3_parts (
                upload TEXT NOT NULL, number INTEGER NOT NULL, modified_at INTEGER NOT NULL,
                size INTEGER NOT NULL, etag TEXT NOT NULL, blob TEXT NOT NULL,
                checksums BLOB NOT NULL, PRIMARY KEY (upload, number))""",
            """CREATE TABLE s3_blobs (
                blob TEXT PRIMARY KEY, uses INTEGER NOT NULL, free_at INTEGER NOT NULL)""",
            "CREATE INDEX s3_blobs_free ON s3_blobs (free_at) WHERE uses = 0",
        ),
    ),
)
