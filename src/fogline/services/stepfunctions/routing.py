"""Routing configurations: which versions an alias shares its executions among, and what it must not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fogline.services.stepfunctions.arns import MachineArn, find_machine_arn
from fogline.services.stepfunctions.errors import InvalidRouting

_WHOLE = 100


def read_routing(given: Sequence[Mapping[str, Any]]) -> tuple[MachineArn, list[dict[str, int]]]:
    """The machine of an alias, and its versions by weight. Raises ValidationException."""
    texts = [route["stateMachineVersionArn"] for route in given]
    received = f"Received: [{', '.join(texts)}]"
    if not 1 <= len(given) <= 2:
        raise InvalidRouting(
            "Routing configuration must contain one or two state machine versions."
        )
    routing: list[dict[str, int]] = []
    machines: set[MachineArn] = set()
    for route, text in zip(given, texts, strict=True):
        arn = find_machine_arn(text)
        if arn is None or arn.version is None:
            raise InvalidRouting(
                f"Routing configuration must contain state machine version ARNs. {received}"
            )
        machines.add(arn.unqualified())
        routing.append({"version": arn.version, "weight": route["weight"]})
    if len(machines) > 1:
        raise InvalidRouting(
            f"Routing configuration must contain versions of the same state machine. {received}"
        )
    if len(set(texts)) < len(texts):
        raise InvalidRouting(
            f"Routing configuration must contain distinct state machine version ARNs. {received}"
        )
    weights = [route["weight"] for route in routing]
    if sum(weights) != _WHOLE:
        raise InvalidRouting(
            f"Sum of routing configuration weights must equal {_WHOLE}. Received: {weights}"
        )
    return machines.pop(), routing


def written_routing(arn: MachineArn, routing: Sequence[Mapping[str, int]]) -> list[dict[str, Any]]:
    return [
        {"stateMachineVersionArn": str(arn.qualified(route["version"])), "weight": route["weight"]}
        for route in routing
    ]
