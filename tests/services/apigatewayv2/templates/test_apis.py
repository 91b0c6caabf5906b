"""`AWS::ApiGatewayV2::Api` and what it is made of."""

from __future__ import annotations

from typing import Any

from tests.services.apigatewayv2.templates.conftest import API, Deploy, one, shop

from fogline.testing.plugin import Account

STAGE = one("Stage", "Pets", ApiId=API, StageName="$default", AutoDeploy=True)


def changed(resources: dict[str, Any], name: str, **properties: Any) -> dict[str, Any]:
    """The resources, one of them with other properties; None takes one out."""
    kept = {**resources[name]["Properties"], **properties}
    kept = {key: value for key, value in kept.items() if value is not None}
    return {**resources, name: {**resources[name], "Properties": kept}}


def test_references_to_an_api_and_its_parts(deploy: Deploy, gateway: Any) -> None:
    made = deploy(
        shop(Stage=STAGE),
        {
            "Id": API,
            "ApiId": {"Fn::GetAtt": ["Api", "ApiId"]},
            "Endpoint": {"Fn::GetAtt": ["Api", "ApiEndpoint"]},
            "Route": {"Ref": "Pets"},
            "RouteId": {"Fn::GetAtt": ["Pets", "RouteId"]},
            "Integration": {"Fn::GetAtt": ["Backend", "IntegrationId"]},
            "Stage": {"Ref": "Stage"},
        },
    )
    id = made["Id"]
    assert made["ApiId"] == id
    assert made["Route"] == made["RouteId"]
    assert made["Stage"] == "$default"
    assert made["Endpoint"] == gateway.get_api(ApiId=id)["ApiEndpoint"]
    route = gateway.get_route(ApiId=id, RouteId=made["Route"])
    assert route["Target"] == f"integrations/{made['Integration']}"
    assert gateway.get_stage(ApiId=id, StageName="$default")["DeploymentId"]


def test_an_api_has_the_tags_of_its_stack(deploy: Deploy, gateway: Any) -> None:
    id = deploy(changed(shop(), "Api", Tags={"team": "pets"}))["Id"]
    tags = gateway.get_api(ApiId=id)["Tags"]
    assert tags["team"] == "pets"
    assert tags["aws:cloudformation:logical-id"] == "Api"
    deploy(changed(shop(), "Api", Tags={"tier": "1"}), update=True)
    tags = gateway.get_api(ApiId=id)["Tags"]
    assert (tags.get("team"), tags["tier"]) == (None, "1")


def test_an_api_is_changed_in_place(deploy: Deploy, gateway: Any) -> None:
    cors = {"AllowOrigins": ["https://example.com"], "AllowMethods": ["GET"], "MaxAge": "60"}
    first = changed(
        shop(), "Api", Description="d", CorsConfiguration=cors, DisableExecuteApiEndpoint="true"
    )
    id = deploy(first)["Id"]
    about = gateway.get_api(ApiId=id)
    assert about["CorsConfiguration"]["MaxAge"] == 60
    assert about["DisableExecuteApiEndpoint"] is True
    assert deploy(changed(shop(), "Api", Name="market"), update=True)["Id"] == id
    about = gateway.get_api(ApiId=id)
    assert about["Name"] == "market"
    assert about["DisableExecuteApiEndpoint"] is False
    assert "CorsConfiguration" not in about
    assert not about.get("Description")


def test_another_protocol_is_another_api(deploy: Deploy, gateway: Any) -> None:
    before = deploy(shop())["Id"]
    after = deploy(shop("WEBSOCKET"), update=True)["Id"]
    assert after != before
    assert [each["ApiId"] for each in gateway.get_apis()["Items"]] == [after]


def test_quick_create_makes_all_that_is_needed(deploy: Deploy, gateway: Any) -> None:
    api = one("Api", Name="q", ProtocolType="HTTP", Target="https://example.com/a")
    id = deploy({"Api": api})["Id"]
    assert [each["RouteKey"] for each in gateway.get_routes(ApiId=id)["Items"]] == ["$default"]
    assert [each["StageName"] for each in gateway.get_stages(ApiId=id)["Items"]] == ["$default"]
    deploy(changed({"Api": api}, "Api", Target="https://example.com/b"), update=True)
    integration = gateway.get_integrations(ApiId=id)["Items"][0]
    assert integration["IntegrationUri"] == "https://example.com/b"


def test_what_quick_create_made_can_be_overridden(deploy: Deploy, gateway: Any) -> None:
    resources = {
        "Api": one("Api", Name="q", ProtocolType="HTTP", Target="https://example.com/a"),
        "Overrides": one(
            "ApiGatewayManagedOverrides",
            ApiId=API,
            Integration={"TimeoutInMillis": 1000},
            Route={"AuthorizationType": "AWS_IAM"},
            Stage={"StageVariables": {"a": "1"}, "AutoDeploy": "false"},
        ),
    }
    id = deploy(resources)["Id"]
    assert gateway.get_integrations(ApiId=id)["Items"][0]["TimeoutInMillis"] == 1000
    assert gateway.get_routes(ApiId=id)["Items"][0]["AuthorizationType"] == "AWS_IAM"
    stage = gateway.get_stages(ApiId=id)["Items"][0]
    assert (stage["StageVariables"], stage["AutoDeploy"]) == ({"a": "1"}, False)


def test_a_changed_route_leads_elsewhere_under_its_id(deploy: Deploy, gateway: Any) -> None:
    outputs = {"Id": API, "Route": {"Ref": "Pets"}}
    first = changed(shop(), "Pets", OperationName="List", AuthorizationType="AWS_IAM")
    before = deploy(first, outputs)
    after = deploy(changed(shop(), "Pets", RouteKey="ANY /pets/{id}"), outputs, update=True)
    assert after == before
    route = gateway.get_route(ApiId=after["Id"], RouteId=after["Route"])
    assert route["RouteKey"] == "ANY /pets/{id}"
    assert route["AuthorizationType"] == "NONE"
    assert not route.get("OperationName")


