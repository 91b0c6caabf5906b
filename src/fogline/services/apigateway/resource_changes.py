"""From properties of a template to requests, and from their changes to patch operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fogline.apis.template_documents import as_text
from fogline.ports.resources import Context, Properties, text

Patch = dict[str, str]


def ask(context: Context, operation: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
    return context.ask("apigateway", operation, request)


def member(name: str) -> str:
    """A property as the API spells it: `PathPart` is `pathPart` there."""
    return name[:1].lower() + name[1:]


def members(properties: Mapping[str, Any] | None, *names: str) -> dict[str, Any]:
    """Properties as members of a request, one level deep; without `names`, all of them."""
    given = properties or {}
    return {member(name): given[name] for name in names or given if given.get(name) is not None}


def escaped(name: str) -> str:
    """A name as a segment of a patch's path."""
    return name.replace("~", "~0").replace("/", "~1")


def value_patches(
    old: Mapping[str, Any], new: Mapping[str, Any], paths: Mapping[str, str]
) -> list[Patch]:
    """Patches for properties that have one value. What is gone is removed; a `!` before a path replaces it by ""."""
    patches = []
    for name, path in paths.items():
        before, after = old.get(name), new.get(name)
        if after == before:
            continue
        where = path.removeprefix("!")
        if after is not None:
            value = text(after) if not isinstance(after, (Mapping, list)) else as_text(after)
            patches.append({"op": "replace", "path": where, "value": value})
        elif path.startswith("!"):
            patches.append({"op": "replace", "path": where, "value": ""})
        else:
            patches.append({"op": "remove", "path": where})
    return patches


def entry_patches(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, path: str
) -> list[Patch]:
    """Patches for the entries of a map."""
    before, after = old or {}, new or {}
    gone = [
        {"op": "remove", "path": f"{path}/{escaped(name)}"} for name in before if name not in after
    ]
    return gone + [
        {"op": "replace", "path": f"{path}/{escaped(name)}", "value": text(value)}
        for name, value in after.items()
        if before.get(name) != value
    ]


def list_patches(old: Iterable[Any] | None, new: Iterable[Any] | None, path: str) -> list[Patch]:
    """Patches for a list whose elements are given as values."""
    before = [text(each) for each in old or ()]
    after = [text(each) for each in new or ()]
    gone = [{"op": "remove", "path": path, "value": each} for each in before if each not in after]
    return gone + [
        {"op": "add", "path": path, "value": each} for each in after if each not in before
    ]


def patch(
    context: Context, operation: str, request: Mapping[str, Any], patches: list[Patch]
) -> None:
    """Ask for a patch, if there is anything to change."""
    if patches:
        ask(context, operation, {**request, "patchOperations": patches})


def retag(context: Context, path: str, old: Properties, new: Properties) -> None:
    """Bring the tags of what stands at that path from what they were to what they shall be."""
    arn = f"arn:aws:apigateway:{context.call.region}::{path}"
    before, after = context.tags(old.get("Tags")), context.tags(new.get("Tags"))
    gone = [key for key in before if key not in after]
    if gone:
        ask(context, "UntagResource", {"resourceArn": arn, "tagKeys": gone})
    ask(context, "TagResource", {"resourceArn": arn, "tags": after})
