"""An API, and short words for what the tests do most."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.conftest import open_platform
from tests.services.refusals import Refusal, refusal

from fogline.testing.plugin import Account

__all__ = ["Refusal", "refusal"]

FUNCTION = (
    "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:us-east-1:000000000000:function:f/invocations"
)


class RestApi:
    """One API."""

    def __init__(self, client: Any, id: str, root: str) -> None:
        self.client = client
        self.id = id
        self.root = root

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """An operation on this API."""
        method = getattr(self.client, operation)
        return lambda **request: method(restApiId=self.id, **request)

    def resource(self, part: str, parent: str | None = None) -> str:
        made = self.client.create_resource(
            restApiId=self.id, parentId=parent or self.root, pathPart=part
        )
        return str(made["id"])

    def method(self, verb: str = "GET", resource: str | None = None, **settings: Any) -> Any:
        return self.client.put_method(
            restApiId=self.id,
            resourceId=resource or self.root,
            httpMethod=verb,
            **{"authorizationType": "NONE", **settings},
        )

    def mock(self, verb: str = "GET", resource: str | None = None) -> None:
        """A method that answers by itself."""
        self.method(verb, resource)
        self.client.put_integration(
            restApiId=self.id, resourceId=resource or self.root, httpMethod=verb, type="MOCK"
        )

    def deploy(self, stage: str = "dev", **settings: Any) -> str:
        made = self.client.create_deployment(restApiId=self.id, stageName=stage, **settings)
        return str(made["id"])


MakeApi = Callable[..., RestApi]


@pytest.fixture
def gateway(fogline: Account) -> Any:
    return fogline.client("apigateway")


@pytest.fixture
def make_api(gateway: Any) -> MakeApi:
    def make(name: str = "shop", **settings: Any) -> RestApi:
        made = gateway.create_rest_api(name=name, **settings)
        return RestApi(gateway, made["id"], made["rootResourceId"])

    return make


@pytest.fixture
def api(make_api: MakeApi) -> RestApi:
    return make_api()


@pytest.fixture
def served(api: RestApi) -> RestApi:
    """An API with a method, served under the stage `dev`."""
    api.mock()
    api.deploy()
    return api


def patch(op: str, path: str, value: str | None = None, **more: str) -> list[dict[str, str]]:
    """One patch operation."""
    said = {"value": value} if value is not None else {}
    return [{"op": op, "path": path, **said, **more}]


@pytest.fixture(scope="module")
def fogline_platform(request):
    """A platform of this file's own: months pass in some, and schedules of other tests would fall due in them."""
    yield from open_platform(request)
