"""Tags as both services of API Gateway take them: a map, kept in the document of what has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fogline.apis.errors import BadRequestException
from fogline.aws.call import Call
from fogline.store.documents import Documents
from fogline.store.store import Tx

TAGGED_ARN = re.compile(
    r"arn:[a-z0-9-]+:apigateway:([a-z0-9-]*):\d*:/([a-z]+)/([^/]+)(?:/stages/([^/]+))?"
)
"""The region, the kind, the name, and the stage, if it is one that has tags."""


def check_tags(tags: Mapping[str, str], call: Call) -> None:
    """Raises BadRequestException."""
    for key, value in tags.items():
        # CloudFormation marks what it makes; it calls from within and speaks no protocol.
        if key.lower().startswith("aws:") and call.protocol:
            raise BadRequestException(
                "aws: prefixed tag key names are not allowed for external use."
            )
        if not 1 <= len(key) <= 128 or len(value) > 256:
            raise BadRequestException(f"Invalid tag key or value specified: {key[:128]}")


@dataclass(frozen=True, slots=True)
class Tagged:
    """A document that has tags, to be changed."""

    documents: Documents
    name: str
    document: dict[str, Any]
    part: str = ""
    """The part of the document that has the tags; "" where it is the whole."""
    member: str = "tags"

    @property
    def _holder(self) -> dict[str, Any]:
        holder: dict[str, Any] = self.document[self.part] if self.part else self.document
        return holder

    @property
    def tags(self) -> dict[str, str]:
        return dict(self._holder.get(self.member) or {})

    def save(self, tx: Tx, call: Call, tags: dict[str, str]) -> None:
        """Let it have these tags and no others."""
        self._holder[self.member] = tags
        self.documents.save(tx, call.account, call.region, self.name, self.document)

    def remove(self, tx: Tx, call: Call, keys: set[str]) -> None:
        self.save(tx, call, {key: text for key, text in self.tags.items() if key not in keys})
