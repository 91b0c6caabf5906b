"""What is worth saying of an event of a history, on one line."""

from __future__ import annotations

from typing import Any

from fogline.aws.states.drawing.progress import Event

_SAID_MAX = 2_000


def event_details(event: Event) -> dict[str, Any]:
    """The one member of an event that holds what is particular to its type."""
    found: Any = next((value for key, value in event.items() if key.endswith("EventDetails")), {})
    return found if isinstance(found, dict) else dict(found)


def event_words(event: Event) -> str:
    """What went in or came out, what went wrong, or whose work was asked for."""
    details = event_details(event)
    if "error" in details or "cause" in details:
        return ": ".join(str(details[key]) for key in ("error", "cause") if details.get(key))
    for key in ("output", "input", "parameters"):
        if isinstance(details.get(key), str):
            front = f"{_resource(details)} " if details.get("resource") else ""
            return front + str(details[key])[:_SAID_MAX]
    if "length" in details:
        return f"{details['length']} items"
    if "index" in details:
        return f"item {details['index']}"
    return str(details.get("mapRunArn") or _resource(details))


def _resource(details: dict[str, Any]) -> str:
    resource = str(details.get("resource", ""))
    type_ = details.get("resourceType")
    return f"{type_} {resource}" if type_ else resource.rpartition(":function:")[2] or resource
