"""Updates of stacks with HTTP and WebSocket APIs: deployments that follow each other, and updates that fail."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from tests.services.apigatewayv2.templates.conftest import API, Deploy, one, shop

from fogline.testing.plugin import Account


def deployed(name: str, **more: Any) -> dict[str, Any]:
    """An API whose stage serves the deployment of that name."""
    stage = one("Stage", ApiId=API, StageName="prod", DeploymentId={"Ref": name})
    return shop(Stage=stage, **{name: one("Deployment", "Pets", ApiId=API)}, **more)


def test_a_stage_moves_on_to_the_next_deployment(deploy: Deploy, gateway: Any) -> None:
    id = deploy(deployed("First"))["Id"]
    before = gateway.get_stage(ApiId=id, StageName="prod")["DeploymentId"]
    other = one("Route", ApiId=API, RouteKey="GET /cats")
    deploy(deployed("Second", Cats=other), update=True)
    after = gateway.get_stage(ApiId=id, StageName="prod")["DeploymentId"]
    assert after != before
    known = [each["DeploymentId"] for each in gateway.get_deployments(ApiId=id)["Items"]]
    assert known == [after]


def test_an_update_that_fails_is_taken_back(deploy: Deploy, gateway: Any, fogline: Account) -> None:
    resources = deployed("First")
    resources["Api"]["Properties"]["Description"] = "before"
    resources["Stage"]["Properties"]["StageVariables"] = {"a": "1"}
    id = deploy(resources)["Id"]
    routes = gateway.get_routes(ApiId=id)["Items"]
    broken = copy.deepcopy(resources)
    broken["Api"]["Properties"] |= {"Description": "after", "Name": "market"}
    broken["Pets"]["Properties"]["RouteKey"] = "GET /cats"
    broken["Stage"]["Properties"]["StageVariables"] = {"b": "2"}
    broken["Wrong"] = one("Route", "Stage", ApiId=API, RouteKey="nonsense")
    cloudformation = fogline.client("cloudformation")
    template = {"Resources": broken}
    cloudformation.update_stack(StackName="shop", TemplateBody=json.dumps(template))
    fogline.platform.settle()
    stack = cloudformation.describe_stacks(StackName="shop")["Stacks"][0]
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    about = gateway.get_api(ApiId=id)
    assert (about["Name"], about["Description"]) == ("shop", "before")
    assert gateway.get_routes(ApiId=id)["Items"] == routes
    assert gateway.get_stage(ApiId=id, StageName="prod")["StageVariables"] == {"a": "1"}


def test_what_somebody_else_deleted_does_not_stop_a_deletion(deploy: Deploy, gateway: Any) -> None:
    made = deploy(deployed("First"), {"Id": API, "Route": {"Ref": "Pets"}})
    gateway.delete_stage(ApiId=made["Id"], StageName="prod")
    gateway.delete_route(ApiId=made["Id"], RouteId=made["Route"])
    gateway.delete_api(ApiId=made["Id"])


def test_a_domain_name_changes_in_place(deploy: Deploy, gateway: Any, fogline: Account) -> None:
    def domain(certificate: str, **more: Any) -> dict[str, Any]:
        arn = f"arn:aws:acm:us-east-1:000000000000:certificate/{certificate}"
        configuration = {"CertificateArn": arn, "EndpointType": "REGIONAL"}
        name = f"c{fogline.id}.example.com"
        return {
            "Domain": one(
                "DomainName", DomainName=name, DomainNameConfigurations=[configuration], **more
            )
        }

    outputs = {
        "Name": {"Ref": "Domain"},
        "Target": {"Fn::GetAtt": ["Domain", "RegionalDomainName"]},
    }
    store = {"TruststoreUri": "s3://b/store.pem"}
    before = deploy(domain("a", MutualTlsAuthentication=store), outputs)
    shown = gateway.get_domain_name(DomainName=before["Name"])
    assert shown["MutualTlsAuthentication"]["TruststoreUri"] == store["TruststoreUri"]
    assert deploy(domain("b", Tags={"a": "b"}), outputs, update=True) == before
    shown = gateway.get_domain_name(DomainName=before["Name"])
    assert shown["DomainNameConfigurations"][0]["CertificateArn"].endswith("/b")
    assert "MutualTlsAuthentication" not in shown
    assert shown["Tags"]["a"] == "b"


def test_an_integration_becomes_another_one_under_its_id(deploy: Deploy, gateway: Any) -> None:
    outputs = {"Id": API, "Backend": {"Ref": "Backend"}}
    resources = shop()
    before = deploy(resources, outputs)
    arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
    resources["Backend"] = one(
        "Integration",
        ApiId=API,
        IntegrationType="AWS_PROXY",
        IntegrationUri=arn,
        PayloadFormatVersion="2.0",
        CredentialsArn="arn:aws:iam::000000000000:role/r",
        TimeoutInMillis="1000",
    )
    assert deploy(resources, outputs, update=True) == before
    where = {"ApiId": before["Id"], "IntegrationId": before["Backend"]}
    integration = gateway.get_integration(**where)
    assert (integration["IntegrationType"], integration["IntegrationUri"]) == ("AWS_PROXY", arn)
    assert integration["TimeoutInMillis"] == 1000
    del resources["Backend"]["Properties"]["CredentialsArn"]
    deploy(resources, outputs, update=True)
    assert "CredentialsArn" not in gateway.get_integration(**where)


PAIR = {"Destination": {}, "Source": "x"}


@pytest.mark.parametrize(
    "wrong",
    [
        one("Integration", ApiId=API, IntegrationType="HTTP_PROXY", ResponseParameters=[]),
        one("Integration", ApiId=API, IntegrationType="MOCK", ResponseParameters={"200": "x"}),
        one(
            "Integration",
            ApiId=API,
            IntegrationType="HTTP_PROXY",
            ResponseParameters={"200": {"ResponseParameters": [PAIR]}},
        ),
        one("ApiGatewayManagedOverrides", ApiId={"a": "b"}),
        one("ApiGatewayManagedOverrides", ApiId=API, Route={"OperationName": "x"}),
        one("RoutingRule", DomainNameArn="x", Priority=1, Conditions=[], Actions=[]),
        one("Stage", ApiId=API, StageName="s", RouteSettings="x"),
        one("Route", ApiId=API, RouteKey="GET /x", AuthorizationScopes="x"),
    ],
)
def test_properties_of_the_wrong_kind_are_refused(
    fogline: Account, gateway: Any, wrong: dict[str, Any]
) -> None:
    cloudformation = fogline.client("cloudformation")
    template = {"Resources": shop(Wrong=wrong)}
    cloudformation.create_stack(StackName="shop", TemplateBody=json.dumps(template))
    fogline.platform.settle()
    stack = cloudformation.describe_stacks(StackName="shop")["Stacks"][0]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName="shop")["StackEvents"]
    assert not [e for e in events if "Internal" in e.get("ResourceStatusReason", "")]
    assert gateway.get_apis()["Items"] == []
