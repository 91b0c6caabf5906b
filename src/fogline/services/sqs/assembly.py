"""How SQS is put together."""

from __future__ import annotations

from fogline.ports.service import Service
from fogline.services.sqs.loops import Expiry, Moving
from fogline.services.sqs.service import OPERATIONS, Sqs


def make_service(sqs: Sqs) -> Service:
    """SQS as the platform takes it in."""
    return Service(
        name="sqs",
        package="fogline.services.sqs",
        stands_on=sqs,
        operations=OPERATIONS,
        loops=(Expiry(sqs), Moving(sqs)),
    )
