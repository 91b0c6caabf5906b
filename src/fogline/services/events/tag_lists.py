"""Tags as EventBridge takes and gives them: a list of Key and Value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fogline.aws.call import Call
from fogline.services.events.errors import LimitExceededException, ValidationException
from fogline.services.events.limits import Limits


def read_tags(tags: Sequence[Any] | None, call: Call, limits: Limits) -> dict[str, str]:
    """The tags of a request. Raises ValidationException, LimitExceededException."""
    read = {tag["Key"]: tag["Value"] for tag in tags or ()}
    for key in read:
        # CloudFormation marks what it makes; it calls from within and speaks no protocol.
        if key.lower().startswith("aws:") and call.protocol:
            raise ValidationException(
                "Tag keys must not begin with aws:, which AWS keeps for itself."
            )
    check_count(read, limits)
    return read


def check_count(tags: Mapping[str, str], limits: Limits) -> None:
    """Raises LimitExceededException."""
    if len(tags) > limits.tags_max:
        raise LimitExceededException()


def written_tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
