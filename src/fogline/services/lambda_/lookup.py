"""The function, version or alias that a request names, and what an invocation of it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fogline.aws.call import Call
from fogline.services.lambda_.errors import ResourceNotFoundException
from fogline.services.lambda_.names import LATEST, Reference, is_version, read_reference
from fogline.services.lambda_.service import Lambda
from fogline.store.documents import Document
from fogline.store.store import Tx


def reference_of(call: Call, request: Mapping[str, Any]) -> Reference:
    """What `FunctionName` and `Qualifier` say."""
    return read_reference(
        call.account, call.region, request["FunctionName"], request.get("Qualifier") or ""
    )


def require_function(lambda_: Lambda, tx: Tx, reference: Reference) -> Document:
    """The function's document. Raises ResourceNotFoundException."""
    found = lambda_.tables.find_function(tx, reference.account, reference.region, reference.name)
    if found is None:
        raise ResourceNotFoundException(arn=reference.arn)
    return found


def require_writable(lambda_: Lambda, tx: Tx, reference: Reference) -> Document:
    """The function's document, locked against other changes."""
    tx.lock(f"lambda:{reference.account}:{reference.region}:{reference.name}")
    return require_function(lambda_, tx, reference)


def require_alias(lambda_: Lambda, tx: Tx, reference: Reference, alias: str) -> Document:
    found = lambda_.tables.find_alias(tx, reference, alias)
    if found is None:
        raise ResourceNotFoundException(f"Cannot find alias arn: {reference.function_arn}:{alias}")
    return found


def require_version(lambda_: Lambda, tx: Tx, reference: Reference) -> Document:
    """The configuration that the reference's qualifier (none, a version, an alias) leads to.

    Raises ResourceNotFoundException.
    """
    function = require_function(lambda_, tx, reference)
    qualifier = reference.qualifier
    if qualifier in ("", LATEST):
        latest: Document = function["latest"]
        return latest
    if not is_version(qualifier):
        alias = lambda_.tables.find_alias(tx, reference, qualifier)
        if alias is None:
            raise ResourceNotFoundException(arn=reference.arn)
        qualifier = alias["FunctionVersion"]
    found = lambda_.tables.find_version(tx, reference, qualifier)
    if found is None:
        raise ResourceNotFoundException(arn=reference.arn)
    return found


def require_qualifier(lambda_: Lambda, tx: Tx, reference: Reference) -> None:
    """Raises ResourceNotFoundException unless the function and its qualifier exist."""
    require_version(lambda_, tx, reference)


@dataclass(frozen=True, slots=True)
class Runnable:
    """What one invocation runs: a version, and under which name it was asked for."""

    reference: Reference
    version: str
    config: Document
    reserved: int | None

    @property
    def invoked_arn(self) -> str:
        return self.reference.arn


def find_runnable(
    lambda_: Lambda, tx: Tx, reference: Reference, chance: float | None = None
) -> Runnable:
    """What an invocation of the reference runs; `chance` (0 to 1) decides between weighted versions.

    Raises ResourceNotFoundException.
    """
    function = lambda_.tables.find_function(tx, reference.account, reference.region, reference.name)
    qualifier = reference.qualifier
    if function is not None:
        reserved = function.get("reserved")
        if qualifier in ("", LATEST):
            return Runnable(reference, LATEST, function["latest"], reserved)
        if not is_version(qualifier):
            alias = lambda_.tables.find_alias(tx, reference, qualifier)
            qualifier = _routed(alias, chance or 0.0) if alias else ""
        config = lambda_.tables.find_version(tx, reference, qualifier) if qualifier else None
        if config is not None:
            return Runnable(reference, str(config["Version"]), config, reserved)
    raise ResourceNotFoundException(arn=f"{reference.function_arn}:{reference.qualifier or LATEST}")


def _routed(alias: Document, chance: float) -> str:
    weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    for version, weight in weights.items():
        if chance < weight:
            return str(version)
        chance -= weight
    return str(alias["FunctionVersion"])
