"""Stages, their settings, and deployments that come by themselves."""

from __future__ import annotations

from typing import Any

import pytest
from tests.services.apigatewayv2.conftest import ApiOfTests, Refusal

from fogline.testing.platform import LocalPlatform

_LOGS = "arn:aws:logs:us-east-1:000000000000:log-group:calls"


def _stage(api: ApiOfTests, name: str = "dev") -> dict[str, Any]:
    shown: dict[str, Any] = api.get_stage(StageName=name)
    del shown["ResponseMetadata"]
    return shown


def test_a_stage_is_complete_when_its_maker_says_little(api: ApiOfTests) -> None:
    made = api.create_stage(StageName="dev", Tags={"a": "b"})
    del made["ResponseMetadata"]
    assert {name: made[name] for name in made if not name.endswith("Date")} == {
        "AutoDeploy": False,
        "DefaultRouteSettings": {"DetailedMetricsEnabled": False},
        "RouteSettings": {},
        "StageName": "dev",
        "StageVariables": {},
        "Tags": {"a": "b"},
    }
    assert _stage(api) == made
    assert api.get_stages()["Items"] == [made]


def test_a_stage_of_a_websocket_api_does_not_log(chat: ApiOfTests) -> None:
    settings = chat.create_stage(StageName="dev")["DefaultRouteSettings"]
    assert settings == {
        "DataTraceEnabled": False,
        "DetailedMetricsEnabled": False,
        "LoggingLevel": "OFF",
    }


@pytest.mark.parametrize("name", ["a b", "a.b", "x" * 129, "$other"])
def test_names_of_stages_are_held_to_their_rules(
    api: ApiOfTests, refusal: Refusal, name: str
) -> None:
    assert refusal(api.create_stage, StageName=name) == (
        "BadRequestException",
        "Stage name only allows a-zA-Z0-9_- and is limited to 128 characters",
    )


def test_only_http_apis_have_a_default_stage(
    api: ApiOfTests, chat: ApiOfTests, refusal: Refusal
) -> None:
    assert api.create_stage(StageName="$default")["StageName"] == "$default"
    assert api.create_stage(StageName="x" * 128)["StageName"] == "x" * 128
    assert refusal(chat.create_stage, StageName="$default").code == "BadRequestException"


def test_a_name_is_had_once(api: ApiOfTests, refusal: Refusal) -> None:
    api.create_stage(StageName="dev")
    assert refusal(api.create_stage, StageName="dev") == (
        "ConflictException",
        "Stage already exists",
    )


def test_a_stage_shows_a_deployment(api: ApiOfTests, refusal: Refusal) -> None:
    api.route()
    first = api.create_deployment()["DeploymentId"]
    assert api.create_stage(StageName="dev", DeploymentId=first)["DeploymentId"] == first
    second = api.create_deployment()["DeploymentId"]
    assert api.update_stage(StageName="dev", DeploymentId=second)["DeploymentId"] == second
    refused = refusal(api.update_stage, StageName="dev", DeploymentId="nope")
    assert refused == ("NotFoundException", "Invalid Deployment identifier specified")


def test_every_change_is_deployed_to_a_stage_that_asks_for_it(api: ApiOfTests) -> None:
    waiting = api.create_stage(StageName="dev", AutoDeploy=True)
    assert "DeploymentId" not in waiting
    assert waiting["LastDeploymentStatusMessage"] == (
        "Deployment attempt failed: Unable to deploy API because no routes exist in this API"
    )
    id = api.route()
    first = _stage(api)
    assert first["LastDeploymentStatusMessage"] == (
        f"Successfully deployed stage with deployment ID '{first['DeploymentId']}'"
    )
    api.update_api(Description="changed")
    second = _stage(api)
    assert second["DeploymentId"] != first["DeploymentId"]
    (deployment,) = api.get_deployments()["Items"]
    assert deployment["DeploymentId"] == second["DeploymentId"]
    assert deployment["AutoDeployed"] is True
    api.delete_route(RouteId=id)
    last = _stage(api)
    assert last["DeploymentId"] == second["DeploymentId"]
    assert last["LastDeploymentStatusMessage"].startswith("Deployment attempt failed: ")


