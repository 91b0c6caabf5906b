"""Callers of APIs, APIs that are quickly set up, and functions behind them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import urllib3
from tests.services.backends import make_function

from fogline.testing.plugin import Account

__all__ = ["make_function"]  # a fixture


class Answer:
    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.data

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Call = Callable[..., Answer]


@pytest.fixture
def http(fogline: Account) -> Call:
    """Calls an address of the platform; `host` is the name by which it is addressed."""
    pool = urllib3.PoolManager(retries=False)

    def call(
        method: str,
        target: str,
        *,
        host: str = "",
        headers: dict[str, str] | None = None,
        body: bytes | str | None = None,
    ) -> Answer:
        sent = urllib3.HTTPHeaderDict(headers or {})
        if host:
            sent["Host"] = host
        url = f"{fogline.platform.endpoint}{target}"
        return Answer(pool.request(method, url, headers=sent, body=body, timeout=30.0))

    return call


@pytest.fixture
def call(http: Call, api: Any) -> Call:
    """Calls the API under its stage `dev`."""

    def in_stage(method: str, path: str = "/", **options: Any) -> Answer:
        return http(
            method, f"/dev{path}", host=f"{api.id}.execute-api.us-east-1.localhost", **options
        )

    return in_stage


Integrate = Callable[..., None]


@pytest.fixture
def integrate(api: Any) -> Integrate:
    """Gives the API a method with an integration of the kind, and responses for it."""

    def make(
        kind: str = "MOCK",
        *,
        verb: str = "GET",
        resource: str | None = None,
        method: dict[str, Any] | None = None,
        responses: list[dict[str, Any]] | None = None,
        headers: tuple[str, ...] = (),
        **settings: Any,
    ) -> None:
        place = {"resourceId": resource or api.root, "httpMethod": verb}
        api.method(verb, resource, **(method or {}))
        if kind == "MOCK":
            settings.setdefault("requestTemplates", {"application/json": '{"statusCode": 200}'})
        else:
            settings.setdefault("integrationHttpMethod", "POST")
        api.put_integration(**place, type=kind, **settings)
        for response in responses or [{}]:
            status = response.get("statusCode", "200")
            parameters = {f"method.response.header.{name}": False for name in headers}
            api.put_method_response(**place, statusCode=status, responseParameters=parameters)
            api.put_integration_response(**place, **{"statusCode": status, **response})

    return make
