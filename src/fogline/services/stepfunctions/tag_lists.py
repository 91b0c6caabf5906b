"""Tags as Step Functions takes and gives them: a list of key and value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fogline.aws.call import Call
from fogline.aws.errors import ValidationException
from fogline.services.stepfunctions.errors import TooManyTags
from fogline.services.stepfunctions.limits import Limits


def read_tags(given: Sequence[Any] | None, call: Call, limits: Limits) -> dict[str, str]:
    """The tags of a request. Raises ValidationException, TooManyTags."""
    tags = {tag.get("key", ""): tag.get("value", "") for tag in given or ()}
    for key in tags:
        # CloudFormation marks what it makes; it calls from within and speaks no protocol.
        if key.lower().startswith("aws:") and call.protocol:
            raise ValidationException(
                "Tag keys must not begin with aws:, which AWS keeps for itself."
            )
    check_count(tags, limits)
    return tags


def check_count(tags: Mapping[str, str], limits: Limits) -> None:
    """Raises TooManyTags."""
    if len(tags) > limits.tags_max:
        raise TooManyTags(max=limits.tags_max)


def written_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]
