from __future__ import annotations

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def dynamodb(fogline):
    return fogline.client("dynamodb")


@pytest.fixture
def make_table(dynamodb):
    """Makes tables: `make_table("t", "pk", "sk:N", gsi=[{...}])`; a key's type is S unless told."""

    def make_table(name, *key, definitions=(), **more):
        parts = [each.partition(":") for each in key]
        types = {attribute: kind or "S" for attribute, _, kind in parts}
        for each in definitions:
            attribute, _, kind = each.partition(":")
            types[attribute] = kind or "S"
        request = {
            "TableName": name,
            "KeySchema": [
                {"AttributeName": attribute, "KeyType": kind}
                for (attribute, _, _), kind in zip(parts, ("HASH", "RANGE"), strict=False)
            ],
            "AttributeDefinitions": [
                {"AttributeName": attribute, "AttributeType": kind}
                for attribute, kind in types.items()
            ],
            "BillingMode": "PAY_PER_REQUEST",
            **more,
        }
        dynamodb.create_table(**request)
        return name

    return make_table


@pytest.fixture
def table(make_table) -> str:
    """A table with the key `id`."""
    return make_table("simple", "id")


@pytest.fixture
def series(make_table) -> str:
    """A table with the key `pk` and the number `sk`."""
    return make_table("series", "pk", "sk:N")


@pytest.fixture
def refusal():
    """The code and the message of the refusal that a call meets."""

    def refusal(function, **request) -> tuple[str, str]:
        with pytest.raises(ClientError) as refused:
            function(**request)
        error = refused.value.response["Error"]
        return error["Code"], error["Message"]

    return refusal


@pytest.fixture
def invalid(refusal):
    """The message of the ValidationException that a call meets."""

    def invalid(function, **request) -> str:
        code, message = refusal(function, **request)
        assert code == "ValidationException", message
        return message

    return invalid


@pytest.fixture
def answer():
    """A call's answer without what every answer has."""

    def answer(function, **request):
        result = function(**request)
        del result["ResponseMetadata"]
        return result

    return answer
