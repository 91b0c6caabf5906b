"""Queue URLs: the forms that clients send, and the one we answer with.

Understood: `http://host/account/name`, `http://host/queue/region/account/name`, AWS's own host forms
(`sqs.region.…`, `region.queue.…`), which name the region, and a bare queue name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from fogline.aws.call import Call
from fogline.services.sqs.errors import InvalidParameterValueException, QueueDoesNotExist

_DEFAULT_REGION = "us-east-1"
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_SUFFIX = "localhost.localstack.cloud"


class QueueAddress(NamedTuple):
    """Where a queue is. An account or region of "" means the caller's."""

    account: str
    region: str
    name: str


def queue_url(call: Call, account: str, region: str, name: str) -> str:
    """The URL of a queue, at the host through which the caller reaches us.

    A queue outside the usual region has its region in the path, so that URLs are never alike. Callers that use
    the wildcard name of older tools get the form that those tools expect.
    """
    scheme, _, host = call.endpoint.partition("://")
    if _SUFFIX in host:
        port = host.rpartition(":")[2] if ":" in host else ""
        return f"{scheme}://sqs.{region}.{_SUFFIX}{':' + port if port else ''}/{account}/{name}"
    if region == _DEFAULT_REGION:
        return f"{call.endpoint}/{account}/{name}"
    return f"{call.endpoint}/queue/{region}/{account}/{name}"


@lru_cache(maxsize=4_096)
def parse_queue_url(url: str) -> QueueAddress:
    """The address in a queue URL. Raises QueueDoesNotExist for what cannot be one."""
    if "/" not in url:
        if not url:
            raise QueueDoesNotExist()
        return QueueAddress("", "", url)
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise InvalidParameterValueException(
            f"Value {url[:200]} for parameter QueueUrl is invalid."
        ) from None
    path = [part for part in parts.path.split("/") if part]
    region = next((label for label in host.split(".") if _REGION.fullmatch(label)), "")
    if len(path) == 4 and path[0] == "queue":
        return QueueAddress(path[2], path[1], path[3])
    if len(path) == 2:
        if not region and not host.endswith("amazonaws.com") and not host.startswith("sqs."):
            region = ""
        return QueueAddress(path[0], region, path[1])
    raise QueueDoesNotExist()


def queue_address(call: Call, url: str) -> QueueAddress:
    """The address of the queue that a request names, completed from the caller's."""
    account, region, name = parse_queue_url(url)
    return QueueAddress(account or call.account, region or call.region, name)
