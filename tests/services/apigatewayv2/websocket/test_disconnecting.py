"""Disconnecting: `$disconnect` runs however a connection ends, and connections end by themselves in the end."""

from __future__ import annotations

import pytest

from fogline.cli.waiting import wait_for


@pytest.fixture
def told(api, teller, queue):
    """An API that tells the queue of clients that go."""
    api.route("$default", answers=True, responses=[_fixed("$context.connectionId")])
    api.route("$disconnect", "AWS_PROXY", teller)
    return api


def test_disconnect_is_told_what_the_client_said(told, queue):
    client = told.connect(user_agent_header="browser/1")
    told.account.platform.advance(seconds=5)

    client.close(4001, "had enough")

    (event,) = queue.take()
    context = event.pop("requestContext")
    host = told.host
    headers = {"Host": host, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""}
    assert event == {
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "isBase64Encoded": False,
    }
    assert context["routeKey"] == "$disconnect"
    assert context["eventType"] == "DISCONNECT"
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (4001, "had enough")
    assert context["requestTimeEpoch"] - context["connectedAt"] == 5_000
    assert context["identity"]["userAgent"] == "browser/1"
    assert "messageId" not in context


def test_a_client_that_says_no_code_is_told_in_the_words_of_aws(told, queue):
    client = told.connect()

    client.connection.protocol.send_close()
    client.connection.send_context()
    client.connection.socket.sendall(b"".join(client.connection.protocol.data_to_send()))
    client.ended()

    (event,) = queue.take()
    context = event["requestContext"]
    assert context["disconnectStatusCode"] == 1005
    assert context["disconnectReason"] == "Client-side close frame status not set"


def test_a_connection_that_is_lost_is_disconnected_too(told, queue):
    client = told.connect()

    client.connection.socket.close()

    events = wait_for(queue.take, 60)
    assert events[0]["requestContext"]["disconnectStatusCode"] == 1006


def test_the_message_that_was_too_long_ends_with_disconnect(told, queue):
    client = told.connect()

    client.send("x" * (32 * 1024 + 1))
    client.ended()

    (event,) = queue.take()
    assert event["requestContext"]["disconnectStatusCode"] == 1009


def test_an_idle_connection_is_ended_after_ten_minutes(told, queue):
    client = told.connect()
    platform = told.account.platform

    platform.advance(seconds=599)
    client.send("still here")
    assert client.text()
    platform.advance(seconds=599)
    assert client.has_nothing()
    assert queue.take() == []
    platform.advance(seconds=1)

    assert client.ended() == (1001, "Going away")
    (event,) = queue.take()
    context = event["requestContext"]
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (1001, "Going away")


def test_pings_keep_a_connection_from_being_idle(told):
    client = told.connect()
    platform = told.account.platform

    platform.advance(seconds=500)
    assert client.connection.ping().wait(10)
    platform.advance(seconds=500)

    assert client.has_nothing()


def test_what_a_client_is_sent_keeps_its_connection_from_being_idle(told):
    client = told.connect()
    platform = told.account.platform
    client.send("who am I?")
    id = client.text()

    platform.advance(seconds=500)
    told.management().post_to_connection(ConnectionId=id, Data=b"hello")
    platform.advance(seconds=500)

    assert client.text() == "hello"
    assert client.has_nothing()


def test_a_connection_lasts_two_hours_at_most(told, queue):
    client = told.connect()
    platform = told.account.platform

    for _ in range(15):
        platform.advance(seconds=479)
        client.send("x")
        assert client.text()
    platform.advance(seconds=7_200 - 15 * 479)

    assert client.ended() == (1001, "Going away")
    assert len(queue.take()) == 1


def test_disconnect_knows_what_the_authorizer_said(api, make_function, teller, queue):
    allow = make_function(
        "def handler(event, context):\n"
        "    return {'principalId': 'ada', 'policyDocument': {'Version': '2012-10-17', 'Statement': ["
        "{'Action': '*', 'Effect': 'Allow', 'Resource': '*'}]}}\n",
        "allow",
    )
    authorizer = api.create_authorizer(
        Name="a", AuthorizerType="REQUEST", AuthorizerUri=allow, IdentitySource=[]
    )["AuthorizerId"]
    api.route("$connect", route={"AuthorizationType": "CUSTOM", "AuthorizerId": authorizer})
    api.route("$disconnect", "AWS_PROXY", teller)

    api.connect().close()

    assert queue.take()[0]["requestContext"]["authorizer"]["principalId"] == "ada"


def test_a_function_of_disconnect_that_fails_is_not_asked_again(api, make_function, fogline):
    api.route(
        "$disconnect", "AWS_PROXY", make_function("def handler(e, c):\n    raise ValueError\n")
    )
    logs = fogline.client("logs")
    api.connect().close()
    platform = api.account.platform
    platform.settle()
    platform.advance(hours=1)

    events = logs.filter_log_events(logGroupName="/aws/lambda/f", filterPattern="START")["events"]
    assert len(events) == 1


def _fixed(text: str) -> dict:
    return {"IntegrationResponseKey": "$default", "ResponseTemplates": {"$default": text}}
