"""Authorizers."""

from __future__ import annotations

from typing import Any

import pytest
from tests.services.apigateway.conftest import FUNCTION, Refusal, RestApi, patch

TOKEN = {
    "name": "tokens",
    "type": "TOKEN",
    "authorizerUri": FUNCTION,
    "identitySource": "method.request.header.Authorization",
}
POOL = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_a"


def test_an_authorizer_is_kept_patched_and_deleted(api: RestApi, refusal: Refusal) -> None:
    made = api.create_authorizer(**TOKEN)
    assert (made["authType"], made["authorizerResultTtlInSeconds"]) == ("custom", 300)
    changed = api.update_authorizer(
        authorizerId=made["id"],
        patchOperations=patch("replace", "/authorizerResultTtlInSeconds", "0"),
    )
    assert changed["authorizerResultTtlInSeconds"] == 0
    assert [one["name"] for one in api.get_authorizers()["items"]] == ["tokens"]
    api.delete_authorizer(authorizerId=made["id"])
    assert refusal(api.get_authorizer, authorizerId=made["id"]) == (
        "NotFoundException",
        "Invalid Authorizer identifier specified",
    )


def test_pools_come_and_go(api: RestApi) -> None:
    id = api.create_authorizer(name="users", type="COGNITO_USER_POOLS", providerARNs=[POOL])["id"]
    changed = api.update_authorizer(
        authorizerId=id, patchOperations=patch("add", "/providerARNs", f"{POOL}b")
    )
    assert changed["providerARNs"] == [POOL, f"{POOL}b"]
    assert changed["authType"] == "cognito_user_pools"


@pytest.mark.parametrize(
    "settings",
    [
        {"name": "a", "type": "COGNITO_USER_POOLS"},
        {**TOKEN, "authorizerUri": "arn:aws:lambda:us-east-1:000000000000:function:f"},
        {**TOKEN, "identitySource": ""},
        {**TOKEN, "authorizerResultTtlInSeconds": 3_601},
        {**TOKEN, "authorizerResultTtlInSeconds": -1},
        {**TOKEN, "type": "REQUEST", "identitySource": ""},
        {**TOKEN, "type": "JWT"},
    ],
)
def test_authorizers_that_can_not_be_are_refused(
    api: RestApi, refusal: Refusal, settings: dict[str, Any]
) -> None:
    assert refusal(api.create_authorizer, **settings).code == "BadRequestException"


def test_an_authorizer_in_use_stays(api: RestApi, refusal: Refusal) -> None:
    id = api.create_authorizer(**TOKEN)["id"]
    api.method(authorizationType="CUSTOM", authorizerId=id)
    assert refusal(api.delete_authorizer, authorizerId=id).code == "ConflictException"
