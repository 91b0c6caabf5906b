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
    assert [line["integration"] for line in lines] == ["200", "502", "-", "-"]
    assert [line["code"] for line in lines] == ["-", "-", "-", "1000"]
    assert {line["nothing"] for line in lines} == {"-"}


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