def test_a_stage_begins_to_follow_its_api(api: ApiOfTests, refusal: Refusal) -> None:
    api.route()
    api.create_stage(StageName="dev")
    followed = api.update_stage(StageName="dev", AutoDeploy=True)
    assert followed["DeploymentId"]
    refused = refusal(api.update_stage, StageName="dev", DeploymentId=followed["DeploymentId"])
    assert refused.message == "Deployment ID cannot be set on stage when AutoDeploy is enabled"
    kept = api.update_stage(StageName="dev", AutoDeploy=False)
    assert kept["DeploymentId"] == followed["DeploymentId"]
    api.route("GET /more")
    assert _stage(api)["DeploymentId"] == followed["DeploymentId"]


def test_stages_that_follow_share_what_is_deployed(api: ApiOfTests) -> None:
    api.create_stage(StageName="a", AutoDeploy=True)
    api.create_stage(StageName="b", AutoDeploy=True)
    api.route()
    assert len(api.get_deployments()["Items"]) == 1
    assert _stage(api, "a")["DeploymentId"] == _stage(api, "b")["DeploymentId"]
    api.delete_stage(StageName="a")
    assert len(api.get_deployments()["Items"]) == 1
    api.delete_stage(StageName="b")
    assert api.get_deployments()["Items"] == []


def test_variables_change_one_by_one(api: ApiOfTests, refusal: Refusal) -> None:
    api.create_stage(StageName="dev", StageVariables={"a": "1", "b": "2"})
    changed = api.update_stage(StageName="dev", StageVariables={"a": "", "c": "x/y?z=1,2"})
    assert changed["StageVariables"] == {"b": "2", "c": "x/y?z=1,2"}
    refused = refusal(api.update_stage, StageName="dev", StageVariables={"a b": "1"})
    assert "alphanumeric characters and underscores" in refused.message
    refused = refusal(api.update_stage, StageName="dev", StageVariables={"a": "{1}"})
    assert refused.message.startswith("Invalid value for variable a.")


def test_variables_are_bounded(api: ApiOfTests, refusal: Refusal) -> None:
    hundred = {f"v{n}": "1" for n in range(100)}
    assert len(api.create_stage(StageName="dev", StageVariables=hundred)["StageVariables"]) == 100
    refused = refusal(api.update_stage, StageName="dev", StageVariables={"more": "1"})
    assert refused.message == "A stage can have at most 100 variables"
    refused = refusal(api.create_stage, StageName="b", StageVariables={**hundred, "more": "1"})
    assert refused.message == "A stage can have at most 100 variables"


def test_settings_are_those_of_routes_that_are_there(api: ApiOfTests, refusal: Refusal) -> None:
    api.route("GET /pets")
    limits = {"ThrottlingBurstLimit": 5, "ThrottlingRateLimit": 2.5}
    made = api.create_stage(
        StageName="dev", DefaultRouteSettings=limits, RouteSettings={"GET /pets": limits}
    )
    assert made["DefaultRouteSettings"] == {"DetailedMetricsEnabled": False, **limits}
    assert made["RouteSettings"] == {"GET /pets": limits}
    refused = refusal(api.update_stage, StageName="dev", RouteSettings={"GET /cats": limits})
    assert refused == (
        "NotFoundException",
        "Unable to find Route by key GET /cats within the provided RouteSettings",
    )
    api.delete_route_settings(StageName="dev", RouteKey="GET /pets")
    assert _stage(api)["RouteSettings"] == {}
    refused = refusal(api.delete_route_settings, StageName="dev", RouteKey="GET /pets")
    assert refused.code == "NotFoundException"