def test_parameters_that_a_template_drops_are_dropped(deploy: Deploy, gateway: Any) -> None:
    outputs = {"Id": API, "Integration": {"Ref": "Backend"}}
    status = {
        "ResponseParameters": [
            {"Destination": "overwrite:header.a", "Source": "x"},
            {"Destination": "remove:header.b", "Source": "''"},
        ]
    }
    first = changed(
        shop(),
        "Backend",
        RequestParameters={"append:header.a": "1", "append:header.b": "2"},
        ResponseParameters={"200": status, "500": {"overwrite:statuscode": "503"}},
    )
    made = deploy(first, outputs)
    where = {"ApiId": made["Id"], "IntegrationId": made["Integration"]}
    assert gateway.get_integration(**where)["ResponseParameters"] == {
        "200": {"overwrite:header.a": "x", "remove:header.b": "''"},
        "500": {"overwrite:statuscode": "503"},
    }
    second = changed(
        shop(),
        "Backend",
        RequestParameters={"append:header.b": "3"},
        ResponseParameters={"500": {"overwrite:statuscode": "504"}},
    )
    deploy(second, outputs, update=True)
    integration = gateway.get_integration(**where)
    assert integration["RequestParameters"] == {"append:header.b": "3"}
    assert integration["ResponseParameters"] == {"500": {"overwrite:statuscode": "504"}}


def test_stages_are_changed_in_place(deploy: Deploy, gateway: Any) -> None:
    log = {
        "DestinationArn": "arn:aws:logs:us-east-1:000000000000:log-group:g",
        "Format": "$context",
    }
    first = changed(
        shop(Stage=STAGE),
        "Stage",
        StageVariables={"a": "1", "b": "2"},
        AccessLogSettings=log,
        RouteSettings={"GET /pets": {"ThrottlingBurstLimit": "7"}},
        DefaultRouteSettings={"DetailedMetricsEnabled": "true", "ThrottlingRateLimit": 5},
    )
    id = deploy(first)["Id"]
    stage = gateway.get_stage(ApiId=id, StageName="$default")
    assert stage["AccessLogSettings"]["Format"] == "$context"
    assert stage["RouteSettings"]["GET /pets"]["ThrottlingBurstLimit"] == 7
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == 5.0
    deploy(changed(shop(Stage=STAGE), "Stage", StageVariables={"b": "3"}), update=True)
    stage = gateway.get_stage(ApiId=id, StageName="$default")
    assert stage["StageVariables"] == {"b": "3"}
    assert stage["RouteSettings"] == {}
    assert "AccessLogSettings" not in stage


def test_a_websocket_api_is_deployed_when_its_routes_are_there(
    deploy: Deploy, gateway: Any
) -> None:
    parts = {
        "Response": one(
            "RouteResponse", ApiId=API, RouteId={"Ref": "Pets"}, RouteResponseKey="$default"
        ),
        "Answer": one(
            "IntegrationResponse",
            ApiId=API,
            IntegrationId={"Ref": "Backend"},
            IntegrationResponseKey="$default",
            ResponseTemplates={"application/json": "{}"},
        ),
        "Model": one(
            "Model",
            ApiId=API,
            Name="Pet",
            ContentType="application/json",
            Schema={"type": "object"},
        ),
        "Deployment": one("Deployment", "Pets", ApiId=API),
        "Stage": one("Stage", ApiId=API, StageName="prod", DeploymentId={"Ref": "Deployment"}),
    }
    outputs = {
        name: {"Fn::GetAtt": [owner, name]}
        for name, owner in (
            ("RouteResponseId", "Response"),
            ("IntegrationResponseId", "Answer"),
            ("ModelId", "Model"),
            ("DeploymentId", "Deployment"),
        )
    }
    resources = changed(shop("WEBSOCKET", **parts), "Backend", IntegrationType="HTTP")
    made = deploy(resources, {"Id": API, **outputs})
    stage = gateway.get_stage(ApiId=made["Id"], StageName="prod")
    assert stage["DeploymentId"] == made["DeploymentId"]
    model = gateway.get_model(ApiId=made["Id"], ModelId=made["ModelId"])
    assert model["Schema"] == '{"type": "object"}'


def test_a_deployment_may_name_the_stage_that_serves_it(deploy: Deploy, gateway: Any) -> None:
    stage = one("Stage", "Pets", ApiId=API, StageName="prod")
    deployment = one("Deployment", ApiId=API, StageName={"Ref": "Stage"})
    outputs = {"Id": API, "Deployment": {"Ref": "Deployment"}}
    made = deploy(shop(Stage=stage, Deployment=deployment), outputs)
    found = gateway.get_stage(ApiId=made["Id"], StageName="prod")
    assert found["DeploymentId"] == made["Deployment"]


def test_a_deployment_has_what_is_made_beside_it(deploy: Deploy, fogline: Account) -> None:
    first = {"Deployment": one("Deployment", "Pets", ApiId=API), **shop("WEBSOCKET")}
    deploy({**first, "Beside": one("Route", "Pets", ApiId=API, RouteKey="beside")})
    events = fogline.client("cloudformation").describe_stack_events(StackName="shop")["StackEvents"]
    made = [e["LogicalResourceId"] for e in events if e["ResourceStatus"] == "CREATE_COMPLETE"]
    assert made.index("Deployment") < made.index("Beside"), "the newest comes first"
