"""A topic: its document, and what is read from it on every publish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.arn import make_arn


class Topic:
    """A topic. Never changed, made anew. `attributes` hold what was set, not what AWS fills in."""

    __slots__ = (
        "account",
        "arn",
        "attributes",
        "document",
        "has_feedback",
        "is_deduplicated_by_content",
        "is_fifo",
        "name",
        "region",
        "signature_version",
        "tags",
    )

    def __init__(self, account: str, region: str, document: Mapping[str, Any]) -> None:
        self.account = account
        self.region = region
        self.document = document
        self.name: str = document["name"]
        self.attributes: Mapping[str, str] = document["attributes"]
        self.tags: Mapping[str, str] = document["tags"]
        self.arn = make_arn("sns", region, account, self.name)
        self.is_fifo = self.name.endswith(".fifo")
        self.is_deduplicated_by_content = self.attributes.get("ContentBasedDeduplication") == "true"
        self.signature_version = self.attributes.get("SignatureVersion", "1")
        self.has_feedback = any(name.endswith("FeedbackRoleArn") for name in self.attributes)
