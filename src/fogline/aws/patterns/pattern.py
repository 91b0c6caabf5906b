"""A compiled pattern: alternatives, each a set of fields and what they must hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.patterns.fields import Chain, Field, Group, agree, fields_of
from fogline.aws.patterns.operators import Condition

Alternative = Mapping[str, Condition]
"""What one branch of all `$or`s asks: by the path of the field, in the order of paths."""


class Pattern:
    """A compiled pattern.

    A matcher of many can index `alternatives` by path and value, and share one `fields_of` over the
    union of their `paths` and `branches`.
    """

    __slots__ = ("alternatives", "branches", "paths")

    def __init__(self, alternatives: tuple[Alternative, ...]) -> None:
        self.alternatives = alternatives
        self.paths = frozenset(path for each in alternatives for path in each)
        self.branches = frozenset(
            path[:at] for path in self.paths for at, letter in enumerate(path) if letter == "."
        )

    def matches(self, event: Mapping[str, Any]) -> bool:
        """True when the event has what the pattern asks for."""
        fields = fields_of(event, self.paths, self.branches)
        return any(is_met(alternative, fields) for alternative in self.alternatives)


def is_met(alternative: Alternative, fields: Mapping[str, list[Field]]) -> bool:
    """True when every field holds what is asked, all within the same elements of any array.

    The order of paths counts where absence is asked: a field is absent from the elements that those before it chose.
    """
    groups: list[Group] = []
    for path, condition in alternative.items():
        found = fields.get(path)
        if found is None:
            if not condition.allows_absence:
                return False
            continue
        chains: list[Chain] = []
        for value, chain in found:
            if condition.admits(value):
                if not chain:
                    break
                chains.append(chain)
        else:
            present = [chain for _, chain in found] if condition.allows_absence else []
            # What is there outside of any array is absent from none of its elements.
            may_be_absent = bool(present) and all(present)
            if not chains and not may_be_absent:
                return False
            groups.append((chains, present if may_be_absent else ()))
    if not groups or (len(groups) == 1 and groups[0][0]):
        return True
    return agree(groups)
