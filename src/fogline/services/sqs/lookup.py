"""The queue that a request names."""

from __future__ import annotations

from fogline.aws.call import Call
from fogline.services.sqs.errors import QueueDoesNotExist
from fogline.services.sqs.queue_url import queue_address
from fogline.services.sqs.service import Sqs
from fogline.services.sqs.tables import Queue
from fogline.store.store import Tx


class QueueDoesNotExistInQuery(QueueDoesNotExist):
    """The same refusal in the words of the query protocol (recorded)."""

    code = "QueueDoesNotExist"
    message = "The specified queue does not exist for this wsdl version."


def require_queue(sqs: Sqs, tx: Tx, call: Call, url: str) -> Queue:
    """The queue of that URL (in any form that clients send). Raises QueueDoesNotExist."""
    try:
        address = queue_address(call, url)
        queue = sqs.tables.find_queue(tx, *address)
    except QueueDoesNotExist:
        queue = None
    if queue is None:
        raise QueueDoesNotExistInQuery() if call.protocol == "query" else QueueDoesNotExist()
    return queue


def require_writable(sqs: Sqs, tx: Tx, call: Call, url: str) -> Queue:
    """The queue of that URL, locked against other changes of its document. Raises QueueDoesNotExist."""
    queue = require_queue(sqs, tx, call, url)
    tx.lock(f"sqs:{queue.account}:{queue.region}:{queue.name}")
    return require_queue(sqs, tx, call, url)
