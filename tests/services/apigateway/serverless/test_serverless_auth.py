"""Who may call an API of SAM: authorizers, signatures, keys and resource policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.services.apigateway.serverless.conftest import (
    GUARD,
    Call,
    Deploy,
    event,
    function,
    serverless,
    signed,
)

from fogline.testing.plugin import Account

Find = Callable[[str], str]

SHOP = {"Ref": "Shop"}
GUARD_ARN = {"Fn::GetAtt": ["Guard", "Arn"]}
POOL = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_abcdefghi"


def shop(auth: dict[str, Any], events: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An API with that `Auth`, a function behind it and one that guards it."""
    return {
        "Shop": serverless("Api", StageName="prod", Auth=auth, **more),
        "List": function(Events=events),
        "Guard": function(GUARD),
    }


def at(path: str = "/pets", method: str = "get", **auth: Any) -> dict[str, Any]:
    said = {"Auth": auth} if auth else {}
    return event(path, method, RestApiId=SHOP, **said)


def test_a_function_that_gets_a_token_guards_all_paths(deploy: Deploy, call: Call) -> None:
    auth = {
        "DefaultAuthorizer": "Token",
        "Authorizers": {
            "Token": {
                "FunctionArn": GUARD_ARN,
                "Identity": {"Header": "X-Token", "ReauthorizeEvery": 30},
            }
        },
    }
    events = {"It": at(), "Open": at("/open", Authorizer="NONE")}
    deploy(shop(auth, events))
    assert call("/prod/pets", api="Shop").status == 401
    assert call("/prod/pets", api="Shop", headers={"X-Token": "bob"}).status == 403
    answer = call("/prod/pets", api="Shop", headers={"X-Token": "ada"})
    assert answer.json["requestContext"]["authorizer"]["mood"] == "good"
    assert call("/prod/open", api="Shop").status == 200


def test_a_function_that_gets_the_request_guards_one_path(deploy: Deploy, call: Call) -> None:
    auth = {
        "Authorizers": {
            "Request": {
                "FunctionPayloadType": "REQUEST",
                "FunctionArn": GUARD_ARN,
                "Identity": {"Headers": ["who"], "QueryStrings": ["q"], "ReauthorizeEvery": 0},
            }
        }
    }
    deploy(shop(auth, {"It": at(Authorizer="Request"), "Open": at("/open")}))
    assert call("/prod/pets?q=1", api="Shop").status == 401
    assert call("/prod/pets?q=1", api="Shop", headers={"who": "ada"}).status == 200
    assert call("/prod/pets?q=1", api="Shop", headers={"who": "bob"}).status == 403
    assert call("/prod/open", api="Shop").status == 200


def test_a_user_pool_asks_for_tokens(
    deploy: Deploy, call: Call, fogline: Account, physical_id: Find
) -> None:
    auth = {
        "DefaultAuthorizer": "Pool",
        "Authorizers": {"Pool": {"UserPoolArn": POOL, "AuthorizationScopes": ["pets.read"]}},
    }
    deploy(
        shop(
            auth,
            {"It": at(), "Scoped": at("/b", Authorizer="Pool", AuthorizationScopes=["pets.write"])},
        )
    )
    assert call("/prod/pets", api="Shop").status == 401
    gateway, id = fogline.client("apigateway"), physical_id("Shop")
    authorizer = gateway.get_authorizers(restApiId=id)["items"][0]
    assert (authorizer["type"], authorizer["providerARNs"]) == ("COGNITO_USER_POOLS", [POOL])
    resources = {
        each["path"]: each["resourceMethods"]["GET"]
        for each in gateway.get_resources(restApiId=id, embed=["methods"])["items"]
        if "resourceMethods" in each
    }
    assert resources["/pets"]["authorizationScopes"] == ["pets.read"]
    assert resources["/b"]["authorizationScopes"] == ["pets.write"]


