"""Gateway responses, logs, domain names, and tests of methods."""

from __future__ import annotations

from typing import Any

# ---- gateway responses


def test_a_gateway_response_of_the_apis_own_is_given(api: Any, integrate: Any, call: Any) -> None:
    integrate()
    api.put_gateway_response(
        responseType="MISSING_AUTHENTICATION_TOKEN",
        statusCode="404",
        responseParameters={
            "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
            "gatewayresponse.header.X-Path": "context.path",
            "gatewayresponse.header.WWW-Authenticate": "'Basic'",
        },
        responseTemplates={
            "application/json": '{"m": $context.error.messageString, "t": "$context.error.responseType"}'
        },
    )
    api.put_gateway_response(
        responseType="DEFAULT_5XX", responseParameters={"gatewayresponse.header.X-Five": "'5'"}
    )
    api.deploy()
    answer = call("GET", "/nowhere")
    assert answer.status == 404
    assert answer.json == {
        "m": "Missing Authentication Token",
        "t": "MISSING_AUTHENTICATION_TOKEN",
    }
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Path"] == "/dev/nowhere"
    assert answer.headers["WWW-Authenticate"] == "Basic"


def test_what_a_caller_sends_breaks_no_header(api: Any, integrate: Any, call: Any) -> None:
    integrate()
    api.put_gateway_response(
        responseType="DEFAULT_4XX",
        responseParameters={"gatewayresponse.header.X-Q": "method.request.querystring.q"},
    )
    api.deploy()
    assert call("GET", "/nowhere?q=1").headers["X-Q"] == "1"
    answer = call("GET", "/nowhere?q=1%0d%0aSet-Cookie:%20a=b")
    assert answer.status == 403
    assert "Set-Cookie" not in answer.headers
    assert "X-Q" not in answer.headers


def test_the_default_of_all_errors_keeps_their_status(api: Any, integrate: Any, call: Any) -> None:
    integrate(requestTemplates={"application/json": "none"})
    api.put_gateway_response(
        responseType="DEFAULT_5XX", responseParameters={"gatewayresponse.header.X-Five": "'5'"}
    )
    api.deploy()
    answer = call("GET")
    assert (answer.status, answer.headers["X-Five"]) == (500, "5")
    assert answer.json == {"message": "Internal server error"}


# ---- logs


