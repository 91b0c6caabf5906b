"""Several processes: connections of one that is no more are ended, and nodes that share a store share connections."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError
from tests.services.apigatewayv2.websocket.conftest import Client, SocketApi

from fogline.cli.waiting import wait_for
from fogline.config import read_config
from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

ACCOUNT = "000000000000"
IDENTIFY = {
    "IntegrationResponseKey": "$default",
    "ResponseTemplates": {"$default": "$context.connectionId"},
}
TELL = "Action=SendMessage&MessageBody=$context.connectionId:$context.disconnectStatusCode"


def _api(platform: LocalPlatform) -> SocketApi:
    """An API that tells clients their ids, and the queue `gone` who has gone."""
    account = Account(platform, ACCOUNT)
    account.client("sqs").create_queue(QueueName="gone")
    client = account.client("apigatewayv2")
    made = client.create_api(
        Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action"
    )
    api = SocketApi(account, client, made["ApiId"])
    api.route("$default", answers=True, responses=[IDENTIFY])
    api.route(
        "$disconnect",
        "AWS",
        f"arn:aws:apigateway:us-east-1:sqs:path/{ACCOUNT}/gone",
        RequestParameters={
            "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"
        },
        RequestTemplates={"$default": TELL},
        TemplateSelectionExpression="\\$default",
    )
    api.deploy()
    return api


def _connect(api: SocketApi) -> tuple[Client, str]:
    client = api.connect()
    client.send("who am I?")
    return client, str(client.text())


def _gone(platform: LocalPlatform) -> set[str]:
    platform.settle()
    client = platform.client("sqs", ACCOUNT)
    url = client.get_queue_url(QueueName="gone")["QueueUrl"]
    told = set()
    while found := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        told |= {each["Body"] for each in found}
        for each in found:
            client.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    return told


def _soon_gone(*platforms: LocalPlatform) -> set[str]:
    """Who has gone, once anybody has: what nodes tell each other takes its way through the store."""
    return wait_for(lambda: set().union(*map(_gone, platforms)), 60) or set()


def _refusal(operation: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as refused:
        operation(**request)
    return str(refused.value.response["Error"]["Code"])


def test_clients_of_a_server_that_stops_are_disconnected(tmp_path: Path) -> None:
    def open_platform() -> LocalPlatform:
        return LocalPlatform(read_config({}, port=0, data=tmp_path, clock="manual"))

    with open_platform() as platform:
        api = _api(platform)
        clients = [_connect(api) for _ in range(3)]
    assert {client.ended()[0] for client, _ in clients} <= {1001, 1006}
    with open_platform() as platform:
        told = _gone(platform)
        assert {each.partition(":")[0] for each in told} == {id for _, id in clients}


def test_clients_that_a_snapshot_knows_and_who_have_gone_are_disconnected(tmp_path: Path) -> None:
    with LocalPlatform(read_config({}, port=0, data=tmp_path, clock="manual")) as platform:
        api = _api(platform)
        stays, _ = _connect(api)
        goes, id = _connect(api)
        headers = {"Content-Type": "application/json"}
        for action in ("save", "restore"):
            url = f"{platform.endpoint}/_fogline/snapshots/{action}"
            answer = urllib3.request("POST", url, body=b'{"name": "a"}', headers=headers)
            assert answer.status == 200, answer.data
            if action == "save":
                goes.close()
                assert _gone(platform) == {f"{id}:1000"}

        assert _gone(platform) == {f"{id}:1006"}
        assert stays.has_nothing()
        stays.close()


@pytest.fixture
def nodes(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Two nodes on one store, and the API of both."""
    url = request.getfixturevalue("postgres_url")

    def open_platform() -> LocalPlatform:
        return LocalPlatform(read_config({}, port=0, ephemeral=True, clock="manual", store=url))

    with open_platform() as first, open_platform() as second:
        yield SimpleNamespace(first=first, second=second, api=_api(first))


