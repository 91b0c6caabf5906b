"""Access logs: one line for each request, in the format that the stage gives.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from fogline.aws.arn import find_arn

log = logging.getLogger("fogline.apis")

_VARIABLE = re.compile(
    r"\$context\.(authorizer\.claims\.[A-Za-z0-9_-]+(?::[A-Za-z0-9_-]+)*"
    r"|[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_-]+)*)"
)
"""Claims of user pools have names such as `cognito:username`."""
_LINE_CHARACTERS_MAX = 16_384


def access_line(form: str, context: Mapping[str, Any]) -> str:
    """The line; a variable that has no value, or several, is `-`."""
    return _VARIABLE.sub(lambda found: _text(context, found[1]), form)[:_LINE_CHARACTERS_MAX]


def _text(context: Mapping[str, Any], name: str) -> str:
    value: Any = context
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None or value == "" or isinstance(value, Mapping):
        return "-"
    return value if isinstance(value, str) else orjson.dumps(value).decode()


@lru_cache(1_024)
def log_group(destination: str) -> str:
    """The log group that an access log goes to; "" for what is none, which is said once."""
    arn = find_arn(destination)
    if arn is None or arn.service != "logs":
        log.warning(
            "Access logs to %r are not written: Fogline writes them to log groups.", destination
        )
        return ""
    return arn.resource.removeprefix("log-group:").removesuffix(":*")


def log_stream(api_id: str) -> str:
    """One stream for each API: AWS has many, whose names say nothing."""
    return api_id.encode().hex().ljust(32, "0")[:32]
