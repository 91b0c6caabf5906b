"""Deployments: snapshots of an API."""

from __future__ import annotations

import json

from tests.services.apigateway.conftest import Refusal, RestApi, patch


def test_an_api_without_methods_or_integrations_is_not_deployed(
    api: RestApi, refusal: Refusal
) -> None:
    assert refusal(api.create_deployment).message == "The REST API doesn't contain any methods"
    api.method()
    assert refusal(api.create_deployment).message == "No integration defined for method"


def test_a_deployment_is_what_the_api_was(api: RestApi) -> None:
    api.mock("GET", api.resource("pets"))
    id = api.deploy()
    api.mock("POST", api.resource("later"))
    summary = api.get_deployment(deploymentId=id, embed=["apisummary"])["apiSummary"]
    assert summary == {"/pets": {"GET": {"authorizationType": "NONE", "apiKeyRequired": False}}}
    exported = api.get_export(stageName="dev", exportType="swagger")["body"].read()
    assert list(json.loads(exported)["paths"]) == ["/pets"]


def test_a_deployment_to_a_stage_makes_it_or_moves_it(api: RestApi) -> None:
    api.mock()
    first = api.deploy(variables={"a": "1"}, stageDescription="for all")
    stage = api.get_stage(stageName="dev")
    assert (stage["deploymentId"], stage["variables"]) == (first, {"a": "1"})
    assert stage["description"] == "for all"
    second = api.deploy()
    assert api.get_stage(stageName="dev")["deploymentId"] == second
    assert [one["id"] for one in api.get_deployments()["items"]].count(first) == 1


def test_a_deployment_that_is_served_stays(served: RestApi, refusal: Refusal) -> None:
    id = served.get_stage(stageName="dev")["deploymentId"]
    assert refusal(served.delete_deployment, deploymentId=id) == (
        "BadRequestException",
        "Active stages pointing to this deployment must be moved or deleted",
    )
    served.delete_stage(stageName="dev")
    served.delete_deployment(deploymentId=id)
    assert refusal(served.get_deployment, deploymentId=id).message == (
        "Invalid Deployment identifier specified"
    )


def test_a_description_is_patched(served: RestApi) -> None:
    id = served.get_stage(stageName="dev")["deploymentId"]
    changed = served.update_deployment(
        deploymentId=id, patchOperations=patch("replace", "/description", "good")
    )
    assert changed["description"] == "good"


def test_a_canary_gets_the_new_deployment_and_the_stage_keeps_its_own(served: RestApi) -> None:
    before = served.get_stage(stageName="dev")["deploymentId"]
    canary = served.deploy(
        canarySettings={"percentTraffic": 50, "stageVariableOverrides": {"a": "2"}}
    )
    stage = served.get_stage(stageName="dev")
    assert stage["deploymentId"] == before
    assert stage["canarySettings"] == {
        "deploymentId": canary,
        "percentTraffic": 50.0,
        "stageVariableOverrides": {"a": "2"},
        "useStageCache": False,
    }
