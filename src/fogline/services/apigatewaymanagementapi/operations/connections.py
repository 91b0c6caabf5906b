"""Connections: their clients are sent messages, looked at, and disconnected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.ports.connections import Connection, Posted
from fogline.services.apigatewaymanagementapi.errors import (
    BadRequestException,
    ForbiddenException,
    GoneException,
    LimitExceededException,
    PayloadTooLargeException,
)
from fogline.services.apigatewaymanagementapi.service import ManagementApi

_ID = re.compile(r"[\w-]{15}=", re.ASCII)

Request = Mapping[str, Any]
Result = Mapping[str, Any]


async def delete_connection(management: ManagementApi, call: Call, request: Request) -> Result:
    found = await _require(management, call, request)
    if not await management.connections.end(found.id):
        raise GoneException
    return {}


async def get_connection(management: ManagementApi, call: Call, request: Request) -> Result:
    found = await _require(management, call, request)
    return {
        "ConnectedAt": found.connected_at,
        "Identity": {"SourceIp": found.source_ip, "UserAgent": found.user_agent},
        "LastActiveAt": found.last_active_at,
    }


async def post_to_connection(management: ManagementApi, call: Call, request: Request) -> Result:
    message: bytes = request["Data"]
    if len(message) > management.message_bytes_max:
        raise PayloadTooLargeException
    found = await _require(management, call, request)
    posted = await management.connections.post(found.id, message)
    if posted is Posted.GONE:
        raise GoneException
    if posted is Posted.FULL:
        raise LimitExceededException
    return {}


async def _require(management: ManagementApi, call: Call, request: Request) -> Connection:
    """The connection. Raises GoneException, ForbiddenException."""
    id = request["ConnectionId"]
    if not _ID.fullmatch(id):
        raise BadRequestException(id=id[:300])
    found = await management.connections.find(id)
    if found is None:
        raise GoneException
    if found.account != call.account:
        raise ForbiddenException
    return found
