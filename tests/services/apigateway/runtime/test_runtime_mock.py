"""Mock integrations, mapping templates and their parameters."""

from __future__ import annotations

from typing import Any


def test_a_mock_answers_what_its_response_template_says(
    api: Any, integrate: Any, call: Any
) -> None:
    integrate(
        resource=api.resource("{name}"),
        responses=[
            {"responseTemplates": {"application/json": '{"hello": "$input.params("name")"}'}}
        ],
    )
    api.deploy()
    answer = call("GET", "/anna")
    assert (answer.status, answer.json) == (200, {"hello": "anna"})
    assert answer.headers["Content-Type"] == "application/json"
    assert len(answer.headers["x-amz-apigw-id"]) == 16
    assert "x-amzn-RequestId" in answer.headers
    assert "X-Amzn-Trace-Id" not in answer.headers


def test_the_status_of_a_mock_selects_its_response(api: Any, integrate: Any, call: Any) -> None:
    integrate(
        requestTemplates={"application/json": '{"statusCode": $input.params("status")}'},
        responses=[
            {"statusCode": "200"},
            {"statusCode": "404", "selectionPattern": "4\\d{2}"},
        ],
    )
    api.deploy()
    assert call("GET", "/?status=200").status == 200
    assert call("GET", "/?status=418").status == 404
    broken = call("GET", "/?status=none")
    assert (broken.status, broken.json) == (500, {"message": "Internal server error"})


def test_overrides_of_a_request_template_change_the_answer(
    api: Any, integrate: Any, call: Any
) -> None:
    integrate(
        requestTemplates={
            "application/json": "#set($context.responseOverride.status = 444)"
            '#set($context.responseOverride.header.foo = "bar"){"statusCode": 200}'
        },
    )
    api.deploy()
    answer = call("GET")
    assert (answer.status, answer.headers["foo"], answer.body) == (444, "bar", b"")


def test_parameters_are_mapped_from_everywhere(api: Any, integrate: Any, call: Any) -> None:
    names = ("A", "B", "C", "D")
    integrate(
        headers=names,
        responses=[
            {
                "responseParameters": {
                    "method.response.header.A": "'static'",
                    "method.response.header.B": "context.stage",
                    "method.response.header.C": "stageVariables.colour",
                    "method.response.header.D": "integration.response.header.none",
                }
            }
        ],
    )
    api.client.create_stage(
        restApiId=api.id, stageName="dev", deploymentId=api.create_deployment()["id"],
        variables={"colour": "blue"},
    )  # fmt: skip
    answer = call("GET")
    assert [answer.headers.get(name) for name in names] == ["static", "dev", "blue", None]


def test_content_types_without_a_template_pass_through_or_are_refused(
    api: Any, integrate: Any, call: Any
) -> None:
    for behaviour in ("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"):
        integrate(verb="POST", resource=api.resource(behaviour), passthroughBehavior=behaviour)
    api.deploy()

    def post(behaviour: str, kind: str) -> Any:
        body = '{"statusCode": 200}'
        return call("POST", f"/{behaviour}", headers={"Content-Type": kind}, body=body)

    assert post("NEVER", "application/json; charset=utf-8").status == 200
    assert post("WHEN_NO_MATCH", "text/plain").status == 200
    refused = post("WHEN_NO_TEMPLATES", "text/plain")
    assert (refused.status, refused.json) == (415, {"message": "Unsupported Media Type"})
    assert post("NEVER", "text/plain").status == 415


def test_the_accept_header_chooses_among_response_templates(
    api: Any, integrate: Any, call: Any
) -> None:
    integrate(
        responses=[
            {"responseTemplates": {"application/json": "{}", "application/xml": "<a/>"}},
        ],
    )
    api.deploy()
    answer = call("GET", headers={"Accept": "application/xml;q=0.9"})
    assert (answer.headers["Content-Type"], answer.body) == ("application/xml", b"<a/>")
    assert call("GET", headers={"Accept": "text/html"}).body == b"{}"


def test_a_template_that_would_run_for_ever_is_an_error_of_the_api(
    api: Any, integrate: Any, call: Any
) -> None:
    loop = "#foreach($a in [1..1000])#foreach($b in [1..1000])$a#end#end"
    integrate(responses=[{"responseTemplates": {"application/json": loop}}])
    api.deploy()
    assert call("GET").status == 500


def test_a_snapshot_goes_on_answering_until_the_next_deployment(
    api: Any, integrate: Any, call: Any
) -> None:
    integrate(responses=[{"responseTemplates": {"application/json": "old"}}])
    api.deploy()
    api.update_integration_response(
        resourceId=api.root, httpMethod="GET", statusCode="200",
        patchOperations=[
            {"op": "replace", "path": "/responseTemplates/application~1json", "value": "new"}
        ],
    )  # fmt: skip
    assert call("GET").body == b"old"
    api.deploy()
    assert call("GET").body == b"new"


def test_a_canary_answers_its_part_of_the_requests(api: Any, integrate: Any, call: Any) -> None:
    text = "$stageVariables.who $context.isCanaryRequest"
    integrate(responses=[{"responseTemplates": {"application/json": text}}])
    deployment = api.create_deployment()["id"]
    api.create_stage(
        stageName="dev", deploymentId=deployment, variables={"who": "stage"},
        canarySettings={
            "percentTraffic": 100.0, "deploymentId": deployment,
            "stageVariableOverrides": {"who": "canary"},
        },
    )  # fmt: skip
    assert call("GET").body == b"canary true"
    api.update_stage(
        stageName="dev",
        patchOperations=[
            {"op": "replace", "path": "/canarySettings/percentTraffic", "value": "0.0"}
        ],
    )
    assert call("GET").body == b"stage false"
