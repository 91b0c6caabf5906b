"""What is kept of requests to HTTP APIs, and what becomes of documents that nobody can read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fogline.apis.parts import inside
from fogline.store.documents import Documents

FORMAT = json.dumps(
    {
        "id": "$context.requestId",
        "ip": "$context.identity.sourceIp",
        "method": "$context.httpMethod",
        "route": "$context.routeKey",
        "path": "$context.path",
        "status": "$context.status",
        "length": "$context.responseLength",
        "stage": "$context.stage",
        "lambda": "$context.integrationStatus",
        "said": "$context.integration.status",
        "error": "$context.integrationErrorMessage",
        "message": "$context.error.message",
        "none": "$context.authorizer.principalId",
    }
)


@pytest.fixture
def lines(fogline: Any) -> Any:
    """The lines of the log group `shop`."""
    logs = fogline.client("logs")
    logs.create_log_group(logGroupName="shop")

    def read() -> list[Any]:
        found = logs.filter_log_events(logGroupName="shop")["events"]
        return [json.loads(event["message"]) for event in found]

    return read


def logged_stage(api: Any, fogline: Any) -> None:
    arn = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:shop"
    api.stage("dev", AccessLogSettings={"DestinationArn": arn, "Format": FORMAT})


def test_access_logs_tell_of_each_request(
    make_api: Any, make_function: Any, fogline: Any, lines: Any
) -> None:
    api = make_api()
    code = "def handler(event, context):\n    return {'statusCode': 201, 'body': 'made'}\n"
    api.route("POST /pets/{id}", api.integration(IntegrationUri=make_function(code)))
    broken = make_function("def handler(event, context):\n    raise ValueError('no stock')\n", "g")
    api.route("GET /broken", api.integration(IntegrationUri=broken))
    logged_stage(api, fogline)
    answer = api.call("POST", "/dev/pets/7")
    api.get("/dev/broken")
    api.get("/dev/none")
    made, failed, missing = lines()
    assert made == {
        "id": answer.headers["apigw-requestid"],
        "ip": "127.0.0.1",
        "method": "POST",
        "route": "POST /pets/{id}",
        "path": "/dev/pets/7",
        "status": "201",
        "length": "4",
        "stage": "dev",
        "lambda": "200",
        "said": "201",
        "error": "-",
        "message": "-",
        "none": "-",
    }
    assert failed["status"] == "500"
    assert "no stock" in failed["error"]
    assert failed["message"] == "Internal Server Error"
    assert (missing["status"], missing["route"]) == ("404", "-")


def test_a_request_is_the_cause_of_what_follows_from_it(
    api: Any, make_function: Any, fogline: Any
) -> None:
    api.route("GET /pets", api.integration(IntegrationUri=make_function()))
    event = api.get("/pets").json()
    root = event["headers"]["x-amzn-trace-id"].removeprefix("Root=").partition(";")[0]
    names = [each.name for each in fogline.platform.platform.lineage.of_trace(root)]
    assert any(name.startswith("execute-api:GET /pets") for name in names)
    assert len(names) > 1


def test_a_path_with_a_character_that_no_store_keeps_is_recorded_all_the_same(
    api: Any, fogline: Any, lines: Any
) -> None:
    api.route("GET /pets")
    logged_stage(api, fogline)
    root = "1-67891233-abcdef012345678912345678"
    api.get("/dev/a%00b", X_Amzn_Trace_Id=f"Root={root};Parent=53995c3f42cd8ad8;Sampled=1")
    lineage = fogline.platform.platform.lineage
    assert "/a\ufffdb" in " ".join(each.name for each in lineage.of_trace(root))
    (line,) = fogline.client("logs").filter_log_events(logGroupName="shop")["events"]
    assert "/dev/a\0b" in line["message"]


@pytest.mark.parametrize(
    "damage",
    [
        {"routes": {"r": {"RouteKey": 5, "Target": "integrations/i"}}},
        {"routes": {"r": {}}},
        {"routes": 7},
        {"api": {"CorsConfiguration": {"AllowOrigins": 5, "MaxAge": "x"}}},
        {"integrations": {"i": None}},
        {"integrations": {"i": {"IntegrationType": "MOCK"}}},
        {"integrations": {"i": {"IntegrationType": "AWS_PROXY", "IntegrationUri": 5}}},
        {"integrations": {"i": {"IntegrationType": "AWS_PROXY", "TimeoutInMillis": "x"}}},
        {"integrations": {"i": {"IntegrationType": "HTTP_PROXY", "RequestParameters": {"a": []}}}},
        {"integrations": {"i": {"IntegrationType": "HTTP_PROXY", "ResponseParameters": [1]}}},
        {"integrations": {}},
        {"routes": {"r": {"RouteKey": "GET /", "AuthorizationType": "JWT", "AuthorizerId": "a"}}},
        {
            "routes": {"r": {"RouteKey": "GET /", "AuthorizationType": "JWT", "AuthorizerId": "a"}},
            "authorizers": {"a": {"JwtConfiguration": 5, "IdentitySource": 7}},
        },
        {
            "routes": {
                "r": {"RouteKey": "GET /", "AuthorizationType": "CUSTOM", "AuthorizerId": "a"}
            },
            "authorizers": {"a": {"AuthorizerResultTtlInSeconds": "x"}},
        },
        {"routes": {"r": {"RouteKey": "GET /", "AuthorizationType": "MAGIC"}}},
    ],
)
def test_documents_that_nobody_can_read_raise_nothing(
    api: Any, make_function: Any, fogline: Any, damage: dict[str, Any], caplog: Any
) -> None:
    api.route("GET /", api.integration(IntegrationUri=make_function()))
    document = {
        "api": {},
        "routes": {"r": {"RouteKey": "GET /", "Target": "integrations/i"}},
        "integrations": {"i": {"IntegrationType": "AWS_PROXY", "IntegrationUri": "arn:x"}},
        "authorizers": {},
        **damage,
    }
    _replace_snapshot(fogline, api, document)
    caplog.set_level("INFO")
    answer = api.get("/", Authorization="x.y.z", Origin="http://localhost")
    assert answer.status_code in (401, 404, 500, 503)
    assert set(answer.json()) == {"message"}
    assert api.id in caplog.text or answer.status_code in (401, 404)


def _replace_snapshot(fogline: Any, api: Any, document: dict[str, Any]) -> None:
    store = fogline.platform.platform.store
    deployment = api.get_stage(StageName="$default")["DeploymentId"]

    async def replace() -> None:
        with store.write() as tx:
            name = inside(api.id, deployment)
            Documents(store, "apigatewayv2.snapshot").save(
                tx, fogline.id, "us-east-1", name, document
            )

    fogline.platform.ask(replace())
