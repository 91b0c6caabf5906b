"""Connecting: what `$connect` is told, and who it lets in."""

from __future__ import annotations

import json
import re

import pytest
import urllib3

ALLOW = """
def handler(event, context):
    effect = event['queryStringParameters'].get('effect', 'Allow')
    if effect == 'Unauthorized':
        raise Exception('Unauthorized')
    if effect == 'Broken':
        return {'principalId': 1}
    return {
        'principalId': 'ada',
        'policyDocument': {'Version': '2012-10-17', 'Statement': [
            {'Action': 'execute-api:Invoke', 'Effect': effect, 'Resource': event['methodArn']}]},
        'context': {'team': 'blue', 'level': 7, 'event': __import__('json').dumps(event)},
    }
"""
STATUS = """
def handler(event, context):
    asked = event.get('queryStringParameters') or {}
    if 'error' in asked:
        raise ValueError('no')
    return {'statusCode': int(asked.get('status', 200)), 'body': 'said so'}
"""


def test_connect_is_told_the_request_as_aws_tells_it(api, teller, queue):
    api.route("$connect", "AWS_PROXY", teller)

    api.connect("?room=1&room=2", user_agent_header="browser/1", additional_headers={"X-A": "b"})

    (event,) = queue.take()
    context = event.pop("requestContext")
    assert event["queryStringParameters"] == {"room": "2"}
    assert event["multiValueQueryStringParameters"] == {"room": ["1", "2"]}
    assert event["isBase64Encoded"] is False
    assert "body" not in event
    headers = event["headers"]
    assert headers["Host"] == api.host
    assert headers["X-A"] == "b"
    assert headers["Sec-WebSocket-Version"] == "13"
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert event["multiValueHeaders"]["User-Agent"] == ["browser/1"]
    assert not {"Connection", "Upgrade"} & set(headers)
    assert context["routeKey"] == "$connect"
    assert context["eventType"] == "CONNECT"
    assert context["identity"] == {"userAgent": "browser/1", "sourceIp": "127.0.0.1"}
    assert re.fullmatch(r"[\w-]{15}=", context["connectionId"])
    assert not {"messageId", "authorizer", "disconnectReason"} & set(context)


def test_an_api_without_connect_lets_everybody_in(api):
    api.route("$default")

    assert api.connect().has_nothing()


@pytest.mark.parametrize("status", [200, 204, 299])
def test_connect_lets_in_with_any_good_status(api, make_function, status):
    api.route("$connect", "AWS_PROXY", make_function(STATUS))

    assert api.connect(f"?status={status}").has_nothing()


@pytest.mark.parametrize("status", [301, 401, 403, 500])
def test_connect_refuses_with_the_status_that_its_function_gives(api, make_function, status):
    api.route("$connect", "AWS_PROXY", make_function(STATUS))

    refused = api.refused(f"?status={status}")

    assert (refused.status_code, refused.body) == (status, b"said so")


def test_a_function_of_connect_that_fails_is_a_bad_gateway(api, make_function):
    api.route("$connect", "AWS_PROXY", make_function(STATUS))

    refused = api.refused("?error=1")

    assert refused.status_code == 502
    assert json.loads(refused.body)["message"] == "Internal server error"


def test_a_function_that_is_not_there_is_an_internal_error(api, make_function):
    api.route("$connect", "AWS_PROXY", make_function(STATUS).replace("function:f", "function:g"))

    assert api.refused().status_code == 500


def test_connect_chooses_a_subprotocol(api, make_function):
    code = (
        "def handler(event, context):\n"
        "    asked = event['headers']['Sec-WebSocket-Protocol'].split(',')\n"
        "    return {'statusCode': 200, 'headers': {'Sec-WebSocket-Protocol': asked[-1].strip()}}\n"
    )
    api.route("$connect", "AWS_PROXY", make_function(code))

    client = api.connect(subprotocols=["a", "b"])

    assert client.connection.subprotocol == "b"


@pytest.fixture
def guarded(api, make_function, echo):
    """An API whose clients are asked for a token by a function."""
    authorizer = api.create_authorizer(
        Name="tokens",
        AuthorizerType="REQUEST",
        AuthorizerUri=make_function(ALLOW, "allow"),
        IdentitySource=["route.request.querystring.token"],
    )["AuthorizerId"]
    api.route("$connect", route={"AuthorizationType": "CUSTOM", "AuthorizerId": authorizer})
    api.route("$default", "AWS_PROXY", echo, answers=True)
    return api


