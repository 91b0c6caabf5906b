"""Names: what Step Functions allows in those of machines, activities and executions."""

from __future__ import annotations

import re

from fogline.services.stepfunctions.errors import InvalidName

_FORBIDDEN = re.compile(
    r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U0010ffff]"
)


def may_be_name(name: str) -> bool:
    """True if nothing in it is forbidden."""
    return _FORBIDDEN.search(name) is None


def check_name(name: str) -> str:
    """The name, if it may be one. Its length is the gateway's to check. Raises InvalidName."""
    if not may_be_name(name):
        raise InvalidName(name=name)
    return name
