"""The history of an execution, event by event, in the shape that GetExecutionHistory answers.

What each event follows (`previousEventId`) is as AWS records it: the first state follows nothing, and what a state's
`...Succeeded` would be followed by follows what came before it.
"""

from __future__ import annotations

from typing import Any

WHOLE = {"truncated": False}
"""Said beside each payload: none is cut."""

Event = dict[str, Any]


class Journal:
    """Events not kept yet. Where nobody will read them (`keeps` is False), they are only counted."""

    __slots__ = ("characters", "events", "keeps", "next_id")

    def __init__(self, next_id: int, *, keeps: bool) -> None:
        self.next_id = next_id
        self.keeps = keeps
        self.events: list[Event] = []
        self.characters = 0
        """Of the inputs and outputs of states among them, more or less what they take to be kept."""

    def add(
        self,
        now: int,
        type: str,
        previous: int,
        details: str = "",
        facts: dict[str, Any] | None = None,
    ) -> int:
        """Add an event, with its details under their name; gives its id."""
        event_id = self.next_id
        self.next_id = event_id + 1
        if self.keeps:
            event: Event = {
                "timestamp": now,
                "type": type,
                "id": event_id,
                "previousEventId": previous,
            }
            if details:
                event[details] = facts or {}
            self.events.append(event)
        return event_id

    def entered(self, now: int, type: str, previous: int, name: str, text: str) -> int:
        """A state was entered with this input."""
        if not self.keeps:
            self.next_id += 1
            return self.next_id - 1
        self.characters += len(text)
        return self.add(
            now,
            type,
            previous,
            "stateEnteredEventDetails",
            {"name": name, "input": text, "inputDetails": WHOLE},
        )

    def exited(
        self,
        now: int,
        type: str,
        previous: int,
        name: str,
        text: str,
        assigned: dict[str, str] | None,
    ) -> int:
        """A state was left with this output, and set these variables (as JSON texts)."""
        if not self.keeps:
            self.next_id += 1
            return self.next_id - 1
        self.characters += len(text)
        facts: dict[str, Any] = {"name": name, "output": text, "outputDetails": WHOLE}
        if assigned:
            facts["assignedVariables"] = assigned
            facts["assignedVariablesDetails"] = WHOLE
        return self.add(now, type, previous, "stateExitedEventDetails", facts)
