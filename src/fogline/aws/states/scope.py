"""What the expressions of a state can see."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from fogline.aws.jsonpath import Path, PathNotFound, Work
from fogline.aws.states.failures import RUNTIME, StateFailed
from fogline.world.ids import Ids

_NO_VARIABLES: Mapping[str, Any] = MappingProxyType({})


class Scope:
    """The input (`$`), the context object (`$$`) and the variables (`$name`), with the work that a state may do.

    Make one for each state that is entered, and for each item of a Map: all its expressions share the work.
    """

    __slots__ = ("context", "ids", "input", "variables", "work")

    def __init__(
        self,
        input: Any,
        context: Mapping[str, Any],
        ids: Ids,
        variables: Mapping[str, Any] = _NO_VARIABLES,
        work: Work | None = None,
    ) -> None:
        self.input = input
        self.context = context
        self.ids = ids
        """Where unique identifiers and random numbers come from."""
        self.variables = variables
        self.work = work or Work()

    def with_input(self, input: Any) -> Scope:
        """The same, with another input."""
        return Scope(input, self.context, self.ids, self.variables, self.work)

    def value(self, path: Path) -> Any:
        """What the path names. Raises PathFailed, and StateFailed where there is no input to look into."""
        if path.root == "$":
            if self.input is None:
                raise StateFailed(
                    RUNTIME, "Unable to apply Path transformation to null or empty input."
                )
            return path.value(self.input, self.work)
        if path.root == "$$":
            return path.value(self.context, self.work)
        if path.root not in self.variables:
            raise PathNotFound(f"There is no variable '{path.root}'")
        return path.value(self.variables[path.root], self.work)
