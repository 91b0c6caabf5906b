"""Tags as API Gateway takes them: a map."""

from __future__ import annotations

from collections.abc import Mapping

from fogline.aws.call import Call
from fogline.services.apigatewayv2.errors import BadRequestException, TooManyRequestsException
from fogline.services.apigatewayv2.limits import Limits


def read_tags(tags: Mapping[str, str] | None, call: Call, limits: Limits) -> dict[str, str]:
    """The tags of a request. Raises BadRequestException, TooManyRequestsException."""
    for key, value in (tags or {}).items():
        # CloudFormation marks what it makes; it calls from within and speaks no protocol.
        if key.lower().startswith("aws:") and call.protocol:
            raise BadRequestException(
                "aws: prefixed tag key names are not allowed for external use."
            )
        if not 1 <= len(key) <= 128 or len(value) > 256:
            raise BadRequestException(f"Invalid tag key or value specified: {key[:128]}")
    check_count(tags or {}, limits)
    return dict(tags or {})


def check_count(tags: Mapping[str, str], limits: Limits) -> None:
    """Raises TooManyRequestsException."""
    if len(tags) > limits.tags_max:
        raise TooManyRequestsException(kind="tags", scope="resource")
