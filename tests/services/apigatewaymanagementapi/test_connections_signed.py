"""Sockets and signatures: clients that connect by IAM, and backends that sign for `@connections` with keys of ours."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.services.signing import Keys, make_session, make_user, presign, sign

from fogline.testing.plugin import Account

WHO = {
    "IntegrationResponseKey": "$default",
    "ResponseTemplates": {
        "$default": '{"arn": "$context.identity.userArn", "id": "$context.connectionId"}'
    },
}


@pytest.fixture
def signed_api(make_api: Any) -> Any:
    """An API to which those may connect who sign; it tells them who they are."""
    api = make_api()
    api.route("$connect", route={"AuthorizationType": "AWS_IAM"})
    api.route("$default", answers=True, responses=[WHO])
    api.deploy()
    return api


def connected(api: Any, keys: Keys) -> Any:
    return api.connect(presign(keys, api.host, f"/{api.stage}").removeprefix(f"/{api.stage}"))


def test_a_presigned_address_lets_a_client_in(signed_api: Any, fogline: Account) -> None:
    caller = make_session(fogline)
    assert connected(signed_api, caller.keys).ask("x")["arn"] == caller.arn


def test_headers_let_a_client_in(signed_api: Any, fogline: Account) -> None:
    user = make_user(fogline)
    signed = sign(user.keys, "GET", signed_api.host, f"/{signed_api.stage}")
    assert signed_api.connect(additional_headers=signed).ask("x")["arn"] == user.arn


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"secret": "wrong"}, "The request signature we calculated does not match"),
        ({"token": "word"}, "The security token included in the request is invalid."),
    ],
)
def test_who_signs_wrong_is_told_so(
    signed_api: Any, fogline: Account, change: dict[str, str], message: str
) -> None:
    keys = make_user(fogline).keys._replace(**change)
    target = presign(keys, signed_api.host, f"/{signed_api.stage}")
    refused = signed_api.refused(target.removeprefix(f"/{signed_api.stage}"))
    assert refused.status_code == 403
    assert json.loads(refused.body)["message"].startswith(message)


def _management(api: Any, keys: Keys) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        "apigatewaymanagementapi",
        endpoint_url=f"{api.account.platform.endpoint}/_aws/execute-api/{api.id}/{api.stage}",
        region_name="us-east-1",
        aws_access_key_id=keys.id,
        aws_secret_access_key=keys.secret,
        aws_session_token=keys.token,
        config=Config(retries={"max_attempts": 1}),
    )


def test_a_backend_signs_as_its_role(signed_api: Any, fogline: Account) -> None:
    caller = make_session(fogline)
    client = connected(signed_api, caller.keys)
    id = client.ask("x")["id"]
    management = _management(signed_api, caller.keys)
    management.post_to_connection(ConnectionId=id, Data=b"hello \xc3\xa9")
    assert client.text() == "hello é"
    assert management.get_connection(ConnectionId=id)["Identity"]["SourceIp"] == "127.0.0.1"
    management.delete_connection(ConnectionId=id)
    assert client.ended()[0] == 1000


@pytest.mark.parametrize(
    ("change", "code"),
    [({"secret": "wrong"}, "InvalidSignatureException"), ({"token": "word"}, "UnrecognizedClientException")],
)  # fmt: skip
def test_a_backend_that_signs_wrong_is_told_so(
    signed_api: Any, fogline: Account, change: dict[str, str], code: str
) -> None:
    caller = make_session(fogline)
    id = connected(signed_api, caller.keys).ask("x")["id"]
    with pytest.raises(ClientError) as refused:
        _management(signed_api, caller.keys._replace(**change)).get_connection(ConnectionId=id)
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_message_that_is_too_long_is_refused_as_such(signed_api: Any, fogline: Account) -> None:
    caller = make_session(fogline)
    id = connected(signed_api, caller.keys).ask("x")["id"]
    management = _management(signed_api, caller.keys)
    management.post_to_connection(ConnectionId=id, Data=b"x" * 128 * 1024)
    with pytest.raises(ClientError) as refused:
        management.post_to_connection(ConnectionId=id, Data=b"x" * (128 * 1024 + 1))
    assert refused.value.response["Error"]["Code"] == "PayloadTooLargeException"


def test_who_does_not_sign_is_told_so(signed_api: Any) -> None:
    platform = signed_api.account.platform
    url = f"{platform.endpoint}/_aws/execute-api/{signed_api.id}/dev/@connections/abc%3D"
    answer = urllib3.request("GET", url, retries=False, timeout=20)
    assert (answer.status, answer.json()) == (403, {"message": "Missing Authentication Token"})
    assert answer.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"
