"""Tags of functions and mappings: what AWS accepts."""

from __future__ import annotations

from collections.abc import Mapping

from fogline.services.lambda_.errors import InvalidParameterValueException
from fogline.services.lambda_.limits import Limits


def check_tags(tags: Mapping[str, str], limits: Limits) -> None:
    """Raises InvalidParameterValueException when a resource may not have all these."""
    own = [key for key in tags if not key.lower().startswith("aws:")]
    if len(own) > limits.tags_max:
        raise InvalidParameterValueException("Number of tags exceeds resource tag limit.")
