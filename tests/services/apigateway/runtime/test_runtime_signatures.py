"""Methods with the authorization AWS_IAM: who signs with a key of ours has to do it right."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from tests.conftest import open_platform
from tests.services.signing import Holder, Keys, make_session, make_user, presign, sign

from fogline.aws.access_keys import LONG_LIVED, TEMPORARY, make_access_key
from fogline.testing.plugin import Account

IDENTITY = (
    '{"key": "$context.identity.accessKey", "account": "$context.identity.accountId", '
    '"caller": "$context.identity.caller", "user": "$context.identity.user", '
    '"arn": "$context.identity.userArn", "org": "$!context.identity.principalOrgId"}'
)


@pytest.fixture(scope="module")
def fogline_platform(request: Any) -> Iterator[Any]:
    """A platform of this file's own: time is moved far."""
    yield from open_platform(request)


@pytest.fixture
def host(api: Any, integrate: Any) -> str:
    """An API that tells those who sign who they are."""
    answer = {"responseTemplates": {"application/json": IDENTITY}}
    everything = api.resource("{proxy+}")
    for verb in ("GET", "POST"):
        for resource in (None, everything):
            integrate(
                verb=verb,
                resource=resource,
                method={"authorizationType": "AWS_IAM"},
                responses=[answer],
                passthroughBehavior="WHEN_NO_TEMPLATES",
                requestTemplates={
                    "application/json": '{"statusCode": 200}',
                    "text/plain": '{"statusCode": 200}',
                },
            )
    api.deploy()
    return f"{api.id}.execute-api.us-east-1.localhost"


@pytest.fixture
def user(fogline: Account) -> Holder:
    return make_user(fogline)


@pytest.fixture
def ask(http: Any, host: str) -> Any:
    """Calls the API with a signature; what is sent may be another request than what was signed."""

    def call(keys: Keys, method: str = "GET", target: str = "/dev", **signed: Any) -> Any:
        body, headers = signed.pop("sent", signed.get("body")), signed.pop("beside", {})
        sent = sign(keys, method, host, target, **signed) | headers
        return http(method, target, host=host, headers=sent, body=body)

    return call


def error(answer: Any) -> tuple[int, str, str]:
    return answer.status, answer.headers["x-amzn-ErrorType"], answer.json["message"]


INVALID = "The security token included in the request is invalid."
MISMATCH = "The request signature we calculated does not match the signature you provided. "


# ---- who signs is known


def test_a_users_signature_tells_who_calls(ask: Any, user: Holder, fogline: Account) -> None:
    assert ask(user.keys).json == {
        "key": user.keys.id,
        "account": fogline.id,
        "caller": user.user_id,
        "user": user.user_id,
        "arn": user.arn,
        "org": "",
    }


def test_a_session_signs_with_its_token(ask: Any, fogline: Account) -> None:
    caller = make_session(fogline)
    answer = ask(caller.keys).json
    assert (answer["arn"], answer["caller"]) == (caller.arn, caller.user_id)
    assert answer["arn"].startswith(f"arn:aws:sts::{fogline.id}:assumed-role/caller/")
    other = make_session(fogline, "other")
    for token in (None, other.keys.token, "word", "é" * 2_000):
        keys = caller.keys._replace(token=None)
        beside = {} if token is None else {"X-Amz-Security-Token": token.encode().decode("latin-1")}
        assert error(ask(keys, beside=beside)) == (403, "UnrecognizedClientException", INVALID)


@pytest.mark.parametrize(
    ("method", "target", "signed"),
    [
        ("GET", "/dev/a%20b/%C3%A9/(c)'!*", {}),
        ("GET", "/dev/x/y?b=2&a=%20%2B&a=1&empty=&flag", {}),
        ("GET", "/dev//twice/./and/../more/", {}),
        ("POST", "/dev/x", {"body": b'{"a": 1}', "headers": {"Content-Type": "application/json"}}),
        (
            "POST",
            "/dev/x",
            {"body": b"text", "headers": {"Content-Type": "text/plain", "Content-Length": "4"}},
        ),
        ("POST", "/dev/x", {"headers": {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}, "sent": "x"}),
        ("GET", "/dev/x", {"headers": {"X-Odd": "  a   b  ", "X-Empty": ""}}),
    ],
)
def test_whatever_sdks_sign_is_accepted(
    ask: Any, user: Holder, method: str, target: str, signed: dict[str, Any]
) -> None:
    answer = ask(user.keys, method, target, **signed)
    assert (answer.status, answer.json["arn"]) == (200, user.arn)


