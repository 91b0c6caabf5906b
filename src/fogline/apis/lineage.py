"""Requests to APIs in the chain of what caused what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call, Principal, Trace
from fogline.background.lineage import Lineage

_SERVICE = "execute-api"
_FINE: Mapping[str, Any] = {}
_NOBODY = Principal("", "", "")
_ROOT = Call(_SERVICE, "", "", "", _NOBODY, "", 0, Trace("", ""), "")


def record_request(
    lineage: Lineage,
    trace: Trace,
    name: str,
    account: str,
    region: str,
    began_at: int,
    ended_at: int,
    status: int,
) -> None:
    """Tell lineage; of requests that nothing caused and that went well, it keeps as many as it can."""
    if status < 400 and not trace.parent_id:
        call = _ROOT._replace(
            operation=name,
            account=account,
            region=region,
            now=ended_at,
            trace=trace,
            asked_at=began_at,
        )
        lineage.request(call, _FINE)
        return
    lineage.work(
        trace,
        "request",
        f"{_SERVICE}:{name}",
        account,
        region,
        began_at,
        ended_at,
        str(status) if status >= 400 else "",
    )
