"""What CloudFormation stands on: handed in once, and handed to every operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fogline.aws.call import Call
from fogline.ports.addresses import LocalAddresses, NoAddresses
from fogline.ports.api import Api
from fogline.ports.resources import ResourceTypes
from fogline.ports.targets import Targets
from fogline.services.cloudformation.limits import LIMITS, Limits
from fogline.services.cloudformation.outside import Outside
from fogline.services.cloudformation.own_types import AllTypes, own_types
from fogline.services.cloudformation.translator import Translator
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids


def _no_policies() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Cloudformation:
    """The store, the clock, chance, all other services by name, and the types of resources there are."""

    store: Store
    clock: Clock
    ids: Ids
    api: Api
    types: ResourceTypes
    translator: Translator
    managed_policies: Callable[[], Mapping[str, str]] = _no_policies
    """ARNs of managed policies by name, for the serverless transform."""
    addresses: LocalAddresses = field(default_factory=NoAddresses)
    endpoint: Callable[[], str] = str
    """Where this machine's programs, users' functions among them, reach us."""
    limits: Limits = field(default_factory=lambda: LIMITS)

    def outside(self, call: Call) -> Outside:
        return Outside(self.api, call)


def make_cloudformation(
    store: Store,
    clock: Clock,
    ids: Ids,
    api: Api,
    types: ResourceTypes,
    targets: Targets,
    addresses: LocalAddresses,
    endpoint: Callable[[], str],
    managed_policies: Callable[[], Mapping[str, str]] = _no_policies,
) -> Cloudformation:
    """CloudFormation on a store. `types` are those of all other services."""
    every = AllTypes(own_types(store, targets), types)
    return Cloudformation(
        store,
        clock,
        ids,
        api,
        every,
        Translator(store),
        managed_policies,
        addresses=addresses,
        endpoint=endpoint,
    )