def test_a_compressed_body_is_signed_as_it_is_sent(ask: Any, api: Any, user: Holder) -> None:
    change = {"op": "replace", "path": "/minimumCompressionSize", "value": "0"}
    api.update_rest_api(patchOperations=[change])
    api.deploy()
    headers = {"Content-Encoding": "gzip", "Content-Type": "text/plain"}
    answer = ask(user.keys, "POST", "/dev/x", body=gzip.compress(b"text"), headers=headers)
    assert (answer.status, answer.json["arn"]) == (200, user.arn)


def test_paths_that_lead_to_the_api_are_signed_as_they_are(
    http: Any, api: Any, host: str, user: Holder, fogline: Account
) -> None:
    address = fogline.platform.endpoint.removeprefix("http://")
    for path in (f"/restapis/{api.id}/dev/_user_request_/x", f"/_aws/execute-api/{api.id}/dev/x"):
        answer = http("GET", path, headers=sign(user.keys, "GET", address, path))
        assert answer.json["arn"] == user.arn
        answer = http("GET", path, headers=sign(user.keys, "GET", "localhost", path))
        assert answer.status == 403
    name = address.partition(":")[0]  # some clients sign the name of the host alone
    answer = http("GET", path, headers=sign(user.keys, "GET", name, path))
    assert answer.json["arn"] == user.arn


def test_a_presigned_address_needs_no_headers(http: Any, host: str, fogline: Account) -> None:
    caller = make_session(fogline)
    target = presign(caller.keys, host, "/dev/x?b=2&a=%2F")
    assert http("GET", target, host=host).json["arn"] == caller.arn
    changed = http("GET", target.replace("b=2", "b=3"), host=host)
    assert error(changed)[:2] == (403, "InvalidSignatureException")
    cut = http("GET", target.partition("&X-Amz-Signature")[0], host=host)
    assert error(cut) == (
        403,
        "IncompleteSignatureException",
        "AWS query-string parameters must include 'X-Amz-Signature'. Re-examine the query-string parameters.",
    )


def test_curl_signs_requests(api: Any, host: str, user: Holder, fogline: Account) -> None:
    port = fogline.platform.endpoint.rpartition(":")[2]
    command = [
        "curl", "-s", "--resolve", f"{host}:{port}:127.0.0.1", "--noproxy", "*",
        "--aws-sigv4", "aws:amz:us-east-1:execute-api", "--user", f"{user.keys.id}:{user.keys.secret}",
        f"http://{host}:{port}/dev/x?a=1&b=2", "-d", '{"a": 1}', "-H", "Content-Type: application/json",
    ]  # fmt: skip
    answer = json.loads(subprocess.run(command, capture_output=True, timeout=60).stdout)
    assert answer["arn"] == user.arn
    command[command.index("--user") + 1] += "x"
    answer = json.loads(subprocess.run(command, capture_output=True, timeout=60).stdout)
    assert answer["message"].startswith(MISMATCH)


# ---- who does not sign right


@pytest.mark.parametrize(
    "change",
    [
        {"sent": b"other"},
        {"beside": {"X-Signed": "other"}},
        {"headers": {"X-Amz-Content-SHA256": "0" * 64}},
    ],
)
def test_what_was_changed_after_signing_is_refused(ask: Any, user: Holder, change: Any) -> None:
    signed = {"headers": {"X-Signed": "one"}, "body": b"body"} | change
    status, name, message = error(ask(user.keys, "POST", "/dev/x", **signed))
    assert (status, name) == (403, "InvalidSignatureException")
    assert message.startswith(MISMATCH)


def test_a_wrong_secret_is_told_what_should_have_been_signed(
    ask: Any, user: Holder, host: str
) -> None:
    keys = user.keys._replace(secret="wrong")
    status, name, message = error(ask(keys, target="/dev/a%20b?c='"))
    assert (status, name) == (403, "InvalidSignatureException")
    assert f"have been\n'GET\n/dev/a%2520b\nc=%27\nhost:{host}\nx-amz-date:" in message
    assert "The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n" in message
    assert message.endswith("'\n")


def test_a_signature_for_something_else_is_refused(ask: Any, user: Holder) -> None:
    status, name, message = error(ask(user.keys, service="s3", region="eu-west-1"))
    assert (status, name) == (403, "InvalidSignatureException")
    assert message == (
        "Credential should be scoped to a valid region, not 'eu-west-1'. "
        "Credential should be scoped to correct service: 'execute-api'."
    )


