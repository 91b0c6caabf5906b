"""The keeper: what must happen to environments when functions change, on every node."""

from __future__ import annotations

import logging
from typing import Any

from fogline.aws.errors import AwsError
from fogline.background.supervisor import Run
from fogline.background.topics import Topics
from fogline.ports.addresses import ADDRESSES_TOPIC
from fogline.services.lambda_ import invoking
from fogline.services.lambda_.names import LATEST, Reference, function_arn
from fogline.services.lambda_.service import Lambda
from fogline.services.lambda_.tables import FUNCTIONS_TOPIC
from fogline.store.store import Tx

log = logging.getLogger("fogline.lambda")


class Keeper:
    """Listens for functions that change: new code is put in place, what is gone ends."""

    def __init__(self, lambda_: Lambda, topics: Topics, run: Run) -> None:
        self._lambda = lambda_
        self._run = run
        topics.always(FUNCTIONS_TOPIC, self._on_change)
        topics.always(ADDRESSES_TOPIC, lambda topic: lambda_.specs.doubt_addresses())

    def _on_change(self, topic: str) -> None:
        _, account, region, name = topic.split(":", 3)
        self._run(self._follow(Reference(account, region, name)), f"lambda.keeper {name}")

    async def _follow(self, reference: Reference) -> None:
        lambda_ = self._lambda

        def look(tx: Tx) -> Any:
            return lambda_.tables.find_function(
                tx, reference.account, reference.region, reference.name
            )

        function = await invoking.look(lambda_, look)
        if function is None:
            lambda_.specs.forget(reference.account, reference.region, reference.name)
            lambda_.functions.forget(
                function_arn(reference.account, reference.region, reference.name)
            )
            return
        try:
            spec = await lambda_.specs.of(
                reference, LATEST, function["latest"], lambda_.clock.now()
            )
        except AwsError as refused:
            log.warning("The code of %s cannot be used: %s", reference.function_arn, refused.text)
            return
        lambda_.functions.prepare(spec)
