"""How Step Functions is put together."""

from __future__ import annotations

from fogline.ports.api import Api
from fogline.ports.service import Service
from fogline.services.stepfunctions.limits import Limits
from fogline.services.stepfunctions.machines import Machines
from fogline.services.stepfunctions.service import OPERATIONS, StepFunctions
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids


def make_stepfunctions(
    *, store: Store, clock: Clock, ids: Ids, api: Api, limits: Limits | None = None
) -> StepFunctions:
    """What the operations of Step Functions stand on."""
    return StepFunctions(store, Machines(store), clock, ids, api, limits or Limits())


def make_service(stepfunctions: StepFunctions) -> Service:
    """Step Functions as the platform takes it in."""
    return Service(
        name="stepfunctions",
        package="fogline.services.stepfunctions",
        stands_on=stepfunctions,
        operations=OPERATIONS,
    )
