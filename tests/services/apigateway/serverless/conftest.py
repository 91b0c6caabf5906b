"""Stacks of SAM with REST APIs, and callers of these."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.services.shop_stack import shop_stack

from fogline.testing.plugin import Account

ECHO = """
import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}
"""
GUARD = """
def handler(event, context):
    who = event.get("authorizationToken") or (event.get("headers") or {}).get("who")
    if who == "nobody":
        raise Exception("Unauthorized")
    effect = "Allow" if who == "ada" else "Deny"
    return {
        "principalId": who,
        "context": {"mood": "good"},
        "policyDocument": {"Version": "2012-10-17", "Statement": [
            {"Action": "execute-api:Invoke", "Effect": effect, "Resource": "*"}]},
    }
"""


class Answer:
    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.data

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Deploy = Callable[..., dict[str, str]]
Call = Callable[..., Answer]


def function(code: str = ECHO, **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "python3.11",
            "Handler": "index.handler",
            "Timeout": 20,  # real time, and the machine may be busy
            "InlineCode": code,
            **properties,
        },
    }


def event(path: str = "/", method: str = "get", kind: str = "Api", **more: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": {"Path": path, "Method": method, **more}}


def serverless(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::Serverless::{kind}", "Properties": properties}


@pytest.fixture
def deploy(fogline: Account) -> Iterator[Deploy]:
    """Creates or updates the stack; its outputs. In the end the stack goes without a refusal."""
    with shop_stack(fogline) as stack:

        def deploy(
            resources: Any, outputs: Any = None, *, update: bool = False, **top: Any
        ) -> dict[str, str]:
            shown = {name: {"Value": value} for name, value in (outputs or {}).items()}
            template = {
                "Transform": "AWS::Serverless-2016-10-31",
                "Resources": resources,
                **({"Outputs": shown} if shown else {}),
                **top,
            }
            return stack.deploy(template, update=update)

        yield deploy


@pytest.fixture
def physical_id(fogline: Account) -> Callable[[str], str]:
    """What the resource of a logical name became."""
    cloudformation = fogline.client("cloudformation")

    def find(name: str) -> str:
        found = cloudformation.describe_stack_resource(StackName="shop", LogicalResourceId=name)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    return find


@pytest.fixture
def call(fogline: Account, physical_id: Callable[[str], str]) -> Call:
    """Calls an API of the stack; `api` is its logical name, or a host."""
    pool = urllib3.PoolManager(retries=False)

    def call(
        target: str,
        method: str = "GET",
        *,
        api: str = "ServerlessRestApi",
        headers: dict[str, str] | None = None,
        body: bytes | str | None = None,
    ) -> Answer:
        host = api if "." in api else f"{physical_id(api)}.execute-api.us-east-1.localhost"
        sent = {**(headers or {}), "Host": host}
        url = f"{fogline.platform.endpoint}{target}"
        return Answer(pool.request(method, url, headers=sent, body=body, timeout=30.0))

    return call


def signed(fogline: Account, url: str, host: str) -> dict[str, str]:
    """The headers of a request to that address, signed by the account."""
    request = AWSRequest("GET", url, headers={"Host": host})
    SigV4Auth(Credentials(fogline.id, "secret"), "execute-api", "us-east-1").add_auth(request)
    return dict(request.headers.items())
