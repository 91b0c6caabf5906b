"""Every state machine, version, alias and activity that Step Functions keeps, and the only file that knows how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fogline.store.documents import Documents
from fogline.store.store import Store, Tx


@dataclass(frozen=True, slots=True)
class RunnableMachine:
    """What an execution is started from: a machine as it was when it was made or last updated, or a version of it."""

    arn: str
    """Of the machine, unqualified."""
    version_arn: str
    """"" when the machine itself was named."""
    alias_arn: str
    """"" unless an alias was named."""
    name: str
    type: str
    """STANDARD or EXPRESS."""
    definition: str
    role_arn: str
    revision_id: str
    logging: Mapping[str, Any]
    """The LoggingConfiguration, complete: level, includeExecutionData, destinations."""
    is_traced: bool


class Machines:
    """Reads and writes of state machines and what belongs to them."""

    def __init__(self, store: Store) -> None:
        self._machines = Documents(store, "stepfunctions.machine")
        self._activities = Documents(store, "stepfunctions.activity")

    def find_runnable(self, tx: Tx, arn: str, chance: float) -> RunnableMachine | None:
        """What an ARN of a machine, a version or an alias stands for; `chance` (0 to 1) picks among an alias' versions."""
        raise NotImplementedError
