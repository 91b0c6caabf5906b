"""Publishing: how the revision that a machine has now becomes a version with a number of its own."""

from __future__ import annotations

from fogline.services.stepfunctions.arns import MachineArn
from fogline.services.stepfunctions.errors import ServiceQuotaExceededException
from fogline.services.stepfunctions.service import StepFunctions
from fogline.store.documents import Document
from fogline.store.store import Tx


def publish(
    service: StepFunctions, tx: Tx, arn: MachineArn, machine: Document, description: str, now: int
) -> tuple[MachineArn, int]:
    """The version of the machine's current revision and when it was created: the one there is, or a new one.

    The machine's lock is held. Raises ServiceQuotaExceededException.
    """
    versions, revision = machine["versions"], machine["revision"]
    for number, version in versions.items():
        if version["revision"] == revision["id"]:
            return arn.qualified(number), version["created"]
    if len(versions) >= service.limits.versions_max:
        raise ServiceQuotaExceededException(things="versions", max=service.limits.versions_max)
    number = machine["version_last"] + 1
    line = {"created": now, "revision": revision["id"]}
    changed = {**machine, "version_last": number, "versions": {**versions, str(number): line}}
    service.machines.save(tx, arn, changed)
    published = arn.qualified(number)
    version = {
        "type": machine["type"],
        "created": now,
        "description": description,
        "revision": revision,
    }
    service.machines.save_version(tx, published, version)
    return published, now
