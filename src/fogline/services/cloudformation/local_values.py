"""Values of templates with the addresses in them as they are on this machine: the last thing done to a value."""

from __future__ import annotations

from typing import Any

from fogline.ports.addresses import LocalAddresses
from fogline.store.store import Tx

_CALLED_BY_US = (
    "AWS::ApiGateway::",
    "AWS::ApiGatewayV2::",
    "AWS::Events::ApiDestination",
    "AWS::Events::Connection",
    "AWS::IAM::",
    "AWS::SNS::",
)
"""Types whose addresses nobody calls but Fogline, which knows what they mean: they are kept as they were written."""


def is_for_users_code(type_name: str) -> bool:
    """True if what a resource of this type is given may end in the hands of users' code."""
    return not type_name.startswith(_CALLED_BY_US)


class LocalValues:
    """Makes values local, for a reader at `endpoint`."""

    def __init__(self, addresses: LocalAddresses, tx: Tx, endpoint: str) -> None:
        self._addresses = addresses
        self._tx = tx
        self._endpoint = endpoint

    def of(self, value: Any) -> Any:
        """`value` with the addresses in all its strings made local."""
        if isinstance(value, str):
            return self._addresses.localized(self._tx, value, self._endpoint)
        if isinstance(value, dict):
            return {key: self.of(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.of(item) for item in value]
        return value
