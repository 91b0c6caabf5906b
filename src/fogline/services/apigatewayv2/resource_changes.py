"""From properties of a template to requests: what stands there now, and what has been taken out of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fogline.ports.resources import Context, Properties


def ask(context: Context, operation: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
    return context.ask("apigatewayv2", operation, request)


def members(properties: Properties, names: Iterable[str]) -> dict[str, Any]:
    """Properties as members of a request; they have the same names."""
    return {name: properties[name] for name in names if properties.get(name) is not None}


def changed(
    old: Properties, new: Properties, names: Iterable[str], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """Members of an update: what a template says, and defaults for what it has said before."""
    gone = {
        name: defaults[name]
        for name in names
        if name in defaults and old.get(name) is not None and new.get(name) is None
    }
    return members(new, names) | gone


def entries(old: Any, new: Any) -> dict[str, Any] | None:
    """A map for an update, which adds to what is there: an entry that is gone is sent without a value."""
    before, after = old or {}, new or {}
    if not before and not after:
        return None
    return {**{name: "" for name in before if name not in after}, **after}


def retag(context: Context, path: str, old: Properties, new: Properties) -> None:
    """Bring the tags of what stands at that path from what they were to what they shall be."""
    arn = f"arn:aws:apigateway:{context.call.region}::{path}"
    before, after = context.tags(old.get("Tags")), context.tags(new.get("Tags"))
    gone = [key for key in before if key not in after]
    if gone:
        ask(context, "UntagResource", {"ResourceArn": arn, "TagKeys": gone})
    if before != after:
        ask(context, "TagResource", {"ResourceArn": arn, "Tags": after})


def wrong_kinds(properties: Properties, kinds: Mapping[str, Any]) -> str | None:
    """What to say of the first property that is not of the kind that it must be."""
    for name, kind in kinds.items():
        if properties.get(name) is not None and not isinstance(properties[name], kind):
            return f"{name} is not of the right kind."
    return None
