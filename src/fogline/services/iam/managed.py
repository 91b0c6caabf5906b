"""AWS managed policies: any can be attached; the documents of the common ones are held here.

Names come from https://docs.aws.amazon.com/aws-managed-policy/latest/reference/.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import orjson

from fogline.services.iam.errors import DocumentNotHeld

_ARN = re.compile(r"arn:aws:iam::aws:policy/((?:[\w+=,.@-]+/)*)([\w+=,.@-]{1,128})")
_CREATED_AT = 1_423_180_800_000  # the day on which AWS brought in most of them

Policy = Mapping[str, Any]


@cache
def _held() -> dict[str, Policy]:
    """What is known of the common ones, by ARN."""
    text = resources.files("fogline.services.iam").joinpath("managed_policies.json").read_bytes()
    return {f"arn:aws:iam::aws:policy/{name}": facts for name, facts in orjson.loads(text).items()}


def managed_arns() -> list[str]:
    """The ARNs of those whose documents are held: those without a path first, then by name."""
    return sorted(_held(), key=lambda arn: (arn.count("/"), arn.rpartition("/")[2].lower()))


def find_managed(arn: str) -> Policy | None:
    """What GetPolicy says of an AWS managed policy; None for an ARN that cannot be one."""
    match = _ARN.fullmatch(arn)
    if match is None:
        return None
    facts = _held().get(arn, {})
    digest = hashlib.sha256(arn.encode()).digest()
    return {
        "name": match[2],
        "id": "ANPA" + base64.b32encode(digest).decode()[:17],
        "arn": arn,
        "path": f"/{match[1]}",
        "default_version": facts.get("version", "v1"),
        "created_at": _CREATED_AT,
        "updated_at": _CREATED_AT,
        "description": facts.get("description"),
        "tags": {},
    }


def managed_document(arn: str) -> str:
    """The text of the default version. Raises DocumentNotHeld."""
    facts = _held().get(arn)
    if facts is None:
        raise DocumentNotHeld(arn=arn)
    return orjson.dumps({"Version": "2012-10-17", "Statement": facts["statement"]}).decode()
