"""Tags as API Gateway takes them: a map, of so many at most."""

from __future__ import annotations

from collections.abc import Mapping

from fogline.apis.tags import check_tags
from fogline.aws.call import Call
from fogline.services.apigatewayv2.errors import TooManyRequestsException
from fogline.services.apigatewayv2.limits import Limits


def read_tags(tags: Mapping[str, str] | None, call: Call, limits: Limits) -> dict[str, str]:
    """The tags of a request. Raises BadRequestException, TooManyRequestsException."""
    read = dict(tags or {})
    check_tags(read, call)
    check_count(read, limits)
    return read


def check_count(tags: Mapping[str, str], limits: Limits) -> None:
    """Raises TooManyRequestsException."""
    if len(tags) > limits.tags_max:
        raise TooManyRequestsException(kind="tags", scope="resource")
