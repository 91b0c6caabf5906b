"""What the expressions of a state can see, in either query language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.jsonata import Purse
from fogline.aws.states.scope import Scope
from fogline.world.ids import Ids


class View:
    """The input of a state, the context object and the variables, at one moment."""

    __slots__ = ("_purse", "_scope", "context", "ids", "input", "now", "variables")

    def __init__(
        self,
        input: Any,
        context: Mapping[str, Any],
        variables: Mapping[str, Any],
        ids: Ids,
        now: int,
    ) -> None:
        self.input = input
        self.context = context
        self.variables = variables
        self.ids = ids
        self.now = now
        self._purse: Purse | None = None
        self._scope: Scope | None = None

    @property
    def scope(self) -> Scope:
        """The same for the JSONPath mode; all expressions of the state share its work."""
        if self._scope is None:
            self._scope = Scope(self.input, self.context, self.ids, self.variables)
        return self._scope

    @property
    def purse(self) -> Purse:
        """What the JSONata expressions of the state may still cost."""
        if self._purse is None:
            self._purse = Purse()
        return self._purse
