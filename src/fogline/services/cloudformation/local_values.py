"""Values of templates with the addresses in them as they are on this machine, for programs here and for callers.

Kept is what the template says: a port may change, and callers reach us by different names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fogline.ports.addresses import LocalAddresses
from fogline.store.store import Tx

if TYPE_CHECKING:
    from fogline.aws.call import Call
    from fogline.services.cloudformation.foundation import Cloudformation

_CALLED_BY_US = (
    "AWS::ApiGateway::",
    "AWS::ApiGatewayV2::",
    "AWS::Events::ApiDestination",
    "AWS::Events::Connection",
    "AWS::IAM::",
    "AWS::Lambda::",
    "AWS::SNS::",
)
"""Types whose addresses are kept as written: Fogline itself calls them, or makes them local where it uses them."""


def is_for_users_code(type_name: str) -> bool:
    """True if what a resource of this type is given ends in the hands of users' code as it is."""
    return not type_name.startswith(_CALLED_BY_US)


def for_caller(cf: Cloudformation, tx: Tx, call: Call) -> LocalValues:
    """For whoever calls, at the endpoint by which they reach us."""
    return LocalValues(cf.addresses, tx, call.endpoint or cf.endpoint())


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