def test_access_logs_are_written_in_the_format_of_the_stage(
    api: Any, integrate: Any, call: Any, fogline: Any
) -> None:
    logs = fogline.client("logs")
    logs.create_log_group(logGroupName="access")
    integrate()
    api.deploy()
    arn = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:access"
    form = "$context.requestId $context.httpMethod $context.status $context.authorizer.none"
    api.update_stage(
        stageName="dev",
        patchOperations=[
            {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": arn},
            {"op": "replace", "path": "/accessLogSettings/format", "value": form},
        ],
    )
    answer = call("GET")
    [event] = logs.filter_log_events(logGroupName="access")["events"]
    assert event["message"] == f"{answer.headers['x-amzn-RequestId']} GET 200 -"


def test_execution_logs_tell_the_way_of_a_request(
    api: Any, integrate: Any, call: Any, fogline: Any, gateway: Any
) -> None:
    gateway.update_account(
        patchOperations=[
            {
                "op": "replace", "path": "/cloudwatchRoleArn",
                "value": f"arn:aws:iam::{fogline.id}:role/logs",
            }
        ]
    )  # fmt: skip
    integrate()
    api.deploy()
    api.update_stage(
        stageName="dev",
        patchOperations=[
            {"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"},
            {"op": "replace", "path": "/*/*/logging/dataTrace", "value": "true"},
        ],
    )
    answer = call("GET", "/?a=b")
    group = f"API-Gateway-Execution-Logs_{api.id}/dev"
    events = fogline.client("logs").filter_log_events(logGroupName=group)["events"]
    texts = [event["message"] for event in events]
    front = f"({answer.headers['x-amzn-RequestId']}) "
    assert all(text.startswith(front) for text in texts)
    assert f"{front}Method request query string: {{a=b}}" in texts
    assert texts[-1] == f"{front}Method completed with status: 200"


# ---- domain names


def test_a_domain_name_leads_to_the_stages_that_are_mapped_there(
    api: Any, integrate: Any, http: Any, gateway: Any, fogline: Any
) -> None:
    integrate(responses=[{"responseTemplates": {"application/json": "root $context.path"}}])
    integrate(
        resource=api.resource("a"),
        responses=[{"responseTemplates": {"application/json": "a $context.domainName"}}],
    )
    api.deploy()
    domain = f"shop{fogline.id}.localhost"
    gateway.create_domain_name(
        domainName=domain, endpointConfiguration={"types": ["REGIONAL"]},
        regionalCertificateArn=f"arn:aws:acm:us-east-1:{fogline.id}:certificate/x",
    )  # fmt: skip
    gateway.create_base_path_mapping(
        domainName=domain, basePath="v1", restApiId=api.id, stage="dev"
    )
    assert http("GET", "/v1/a", host=domain).body.decode() == f"a {domain}"
    assert http("GET", "/v1", host=domain).body == b"root /v1"
    assert http("GET", "/a", host=domain).status == 403
    gateway.create_base_path_mapping(domainName=domain, restApiId=api.id)
    assert http("GET", "/dev/a", host=domain).body.decode() == f"a {domain}"


def test_the_hosts_of_domain_names_are_let_in_wherever_they_are(
    api: Any, integrate: Any, http: Any, gateway: Any, fogline: Any
) -> None:
    integrate()
    api.deploy()
    domain = f"api{fogline.id}.example.com"
    assert b"not allowed" in http("GET", "/", host=domain).body
    gateway.create_domain_name(
        domainName=domain, endpointConfiguration={"types": ["REGIONAL"]},
        regionalCertificateArn=f"arn:aws:acm:us-east-1:{fogline.id}:certificate/x",
    )  # fmt: skip
    gateway.create_base_path_mapping(domainName=domain, restApiId=api.id, stage="dev")
    assert http("GET", "/", host=domain).status == 200
    assert b"not allowed" in http("GET", "/", host="other.example.com").body


# ---- tests of methods


def test_invoking_a_method_as_a_test_tells_its_log(api: Any, integrate: Any) -> None:
    one = api.resource("{id}")
    integrate(
        resource=one,
        responses=[{"responseTemplates": {"application/json": '{"id": "$input.params("id")"}'}}],
    )
    answer = api.test_invoke_method(
        resourceId=one, httpMethod="GET", pathWithQueryString="/7?foo=bar"
    )
    assert (answer["status"], answer["body"]) == (200, '{"id": "7"}')
    assert answer["headers"] == {"Content-Type": "application/json"}
    lines = answer["log"].splitlines()
    assert lines[0].startswith("Execution log for request ")
    assert " UTC " in lines[2]
    assert lines[2].endswith(" : HTTP Method: GET, Resource Path: /7")
    assert lines[3].endswith(" : Method request path: {id=7}")
    assert lines[4].endswith(" : Method request query string: {foo=bar}")
    assert lines[-1].endswith(" : Method completed with status: 200")


def test_invoking_a_method_that_is_not_there_is_refused(
    api: Any, integrate: Any, refusal: Any
) -> None:
    integrate()
    assert refusal(api.test_invoke_method, resourceId=api.root, httpMethod="PUT") == (
        "NotFoundException",
        "Invalid Method identifier specified",
    )
    assert refusal(api.test_invoke_method, resourceId="none", httpMethod="GET") == (
        "NotFoundException",
        "Invalid Resource identifier specified",
    )


def test_invoking_an_authorizer_as_a_test_tells_its_policy(api: Any, make_function: Any) -> None:
    uri = make_function(
        "def handler(event, context):\n"
        "    return {'principalId': 'anna', 'context': {'a': 1}, 'policyDocument': {'Statement': [\n"
        "        {'Effect': 'Allow', 'Action': '*', 'Resource': '*'}]}}\n"
    )
    made = api.create_authorizer(
        name="a", type="TOKEN", authorizerUri=uri, identitySource="method.request.header.Auth"
    )
    answer = api.test_invoke_authorizer(authorizerId=made["id"], headers={"Auth": "t"})
    assert (answer["principalId"], answer["clientStatus"]) == ("anna", 0)
    assert answer["claims"] == {"a": "1"}
    assert '"Allow"' in answer["policy"]
    refused = api.test_invoke_authorizer(authorizerId=made["id"], headers={})
    assert refused["clientStatus"] == 401
