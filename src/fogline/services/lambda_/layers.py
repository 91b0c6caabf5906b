"""Layers as functions reference them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fogline.services.lambda_.errors import InvalidParameterValueException
from fogline.services.lambda_.names import LayerVersion, find_layer_version
from fogline.services.lambda_.service import Lambda
from fogline.store.documents import Document
from fogline.store.store import Tx

_VERSION_DIGITS = 10


def layer_key(layer: LayerVersion) -> str:
    return f"{layer.name}:{layer.version:0{_VERSION_DIGITS}}"


def find_layer(lambda_: Lambda, tx: Tx, layer: LayerVersion) -> Document | None:
    return lambda_.tables.layer_versions.find(tx, layer.account, layer.region, layer_key(layer))


def layer_members(lambda_: Lambda, tx: Tx, region: str, arns: Sequence[str]) -> dict[str, Any]:
    """The members that say which layers a function has: `Layers` as shown, `layers` as run.

    Raises InvalidParameterValueException.
    """
    if not arns:
        return {}
    if len(arns) > lambda_.limits.layers_max:
        raise InvalidParameterValueException(
            f"Cannot reference more than {lambda_.limits.layers_max} layers."
        )
    seen: dict[str, str] = {}
    shown: list[dict[str, Any]] = []
    run: list[dict[str, Any]] = []
    for arn in arns:
        layer = find_layer_version(arn)
        found = None
        if layer is not None:
            if layer.region != region:
                raise InvalidParameterValueException(
                    "Layers are not in the same region as the function. Layers are expected to be "
                    f"in region {region}."
                )
            if layer.layer_arn in seen:
                raise InvalidParameterValueException(
                    "Two different versions of the same layer are not allowed to be referenced in "
                    f"the same function. {seen[layer.layer_arn]} and {arn} are versions of the same layer."
                )
            seen[layer.layer_arn] = arn
            found = find_layer(lambda_, tx, layer)
        if found is None:
            raise InvalidParameterValueException(f"Layer version {arn} does not exist.")
        shown.append({"Arn": arn, "CodeSize": found["CodeSize"]})
        run.append({"digest": found["digest"], "bytes": found["unzipped_bytes"]})
    return {"Layers": shown, "layers": run}


def layers_bytes(config: Mapping[str, Any]) -> int:
    """What a function's layers unzip to."""
    return sum(layer["bytes"] for layer in config.get("layers", ()))
