"""What is kept of connections and messages: access logs, and what caused what."""

from __future__ import annotations

import json

FORMAT = json.dumps(
    {
        "route": "$context.routeKey",
        "event": "$context.eventType",
        "connection": "$context.connectionId",
        "status": "$context.status",
        "integration": "$context.integrationStatus",
        "error": "$context.error.message",
        "kind": "$context.error.responseType",
        "code": "$context.disconnectStatusCode",
        "length": "$context.responseLength",
        "nothing": "$context.nothing",
    }
)


def test_access_logs_tell_of_connecting_messages_and_disconnecting(api, make_function, fogline):
    broken = make_function("def handler(event, context):\n    raise ValueError\n")
    api.route("$connect")
    api.route("broken", "AWS_PROXY", broken)
    arn = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:sockets"
    api.deploy(AccessLogSettings={"DestinationArn": arn, "Format": FORMAT})
    client = api.connect()
    answers = [client.ask({"action": action}) for action in ("broken", "unknown")]
    client.close()
    fogline.platform.settle()

    events = fogline.client("logs").filter_log_events(logGroupName="sockets")["events"]

    lines = [json.loads(each["message"]) for each in events]
    assert {line["connection"] for line in lines} == {answers[0]["connectionId"]}
    told = [(line["event"], line["route"], line["status"], line["error"]) for line in lines]
    assert told == [
        ("CONNECT", "$connect", "200", "-"),
        ("MESSAGE", "broken", "502", "Internal server error"),
        ("MESSAGE", "$default", "403", "Forbidden"),
        ("DISCONNECT", "$disconnect", "200", "-"),
    ]
    assert [line["integration"] for line in lines] == ["200", "200", "-", "-"]
    assert [line["kind"] for line in lines] == ["-", "INTEGRATION_FAILURE", "DEFAULT_4XX", "-"]
    assert [line["code"] for line in lines] == ["-", "-", "-", "1000"]
    assert {line["nothing"] for line in lines} == {"-"}


def _lines(fogline, group):
    fogline.platform.settle()
    events = fogline.client("logs").filter_log_events(logGroupName=group)["events"]
    return [each["message"] for each in events]


def test_access_logs_tell_what_lambda_answered_and_what_its_function_says(
    api, make_function, fogline
):
    api.route("$connect", "AWS_PROXY", make_function("handler = lambda *_: {'statusCode': 401}\n"))
    arn = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:asked"
    form = "$context.integrationStatus $context.integration.integrationStatus "
    form += "$context.integration.status $context.status"
    api.deploy(AccessLogSettings={"DestinationArn": arn, "Format": form})

    assert api.refused().status_code == 401

    assert _lines(fogline, "asked") == ["200 200 401 401"]


def test_access_logs_tell_who_was_authorized_and_by_what(api, make_function, fogline):
    allow = (
        "def handler(event, context):\n"
        "    token = event['queryStringParameters']['token']\n"
        "    if token == 'broken':\n"
        "        raise ValueError('out of order')\n"
        "    statement = {'Action': '*', 'Effect': token, 'Resource': '*'}\n"
        "    policy = {'Version': '2012-10-17', 'Statement': [statement]}\n"
        "    return {'principalId': 'ada', 'policyDocument': policy, 'context': {'team': 'blue'}}\n"
    )
    authorizer = api.create_authorizer(
        Name="tokens",
        AuthorizerType="REQUEST",
        AuthorizerUri=make_function(allow),
        IdentitySource=["route.request.querystring.token"],
    )["AuthorizerId"]
    api.route("$connect", route={"AuthorizationType": "CUSTOM", "AuthorizerId": authorizer})
    arn = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:authorized"
    names = ("authorize.status", "authorizer.status", "authorizer.integrationStatus")
    names += ("authorizer.principalId", "authorizer.team", "error.responseType", "authorizer.error")
    form = " ".join(f"$context.{name}" for name in names)
    api.deploy(AccessLogSettings={"DestinationArn": arn, "Format": form})

    api.connect("?token=Allow")
    for query in ("?token=Deny", "?token=broken", ""):
        api.refused(query)

    assert _lines(fogline, "authorized") == [
        "200 200 200 ada blue - -",
        "403 200 200 ada blue ACCESS_DENIED -",
        "500 200 200 - - AUTHORIZER_FAILURE out of order",
        "401 - - - - UNAUTHORIZED -",
    ]


def test_access_logs_tell_who_was_authenticated(api, fogline):
    api.route("$connect", route={"AuthorizationType": "AWS_IAM"})
    arn = f"arn:aws:logs:us-east-1:{fogline.id}:log-group:signed"
    form = "$context.authenticate.status $context.error.responseType $context.authenticate.error"
    api.deploy(AccessLogSettings={"DestinationArn": arn, "Format": form})

    api.refused()

    told = "403 MISSING_AUTHENTICATION_TOKEN Missing Authentication Token"
    assert _lines(fogline, "signed") == [told]


def test_what_a_message_caused_is_one_chain(api, teller, queue, fogline):
    api.route("$default", "AWS_PROXY", teller)
    api.connect().send("hello")
    (event,) = queue.take()
    assert event["body"] == "hello"
    lineage = fogline.platform.platform.lineage
    lineage.flush()
    with fogline.platform.platform.store.read() as tx:
        (found,) = tx.rows(
            "SELECT trace_id FROM lineage WHERE name = ?", f"execute-api:$default {api.id}/dev"
        )

    async def chain():
        return lineage.of_trace(found[0])

    names = [each.name for each in fogline.platform.ask(chain())]
    assert f"execute-api:$default {api.id}/dev" in names
    assert "teller:$LATEST" in names
    assert "sqs:SendMessage" in names


def test_execution_logs_tell_what_became_of_messages(api, make_function, fogline):
    broken = make_function("def handler(event, context):\n    raise ValueError\n")
    api.route("fine")
    api.route("broken", "AWS_PROXY", broken)
    loud = {"LoggingLevel": "INFO", "DataTraceEnabled": True}
    quiet = {"LoggingLevel": "ERROR"}
    api.deploy(DefaultRouteSettings=loud, RouteSettings={"broken": quiet})
    client = api.connect()
    client.send({"action": "fine"})
    answer = client.ask({"action": "broken"})
    fogline.platform.settle()

    group = f"/aws/apigateway/{api.id}/dev"
    events = fogline.client("logs").filter_log_events(logGroupName=group)["events"]

    lines = [each["message"].partition(") ")[2] for each in events]
    assert 'Message body: {"action": "fine"}' in lines
    assert "Received response from integration: status 200 after 0 ms" in lines
    assert "Completed with status: 200" in lines
    told = [each["message"] for each in events if answer["requestId"] in each["message"]]
    assert told == [f"({answer['requestId']}) Execution failed: The function failed: Unknown"]
