"""Applications of the AWS CDK with APIs of all kinds: synthesized templates, deployed and called.

The templates in `cdk/` are what `app.synth()` wrote (aws-cdk-lib 2.276) without rules and metadata.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from fogline.testing.platform import LocalPlatform
from fogline.testing.plugin import Account

TEMPLATES = Path(__file__).parent / "cdk"
Launch = Callable[[str], dict[str, str]]
Ask = Callable[..., Any]


@pytest.fixture
def launch(fogline: Account, fogline_platform: LocalPlatform) -> Iterator[Launch]:
    """Deploys one of the templates; its outputs. In the end the stack goes without a refusal."""
    cloudformation = fogline.client("cloudformation")

    def launch(name: str) -> dict[str, str]:
        cloudformation.create_stack(
            StackName="cdk",
            TemplateBody=(TEMPLATES / f"{name}.json").read_text(),
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        fogline_platform.settle()
        stack = cloudformation.describe_stacks(StackName="cdk")["Stacks"][0]
        if stack["StackStatus"] != "CREATE_COMPLETE":
            told = cloudformation.describe_stack_events(StackName="cdk")["StackEvents"]
            failed = [each for each in told if each["ResourceStatus"].endswith("_FAILED")]
            pytest.fail("; ".join(each["ResourceStatusReason"] for each in failed))
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    yield launch
    cloudformation.delete_stack(StackName="cdk")
    fogline_platform.settle()
    stacks = cloudformation.list_stacks()["StackSummaries"]
    assert [stack["StackStatus"] for stack in stacks] == ["DELETE_COMPLETE"]


class Answer:
    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.data

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@pytest.fixture
def ask(fogline: Account) -> Ask:
    """Calls an address below a URL that a template has put out, wherever its host leads."""
    pool = urllib3.PoolManager(retries=False)

    def ask(
        url: str,
        method: str = "GET",
        *,
        host: str = "",
        headers: dict[str, str] | None = None,
        body: str | None = None,
    ) -> Answer:
        parts = urlsplit(url)
        sent = {**(headers or {}), "Host": host or parts.netloc}
        target = f"{fogline.platform.endpoint}{parts.path}"
        return Answer(pool.request(method, target, headers=sent, body=body, timeout=30.0))

    return ask


def of(outputs: dict[str, str], start: str) -> str:
    """The output whose name begins so: the CDK adds digits."""
    return next(value for name, value in outputs.items() if name.startswith(start))


def test_rest_apis(launch: Launch, ask: Ask, fogline: Account) -> None:
    url = of(launch("rest_apis"), "ShopEndpoint")
    json_body = {"Content-Type": "application/json"}
    keyed = {**json_body, "x-api-key": "a-key-of-at-least-twenty-characters"}
    answer = ask(f"{url}pets")
    assert (answer.status, answer.json["stageVariables"]) == (200, {"colour": "red"})
    assert ask(f"{url}pets/7", "PUT").json["pathParameters"] == {"id": "7"}
    assert ask(f"{url}pets", "POST", headers=json_body, body='{"name": "x"}').status == 403
    assert ask(f"{url}pets", "POST", headers=keyed, body="{}").status == 400
    assert ask(f"{url}pets", "POST", headers=keyed, body='{"name": "x"}').status == 200
    assert ask(f"{url}mock").json == {"by": "mock"}
    assert ask(f"{url}guarded").status == 401
    assert ask(f"{url}guarded", headers={"Authorization": "bob"}).status == 403
    assert ask(f"{url}guarded", headers={"Authorization": "ada"}).status == 200
    assert ask(f"{url}nowhere").json == {"message": "no such path"}
    preflight = ask(f"{url}pets", "OPTIONS", headers={"Origin": "http://localhost:3000"})
    assert (preflight.status, preflight.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert ask(f"{url}queue", "POST", headers=json_body, body='{"a": 1}').status == 200
    sqs = fogline.client("sqs")
    queue = sqs.list_queues()["QueueUrls"][0]
    assert sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == '{"a": 1}'


def test_http_apis(launch: Launch, ask: Ask, fogline: Account) -> None:
    outputs = launch("http_apis")
    url = outputs["Url"].rstrip("/")
    assert ask(f"{url}/pets").json["routeKey"] == "GET /pets"
    assert ask(f"{url}/pets", "PUT").status == 404
    assert ask(f"{url}/added", "PUT").json["headers"]["x-added"] == "yes"
    assert ask(f"{url}/old").json["version"] == "1.0"
    assert ask(f"{url}/jwt").status == 401
    assert ask(f"{url}/guarded").status == 401
    assert ask(f"{url}/guarded", headers={"who": "bob"}).status == 403
    assert ask(f"{url}/guarded", headers={"who": "ada"}).status == 200
    assert ask(f"{url}/signed").status == 403
    origin = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}
    preflight = ask(f"{url}/pets", "OPTIONS", headers=origin)
    assert preflight.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    mapped = ask("http://any/v1/pets", host="cdk.example.com")
    assert mapped.json["requestContext"]["domainName"] == "cdk.example.com"
    assert ask(f"{outputs['LazyUrl']}any/path").json["routeKey"] == "$default"


def test_http_apis_hand_on_to_services(launch: Launch, ask: Ask, fogline: Account) -> None:
    outputs = launch("http_apis")
    url = outputs["Url"].rstrip("/")
    json_body = {"Content-Type": "application/json"}
    assert ask(f"{url}/queue", "POST", headers=json_body, body='{"MessageBody": "m"}').status == 200
    sqs = fogline.client("sqs")
    assert sqs.receive_message(QueueUrl=outputs["QueueUrl"])["Messages"][0]["Body"] == "m"
    event = {"Detail": {"a": 1}, "DetailType": "t", "Source": "s"}
    answer = ask(f"{url}/bus", "POST", headers=json_body, body=json.dumps(event))
    assert answer.json["FailedEntryCount"] == 0
    started = json.dumps({"Input": {"a": 1}})
    answer = ask(f"{url}/machine", "POST", headers=json_body, body=started)
    assert answer.json["status"] == "SUCCEEDED"


def test_websocket_apis(launch: Launch, fogline: Account) -> None:
    url = launch("websocket_apis")["Url"]
    port = urlsplit(fogline.platform.endpoint).port or 0

    def opened(**options: Any) -> Any:
        wire = socket.create_connection(("127.0.0.1", port), timeout=20)
        return connect(url, sock=wire, close_timeout=5, **options)

    with pytest.raises(InvalidStatus), opened():
        pass
    with opened(additional_headers={"who": "ada"}) as client:
        client.send("anything")
        assert json.loads(client.recv(timeout=20)) == {"route": "$default"}
        client.send('{"action": "push"}')
        assert client.recv(timeout=20) in ("pushed", b"pushed")
