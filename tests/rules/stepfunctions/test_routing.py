"""Which version an alias gives an execution to."""

from __future__ import annotations

import pytest

from fogline.aws.errors import ValidationException
from fogline.services.stepfunctions.machines import choose_version
from fogline.services.stepfunctions.routing import read_routing, written_routing

ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:machine"


def routes(*weights: int) -> list[dict[str, int]]:
    return [{"version": number, "weight": weight} for number, weight in enumerate(weights, 1)]


@pytest.mark.parametrize(
    ("weights", "chance", "version"),
    [
        ((100,), 0.0, 1),
        ((100,), 1.0, 1),
        ((90, 10), 0.0, 1),
        ((90, 10), 0.8999, 1),
        ((90, 10), 0.9, 2),
        ((90, 10), 1.0, 2),
        ((0, 100), 0.0, 2),
        ((100, 0), 1.0, 1),
    ],
)
def test_chance_falls_by_weight(weights: tuple[int, ...], chance: float, version: int) -> None:
    assert choose_version(routes(*weights), chance) == version


def test_routes_are_read_and_written_alike() -> None:
    given = [
        {"stateMachineVersionArn": f"{ARN}:3", "weight": 25},
        {"stateMachineVersionArn": f"{ARN}:12", "weight": 75},
    ]
    machine, read = read_routing(given)
    assert read == [{"version": 3, "weight": 25}, {"version": 12, "weight": 75}]
    assert written_routing(machine, read) == given


@pytest.mark.parametrize("count", [0, 3])
def test_there_are_one_or_two_routes(count: int) -> None:
    route = {"stateMachineVersionArn": f"{ARN}:1", "weight": 100}
    with pytest.raises(ValidationException):
        read_routing([route] * count)
