"""Stages and their settings."""

from __future__ import annotations

import pytest
from tests.services.apigateway.conftest import Refusal, RestApi, patch


def test_a_stage_is_made_of_a_deployment(served: RestApi, refusal: Refusal) -> None:
    id = served.get_stage(stageName="dev")["deploymentId"]
    made = served.create_stage(stageName="prod", deploymentId=id, tags={"a": "b"})
    assert made["cacheClusterStatus"] == "NOT_AVAILABLE"
    assert made["methodSettings"] == {}
    assert [one["stageName"] for one in served.get_stages(deploymentId=id)["item"]] == [
        "dev",
        "prod",
    ]
    assert refusal(served.create_stage, stageName="prod", deploymentId=id) == (
        "ConflictException",
        "Stage already exists",
    )
    assert refusal(served.create_stage, stageName="other", deploymentId="nope").message == (
        "Invalid Deployment identifier specified"
    )


@pytest.mark.parametrize("name", ["a b", "a.b", "x" * 129])
def test_names_of_stages_are_held_to_their_rules(
    served: RestApi, refusal: Refusal, name: str
) -> None:
    id = served.get_stage(stageName="dev")["deploymentId"]
    refused = refusal(served.create_stage, stageName=name, deploymentId=id)
    assert refused.message == "Stage name only allows a-zA-Z0-9_- and is limited to 128 characters"


def test_settings_of_methods_begin_with_those_of_all(served: RestApi) -> None:
    settings = served.update_stage(
        stageName="dev",
        patchOperations=[
            *patch("replace", "/*/*/caching/enabled", "true"),
            *patch("replace", "/~1pets/GET/throttling/burstLimit", "7"),
        ],
    )["methodSettings"]
    assert settings["~1pets/GET"]["cachingEnabled"] is True
    assert settings["~1pets/GET"]["throttlingBurstLimit"] == 7
    assert settings["*/*"]["throttlingBurstLimit"] == 5_000
    rest = served.update_stage(stageName="dev", patchOperations=patch("remove", "/*/*"))
    assert list(rest["methodSettings"]) == ["~1pets/GET"]


def test_a_cache_has_a_size(served: RestApi) -> None:
    operations = patch("replace", "/cacheClusterEnabled", "true")
    stage = served.update_stage(stageName="dev", patchOperations=operations)
    assert (stage["cacheClusterSize"], stage["cacheClusterStatus"]) == ("0.5", "AVAILABLE")


def test_a_canary_is_promoted_by_copying(api: RestApi) -> None:
    api.mock()
    api.deploy(variables={"a": "1"})
    canary = api.deploy(canarySettings={"percentTraffic": 10, "stageVariableOverrides": {"a": "2"}})
    stage = api.update_stage(
        stageName="dev",
        patchOperations=[
            {"op": "copy", "path": "/deploymentId", "from": "/canarySettings/deploymentId"},
            {"op": "copy", "path": "/variables", "from": "/canarySettings/stageVariableOverrides"},
            {"op": "remove", "path": "/canarySettings"},
        ],
    )
    assert stage["deploymentId"] == canary
    assert stage["variables"] == {"a": "2"}
    assert "canarySettings" not in stage


def test_a_canary_that_is_attached_begins_with_what_the_stage_serves(served: RestApi) -> None:
    stage = served.update_stage(
        stageName="dev",
        patchOperations=[
            *patch("replace", "/canarySettings/percentTraffic", "10.5"),
            *patch("replace", "/canarySettings/stageVariableOverrides/sv1", "val2"),
        ],
    )
    assert stage["canarySettings"] == {
        "percentTraffic": 10.5,
        "deploymentId": stage["deploymentId"],
        "useStageCache": False,
        "stageVariableOverrides": {"sv1": "val2"},
    }


def test_what_a_stage_does_not_have_can_not_be_removed(served: RestApi, refusal: Refusal) -> None:
    refused = refusal(served.update_stage, stageName="dev", patchOperations=patch("remove", "/*/*"))
    assert refused == (
        "BadRequestException",
        "Cannot remove method setting */* because there is no method setting for this method ",
    )


def test_unknown_settings_are_refused_with_all_there_are(served: RestApi, refusal: Refusal) -> None:
    operations = patch("replace", "/nothing", "x")
    refused = refusal(served.update_stage, stageName="dev", patchOperations=operations)
    assert refused.message.startswith(
        "Invalid method setting path: /nothing. Must be one of: [/deploymentId, "
    )
    assert refused.message.endswith("/variables/{variable_name}, /tracingEnabled]")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/variables/a-b", "x"),
        ("/variables/a", "x y"),
        ("/*/*/logging/loglevel", "LOUD"),
        ("/*/*/throttling/rateLimit", "much"),
        ("/cacheClusterSize", "7"),
        ("/tracingEnabled", "perhaps"),
        ("/deploymentId", "nope"),
        ("/clientCertificateId", "nope"),
        ("/documentationVersion", "nope"),
    ],
)
def test_values_that_can_not_be_are_refused(
    served: RestApi, refusal: Refusal, path: str, value: str
) -> None:
    operations = patch("replace", path, value)
    refused = refusal(served.update_stage, stageName="dev", patchOperations=operations)
    assert refused.code in ("BadRequestException", "NotFoundException")


def test_logs_are_turned_off_as_a_whole(served: RestApi) -> None:
    arn = "arn:aws:logs:us-east-1:000000000000:log-group:g"
    on = served.update_stage(
        stageName="dev",
        patchOperations=[
            *patch("replace", "/accessLogSettings/destinationArn", arn),
            *patch("replace", "/accessLogSettings/format", "$context.requestId"),
        ],
    )
    assert on["accessLogSettings"] == {"destinationArn": arn, "format": "$context.requestId"}
    off = served.update_stage(
        stageName="dev", patchOperations=patch("remove", "/accessLogSettings")
    )
    assert "accessLogSettings" not in off


def test_flushing_caches_changes_nothing_that_is_shown(served: RestApi, refusal: Refusal) -> None:
    before = served.get_stage(stageName="dev")
    served.flush_stage_cache(stageName="dev")
    served.flush_stage_authorizers_cache(stageName="dev")
    after = served.get_stage(stageName="dev")
    assert {**after, "ResponseMetadata": 0} == {**before, "ResponseMetadata": 0}
    assert refusal(served.flush_stage_cache, stageName="no").message == (
        "Invalid stage identifier specified"
    )
