"""HTTP APIs that are quickly set up, functions behind them, and who calls them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from tests.conftest import open_platform

from fogline.testing.plugin import Account

ECHO = """
import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}
"""


class HttpApi:
    """One HTTP API with a stage that follows it."""

    def __init__(self, client: Any, fogline: Account, id: str) -> None:
        self.client = client
        self.account = fogline.id
        self.id = id
        self.host = f"{id}.execute-api.us-east-1.localhost"
        self.endpoint = fogline.platform.endpoint
        self._http = httpx.Client(base_url=self.endpoint, timeout=30.0, trust_env=False)

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """An operation on this API."""
        method = getattr(self.client, operation)
        return lambda **request: method(ApiId=self.id, **request)

    def integration(self, kind: str = "AWS_PROXY", **settings: Any) -> str:
        settings.setdefault(
            "PayloadFormatVersion", "1.0" if "IntegrationSubtype" in settings else "2.0"
        )
        if kind == "HTTP_PROXY":
            settings["PayloadFormatVersion"] = "1.0"
            settings.setdefault("IntegrationMethod", "ANY")
        made = self.client.create_integration(ApiId=self.id, IntegrationType=kind, **settings)
        return str(made["IntegrationId"])

    def route(self, key: str, integration: str | None = None, **settings: Any) -> str:
        if integration:
            settings["Target"] = f"integrations/{integration}"
        return str(self.client.create_route(ApiId=self.id, RouteKey=key, **settings)["RouteId"])

    def stage(self, name: str = "$default", **settings: Any) -> None:
        self.client.create_stage(ApiId=self.id, StageName=name, AutoDeploy=True, **settings)

    def call(
        self, method: str, target: str = "/", *, host: str = "", **options: Any
    ) -> httpx.Response:
        headers = httpx.Headers(options.pop("headers", None))
        headers["host"] = host or self.host
        return self._http.request(method, target, headers=headers, **options)

    def get(self, target: str = "/", **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call("GET", target, headers=sent)

    def close(self) -> None:
        self._http.close()


MakeApi = Callable[..., HttpApi]
MakeFunction = Callable[..., str]


@pytest.fixture(scope="module")
def fogline_platform(request: Any) -> Iterator[Any]:
    """A platform of this file's own: some move the clock far."""
    yield from open_platform(request)


@pytest.fixture
def make_api(fogline: Account) -> Iterator[MakeApi]:
    client = fogline.client("apigatewayv2")
    made: list[HttpApi] = []

    def make(name: str = "shop", **settings: Any) -> HttpApi:
        api = client.create_api(Name=name, ProtocolType="HTTP", **settings)
        made.append(HttpApi(client, fogline, api["ApiId"]))
        return made[-1]

    yield make
    for api in made:
        api.close()


@pytest.fixture
def api(make_api: MakeApi) -> HttpApi:
    """An API with the stage `$default`, and no route yet."""
    api = make_api()
    api.stage()
    return api


@pytest.fixture
def make_function(fogline: Account) -> MakeFunction:
    """Makes a function of Python code; what it gives is its ARN."""
    client = fogline.client("lambda")

    def make(code: str = ECHO, name: str = "f", **settings: Any) -> str:
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("index.py", code)
        made = client.create_function(
            FunctionName=name,
            Runtime="python3.11",
            Handler="index.handler",
            Role=f"arn:aws:iam::{fogline.id}:role/anybody",
            Code={"ZipFile": package.getvalue()},
            # Real time, and the machine may be busy.
            **{"Timeout": 20, **settings},
        )
        return str(made["FunctionArn"])

    return make


@pytest.fixture
def make_answer(api: HttpApi, make_function: MakeFunction) -> Callable[..., httpx.Response]:
    """What a caller gets when a function returns that."""

    def answer(result: Any, version: str = "2.0") -> httpx.Response:
        code = f"import json\ndef handler(event, context):\n    return json.loads({json.dumps(result)!r})\n"
        function = make_function(code)
        api.route("GET /", api.integration(IntegrationUri=function, PayloadFormatVersion=version))
        return api.get("/")

    return answer
