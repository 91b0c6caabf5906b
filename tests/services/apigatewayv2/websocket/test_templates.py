"""WebSocket APIs that templates make: as published ones are written, with a deployment that names one route only."""

from __future__ import annotations

import json

TEMPLATE = {
    "Resources": {
        "Api": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Name": "chat",
                "ProtocolType": "WEBSOCKET",
                "RouteSelectionExpression": "$request.body.action",
            },
        },
        "Deployment": {
            "Type": "AWS::ApiGatewayV2::Deployment",
            "DependsOn": "DefaultRoute",
            "Properties": {"ApiId": {"Ref": "Api"}},
        },
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "StageName": "dev",
                "DeploymentId": {"Ref": "Deployment"},
            },
        },
        "DefaultRoute": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "RouteKey": "$default",
                "Target": {"Fn::Join": ["/", ["integrations", {"Ref": "Integration"}]]},
            },
        },
        "Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "IntegrationType": "MOCK",
                "TemplateSelectionExpression": "200",
                "RequestTemplates": {"200": '{"statusCode": 200}'},
            },
        },
        "RouteResponse": {
            "Type": "AWS::ApiGatewayV2::RouteResponse",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "RouteId": {"Ref": "DefaultRoute"},
                "RouteResponseKey": "$default",
            },
        },
        "IntegrationResponse": {
            "Type": "AWS::ApiGatewayV2::IntegrationResponse",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "IntegrationId": {"Ref": "Integration"},
                "IntegrationResponseKey": "/200/",
                "TemplateSelectionExpression": "\\$default",
                "ResponseTemplates": {"$default": "hello from $context.stage"},
            },
        },
    },
    "Outputs": {"Api": {"Value": {"Ref": "Api"}}},
}


def test_what_belongs_to_routes_is_deployed_with_them(fogline, attach):
    stacks = fogline.client("cloudformation")
    stacks.create_stack(StackName="chat", TemplateBody=json.dumps(TEMPLATE))
    fogline.platform.settle()
    (output,) = stacks.describe_stacks(StackName="chat")["Stacks"][0]["Outputs"]

    client = attach(output["OutputValue"]).connect()

    client.send("x")
    assert client.text() == "hello from dev"
