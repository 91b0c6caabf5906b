"""Principals: whom a statement means.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fogline.aws.policy.requests import Caller

_KINDS = frozenset(("AWS", "Service", "Federated", "CanonicalUser"))
_ACCOUNT = re.compile(r"\d{12}")
_ROOT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root")
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/(?:.*/)?([^/]+)")
_SESSION = re.compile(r"arn:aws[a-z-]*:sts::(\d{12}):assumed-role/([^/]+)/.+")

Principals = Mapping[str, tuple[str, ...]]
"""By kind; `*` alone is everybody, `{"AWS": "*"}`, too."""


def read_principals(value: Any) -> Principals | None:
    """The principals; None for what names none."""
    if value == "*":
        return {"AWS": ("*",)}
    if not isinstance(value, Mapping) or not value or not _KINDS.issuperset(value):
        return None
    read: dict[str, tuple[str, ...]] = {}
    for kind, names in value.items():
        listed = names if isinstance(names, list) else [names]
        if not listed or not all(isinstance(name, str) and name for name in listed):
            return None
        read[kind] = tuple(listed)
    return read


def names_caller(principals: Principals, caller: Caller) -> bool:
    """True if the caller is one of them."""
    if any(_is_meant(name, caller) for name in principals.get("AWS", ())):
        return True
    if not caller.service:
        return False
    return any(_is_service(name, caller.service) for name in principals.get("Service", ()))


def _is_meant(name: str, caller: Caller) -> bool:
    if name == "*":
        return True
    if not caller.arn:
        return False
    if name == caller.arn:
        return True
    whole = _ROOT.fullmatch(name)
    if whole is not None or _ACCOUNT.fullmatch(name):
        return caller.account == (whole[1] if whole is not None else name)
    role, session = _ROLE.fullmatch(name), _SESSION.fullmatch(caller.arn)
    return role is not None and session is not None and role.groups() == session.groups()


def _is_service(name: str, service: str) -> bool:
    """A service may be named with a region, as AWS once did: `states.us-east-1.amazonaws.com`."""
    if name in ("*", service):
        return True
    return name.endswith(".amazonaws.com") and name.partition(".")[0] == service.partition(".")[0]
