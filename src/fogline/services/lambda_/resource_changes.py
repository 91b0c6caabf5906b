"""Changes of resources that several types share: of their tags."""

from __future__ import annotations

from collections.abc import Mapping

from fogline.ports.resources import Context


def retag(context: Context, arn: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    gone = [key for key in before if key not in after]
    if gone:
        context.ask("lambda", "UntagResource", {"Resource": arn, "TagKeys": gone})
    if after != before:
        context.ask("lambda", "TagResource", {"Resource": arn, "Tags": dict(after)})
