"""S3's front page: what it stands on, and every operation by its file."""

from __future__ import annotations

from dataclasses import dataclass

from fogline.ports.service import Service
from fogline.ports.targets import Targets
from fogline.services.s3.contents import Contents
from fogline.services.s3.limits import Limits
from fogline.services.s3.tables import Tables
from fogline.store.blobs import Blobs
from fogline.store.store import Store
from fogline.world.ids import Ids


@dataclass(frozen=True, slots=True)
class S3:
    """What every operation of S3 is handed."""

    store: Store
    tables: Tables
    contents: Contents
    ids: Ids
    targets: Targets
    limits: Limits


def make_s3(
    store: Store, blobs: Blobs, ids: Ids, targets: Targets, limits: Limits | None = None
) -> S3:
    """S3 with its contents in a room of their own."""
    limits = limits or Limits()
    contents = Contents(store, blobs.room("objects"), limits)
    return S3(store, Tables(store), contents, ids, targets, limits)


OPERATIONS = {
    "buckets": (
        "create_bucket",
        "delete_bucket",
        "get_bucket_location",
        "head_bucket",
        "list_buckets",
    ),
    "bucket_settings": (
        "delete_bucket_cors",
        "delete_bucket_encryption",
        "delete_bucket_lifecycle",
        "delete_bucket_ownership_controls",
        "delete_bucket_policy",
        "delete_bucket_tagging",
        "delete_bucket_website",
        "delete_public_access_block",
        "get_bucket_accelerate_configuration",
        "get_bucket_acl",
        "get_bucket_cors",
        "get_bucket_encryption",
        "get_bucket_lifecycle_configuration",
        "get_bucket_logging",
        "get_bucket_ownership_controls",
        "get_bucket_policy",
        "get_bucket_request_payment",
        "get_bucket_tagging",
        "get_bucket_versioning",
        "get_bucket_website",
        "get_public_access_block",
        "put_bucket_cors",
        "put_bucket_encryption",
        "put_bucket_lifecycle_configuration",
        "put_bucket_ownership_controls",
        "put_bucket_policy",
        "put_bucket_tagging",
        "put_bucket_versioning",
        "put_public_access_block",
    ),
    "copies": ("copy_object", "upload_part_copy"),
    "listings": ("list_object_versions", "list_objects", "list_objects_v2"),
    "notifications": (
        "get_bucket_notification_configuration",
        "put_bucket_notification_configuration",
    ),
    "objects": (
        "delete_object",
        "delete_objects",
        "get_object",
        "get_object_acl",
        "get_object_attributes",
        "head_object",
        "put_object",
    ),
    "tags": ("delete_object_tagging", "get_object_tagging", "put_object_tagging"),
    "uploads": (
        "abort_multipart_upload",
        "complete_multipart_upload",
        "create_multipart_upload",
        "list_multipart_uploads",
        "list_parts",
        "upload_part",
    ),
}


def make_service(s3: S3) -> Service:
    """S3 as the platform takes it in."""
    from fogline.services.s3.garbage import Sweep

    return Service(
        name="s3",
        package="fogline.services.s3",
        stands_on=s3,
        operations=OPERATIONS,
        loops=(Sweep(s3.store, s3.contents),),
    )
