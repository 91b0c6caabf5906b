"""Tenant isolation: who must name a tenant, and what cannot be had together with it.

https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html. That no two tenants share an
execution environment is kept in `workers/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.services.lambda_.errors import InvalidParameterValueException


def is_isolated(config: Mapping[str, Any]) -> bool:
    """True when each tenant of the function has execution environments of its own."""
    return "TenancyConfig" in config


def check_tenant(config: Mapping[str, Any], tenant_id: str) -> None:
    """Refuse an invocation that names no tenant where one is needed, or one where none is known."""
    if is_isolated(config) and not tenant_id:
        raise InvalidParameterValueException(
            "The invoked function is enabled with tenancy configuration. "
            "Add a valid tenant ID in your request and try again."
        )
    if tenant_id and not is_isolated(config):
        raise InvalidParameterValueException(
            "The invoked function is not enabled with tenancy configuration. "
            "Remove the tenant ID from your request and try again."
        )


def check_shared(config: Mapping[str, Any], what: str) -> None:
    """Refuse `what` for a function with tenant isolation."""
    if is_isolated(config):
        raise InvalidParameterValueException(
            f"{what} is not supported for functions with tenant isolation mode."
        )
