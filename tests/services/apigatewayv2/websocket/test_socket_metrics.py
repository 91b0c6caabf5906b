"""What CloudWatch tells of WebSocket APIs."""

from __future__ import annotations

import pytest
from tests.services.numbers import Numbers

from fogline.testing.plugin import Account


@pytest.fixture
def numbers(fogline: Account) -> Numbers:
    return Numbers(fogline, "AWS/ApiGateway")


def test_connections_and_messages_to_and_fro_are_counted_by_api_and_by_stage(api, echo, numbers):
    api.route("$connect")
    api.route("say", "AWS_PROXY", echo, answers=True)
    client = api.connect()

    id = client.ask({"action": "say"})["requestContext"]["connectionId"]
    api.management().post_to_connection(ConnectionId=id, Data=b"news")
    assert client.text() == "news"

    for stage in ({}, {"Stage": "dev"}):
        assert numbers.sum("ConnectCount", ApiId=api.id, **stage) == 1
        assert numbers.sum("MessageCount", ApiId=api.id, **stage) == 3
        assert numbers.of("IntegrationLatency", ApiId=api.id, **stage)["SampleCount"] == 1


def test_a_message_without_a_route_is_an_error_of_its_client(api, numbers):
    api.route("other")
    client = api.connect()

    assert client.ask({"action": "say"})["message"] == "Forbidden"

    assert numbers.sum("ClientError", ApiId=api.id) == 1
    assert numbers.sum("ExecutionError", ApiId=api.id) == 0


def test_a_function_that_fails_and_one_that_is_not_there_are_different_errors(
    api, make_function, numbers
):
    broken = make_function("def handler(event, context):\n    1 / 0\n")
    api.route("break", "AWS_PROXY", broken)
    api.route("miss", "AWS_PROXY", broken.replace(":f/", ":nowhere/"))
    client = api.connect()

    assert client.ask({"action": "break"})["message"] == "Internal server error"
    assert numbers.sum("IntegrationError", ApiId=api.id) == 1
    assert client.ask({"action": "miss"})["message"] == "Internal server error"

    assert numbers.sum("ExecutionError", ApiId=api.id) == 1
    assert numbers.sum("IntegrationError", ApiId=api.id) == 1


def test_routes_are_told_in_detail_where_the_stage_asks_for_it(api, echo, numbers):
    api.route("say", "AWS_PROXY", echo, answers=True)
    api.deploy()
    api.update_stage(StageName="dev", RouteSettings={"say": {"DetailedMetricsEnabled": True}})

    api.connect().ask({"action": "say"})

    assert numbers.sum("MessageCount", ApiId=api.id, Route="say", Stage="dev") == 2
