"""The CloudFormation types of API Gateway."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.services.apigateway.conftest import FUNCTION, Refusal

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

Deploy = Callable[..., dict[str, str]]

API = {"Ref": "Api"}
ROOT = {"Fn::GetAtt": ["Api", "RootResourceId"]}
MOCK = {"Type": "MOCK", "RequestTemplates": {"application/json": '{"statusCode": 200}'}}


def one(kind: str, depends: str = "", **properties: Any) -> dict[str, Any]:
    """A resource of a template."""
    extra = {"DependsOn": depends} if depends else {}
    return {"Type": f"AWS::ApiGateway::{kind}", "Properties": properties, **extra}


def shop(**more: Any) -> dict[str, Any]:
    """An API with a method that is deployed."""
    return {
        "Api": one("RestApi", Name="shop"),
        "Pets": one("Resource", RestApiId=API, ParentId=ROOT, PathPart="pets"),
        "Get": one(
            "Method",
            RestApiId=API,
            ResourceId={"Ref": "Pets"},
            HttpMethod="GET",
            AuthorizationType="NONE",
            Integration={
                **MOCK,
                "IntegrationResponses": [
                    {
                        "StatusCode": 200,
                        "ResponseParameters": {"method.response.header.X": "'y'"},
                    }
                ],
            },
            MethodResponses=[
                {"StatusCode": "200", "ResponseParameters": {"method.response.header.X": "true"}}
            ],
        ),
        "Deployment": one("Deployment", "Get", RestApiId=API),
        "Stage": one("Stage", RestApiId=API, DeploymentId={"Ref": "Deployment"}, StageName="prod"),
        **more,
    }


@pytest.fixture
def deploy(fogline: Account, fogline_platform: LocalPlatform) -> Iterator[Deploy]:
    """Creates or updates the stack; its outputs."""
    cloudformation = fogline.client("cloudformation")

    def deploy(
        resources: Any, outputs: Any = None, *, update: bool = False, **top: Any
    ) -> dict[str, str]:
        shown = {name: {"Value": value} for name, value in (outputs or {"Id": API}).items()}
        request = {
            "StackName": "shop",
            "TemplateBody": json.dumps({"Resources": resources, "Outputs": shown, **top}),
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        }
        change = cloudformation.update_stack if update else cloudformation.create_stack
        change(**request)
        fogline_platform.settle()
        stack = cloudformation.describe_stacks(StackName="shop")["Stacks"][0]
        assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), [
            event.get("ResourceStatusReason")
            for event in cloudformation.describe_stack_events(StackName="shop")["StackEvents"]
        ]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}

    yield deploy
    cloudformation.delete_stack(StackName="shop")
    fogline_platform.settle()
    stacks = cloudformation.list_stacks()["StackSummaries"]
    assert [stack["StackStatus"] for stack in stacks] == ["DELETE_COMPLETE"]


def test_an_api_is_made_of_its_parts(deploy: Deploy, gateway: Any) -> None:
    made = deploy(
        shop(),
        {"Id": API, "Stage": {"Ref": "Stage"}, "Pets": {"Fn::GetAtt": ["Pets", "ResourceId"]}},
    )
    assert made["Stage"] == "prod"
    method = gateway.get_method(restApiId=made["Id"], resourceId=made["Pets"], httpMethod="GET")
    assert method["methodResponses"]["200"]["responseParameters"] == {
        "method.response.header.X": True
    }
    response = method["methodIntegration"]["integrationResponses"]["200"]
    assert response["responseParameters"] == {"method.response.header.X": "'y'"}
    tags = gateway.get_rest_api(restApiId=made["Id"])["tags"]
    assert tags["aws:cloudformation:logical-id"] == "Api"
    stage = gateway.get_stage(restApiId=made["Id"], stageName="prod")
    assert stage["tags"]["aws:cloudformation:stack-name"] == "shop"


def test_a_changed_method_is_put_anew_and_its_resource_stays(deploy: Deploy, gateway: Any) -> None:
    outputs = {"Id": API, "Pets": {"Ref": "Pets"}}
    before = deploy(shop(), outputs)
    changed = shop()
    changed["Get"]["Properties"]["ApiKeyRequired"] = "true"
    after = deploy(changed, outputs, update=True)
    assert after == before
    where = {"restApiId": after["Id"], "resourceId": after["Pets"], "httpMethod": "GET"}
    assert gateway.get_method(**where)["apiKeyRequired"] is True


def test_a_stage_is_changed_in_place(deploy: Deploy, gateway: Any) -> None:
    first = shop()
    first["Stage"]["Properties"] |= {
        "Variables": {"a": "1", "b": "2"},
        "Description": "old",
        "MethodSettings": [
            {"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingBurstLimit": 7},
            {"ResourcePath": "/pets", "HttpMethod": "GET", "CachingEnabled": True},
        ],
        "AccessLogSetting": {
            "DestinationArn": "arn:aws:logs:us-east-1:000000000000:log-group:g",
            "Format": "$context.requestId",
        },
    }
    id = deploy(first)["Id"]
    stage = gateway.get_stage(restApiId=id, stageName="prod")
    assert stage["variables"] == {"a": "1", "b": "2"}
    assert stage["accessLogSettings"]["format"] == "$context.requestId"
    assert set(stage["methodSettings"]) == {"*/*", "~1pets/GET"}
    second = shop()
    second["Stage"]["Properties"] |= {
        "Variables": {"b": "3"},
        "TracingEnabled": True,
        "MethodSettings": [{"ResourcePath": "/*", "HttpMethod": "*", "LoggingLevel": "INFO"}],
    }
    deploy(second, update=True)
    stage = gateway.get_stage(restApiId=id, stageName="prod")
    assert stage["variables"] == {"b": "3"}
    assert stage["tracingEnabled"] is True
    assert "description" not in stage
    assert "accessLogSettings" not in stage
    [(key, settings)] = stage["methodSettings"].items()
    assert key == "*/*"
    assert (settings["loggingLevel"], settings["throttlingBurstLimit"]) == ("INFO", 5_000)


def test_a_new_deployment_replaces_the_old_one_under_its_stage(
    deploy: Deploy, gateway: Any
) -> None:
    def resources(name: str) -> dict[str, Any]:
        made = shop()
        del made["Stage"], made["Deployment"]
        return {**made, name: one("Deployment", "Get", RestApiId=API, StageName="dev")}

    id = deploy(resources("First"))["Id"]
    old = gateway.get_stage(restApiId=id, stageName="dev")["deploymentId"]
    deploy(resources("Second"), update=True)
    [deployment] = gateway.get_deployments(restApiId=id)["items"]
    assert deployment["id"] != old
    assert gateway.get_stage(restApiId=id, stageName="dev")["deploymentId"] == deployment["id"]


def test_an_api_may_be_a_document(deploy: Deploy, gateway: Any) -> None:
    def resources(path: str, **settings: Any) -> dict[str, Any]:
        integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": FUNCTION}
        operation = {"x-amazon-apigateway-integration": integration, "responses": {}}
        body = {
            "openapi": "3.0.1",
            "info": {"title": "from-body", "version": 1.0},
            "paths": {path: {"get": operation}},
            "x-amazon-apigateway-binary-media-types": ["image/png"],
        }
        return {"Api": one("RestApi", Body=body, **settings)}

    first = resources(
        "/a", BinaryMediaTypes=["image/gif"], EndpointConfiguration={"Types": ["REGIONAL"]}
    )
    id = deploy(first)["Id"]
    about = gateway.get_rest_api(restApiId=id)
    assert about["name"] == "from-body"
    assert about["endpointConfiguration"]["types"] == ["REGIONAL"]
    assert about["binaryMediaTypes"] == ["image/png", "image/gif"]
    assert deploy(resources("/b", Name="own", Description="d"), update=True)["Id"] == id
    about = gateway.get_rest_api(restApiId=id)
    assert (about["name"], about["description"]) == ("own", "d")
    paths = {each["path"] for each in gateway.get_resources(restApiId=id)["items"]}
    assert paths == {"/", "/b"}


def test_a_document_may_be_in_a_bucket(deploy: Deploy, gateway: Any, fogline: Account) -> None:
    s3 = fogline.client("s3")
    bucket = f"documents-{fogline.id}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(
        Bucket=bucket, Key="api.yaml", Body="swagger: '2.0'\ninfo: {title: far}\npaths: {}"
    )
    location = {"Bucket": bucket, "Key": "api.yaml"}
    id = deploy({"Api": one("RestApi", BodyS3Location=location)})["Id"]
    assert gateway.get_rest_api(restApiId=id)["name"] == "far"


def test_parts_of_an_api_are_made_and_changed(deploy: Deploy, gateway: Any) -> None:
    def parts(**changed: Any) -> dict[str, Any]:
        return shop(
            Model=one(
                "Model", RestApiId=API, Name="Pet", Schema=changed.get("schema", {"type": "object"})
            ),
            Validator=one(
                "RequestValidator",
                RestApiId=API,
                Name="all",
                ValidateRequestBody=changed.get("body", True),
            ),
            Authorizer=one(
                "Authorizer",
                RestApiId=API,
                Name="tokens",
                Type="TOKEN",
                AuthorizerUri=FUNCTION,
                IdentitySource=changed.get("source", "method.request.header.A"),
            ),
            Response=one(
                "GatewayResponse",
                RestApiId=API,
                ResponseType="UNAUTHORIZED",
                StatusCode=changed.get("status", "401"),
            ),
            Part=one(
                "DocumentationPart",
                RestApiId=API,
                Location={"Type": "API"},
                Properties=changed.get("properties", '{"a": 1}'),
            ),
            Version=one(
                "DocumentationVersion",
                "Part",
                RestApiId=API,
                DocumentationVersion="1",
                Description=changed.get("description", "one"),
            ),
        )

    ids = {
        "Id": API,
        "Authorizer": {"Fn::GetAtt": ["Authorizer", "AuthorizerId"]},
        "Validator": {"Ref": "Validator"},
        "Part": {"Ref": "Part"},
        "Version": {"Ref": "Version"},
        "Model": {"Ref": "Model"},
    }
    before = deploy(parts(), ids)
    after = deploy(
        parts(
            schema={"type": "array"},
            body=False,
            source="method.request.header.B",
            status="418",
            properties='{"a": 2}',
            description="two",
        ),
        ids,
        update=True,
    )
    assert after == before
    api = {"restApiId": after["Id"]}
    assert json.loads(gateway.get_model(**api, modelName="Pet")["schema"]) == {"type": "array"}
    validator = gateway.get_request_validator(**api, requestValidatorId=after["Validator"])
    assert validator["validateRequestBody"] is False
    authorizer = gateway.get_authorizer(**api, authorizerId=after["Authorizer"])
    assert authorizer["identitySource"] == "method.request.header.B"
    response = gateway.get_gateway_response(**api, responseType="UNAUTHORIZED")
    assert response["statusCode"] == "418"
    part = gateway.get_documentation_part(**api, documentationPartId=after["Part"])
    assert part["properties"] == '{"a": 2}'
    version = gateway.get_documentation_version(**api, documentationVersion="1")
    assert version["description"] == "two"


def test_plans_and_keys_are_made_and_changed(deploy: Deploy, gateway: Any) -> None:
    def plans(rate: int, **quota: Any) -> dict[str, Any]:
        stage = {
            "ApiId": API,
            "Stage": {"Ref": "Stage"},
            "Throttle": {"/pets/GET": {"RateLimit": rate, "BurstLimit": 1}},
        }
        return shop(
            Key=one("ApiKey", Enabled=True, Name="key"),
            Plan=one("UsagePlan", ApiStages=[stage], Throttle={"RateLimit": rate}, **quota),
            PlanKey=one(
                "UsagePlanKey", KeyId={"Ref": "Key"}, KeyType="API_KEY", UsagePlanId={"Ref": "Plan"}
            ),
        )

    ids = {"Plan": {"Ref": "Plan"}, "Key": {"Fn::GetAtt": ["Key", "APIKeyId"]}}
    made = deploy(plans(5, Quota={"Limit": 10, "Period": "DAY"}), ids)
    plan = gateway.get_usage_plan(usagePlanId=made["Plan"])
    assert plan["quota"] == {"limit": 10, "period": "DAY"}
    assert plan["apiStages"][0]["throttle"] == {"/pets/GET": {"rateLimit": 5.0, "burstLimit": 1}}
    assert gateway.get_usage_plan_key(usagePlanId=made["Plan"], keyId=made["Key"])["name"] == "key"
    assert deploy(plans(6), ids, update=True) == made
    plan = gateway.get_usage_plan(usagePlanId=made["Plan"])
    assert "quota" not in plan
    assert plan["throttle"] == {"rateLimit": 6.0}
    assert plan["apiStages"][0]["throttle"]["/pets/GET"]["rateLimit"] == 6.0


def test_a_domain_name_leads_to_a_stage(deploy: Deploy, gateway: Any) -> None:
    resources = shop(
        Domain=one(
            "DomainName",
            DomainName="api.example.com",
            EndpointConfiguration={"Types": ["REGIONAL"]},
            RegionalCertificateArn="arn:aws:acm:us-east-1:000000000000:certificate/a",
        ),
        Mapping=one(
            "BasePathMapping",
            "Stage",
            DomainName={"Ref": "Domain"},
            RestApiId=API,
            Stage="prod",
            BasePath="v1",
        ),
    )
    outputs = {"Name": {"Fn::GetAtt": ["Domain", "RegionalDomainName"]}}
    assert deploy(resources, outputs)["Name"].endswith("amazonaws.com")
    mapping = gateway.get_base_path_mapping(domainName="api.example.com", basePath="v1")
    assert mapping["stage"] == "prod"


def test_what_is_said_of_the_account_stays_when_the_stack_goes(
    fogline: Account, fogline_platform: LocalPlatform, deploy: Deploy, gateway: Any
) -> None:
    role = f"arn:aws:iam::{fogline.id}:role/logs"
    deploy(
        {
            "Account": one("Account", CloudWatchRoleArn=role),
            "Certificate": one("ClientCertificate", Description="mine"),
            "Link": one("VpcLink", Name="link", TargetArns=["arn:aws:elasticloadbalancing:x"]),
        },
        {"Account": {"Ref": "Account"}, "Link": {"Ref": "Link"}, "Id": {"Ref": "Certificate"}},
    )
    fogline.client("cloudformation").delete_stack(StackName="shop")
    fogline_platform.settle()
    assert gateway.get_account()["cloudwatchRoleArn"] == role
    assert gateway.get_vpc_links()["items"] == []


def test_sam_makes_apis_of_functions_events(deploy: Deploy, gateway: Any) -> None:
    resources = {
        "Function": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Runtime": "python3.11",
                "Handler": "index.handler",
                "InlineCode": "def handler(event, context):\n    return {'statusCode': 200}",
                "Events": {
                    "Get": {"Type": "Api", "Properties": {"Path": "/pets/{id}", "Method": "get"}}
                },
            },
        }
    }
    outputs = {"Id": {"Ref": "ServerlessRestApi"}, "Stage": {"Ref": "ServerlessRestApiProdStage"}}
    made = deploy(resources, outputs, Transform="AWS::Serverless-2016-10-31")
    assert made["Stage"] == "Prod"
    found = gateway.get_resources(restApiId=made["Id"], embed=["methods"])["items"]
    [method] = [each["resourceMethods"]["GET"] for each in found if each["path"] == "/pets/{id}"]
    assert method["methodIntegration"]["type"] == "AWS_PROXY"
    assert "${" not in method["methodIntegration"]["uri"]


def test_a_refusal_is_the_reason_why_a_stack_fails(
    fogline: Account, fogline_platform: LocalPlatform, refusal: Refusal
) -> None:
    cloudformation = fogline.client("cloudformation")
    template = {"Resources": {"Api": one("RestApi", Description="nameless")}}
    cloudformation.create_stack(StackName="shop", TemplateBody=json.dumps(template))
    fogline_platform.settle()
    events = cloudformation.describe_stack_events(StackName="shop")["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in events]
    assert any("Name is required" in reason for reason in reasons)
