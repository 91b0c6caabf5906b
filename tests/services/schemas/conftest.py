from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

ORDER = {
    "version": "0",
    "id": "0d079340-135a-c8c6-95c2-41fb8f496c53",
    "detail-type": "order placed",
    "source": "com.shop",
    "account": "123456789012",
    "time": "2026-01-01T00:00:00Z",
    "region": "us-east-1",
    "resources": [],
    "detail": {"orderId": "o-1", "total": 12, "customer": {"name": "Ada"}, "lines": [{"sku": "a"}]},
}


@pytest.fixture
def order() -> dict:
    """An event, in a copy of one's own."""
    return json.loads(json.dumps(ORDER))


@pytest.fixture
def schemas(fogline):
    return fogline.client("schemas")


@pytest.fixture
def registry(schemas) -> str:
    schemas.create_registry(RegistryName="shop")
    return "shop"


@pytest.fixture
def make_schema(schemas, registry):
    def make(
        name: str = "plain", content: dict | None = None, kind: str = "JSONSchemaDraft4", **more
    ):
        text = json.dumps(content if content is not None else {"type": "object"})
        return schemas.create_schema(
            RegistryName=registry, SchemaName=name, Type=kind, Content=text, **more
        )

    return make


@pytest.fixture
def refusal():
    """The code, status and text with which a call is refused."""

    def refused(function, **request) -> tuple[str, int, str]:
        with pytest.raises(ClientError) as caught:
            function(**request)
        answer = caught.value.response
        status = answer["ResponseMetadata"]["HTTPStatusCode"]
        return answer["Error"]["Code"], status, answer["Error"]["Message"]

    return refused