@pytest.mark.parametrize("settings", [{"LoggingLevel": "INFO"}, {"DataTraceEnabled": True}])
def test_http_apis_have_no_execution_logs(
    api: ApiOfTests, chat: ApiOfTests, refusal: Refusal, settings: dict[str, Any]
) -> None:
    refused = refusal(api.create_stage, StageName="dev", DefaultRouteSettings=settings)
    assert refused.message == "Execution logs are not supported on protocolType HTTP"
    shown = chat.create_stage(StageName="dev", DefaultRouteSettings=settings)
    assert settings.items() <= shown["DefaultRouteSettings"].items()


def test_no_limit_is_negative(api: ApiOfTests, refusal: Refusal) -> None:
    refused = refusal(
        api.create_stage, StageName="dev", DefaultRouteSettings={"ThrottlingRateLimit": -1}
    )
    assert refused.message == "Throttling limits must not be negative"


def test_calls_are_logged_and_not_any_more(api: ApiOfTests, refusal: Refusal) -> None:
    logs = {"DestinationArn": _LOGS, "Format": "$context.requestId"}
    api.create_stage(StageName="dev", AccessLogSettings=logs)
    other = api.update_stage(StageName="dev", AccessLogSettings={"Format": "$context.status"})
    assert other["AccessLogSettings"] == {"DestinationArn": _LOGS, "Format": "$context.status"}
    api.delete_access_log_settings(StageName="dev")
    assert "AccessLogSettings" not in _stage(api)
    refused = refusal(
        api.update_stage, StageName="dev", AccessLogSettings={"DestinationArn": "here"}
    )
    assert refused.message == "Invalid ARN specified in the request"


def test_a_format_is_not_too_long(api: ApiOfTests, refusal: Refusal) -> None:
    longest = "$context.requestId".ljust(3_072, "x")
    api.create_stage(StageName="dev", AccessLogSettings={"Format": longest})
    refused = refusal(
        api.update_stage, StageName="dev", AccessLogSettings={"Format": longest + "x"}
    )
    assert refused.message == "The format of access logs can have at most 3072 characters"


def test_what_authorizers_said_is_forgotten(api: ApiOfTests, refusal: Refusal) -> None:
    api.create_stage(StageName="dev")
    before = _stage(api)
    api.reset_authorizers_cache(StageName="dev")
    assert _stage(api) == before
    missing = ("NotFoundException", "Invalid stage identifier specified")
    assert refusal(api.reset_authorizers_cache, StageName="nope") == missing


def test_a_stage_tells_when_it_was_changed(
    api: ApiOfTests, fogline_platform: LocalPlatform
) -> None:
    made = api.create_stage(StageName="dev")
    fogline_platform.advance(seconds=60)
    changed = api.update_stage(StageName="dev", Description="new")
    assert (changed["LastUpdatedDate"] - made["LastUpdatedDate"]).total_seconds() == 60
    assert changed["CreatedDate"] == made["CreatedDate"]


def test_a_deleted_stage_is_gone(api: ApiOfTests, refusal: Refusal) -> None:
    api.create_stage(StageName="dev")
    api.delete_stage(StageName="dev")
    missing = ("NotFoundException", "Invalid stage identifier specified")
    assert refusal(api.get_stage, StageName="dev") == missing
    assert refusal(api.update_stage, StageName="dev") == missing
    assert refusal(api.delete_stage, StageName="dev") == missing


def test_stages_come_in_pages(api: ApiOfTests, refusal: Refusal) -> None:
    for number in range(10):
        api.create_stage(StageName=f"s{number}")
    first = api.get_stages(MaxResults="7")
    rest = api.get_stages(MaxResults="7", NextToken=first["NextToken"])
    names = [one["StageName"] for one in [*first["Items"], *rest["Items"]]]
    assert names == [f"s{number}" for number in range(10)]
    refused = refusal(api.create_stage, StageName="more")
    assert (refused.code, refused.status) == ("TooManyRequestsException", 429)
