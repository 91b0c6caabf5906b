"""How SNS is put together."""

from __future__ import annotations

from collections.abc import Callable

from fogline.background.inbox import Inbox
from fogline.background.outbox import Outbox
from fogline.background.outgoing import Outgoing
from fogline.ports.logs import LogLines
from fogline.ports.seals import Seals
from fogline.ports.service import Service
from fogline.ports.targets import Targets
from fogline.services.sns.couriers import employ_couriers
from fogline.services.sns.departed import Departed
from fogline.services.sns.devices import Devices
from fogline.services.sns.envelope import SEAL, Finisher
from fogline.services.sns.feedback import Feedback
from fogline.services.sns.limits import Limits
from fogline.services.sns.loops import Expiry
from fogline.services.sns.phones import Phones
from fogline.services.sns.replaying import Replays
from fogline.services.sns.service import OPERATIONS, Sns
from fogline.services.sns.signing import PlatformSigner
from fogline.services.sns.tables import Tables
from fogline.store.store import Store
from fogline.world.clock import Clock
from fogline.world.ids import Ids


def make_sns(
    *,
    store: Store,
    ids: Ids,
    clock: Clock,
    targets: Targets,
    outbox: Outbox,
    outgoing: Outgoing,
    seals: Seals,
    endpoint: Callable[[], str],
    inbox: Inbox,
    logs: LogLines,
) -> Sns:
    """SNS with its couriers, known to other services by its target and its seal."""
    signer = PlatformSigner(store, endpoint)
    seals.register(SEAL, Finisher(signer, endpoint).finish)
    sns = Sns(
        store,
        Tables(store),
        ids,
        clock,
        Limits(),
        targets,
        outbox,
        outgoing,
        seals,
        endpoint,
        signer,
        inbox,
        Devices(store),
        Phones(store),
        Departed(store),
        Feedback(logs, ids),
    )
    employ_couriers(sns)
    return sns


def make_service(sns: Sns) -> Service:
    """SNS as the platform takes it in."""
    return Service(
        name="sns",
        package="fogline.services.sns",
        stands_on=sns,
        operations=OPERATIONS,
        loops=(Expiry(sns), Replays(sns)),
    )