def test_what_is_no_signature_is_told_so(http: Any, host: str, user: Holder) -> None:
    def told(**headers: str) -> tuple[int, str, str]:
        return error(http("GET", "/dev", host=host, headers=headers))

    assert told() == (403, "MissingAuthenticationTokenException", "Missing Authentication Token")
    status, name, message = told(Authorization="Bearer word")
    assert (status, name) == (403, "IncompleteSignatureException")
    assert message.startswith("Invalid key=value pair (missing equal-sign) in Authorization header")
    message = told(Authorization="Basic d29yZA==")[2]
    assert message.startswith("Authorization header requires 'Credential' parameter. ")
    asymmetric = "AWS4-ECDSA-P256-SHA256 Credential=test/20260101/execute-api/aws4_request, "
    signed = {"Authorization": f"{asymmetric}SignedHeaders=host, Signature=0", "X-Amz-Date": "x"}
    assert told(**signed)[2] == "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'."


def test_what_is_not_there_wants_a_signature_too(http: Any, host: str, user: Holder) -> None:
    def told(**headers: str) -> tuple[int, str, str]:
        return error(http("PUT", "/dev/x", host=host, headers=headers))

    missing = (403, "MissingAuthenticationTokenException", "Missing Authentication Token")
    assert told() == missing
    assert told(**sign(user.keys, "PUT", host, "/dev/x")) == missing
    status, name, message = told(Authorization="Bearer word")
    assert (status, name) == (403, "IncompleteSignatureException")
    assert message.startswith("Invalid key=value pair (missing equal-sign) in Authorization header")


def test_a_key_that_was_turned_off_is_not_accepted(
    ask: Any, user: Holder, fogline: Account
) -> None:
    iam = fogline.client("iam")
    iam.update_access_key(UserName="ann", AccessKeyId=user.keys.id, Status="Inactive")
    assert error(ask(user.keys)) == (403, "UnrecognizedClientException", INVALID)
    iam.update_access_key(UserName="ann", AccessKeyId=user.keys.id, Status="Active")
    assert ask(user.keys).status == 200


def test_a_session_that_has_ended_is_told_so(
    ask: Any, fogline: Account, fogline_platform: Any
) -> None:
    caller = make_session(fogline, DurationSeconds=900)
    fogline_platform.advance(seconds=899)
    assert ask(caller.keys).status == 200
    fogline_platform.advance(seconds=1_800)
    expired = "The security token included in the request is expired"
    assert error(ask(caller.keys)) == (403, "ExpiredTokenException", expired)


@pytest.mark.parametrize("prefix", [LONG_LIVED, TEMPORARY])
def test_keys_that_only_fogline_could_have_made_are_not_accepted_unknown(
    ask: Any, prefix: str
) -> None:
    gone = Keys(make_access_key(prefix, "000000000000", bytes(10)), "secret")
    assert error(ask(gone)) == (403, "UnrecognizedClientException", INVALID)


@pytest.mark.parametrize(
    "key", ["test", "AKIAIOSFODNN7EXAMPLE", "LKIAQAAAAAAANSW47WT5", "ASIAY34FZKBOKMUTVV7A"]
)
def test_keys_of_which_nobody_here_knows_the_secret_count_as_the_account(
    ask: Any, fogline: Account, key: str
) -> None:
    answer = ask(Keys(key, "whatever"))
    assert answer.json["arn"] == f"arn:aws:iam::{fogline.id}:root"
    assert (answer.json["key"], answer.json["caller"]) == (key, fogline.id)


@pytest.mark.parametrize(
    ("kind", "headers"),
    [
        ("INVALID_SIGNATURE", {"secret": "wrong"}),
        ("EXPIRED_TOKEN", None),
        ("ACCESS_DENIED", {"token": "word"}),
    ],
)
def test_the_api_may_word_refusals_itself(
    ask: Any,
    api: Any,
    user: Holder,
    fogline: Account,
    fogline_platform: Any,
    kind: str,
    headers: Any,
) -> None:
    api.put_gateway_response(
        responseType=kind,
        statusCode="418",
        responseParameters={"gatewayresponse.header.kind": "context.error.responseType"},
        responseTemplates={"application/json": '{"why": $context.error.messageString}'},
    )
    api.deploy()
    keys = user.keys._replace(**headers or {})
    if headers is None:
        keys = make_session(fogline, DurationSeconds=900).keys
        fogline_platform.advance(seconds=1_800)
    answer = ask(keys)
    assert (answer.status, answer.headers["kind"]) == (418, kind)
    assert set(answer.json) == {"why"}