def test_what_an_authorizer_says_is_known_with_every_message(guarded):
    client = guarded.connect("?token=t")

    for _ in range(2):
        authorizer = client.ask("x")["requestContext"]["authorizer"]
        assert (authorizer["principalId"], authorizer["team"], authorizer["level"]) == (
            "ada",
            "blue",
            "7",
        )


def test_an_authorizer_is_told_the_route_and_the_request(guarded):
    client = guarded.connect("?token=t")

    event = json.loads(client.ask("x")["requestContext"]["authorizer"]["event"])

    arn = f"arn:aws:execute-api:us-east-1:{guarded.account.id}:{guarded.id}/dev/$connect"
    assert (event["type"], event["methodArn"]) == ("REQUEST", arn)
    assert event["queryStringParameters"] == {"token": "t"}
    assert event["stageVariables"] == {}
    upgrade = {"Connection": "upgrade", "content-length": "0", "Upgrade": "websocket"}
    assert upgrade.items() <= event["headers"].items()
    assert event["multiValueHeaders"]["Connection"] == ["upgrade"]
    assert event["requestContext"]["eventType"] == "CONNECT"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 401),
        ("?token=", 401),
        ("?token=t&effect=Unauthorized", 401),
        ("?token=t&effect=Deny", 403),
        ("?token=t&effect=Broken", 500),
    ],
)
def test_an_authorizer_keeps_out_whom_it_does_not_allow(guarded, query, status):
    assert guarded.refused(query).status_code == status


def test_an_authorizer_may_answer_8_kilobytes_and_no_more(api, make_function):
    code = (
        "import json\n"
        "def handler(event, context):\n"
        "    allow = {'Action': '*', 'Effect': 'Allow', 'Resource': '*'}\n"
        "    policy = {'Version': '2012-10-17', 'Statement': [allow]}\n"
        "    answer = {'principalId': 'a', 'policyDocument': policy, 'context': {'x': ''}}\n"
        "    size = int(event['queryStringParameters']['size'])\n"
        "    answer['context']['x'] = 'x' * (size - len(json.dumps(answer)))\n"
        "    return answer\n"
    )
    authorizer = api.create_authorizer(
        Name="long",
        AuthorizerType="REQUEST",
        AuthorizerUri=make_function(code),
        IdentitySource=["route.request.querystring.size"],
    )["AuthorizerId"]
    api.route("$connect", route={"AuthorizationType": "CUSTOM", "AuthorizerId": authorizer})

    assert api.connect("?size=8192").has_nothing()
    assert api.refused("?size=8193").status_code == 500


def test_the_address_of_a_client_may_have_4096_characters(api):
    api.route("$default")
    longest = "?" + "x" * (4_096 - len(f"wss://{api.host}/dev?"))

    assert api.connect(longest).has_nothing()
    assert api.refused(f"{longest}x").status_code == 414