@pytest.mark.postgres
def test_a_message_finds_the_node_that_holds_its_client(nodes: Any) -> None:
    client, id = _connect(nodes.api)
    elsewhere = nodes.second.client("apigatewaymanagementapi", ACCOUNT)

    for number in range(5):
        elsewhere.post_to_connection(ConnectionId=id, Data=str(number))

    assert [client.text() for _ in range(5)] == list("01234")
    assert elsewhere.get_connection(ConnectionId=id)["Identity"]["SourceIp"] == "127.0.0.1"


@pytest.mark.postgres
def test_other_nodes_learn_when_a_client_was_last_active(nodes: Any) -> None:
    client, id = _connect(nodes.api)
    nodes.first.advance(seconds=12)
    client.send("still here")
    client.text()
    nodes.first.advance(seconds=10)

    shown = nodes.second.client("apigatewaymanagementapi", ACCOUNT).get_connection(ConnectionId=id)

    assert (shown["LastActiveAt"] - shown["ConnectedAt"]).total_seconds() == 12


@pytest.mark.postgres
def test_a_client_is_disconnected_by_a_node_that_does_not_hold_it(nodes: Any) -> None:
    client, id = _connect(nodes.api)
    elsewhere = nodes.second.client("apigatewaymanagementapi", ACCOUNT)

    elsewhere.delete_connection(ConnectionId=id)

    assert client.ended()[0] == 1000
    assert _soon_gone(nodes.first, nodes.second) == {f"{id}:1000"}
    assert _refusal(elsewhere.get_connection, ConnectionId=id) == "GoneException"


@pytest.mark.postgres
def test_clients_of_a_node_that_says_nothing_any_more_are_disconnected(nodes: Any) -> None:
    client, id = _connect(nodes.api)
    nodes.second.settle()

    nodes.second.advance(seconds=29)
    assert _gone(nodes.second) == set()
    nodes.second.advance(seconds=2)

    assert _soon_gone(nodes.second) == {f"{id}:1006"}
    elsewhere = nodes.second.client("apigatewaymanagementapi", ACCOUNT)
    assert _refusal(elsewhere.get_connection, ConnectionId=id) == "GoneException"
    nodes.first.advance(seconds=11)
    assert client.ended()[0] == 1001
    assert _gone(nodes.first) == set()


@pytest.mark.postgres
def test_a_node_with_clients_of_its_own_sees_at_once_that_another_is_no_more(nodes: Any) -> None:
    here = SocketApi(Account(nodes.second, ACCOUNT), nodes.api.client, nodes.api.id, has_stage=True)
    stays = here.connect()
    nodes.second.settle()
    for node in (nodes.first, nodes.second):
        node.advance(seconds=5)
    _, id = _connect(nodes.api)

    nodes.second.advance(seconds=31)

    assert _soon_gone(nodes.second) == {f"{id}:1006"}
    assert stays.has_nothing()
    stays.close()


@pytest.mark.postgres
def test_a_node_that_is_alive_keeps_its_clients(nodes: Any) -> None:
    client, _ = _connect(nodes.api)

    for _ in range(10):
        nodes.first.advance(seconds=10)
        nodes.second.advance(seconds=10)

    assert client.has_nothing()
    assert _gone(nodes.second) == set()


@pytest.mark.postgres
def test_a_node_that_holds_nobody_any_more_lets_time_pass_at_once(nodes: Any) -> None:
    def steps() -> int:
        reports = nodes.first.platform.supervisor.reports()
        return next(each.steps for each in reports if each.name == "apigatewayv2.connections")

    client, _ = _connect(nodes.api)
    client.close()
    _gone(nodes.first)
    nodes.first.advance(seconds=60)
    before = steps()
    nodes.first.advance(days=14)
    assert steps() == before
    client, id = _connect(nodes.api)
    nodes.second.client("apigatewaymanagementapi", ACCOUNT).post_to_connection(
        ConnectionId=id, Data="back"
    )
    assert client.text() == "back"
