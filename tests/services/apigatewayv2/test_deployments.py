"""Deployments: APIs as they were at one moment."""

from __future__ import annotations

from tests.services.apigatewayv2.conftest import ApiOfTests, Refusal


def test_a_deployment_is_made_of_an_api_with_routes(
    api: ApiOfTests, chat: ApiOfTests, refusal: Refusal
) -> None:
    assert refusal(api.create_deployment) == (
        "BadRequestException",
        "Unable to deploy API because no routes exist in this API",
    )
    assert refusal(chat.create_deployment).message == (
        "At least one route is required before deploying the Api."
    )
    api.route()
    made = api.create_deployment(Description="first")
    del made["ResponseMetadata"]
    assert made == {
        "AutoDeployed": False,
        "CreatedDate": made["CreatedDate"],
        "DeploymentId": made["DeploymentId"],
        "DeploymentStatus": "DEPLOYED",
        "Description": "first",
    }
    assert api.get_deployments()["Items"] == [made]


def test_a_deployment_is_put_on_its_stage(api: ApiOfTests, refusal: Refusal) -> None:
    api.route()
    api.create_stage(StageName="dev")
    id = api.create_deployment(StageName="dev")["DeploymentId"]
    assert api.get_stage(StageName="dev")["DeploymentId"] == id
    assert refusal(api.create_deployment, StageName="nope").message == (
        "Invalid stage identifier specified"
    )
    assert len(api.get_deployments()["Items"]) == 1


def test_a_stage_that_follows_its_api_is_not_deployed_by_hand(
    api: ApiOfTests, refusal: Refusal
) -> None:
    api.route()
    api.create_stage(StageName="dev", AutoDeploy=True)
    refused = refusal(api.create_deployment, StageName="dev")
    assert refused.message == "Deployment ID cannot be set on stage when AutoDeploy is enabled"


def test_a_deployment_that_a_stage_shows_stays(api: ApiOfTests, refusal: Refusal) -> None:
    api.route()
    api.create_stage(StageName="dev")
    id = api.create_deployment(StageName="dev")["DeploymentId"]
    refused = refusal(api.delete_deployment, DeploymentId=id)
    assert refused == (
        "BadRequestException",
        "Active stages pointing to this deployment must be moved or deleted",
    )
    api.delete_stage(StageName="dev")
    assert api.get_deployment(DeploymentId=id)["DeploymentId"] == id
    api.delete_deployment(DeploymentId=id)
    missing = ("NotFoundException", "Invalid Deployment identifier specified")
    assert refusal(api.get_deployment, DeploymentId=id) == missing
    assert refusal(api.delete_deployment, DeploymentId=id) == missing


def test_a_deployment_is_described_later(api: ApiOfTests) -> None:
    api.route()
    id = api.create_deployment()["DeploymentId"]
    assert api.update_deployment(DeploymentId=id, Description="good")["Description"] == "good"
    assert api.get_deployment(DeploymentId=id)["Description"] == "good"
