"""How an event bus reaches its discoverer: in the publisher's transaction, for a few microseconds."""

from __future__ import annotations

import orjson

from fogline.aws.arn import Arn
from fogline.ports.targets import Sending, TargetUnavailable
from fogline.services.schemas.discovered import is_event
from fogline.services.schemas.discovering import discover
from fogline.services.schemas.service import Schemas
from fogline.store.documents import Document
from fogline.store.store import Tx


class DiscovererTarget:
    """Answers `ports/targets.py` for discoverers."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def send(self, tx: Tx, arn: Arn, sending: Sending) -> None:
        discoverer = self._find(tx, arn)
        if discoverer is None:
            raise TargetUnavailable(f"The discoverer {arn} does not exist")
        if discoverer["state"] != "STARTED":
            return
        try:
            event = orjson.loads(sending.payload)
        except ValueError:
            return
        if not is_event(event):
            return
        if not discoverer["cross_account"] and event.get("account") != arn.account:
            return
        place = (arn.account, arn.region)
        discover(self._schemas, tx, place, event, sending.now, sending.trace)

    def exists(self, tx: Tx, arn: Arn) -> bool:
        return self._find(tx, arn) is not None

    def _find(self, tx: Tx, arn: Arn) -> Document | None:
        kind, _, name = arn.resource.partition("/")
        if kind != "discoverer":
            return None
        return self._schemas.tables.discoverers.find(tx, arn.account, arn.region, name)
