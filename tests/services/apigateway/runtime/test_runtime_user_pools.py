"""Methods that ask for tokens of user pools."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from fogline.testing.plugin import Account

POOL = "us-east-1_abc"
ISSUER = f"https://cognito-idp.us-east-1.amazonaws.com/{POOL}"
ARN = f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{POOL}"
KEY = rsa.generate_private_key(65_537, 2_048)


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class _Keys(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        numbers = KEY.public_key().public_numbers()
        key = {
            "kty": "RSA", "kid": "k", "e": "AQAB",
            "n": encoded(numbers.n.to_bytes(256, "big")),
        }  # fmt: skip
        body = json.dumps({"keys": [key]}).encode()
        self.send_response(200 if self.path == f"/us-east-1/{POOL}" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def keys_of(fogline: Account) -> Any:
    runtime = fogline.platform.platform.wiring.apigateway.runtime
    assert runtime is not None
    return runtime.token_keys


@pytest.fixture
def pool(fogline: Account) -> Iterator[Callable[..., str]]:
    """A server of keys that the platform asks; what it gives signs tokens."""
    server = HTTPServer(("127.0.0.1", 0), _Keys)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    keys = keys_of(fogline)
    before, keys.cognito_jwks = (
        keys.cognito_jwks,
        f"http://127.0.0.1:{server.server_address[1]}/{{region}}/{{pool}}",
    )
    keys.forget()
    now = fogline.platform.now() // 1000

    def sign(**claims: Any) -> str:
        whole = {"iss": ISSUER, "exp": now + 60, "token_use": "id", **claims}
        header = {"alg": "RS256", "kid": "k"}
        front = ".".join(encoded(json.dumps(part).encode()) for part in (header, whole))
        signature = KEY.sign(front.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{front}.{encoded(signature)}"

    yield sign
    keys.cognito_jwks = before
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def guarded(api: Any, integrate: Any) -> Any:
    made = api.create_authorizer(
        name="pool", type="COGNITO_USER_POOLS", providerARNs=[ARN],
        identitySource="method.request.header.Authorization",
    )  # fmt: skip
    tell = [{"responseTemplates": {"application/json": "$context.authorizer.claims.sub"}}]
    method = {"authorizationType": "COGNITO_USER_POOLS", "authorizerId": made["id"]}
    integrate(method=method, responses=tell)
    integrate(
        resource=api.resource("scoped"),
        method={**method, "authorizationScopes": ["pets/read"]},
        responses=tell,
    )
    api.deploy()
    return api


def test_an_identity_token_lets_its_user_in(guarded: Any, call: Any, pool: Any) -> None:
    token = pool(sub="anna")
    assert call("GET", headers={"Authorization": token}).body == b"anna"
    assert call("GET", headers={"Authorization": f"Bearer {token}"}).body == b"anna"


def test_other_tokens_are_unauthorized(guarded: Any, call: Any, pool: Any) -> None:
    for token in (
        "nonsense",
        pool(token_use="access"),
        pool(iss=ISSUER + "d"),
        pool(iss=7),
        pool()[:-4] + "AAAA",
    ):
        refused = call("GET", headers={"Authorization": token})
        assert (refused.status, refused.json) == (401, {"message": "Unauthorized"}), token
    assert call("GET").status == 401
    expired = call("GET", headers={"Authorization": pool(exp=5)})
    assert (expired.status, expired.json) == (401, {"message": "The incoming token has expired"})


def test_a_method_with_scopes_wants_an_access_token_with_one_of_them(
    guarded: Any, call: Any, pool: Any
) -> None:
    def status(**claims: Any) -> int:
        answer = call("GET", "/scoped", headers={"Authorization": pool(**claims)})
        return int(answer.status)

    assert status(token_use="access", scope="a pets/read") == 200
    assert status(token_use="access", scope="pets/write") == 403
    assert status(token_use="id") == 401


def test_a_pool_whose_keys_cannot_be_had_is_an_error_of_the_api(
    guarded: Any, call: Any, pool: Any, fogline: Account
) -> None:
    keys_of(fogline).cognito_jwks = "http://127.0.0.1:9/"
    assert call("GET", headers={"Authorization": pool()}).status == 500
