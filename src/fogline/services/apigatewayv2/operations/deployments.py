"""Deployments: APIs as they were at one moment."""

from __future__ import annotations

from fogline.apis.deployments import require_deployment, require_stage
from fogline.aws.call import Call
from fogline.services.apigatewayv2.deploying import (
    deploy,
    remove_deployment,
    remove_unused,
    save_stage,
)
from fogline.services.apigatewayv2.errors import BadRequestException
from fogline.services.apigatewayv2.lookup import Request, Result, lock_api, require_api
from fogline.services.apigatewayv2.pages import page_of_documents
from fogline.services.apigatewayv2.service import ApiGatewayV2
from fogline.services.apigatewayv2.tables import inside, parts_of


def create_deployment(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api_id, name = request["ApiId"], request.get("StageName")
    with gateway.store.write() as tx:
        lock_api(tx, call, api_id)
        require_api(gateway, tx, call, api_id)
        deployment = deploy(gateway, tx, call, api_id, request.get("Description"))
        if name:
            stage = require_stage(gateway.tables, tx, call, api_id, name)
            if stage["AutoDeploy"]:
                raise BadRequestException(
                    "Deployment ID cannot be set on stage when AutoDeploy is enabled"
                )
            shown = {"DeploymentId": deployment["DeploymentId"], "LastUpdatedDate": call.now}
            save_stage(gateway, tx, call, api_id, {**stage, **shown})
            remove_unused(gateway, tx, call, api_id)
    return deployment


def get_deployment(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    with gateway.store.read() as tx:
        require_api(gateway, tx, call, request["ApiId"])
        return require_deployment(
            gateway.tables, tx, call, request["ApiId"], request["DeploymentId"]
        )


def get_deployments(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api_id, documents = request["ApiId"], gateway.tables.deployments
    with gateway.store.read() as tx:
        require_api(gateway, tx, call, api_id)
        return page_of_documents(
            documents, tx, call, request, gateway.limits, prefix=inside(api_id, "")
        )


def update_deployment(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api_id, id = request["ApiId"], request["DeploymentId"]
    with gateway.store.write() as tx:
        lock_api(tx, call, api_id)
        require_api(gateway, tx, call, api_id)
        deployment = dict(require_deployment(gateway.tables, tx, call, api_id, id))
        if request.get("Description") is not None:
            deployment["Description"] = request["Description"]
        name = inside(api_id, id)
        gateway.tables.deployments.save(tx, call.account, call.region, name, deployment)
    return deployment


def delete_deployment(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    api_id, id = request["ApiId"], request["DeploymentId"]
    with gateway.store.write() as tx:
        lock_api(tx, call, api_id)
        require_api(gateway, tx, call, api_id)
        require_deployment(gateway.tables, tx, call, api_id, id)
        for _, stage in parts_of(gateway.tables.stages, tx, call, api_id):
            if stage.get("DeploymentId") == id:
                raise BadRequestException(
                    "Active stages pointing to this deployment must be moved or deleted"
                )
        remove_deployment(gateway, tx, call, api_id, id)
    return {}
