"""Step Functions' front page: what it stands on, and every operation by its file."""

from __future__ import annotations

from dataclasses import dataclass

from fogline.ports.api import Api
from fogline.services.stepfunctions.limits import Limits
from fogline.services.stepfunctions.machines import Machines
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids


@dataclass(frozen=True, slots=True)
class StepFunctions:
    """What every operation of Step Functions is handed."""

    store: Store
    machines: Machines
    clock: Clock
    ids: Ids
    api: Api
    limits: Limits


OPERATIONS: dict[str, tuple[str, ...]] = {}
