"""Resource policies: whom an API lets in, alone and together with authorizers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.testing.plugin import Account

Protect = Callable[..., None]

AUTHORIZER = """
def handler(event, context):
    effect = {'deny': 'Deny'}.get(event['authorizationToken'], 'Allow')
    path = '*' if event['authorizationToken'] != 'silent' else 'elsewhere'
    return {'principalId': 'x', 'policyDocument': {'Statement': [
        {'Action': 'execute-api:Invoke', 'Effect': effect, 'Resource': path}]}}
"""


def allow(effect: str = "Allow", principal: Any = "*", **more: Any) -> dict[str, Any]:
    return {
        "Effect": effect,
        "Principal": principal,
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
        **more,
    }


@pytest.fixture
def protect(api: Any, integrate: Any) -> Protect:
    """Deploys an API of one method with that policy, and that authorization."""

    def make(*statements: dict[str, Any], **method: Any) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        operation = {"op": "replace", "path": "/policy", "value": document}
        api.update_rest_api(patchOperations=[operation])
        integrate(method=method or None)
        api.deploy()

    return make


def signed(account: str) -> dict[str, str]:
    scope = f"{account}/20260101/us-east-1/execute-api/aws4_request"
    return {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"
    }


def test_an_api_with_a_policy_lets_in_whom_it_allows(protect: Protect, call: Any) -> None:
    protect(allow())
    assert call("GET").status == 200


def test_others_are_told_who_they_are_and_what_they_may_not(
    protect: Protect, call: Any, api: Any, fogline: Account
) -> None:
    protect(allow(principal={"AWS": fogline.id}))
    refused = call("GET")
    assert refused.status == 403
    resource = f"arn:aws:execute-api:us-east-1:********{fogline.id[-4:]}:{api.id}/dev/GET/"
    assert refused.json == {
        "Message": "User: anonymous is not authorized to perform: execute-api:Invoke "
        f"on resource: {resource}"
    }
    assert refused.headers["x-amzn-ErrorType"] == "AccessDeniedException"


def test_a_gateway_response_of_the_apis_own_tells_of_the_refusal(
    protect: Protect, call: Any, api: Any
) -> None:
    api.put_gateway_response(
        responseType="ACCESS_DENIED", responseTemplates={"application/json": '{"no": 1}'}
    )
    protect(allow("Deny"))
    assert call("GET").json == {"no": 1}


def test_addresses_are_let_in_by_their_networks(protect: Protect, call: Any) -> None:
    inside = {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "127.0.0.0/8"]}}
    outside = {"IpAddress": {"aws:SourceIp": "10.6.0.0/16"}}
    protect(allow(Condition=inside), allow("Deny", Condition=outside))
    assert call("GET").status == 200
    assert call("GET", headers={"X-Forwarded-For": "10.1.2.3, 10.6.0.1"}).status == 200
    assert call("GET", headers={"X-Forwarded-For": "192.0.2.1"}).status == 403
    refused = call("GET", headers={"X-Forwarded-For": "10.6.2.3"})
    assert refused.json["Message"].endswith("/dev/GET/ with an explicit deny")


def test_a_policy_may_hold_for_a_time(protect: Protect, call: Any, fogline: Account) -> None:
    now = fogline.platform.now() / 1000
    protect(allow(Condition={"DateLessThan": {"aws:CurrentTime": str(int(now) + 60)}}))
    assert call("GET").status == 200
    fogline.platform.advance(seconds=61)
    assert call("GET").status == 403


def test_an_endpoint_of_a_network_may_be_played(protect: Protect, call: Any) -> None:
    protect(allow(Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}}))
    assert call("GET").status == 403
    assert call("GET", headers={"x-amzn-vpce-id": "vpce-1"}).status == 200


def test_callers_of_private_apis_come_from_the_network_that_the_policy_names(
    protect: Protect, call: Any, api: Any
) -> None:
    operation = {"op": "replace", "path": "/endpointConfiguration/types/EDGE", "value": "PRIVATE"}
    api.update_rest_api(patchOperations=[operation])
    other = {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}
    protect(allow(), allow("Deny", Condition=other))
    assert call("GET").status == 200
    assert call("GET", headers={"x-amzn-vpc-id": "vpc-2"}).status == 403


def test_an_address_may_name_the_endpoint_of_a_network(
    protect: Protect, http: Any, api: Any
) -> None:
    protect(allow(Condition={"StringEquals": {"aws:SourceVpce": "vpce-1a"}}))
    for endpoint, status in (("vpce-1a", 200), ("vpce-2b", 403)):
        host = f"{api.id}-{endpoint}.execute-api.us-east-1.localhost"
        assert http("GET", "/dev/", host=host).status == status


def test_a_signer_of_the_apis_account_needs_no_word_of_the_policy(
    protect: Protect, call: Any, fogline: Account
) -> None:
    protect(allow(principal={"AWS": "123412341234"}), authorizationType="AWS_IAM")
    assert call("GET", headers=signed(fogline.id)).status == 200
    assert call("GET", headers=signed("123412341234")).status == 200
    refused = call("GET", headers=signed("432143214321"))
    assert refused.json["Message"].startswith(
        "User: arn:aws:iam::432143214321:root is not authorized to perform: execute-api:Invoke"
    )


def test_a_signer_may_be_forbidden(protect: Protect, call: Any, fogline: Account) -> None:
    root = {"AWS": f"arn:aws:iam::{fogline.id}:root"}
    protect(allow(), allow("Deny", root), authorizationType="AWS_IAM")
    assert call("GET", headers=signed(fogline.id)).status == 403


@pytest.mark.parametrize(
    ("statements", "token", "status"),
    [
        ([allow()], "allow", 200),
        ([allow()], "silent", 200),
        ([allow()], "deny", 403),
        ([allow(principal={"AWS": "123412341234"})], "allow", 200),
        ([allow(principal={"AWS": "123412341234"})], "silent", 403),
        ([allow("Deny")], "allow", 403),
    ],
)
def test_a_function_and_the_policy_decide_together(
    protect: Protect,
    call: Any,
    api: Any,
    make_function: Any,
    statements: list[dict[str, Any]],
    token: str,
    status: int,
) -> None:
    made = api.create_authorizer(
        name="a",
        type="TOKEN",
        authorizerUri=make_function(AUTHORIZER, "guard"),
        identitySource="method.request.header.Authorization",
    )
    protect(*statements, authorizationType="CUSTOM", authorizerId=made["id"])
    assert call("GET", headers={"Authorization": token}).status == status


def test_a_policy_that_nobody_can_read_is_refused(api: Any) -> None:
    broken = json.dumps({"Statement": [allow(principal={"Person": "ada"})]})
    with pytest.raises(ClientError, match="Invalid policy document"):
        api.update_rest_api(patchOperations=[{"op": "replace", "path": "/policy", "value": broken}])