def test_preflight_requests_need_no_authorization_if_the_template_says_so(
    deploy: Deploy, call: Call
) -> None:
    auth = {
        "DefaultAuthorizer": "Token",
        "AddDefaultAuthorizerToCorsPreflight": False,
        "Authorizers": {"Token": {"FunctionArn": GUARD_ARN}},
    }
    deploy(shop(auth, {"It": at()}, Cors="'*'"))
    assert call("/prod/pets", "OPTIONS", api="Shop").status == 200
    assert call("/prod/pets", api="Shop").status == 401


@pytest.mark.parametrize("role", ["NONE", "CALLER_CREDENTIALS", None])
def test_signed_requests_are_asked_for(
    deploy: Deploy, call: Call, fogline: Account, physical_id: Find, role: str | None
) -> None:
    auth = {"DefaultAuthorizer": "AWS_IAM", **({"InvokeRole": role} if role else {})}
    deploy(shop(auth, {"It": at(), "Open": at("/open", Authorizer="NONE")}))
    assert call("/prod/pets", api="Shop").status == 403
    host = f"{physical_id('Shop')}.execute-api.us-east-1.localhost"
    headers = signed(fogline, f"https://{host}/prod/pets", host)
    assert call("/prod/pets", api="Shop", headers=headers).status == 200
    assert call("/prod/open", api="Shop").status == 200


def test_keys_are_asked_for_and_given_by_a_plan_of_the_api(
    deploy: Deploy, call: Call, fogline: Account, physical_id: Find
) -> None:
    auth = {
        "ApiKeyRequired": True,
        "UsagePlan": {
            "CreateUsagePlan": "PER_API",
            "UsagePlanName": "gold",
            "Quota": {"Limit": 100, "Period": "DAY"},
            "Throttle": {"BurstLimit": 5, "RateLimit": 5},
        },
    }
    deploy(shop(auth, {"It": at(), "Open": at("/open", ApiKeyRequired=False)}))
    assert call("/prod/pets", api="Shop").status == 403
    gateway = fogline.client("apigateway")
    plan = gateway.get_usage_plan(usagePlanId=physical_id("ShopUsagePlan"))
    assert (plan["name"], plan["quota"]["limit"]) == ("gold", 100)
    key = gateway.get_api_key(apiKey=physical_id("ShopApiKey"), includeValue=True)["value"]
    assert call("/prod/pets", api="Shop", headers={"x-api-key": key}).status == 200
    assert call("/prod/open", api="Shop").status == 200


def test_apis_may_share_a_plan(deploy: Deploy, call: Call, fogline: Account) -> None:
    auth = {"ApiKeyRequired": True, "UsagePlan": {"CreateUsagePlan": "SHARED"}}
    more = {
        "Market": serverless("Api", StageName="prod", Auth=auth),
        "Other": function(Events={"It": event("/cats", RestApiId={"Ref": "Market"})}),
    }
    deploy({**shop(auth, {"It": at()}), **more})
    gateway = fogline.client("apigateway")
    plans, keys = gateway.get_usage_plans()["items"], gateway.get_api_keys(includeValues=True)
    assert [len(plan["apiStages"]) for plan in plans] == [2]
    headers = {"x-api-key": keys["items"][0]["value"]}
    assert call("/prod/pets", api="Shop", headers=headers).status == 200
    assert call("/prod/cats", api="Market", headers=headers).status == 200


def test_a_resource_policy_is_made_of_short_words(
    deploy: Deploy, call: Call, fogline: Account, physical_id: Find
) -> None:
    auth = {"ResourcePolicy": {"IpRangeBlacklist": ["10.9.0.0/16"]}}
    deploy(shop(auth, {"It": at()}))
    policy = fogline.client("apigateway").get_rest_api(restApiId=physical_id("Shop"))["policy"]
    assert "10.9.0.0" in policy
    assert call("/prod/pets", api="Shop").status == 200
