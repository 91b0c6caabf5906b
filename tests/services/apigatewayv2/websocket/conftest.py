"""WebSocket APIs that are quickly set up, functions behind them, and clients of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.conftest import open_platform
from tests.services.backends import make_function
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as connect_client

from fogline.testing.plugin import Account

__all__ = ["make_function"]  # a fixture

_SECONDS = 60
MANAGEMENT = "apigatewaymanagementapi"


class Client:
    """One client that is connected."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send(self, message: Any) -> None:
        self.connection.send(message if isinstance(message, (str, bytes)) else json.dumps(message))

    def text(self) -> str | bytes:
        return self.connection.recv(timeout=_SECONDS)

    def json(self) -> Any:
        return json.loads(self.text())

    def ask(self, message: Any) -> Any:
        self.send(message)
        return self.json()

    def has_nothing(self) -> bool:
        """True if nothing came that was not read."""
        try:
            self.connection.recv(timeout=0.05)
        except TimeoutError:
            return True
        return False

    def ended(self) -> tuple[int, str]:
        """The code and the reason with which the server ended it."""
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                self.connection.recv(timeout=_SECONDS)
        frame = closed.value.rcvd
        return (frame.code, frame.reason) if frame is not None else (1006, "")

    def close(self, code: int = 1000, reason: str = "") -> None:
        self.connection.close(code, reason)


class SocketApi:
    """One WebSocket API. Changes are deployed to its stage `dev` when a client connects."""

    def __init__(self, account: Account, client: Any, id: str, *, has_stage: bool = False) -> None:
        self.account = account
        self.client = client
        self.id = id
        self.stage = "dev"
        self._has_stage = has_stage
        self.clients: list[Client] = []

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """An operation on this API."""
        method = getattr(self.client, operation)
        return lambda **request: method(ApiId=self.id, **request)

    def route(
        self,
        key: str,
        kind: str = "MOCK",
        uri: str | None = None,
        *,
        answers: bool = False,
        route: dict[str, Any] | None = None,
        responses: list[dict[str, Any]] | None = None,
        **integration: Any,
    ) -> str:
        """A route with an integration of its own."""
        if kind == "MOCK":
            integration.setdefault("RequestTemplates", {"$default": '{"statusCode": 200}'})
            integration.setdefault("TemplateSelectionExpression", "\\$default")
        if uri is not None:
            integration["IntegrationUri"] = uri
        made = self.create_integration(IntegrationType=kind, **integration)
        for response in responses or []:
            self.create_integration_response(IntegrationId=made["IntegrationId"], **response)
        target = f"integrations/{made['IntegrationId']}"
        id = self.create_route(RouteKey=key, Target=target, **(route or {}))["RouteId"]
        if answers:
            self.create_route_response(RouteId=id, RouteResponseKey="$default")
        return str(id)

    def deploy(self, **settings: Any) -> None:
        deployment = self.create_deployment()["DeploymentId"]
        if self._has_stage:
            self.update_stage(StageName=self.stage, DeploymentId=deployment, **settings)
        else:
            self.create_stage(StageName=self.stage, DeploymentId=deployment, **settings)
            self._has_stage = True

    @property
    def host(self) -> str:
        return f"{self.id}.execute-api.us-east-1.localhost:{self.account.platform.platform.port}"

    def connect(self, query: str = "", **options: Any) -> Client:
        """A client of the stage."""
        if not self._has_stage:
            self.deploy()
        return self.connect_to(f"ws://{self.host}/{self.stage}{query}", **options)

    def connect_by_path(self) -> Client:
        """A client that does not know the name of its API's host."""
        port = self.account.platform.platform.port
        return self.connect_to(f"ws://127.0.0.1:{port}/_aws/execute-api/{self.id}/{self.stage}")

    def connect_to(self, address: str, **options: Any) -> Client:
        connection = connect_client(
            address,
            sock=_socket(self.account.platform.platform.port),
            open_timeout=_SECONDS,
            close_timeout=_SECONDS,
            ping_interval=None,
            proxy=None,
            **options,
        ).__enter__()
        client = Client(connection)
        self.clients.append(client)
        return client

    def refused(self, query: str = "", **options: Any) -> Any:
        """The answer to a client that is not let in."""
        with pytest.raises(InvalidStatus) as refused:
            self.connect(query, **options)
        return refused.value.response

    def management(self, endpoint: str | None = None) -> Any:
        """A client of `@connections`, at the API's address by path."""
        platform = self.account.platform
        path = f"/_aws/execute-api/{self.id}/{self.stage}"
        return _boto(self.account, endpoint or f"{platform.endpoint}{path}")


def _socket(port: int) -> Any:
    import socket

    # The name under `localhost` need not be known to the machine that tests run on.
    return socket.create_connection(("127.0.0.1", port), timeout=_SECONDS)


def _boto(account: Account, endpoint: str) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(
        MANAGEMENT,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=account.id,
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 1}),
    )


@pytest.fixture
def attach(fogline: Account) -> Iterator[Callable[[str], SocketApi]]:
    """An API that is there, by its id; its clients leave when the test ends."""
    known: list[SocketApi] = []
    client = fogline.client("apigatewayv2")

    def find(id: str, *, has_stage: bool = True) -> SocketApi:
        known.append(SocketApi(fogline, client, id, has_stage=has_stage))
        return known[-1]

    yield find
    for api in known:
        for each in api.clients:
            each.close()


@pytest.fixture
def make_api(fogline: Account, attach: Callable[..., SocketApi]) -> Callable[..., SocketApi]:
    client = fogline.client("apigatewayv2")

    def make(expression: str = "$request.body.action", **settings: Any) -> SocketApi:
        api = client.create_api(
            Name="chat",
            ProtocolType="WEBSOCKET",
            RouteSelectionExpression=expression,
            **settings,
        )
        return attach(api["ApiId"], has_stage=False)

    return make


@pytest.fixture
def api(make_api: Callable[..., SocketApi]) -> SocketApi:
    return make_api()


ECHO = "import json\ndef handler(event, context):\n    return {'statusCode': 200, 'body': json.dumps(event)}\n"


@pytest.fixture
def echo(make_function: Callable[..., str]) -> str:
    """A function that answers with the event that it was told."""
    return make_function(ECHO, "echo")


@pytest.fixture
def queue(fogline: Account) -> Any:
    """A queue to which functions may tell what they were told; `.take()` reads it."""
    client = fogline.client("sqs")
    url = client.create_queue(QueueName="told")["QueueUrl"]

    class Queue:
        def __init__(self) -> None:
            self.url = url

        def take(self) -> list[Any]:
            fogline.platform.settle()
            found = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
            for each in found:
                client.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
            return [json.loads(each["Body"]) for each in found]

    return Queue()


@pytest.fixture
def teller(make_function: Callable[..., str], queue: Any) -> str:
    """A function that tells the queue its event."""
    code = (
        "import json, boto3\n"
        "def handler(event, context):\n"
        f"    boto3.client('sqs').send_message(QueueUrl={queue.url!r}, MessageBody=json.dumps(event))\n"
        "    return {'statusCode': 200}\n"
    )
    return make_function(code, "teller")


@pytest.fixture(scope="module")
def fogline_platform(request):
    """A platform of this file's own: hours pass in some, and connections of other tests would end in them."""
    yield from open_platform(request)
