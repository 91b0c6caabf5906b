"""A real server killed while clients are connected: they are disconnected once it is there again, each exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.crash.kill_under_load import Server
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as connect_client

from fogline.cli.client import Client
from fogline.cli.waiting import wait_for

pytestmark = pytest.mark.slow

SECONDS_MAX = 90
CLIENTS = 20
TELL = (
    "Action=SendMessage&MessageBody=$context.connectionId"
    "&MessageAttribute.1.Name=code&MessageAttribute.1.Value.DataType=String"
    "&MessageAttribute.1.Value.StringValue=$context.disconnectStatusCode"
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    tmp_path.chmod(0o755)
    server = Server(tmp_path)
    server.start()
    yield server
    server.stop()


def make_api(client: Client) -> str:
    """An API that tells clients their ids, and the queue `gone` who has gone."""

    def call(operation: str, **request: Any) -> Any:
        return client.call("apigatewayv2", operation, **request)

    client.call("sqs", "CreateQueue", QueueName="gone")
    api = call(
        "CreateApi",
        Name="chat",
        ProtocolType="WEBSOCKET",
        RouteSelectionExpression="$request.body.action",
    )["ApiId"]
    mock = call(
        "CreateIntegration",
        ApiId=api,
        IntegrationType="MOCK",
        RequestTemplates={"$default": '{"statusCode": 200}'},
    )["IntegrationId"]
    call(
        "CreateIntegrationResponse",
        ApiId=api,
        IntegrationId=mock,
        IntegrationResponseKey="$default",
        ResponseTemplates={"$default": "$context.connectionId"},
    )
    route = call("CreateRoute", ApiId=api, RouteKey="$default", Target=f"integrations/{mock}")
    call("CreateRouteResponse", ApiId=api, RouteId=route["RouteId"], RouteResponseKey="$default")
    form = "'application/x-www-form-urlencoded'"
    tell = call(
        "CreateIntegration",
        ApiId=api,
        IntegrationType="AWS",
        IntegrationUri="arn:aws:apigateway:us-east-1:sqs:path/000000000000/gone",
        RequestParameters={"integration.request.header.Content-Type": form},
        RequestTemplates={"$default": TELL},
    )["IntegrationId"]
    call("CreateRoute", ApiId=api, RouteKey="$disconnect", Target=f"integrations/{tell}")
    call("CreateStage", ApiId=api, StageName="dev", AutoDeploy=True)
    return str(api)


def connect(server: Server, api: str) -> ClientConnection:
    address = f"ws://127.0.0.1:{server.port}/_aws/execute-api/{api}/dev"
    return connect_client(address, ping_interval=None, proxy=None).__enter__()


def id_of(client: ClientConnection) -> str:
    client.send("who am I?")
    return str(client.recv(timeout=SECONDS_MAX))


def gone(client: Client, told: Counter[str]) -> Counter[str]:
    """Who has gone, beside those already known."""
    request = {"QueueUrl": "gone", "MaxNumberOfMessages": 10}
    while found := client.call("sqs", "ReceiveMessage", **request).get("Messages"):
        for each in found:
            told[each["Body"]] += 1
            client.call(
                "sqs", "DeleteMessage", QueueUrl="gone", ReceiptHandle=each["ReceiptHandle"]
            )
    return told


def test_clients_of_a_killed_server_are_disconnected_when_it_starts_again(server: Server) -> None:
    with Client(server.endpoint) as client:
        api = make_api(client)
    connected = [connect(server, api) for _ in range(CLIENTS)]
    ids = {id_of(each) for each in connected}
    left = connected.pop()
    first = id_of(left)
    left.close()

    server.kill()
    for each in connected:
        with pytest.raises(ConnectionClosed):
            each.recv(timeout=SECONDS_MAX)
    server.start()

    told: Counter[str] = Counter()
    with Client(server.endpoint) as client:
        assert wait_for(lambda: len(gone(client, told)) == CLIENTS, SECONDS_MAX)
        # The one whose `$disconnect` was at work may have been told of twice.
        assert {id for id, count in told.items() if count > 1} <= {first}
        assert set(told) == ids
        again = connect(server, api)
        assert id_of(again) not in ids
        again.close()


@pytest.mark.postgres
def test_clients_of_a_dead_node_are_disconnected_by_another(
    tmp_path: Path, postgres_url: str
) -> None:
    tmp_path.chmod(0o755)
    first, second = (
        Server(tmp_path / name, "--store", postgres_url) for name in ("first", "second")
    )
    first.start()
    try:
        with Client(first.endpoint) as client:
            api = make_api(client)
        ids = {id_of(connect(first, api)) for _ in range(CLIENTS)}
        second.start()
        first.kill()
        told: Counter[str] = Counter()
        with Client(second.endpoint) as client:
            assert wait_for(lambda: len(gone(client, told)) == CLIENTS, 120)
        assert set(told) == ids
    finally:
        for server in (first, second):
            server.stop()
