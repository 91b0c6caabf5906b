"""Event patterns: trying one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from fogline.aws.call import Call
from fogline.aws.patterns import InvalidPattern, compile_pattern
from fogline.services.events.errors import InvalidEventPatternException, ValidationException
from fogline.services.events.service import Events

if TYPE_CHECKING:
    from types_boto3_events import type_defs as types

Result = Mapping[str, Any]

_NEEDED = ("id", "detail-type", "source", "account", "time", "region")


def test_event_pattern(
    events: Events, call: Call, request: types.TestEventPatternRequestTypeDef
) -> Result:
    try:
        pattern = compile_pattern(request["EventPattern"])
    except InvalidPattern as invalid:
        raise InvalidEventPatternException(reason=invalid.reason) from None
    try:
        event = orjson.loads(request["Event"])
    except ValueError:
        event = None
    if not isinstance(event, dict) or any(name not in event for name in _NEEDED):
        raise ValidationException("Parameter Event is not valid.")
    return {"Result": pattern.matches(event)}
