"""Deployments: what an API is at one moment, kept as it was; and the stages that point to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.apis.deployments import find_stage
from fogline.apis.parts import inside, parts_of
from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.apigateway.errors import (
    BadRequestException,
    LimitExceededException,
)
from fogline.services.apigateway.service import ApiGateway
from fogline.store.store import Tx


def check_deployable(api: Mapping[str, Any]) -> None:
    """Raises BadRequestException."""
    methods = [
        method
        for resource in api["resources"].values()
        for method in resource["resourceMethods"].values()
    ]
    if not methods:
        raise BadRequestException("The REST API doesn't contain any methods")
    if any("methodIntegration" not in method for method in methods):
        raise BadRequestException("No integration defined for method")


def deploy(
    gateway: ApiGateway, tx: Tx, call: Call, api: Mapping[str, Any], description: str | None
) -> dict[str, Any]:
    """Keep the API as it is; the new deployment."""
    api_id = api["restApi"]["id"]
    known = [id for id, _ in parts_of(gateway.tables.deployments, tx, call, api_id)]
    if len(known) >= gateway.limits.deployments_max:
        raise LimitExceededException(kind="deployments", scope="API")
    id = gateway.ids.lowers(6)
    deployment = given({"id": id, "description": description, "createdDate": call.now})
    name = inside(api_id, id)
    gateway.tables.deployments.save(tx, call.account, call.region, name, deployment)
    gateway.tables.snapshots.save(tx, call.account, call.region, name, api)
    return deployment


def has_stage(gateway: ApiGateway, tx: Tx, call: Call, api_id: str, name: str) -> bool | None:
    """Whether an API has a stage of that name; None if there is no such API."""
    if gateway.tables.apis.find(tx, call.account, call.region, api_id) is None:
        return None
    return find_stage(gateway.tables, tx, call, api_id, name) is not None


def save_stage(
    gateway: ApiGateway, tx: Tx, call: Call, api_id: str, stage: Mapping[str, Any]
) -> None:
    name = inside(api_id, stage["stageName"])
    gateway.tables.stages.save(tx, call.account, call.region, name, stage)


def add_stage(
    gateway: ApiGateway, tx: Tx, call: Call, api_id: str, stage: Mapping[str, Any]
) -> None:
    """Raises LimitExceededException."""
    count = sum(1 for _ in parts_of(gateway.tables.stages, tx, call, api_id))
    if count >= gateway.limits.stages_max:
        raise LimitExceededException(kind="stages", scope="API")
    save_stage(gateway, tx, call, api_id, stage)
