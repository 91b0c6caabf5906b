"""Fields: an event as a flat list of paths and values, with the arrays each value came through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

Chain = tuple[tuple[int, int], ...]
"""The arrays around a value, outermost first: which array, and which of its elements."""

Field = tuple[Any, Chain]

Choice = frozenset[tuple[int, int]]
"""Elements chosen from arrays, at most one of each."""

Group = tuple[Sequence[Chain], Sequence[Chain]]
"""What may be chosen for one field: the chains of values that fit; and, if it may be absent, those of all its values:
it is absent from a choice that none of them fits."""

COMPARISONS_MAX = 1_000_000
"""How many combinations of array elements are tried before an event counts as no match."""


def fields_of(
    event: Mapping[str, Any], paths: Set[str], branches: Set[str]
) -> dict[str, list[Field]]:
    """The values at `paths`, and no others. `branches` are the paths on the way to them.

    Names are joined by dots, so `{"a": {"b": 1}}` and `{"a.b": 1}` are the same field, as on AWS.
    """
    found: dict[str, list[Field]] = {}
    waiting: list[tuple[str, Any, Chain]] = [("", event, ())]
    arrays = 0
    while waiting:
        path, value, chain = waiting.pop()
        if isinstance(value, dict):
            for name, child in value.items():
                below = f"{path}.{name}" if path else name
                if isinstance(child, dict):
                    if below in branches:
                        waiting.append((below, child, chain))
                elif isinstance(child, list):
                    if below in branches or below in paths:
                        waiting.append((below, child, chain))
                elif below in paths:
                    found.setdefault(below, []).append((child, chain))
        else:
            arrays += 1
            for index, element in enumerate(value):
                if isinstance(element, (dict, list)):
                    waiting.append((path, element, (*chain, (arrays, index))))
                elif path in paths:
                    # Values of one array share their field, so no other field can contradict them.
                    found.setdefault(path, []).append((element, chain))
    return found


def agree(groups: Sequence[Group]) -> bool:
    """True if one chain of each group can be chosen, no two in different elements of an array."""
    later: list[set[int]] = [set() for _ in groups]
    for index in range(len(groups) - 1, 0, -1):
        arrays = {array for chains in groups[index] for chain in chains for array, _ in chain}
        later[index - 1] = later[index] | arrays
    choices: set[Choice] = {frozenset()}
    compared = 0
    for (group, present), needed in zip(groups, later, strict=True):
        # What shares an array shares the outermost one, so that is where to look first.
        outermost: dict[int, dict[int, list[Chain]]] = {}
        for chain in group:
            array, element = chain[0]
            outermost.setdefault(array, {}).setdefault(element, []).append(chain)
        joined: set[Choice] = set()
        for choice in choices:
            chosen = dict(choice)
            for array, elements in outermost.items():
                wanted = chosen.get(array)
                lists = elements.values() if wanted is None else (elements.get(wanted, ()),)
                for chains in lists:
                    compared += len(chains)
                    if compared > COMPARISONS_MAX:
                        return False
                    for chain in chains:
                        if _fits(chain, chosen):
                            joined.add(
                                frozenset(pair for pair in (*choice, *chain) if pair[0] in needed)
                            )
            if present:
                compared += len(present)
                if compared > COMPARISONS_MAX:
                    return False
                if not any(_fits(chain, chosen) for chain in present):
                    joined.add(frozenset(pair for pair in choice if pair[0] in needed))
        if not joined:
            return False
        choices = joined
    return True


def _fits(chain: Chain, chosen: Mapping[int, int]) -> bool:
    """True when the chain goes through no other element of an array than the chosen one."""
    return all(chosen.get(array, element) == element for array, element in chain)
