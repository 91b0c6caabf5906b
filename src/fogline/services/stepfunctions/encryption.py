"""Encryption configurations: kept and shown as AWS does; Fogline's store is encrypted by whoever keeps the disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.services.stepfunctions.errors import InvalidEncryptionConfiguration

OWNED = "AWS_OWNED_KEY"

_REUSE_SECONDS = 300


def read_encryption(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The configuration, complete; None where nothing was said. Raises InvalidEncryptionConfiguration."""
    if given is None:
        return None
    if given["type"] == OWNED:
        if "kmsKeyId" in given or "kmsDataKeyReusePeriodSeconds" in given:
            raise InvalidEncryptionConfiguration(
                reason="kmsKeyId and kmsDataKeyReusePeriodSeconds are for CUSTOMER_MANAGED_KMS_KEY only."
            )
        return {"type": OWNED}
    if not given.get("kmsKeyId"):
        raise InvalidEncryptionConfiguration(
            reason="kmsKeyId is required for CUSTOMER_MANAGED_KMS_KEY."
        )
    return {"kmsDataKeyReusePeriodSeconds": _REUSE_SECONDS, **given}


def is_hidden(encryption: Mapping[str, Any] | None) -> bool:
    """True if what it encrypts cannot be seen by whoever may not use the customer's key."""
    return encryption is not None and encryption["type"] != OWNED


def written_encryption(encryption: Mapping[str, Any] | None) -> dict[str, Any]:
    """The member of a description. Most recordings say nothing where nothing was asked for; so is it here."""
    return {} if encryption is None else {"encryptionConfiguration": encryption}