def test_with_iam_only_those_who_sign_may_connect(api, echo):
    api.route("$connect", route={"AuthorizationType": "AWS_IAM"})
    api.route("$default", "AWS_PROXY", echo, answers=True)
    key = api.account.id
    scope = f"Credential={key}/20260101/us-east-1/execute-api/aws4_request"
    signed = {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"}

    assert api.refused().status_code == 403
    stranger = {"Authorization": signed["Authorization"].replace(key, "999999999999")}
    assert api.refused(additional_headers=stranger).status_code == 403
    client = api.connect(additional_headers=signed)

    identity = client.ask("x")["requestContext"]["identity"]
    assert identity["accountId"] == key
    assert identity["userArn"] == f"arn:aws:iam::{key}:root"


def test_parameters_that_connect_requires_have_to_be_there(api):
    required = {"route.request.querystring.room": {"Required": True}}
    api.route("$connect", route={"RequestParameters": required})

    refused = api.refused()

    assert refused.status_code == 400
    assert json.loads(refused.body)["message"] == "Missing required request parameters: [room]"
    assert api.connect("?room=1").has_nothing()


def test_connecting_is_throttled_by_its_route_settings(api):
    api.route("$connect")
    limits = {"ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 1.0}
    api.deploy(RouteSettings={"$connect": limits})

    api.connect()

    assert api.refused().status_code == 429


def test_a_stage_that_is_not_there_is_forbidden(api):
    api.route("$default")
    api.deploy()
    api.stage = "elsewhere"

    assert api.refused().status_code == 403


def test_a_path_within_a_stage_is_forbidden(api):
    api.route("$default")

    assert api.connect("/").has_nothing()
    assert api.refused("/rooms").status_code == 403


def test_stage_variables_are_told(api, echo):
    api.route("$default", "AWS_PROXY", echo, answers=True)
    api.deploy(StageVariables={"table": "t1"})

    assert api.connect().ask("x")["stageVariables"] == {"table": "t1"}


def test_pages_may_connect_wherever_they_come_from(api):
    api.route("$default")

    assert api.connect(origin="http://localhost:3000").has_nothing()
    assert api.connect(origin="http://example.com").has_nothing()


def test_who_does_not_ask_for_a_websocket_is_told_to(api):
    api.route("$default")
    api.deploy()
    url = f"{api.account.platform.endpoint}/_aws/execute-api/{api.id}/dev"

    assert urllib3.request("GET", url).status == 426


def test_an_api_whose_address_is_turned_off_is_forbidden(make_api):
    api = make_api(DisableExecuteApiEndpoint=True)
    api.route("$default")

    assert api.refused().status_code == 403


def test_clients_need_an_api_key_of_a_usage_plan_where_connect_says_so(api, echo, fogline):
    api.route("$connect", route={"ApiKeyRequired": True})
    api.route("$default", "AWS_PROXY", echo, answers=True)
    api.deploy()
    rest = fogline.client("apigateway")
    key = rest.create_api_key(name="ada", enabled=True, value="a-key-of-twenty-letters")
    stages = [{"apiId": api.id, "stage": "dev"}]
    quota = {"limit": 2, "period": "DAY"}
    plan = rest.create_usage_plan(name="chat", apiStages=stages, quota=quota)["id"]
    rest.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    sent = {"x-api-key": key["value"]}

    assert api.refused().status_code == 403
    assert api.refused(additional_headers={"x-api-key": "another"}).status_code == 403
    identity = api.connect(additional_headers=sent).ask("x")["requestContext"]["identity"]
    assert (identity["apiKey"], identity["apiKeyId"]) == (key["value"], key["id"])
    api.connect(additional_headers=sent)
    refused = api.refused(additional_headers=sent)
    assert refused.status_code == 429
    assert json.loads(refused.body)["message"] == "Limit Exceeded"


def test_clients_connect_by_a_custom_domain_name(api, echo):
    api.route("$default", "AWS_PROXY", echo, answers=True)
    api.deploy()
    name = f"chat-{api.id}.example.com"
    certificate = "arn:aws:acm:us-east-1:000000000000:certificate/c"
    configuration = {"CertificateArn": certificate, "EndpointType": "REGIONAL"}
    api.client.create_domain_name(DomainName=name, DomainNameConfigurations=[configuration])
    api.client.create_api_mapping(DomainName=name, ApiId=api.id, Stage="dev", ApiMappingKey="rooms")
    host = f"{name}:{api.account.platform.platform.port}"

    client = api.connect_to(f"ws://{host}/rooms")

    context = client.ask("x")["requestContext"]
    local = f"{name}.localhost:{api.account.platform.platform.port}"
    assert (context["domainName"], context["stage"]) == (local, "dev"), "it leads back here"
    url = f"{api.account.platform.endpoint}/rooms/@connections/{context['connectionId']}"
    scope = f"Credential={api.account.id}/20260101/us-east-1/execute-api/aws4_request"
    for way in (host, local):
        headers = {"Host": way, "Authorization": f"AWS4-HMAC-SHA256 {scope}, Signature=0"}
        assert urllib3.request("POST", url, body=b"hello", headers=headers).status == 200
        assert client.text() == "hello"


def test_functions_are_told_a_local_name_of_clients_that_come_by_that_of_aws(api, echo):
    api.route("$default", "AWS_PROXY", echo, answers=True)
    api.deploy()
    client = api.connect_to(f"ws://{api.id}.execute-api.us-east-1.amazonaws.com/dev")
    told = client.ask("x")["requestContext"]["domainName"]
    port = api.account.platform.platform.port
    assert told == f"{api.id}.execute-api.us-east-1.localhost:{port}"


def test_a_client_is_known_by_the_address_that_a_proxy_says(api, echo):
    api.route("$default", "AWS_PROXY", echo, answers=True)

    client = api.connect(additional_headers={"X-Forwarded-For": "192.0.2.7, 10.0.0.1"})

    assert client.ask("x")["requestContext"]["identity"]["sourceIp"] == "192.0.2.7"
