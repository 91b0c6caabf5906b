"""Routes with the authorization AWS_IAM: who signs with a key of ours has to do it right, and is told nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.services.signing import Holder, Keys, make_session, make_user, presign, sign

from fogline.aws.access_keys import LONG_LIVED, make_access_key
from fogline.testing.plugin import Account

CALLER = """
import json, os, urllib.request
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.session import Session

def handler(event, context):
    if "url" not in event:
        return {"statusCode": 200, "body": json.dumps(event["requestContext"])}
    request = AWSRequest("POST", event["url"], {"Content-Type": "text/plain"}, event["body"])
    SigV4Auth(Session().get_credentials(), "execute-api", os.environ["AWS_REGION"]).add_auth(request)
    sent = urllib.request.Request(event["url"], event["body"].encode(), dict(request.headers))
    return json.loads(urllib.request.urlopen(sent).read())
"""


@pytest.fixture
def signed_api(api: Any, make_function: Any) -> Any:
    """An API that only those who sign may call; it tells what it knows of them."""
    api.function = make_function(CALLER)
    target = api.integration(IntegrationUri=api.function)
    api.route("$default", target, AuthorizationType="AWS_IAM")
    return api


def ask(api: Any, keys: Keys, target: str = "/a%20b/c?x=1&y=%2F", **signed: Any) -> Any:
    body = signed.get("body", b"")
    headers = sign(keys, "POST", api.host, target, **signed)
    return api.call("POST", target, headers=headers, content=signed.get("sent", body))


def iam_of(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["authorizer"]["iam"]


def test_a_users_signature_tells_who_calls(signed_api: Any, fogline: Account) -> None:
    user = make_user(fogline)
    assert iam_of(ask(signed_api, user.keys, body=b"text")) == {
        "accessKey": user.keys.id,
        "accountId": fogline.id,
        "callerId": user.user_id,
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": user.arn,
        "userId": user.user_id,
    }


def test_a_session_signs_with_its_token_in_headers_or_in_the_query(
    signed_api: Any, fogline: Account
) -> None:
    caller = make_session(fogline)
    assert iam_of(ask(signed_api, caller.keys))["userArn"] == caller.arn
    target = presign(caller.keys, signed_api.host, "/x?b=2&a=1")
    assert iam_of(signed_api.get(target))["callerId"] == caller.user_id
    assert signed_api.get(target + "0").status_code == 403


@pytest.mark.parametrize("change", [{"secret": "wrong"}, {"token": "word"}])
def test_who_does_not_sign_right_is_forbidden_without_a_reason(
    signed_api: Any, fogline: Account, change: dict[str, str]
) -> None:
    user = make_user(fogline)
    answer = ask(signed_api, user.keys._replace(**change))
    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})


def test_a_signature_for_another_service_or_by_a_key_that_is_gone_is_forbidden(
    signed_api: Any, fogline: Account
) -> None:
    user = make_user(fogline)
    assert ask(signed_api, user.keys, service="lambda").status_code == 403
    gone = Keys(make_access_key(LONG_LIVED, "000000000000", bytes(10)), "secret")
    assert ask(signed_api, gone).status_code == 403


def test_who_signs_for_another_account_is_forbidden(signed_api: Any, fogline: Account) -> None:
    answer = ask(signed_api, Keys(str(int(fogline.id) + 1).zfill(12), "any"))
    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})
    assert iam_of(ask(signed_api, Keys(fogline.id, "any")))["accountId"] == fogline.id


def test_a_function_signs_as_its_role(signed_api: Any, fogline: Account) -> None:
    name = signed_api.host
    port = fogline.platform.endpoint.rpartition(":")[2]
    event = {"url": f"http://{name}:{port}/prod/x%20y?b=1&a=", "body": "text"}
    answer = fogline.client("lambda").invoke(FunctionName="f", Payload=json.dumps(event))
    payload = json.loads(answer["Payload"].read())
    who: Holder | Any = payload["authorizer"]["iam"]
    assert who["userArn"] == f"arn:aws:sts::{fogline.id}:assumed-role/anybody/f"
    assert who["accessKey"].startswith("ASIA")
