"""Routes that ask for tokens of an issuer."""

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

KEY = rsa.generate_private_key(65_537, 2_048)
OTHER = rsa.generate_private_key(65_537, 2_048)


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class _Issuer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        host = self.headers["Host"]
        numbers = KEY.public_key().public_numbers()
        key = {
            "kty": "RSA", "kid": "k", "e": "AQAB", "alg": "RS256", "use": "sig",
            "n": encoded(numbers.n.to_bytes(256, "big")),
        }  # fmt: skip
        documents = {
            "/pool/.well-known/openid-configuration": {"jwks_uri": f"http://{host}/keys"},
            "/keys": {"keys": [key]},
        }
        body = json.dumps(documents.get(self.path)).encode()
        self.send_response(200 if self.path in documents else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def issuer() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Issuer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/pool"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def sign(issuer: str, fogline: Any) -> Callable[..., str]:
    """Signs tokens: claims beside the usual ones, None for one that is not to be there."""

    def make(key: Any = KEY, header: dict[str, Any] | None = None, **claims: Any) -> str:
        now = fogline.platform.now() // 1000
        whole = {"iss": issuer, "aud": "shop", "exp": now + 60, "iat": now, **claims}
        whole = {name: value for name, value in whole.items() if value is not None}
        first = {"alg": "RS256", "kid": "k", **(header or {})}
        front = ".".join(encoded(json.dumps(part).encode()) for part in (first, whole))
        signature = key.sign(front.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{front}.{encoded(signature)}"

    return make


@pytest.fixture
def guarded(api: Any, issuer: str, make_function: Any) -> Any:
    """An API with `GET /` for all tokens, and `GET /scoped` for those with a scope."""
    authorizer = api.create_authorizer(
        Name="a",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": ["shop", "app"], "Issuer": issuer},
    )["AuthorizerId"]
    integration = api.integration(IntegrationUri=make_function())
    wanted = {"AuthorizationType": "JWT", "AuthorizerId": authorizer}
    api.route("GET /", integration, **wanted)
    api.route("GET /scoped", integration, AuthorizationScopes=["pets.read", "pets.write"], **wanted)
    return api


def test_a_good_token_passes_and_its_claims_are_told(guarded: Any, sign: Any) -> None:
    token = sign(sub="me", groups=["a", "b"], verified=True, level=3)
    answer = guarded.get("/", Authorization=f"Bearer {token}")
    assert answer.status_code == 200
    told = answer.json()["requestContext"]["authorizer"]["jwt"]
    assert told["scopes"] is None
    claims = told["claims"]
    assert (claims["sub"], claims["aud"]) == ("me", "shop")
    assert (claims["groups"], claims["verified"], claims["level"]) == ("[a b]", "true", "3")


def test_a_token_may_come_without_bearer(guarded: Any, sign: Any) -> None:
    assert guarded.get("/", Authorization=sign()).status_code == 200


def test_a_request_without_token_is_unauthorized(guarded: Any) -> None:
    answer = guarded.get("/")
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_for_others_is_refused_with_a_reason(guarded: Any, sign: Any) -> None:
    answer = guarded.get("/", Authorization=sign(aud="other"))
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    assert answer.headers["www-authenticate"] == (
        'Bearer scope="" error="invalid_token" '
        'error_description="the token does not have a valid audience"'
    )


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": 1}, "expired"),
        ({"exp": None}, "expired"),
        ({"nbf": 99_999_999_999}, "not valid yet"),
        ({"iat": 99_999_999_999}, "issued"),
        ({"iss": "https://other.example"}, "issuer"),
        ({"aud": None}, "audience"),
        ({"aud": None, "client_id": "other"}, "audience"),
        ({"aud": "other", "client_id": "shop"}, "audience"),
        ({"header": {"kid": "unknown"}}, "key"),
        ({"header": {"kid": None}}, "kid"),
        ({"header": {"alg": "ES256"}}, "ES256"),
        ({"header": {"alg": "none"}}, "none"),
        ({"header": {"alg": ["RS256"]}}, "none"),
        ({"key": OTHER}, "no key"),
    ],
)
def test_tokens_that_are_not_good_are_unauthorized(
    guarded: Any, sign: Any, claims: dict[str, Any], reason: str
) -> None:
    answer = guarded.get("/", Authorization=f"Bearer {sign(**claims)}")
    assert answer.status_code == 401
    assert reason in answer.headers["www-authenticate"]


@pytest.mark.parametrize("text", ["x", "a.b.c", "Bearer", "Bearer .", "é", "a" * 9_000])
def test_what_is_no_token_is_unauthorized(guarded: Any, text: str) -> None:
    answer = guarded.call("GET", "/", headers={"authorization": text.encode()})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "claims",
    [{"aud": ["x", "app"]}, {"aud": None, "client_id": "app"}],
)
def test_an_audience_may_be_one_of_several_or_a_client(
    guarded: Any, sign: Any, claims: dict[str, Any]
) -> None:
    assert guarded.get("/", Authorization=sign(**claims)).status_code == 200


@pytest.mark.parametrize(
    "claims", [{"scope": "x pets.read"}, {"scp": ["pets.write"]}, {"scp": "pets.read"}]
)
def test_one_of_the_routes_scopes_is_enough(
    guarded: Any, sign: Any, claims: dict[str, Any]
) -> None:
    answer = guarded.get("/scoped", Authorization=sign(**claims))
    assert answer.status_code == 200
    assert set(answer.json()["requestContext"]["authorizer"]["jwt"]["scopes"]) & {
        "pets.read",
        "pets.write",
    }


def test_a_token_without_the_routes_scopes_is_forbidden(guarded: Any, sign: Any) -> None:
    answer = guarded.get("/scoped", Authorization=sign(scope="pets.list"))
    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})
    assert 'scope="pets.read pets.write"' in answer.headers["www-authenticate"]


def test_a_token_may_stand_in_the_query(
    api: Any, issuer: str, sign: Any, make_function: Any
) -> None:
    authorizer = api.create_authorizer(
        Name="a",
        AuthorizerType="JWT",
        IdentitySource=["$request.querystring.token"],
        JwtConfiguration={"Audience": ["shop"], "Issuer": issuer},
    )["AuthorizerId"]
    function = make_function()
    api.route(
        "GET /",
        api.integration(IntegrationUri=function, PayloadFormatVersion="1.0"),
        AuthorizationType="JWT",
        AuthorizerId=authorizer,
    )
    assert api.get("/").status_code == 401
    told = api.get(f"/?token={sign(sub='me')}").json()["requestContext"]["authorizer"]
    assert (told["claims"]["sub"], told["scopes"]) == ("me", None)


def test_an_issuer_that_is_not_there_is_said_so(api: Any, sign: Any, make_function: Any) -> None:
    authorizer = api.create_authorizer(
        Name="a",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": ["shop"], "Issuer": "http://127.0.0.1:9"},
    )["AuthorizerId"]
    integration = api.integration(IntegrationUri=make_function())
    api.route("GET /", integration, AuthorizationType="JWT", AuthorizerId=authorizer)
    answer = api.get("/", Authorization=sign(iss="http://127.0.0.1:9"))
    assert answer.status_code == 401
    assert "keys of the issuer" in answer.headers["www-authenticate"]


def test_a_token_expires_as_the_clock_moves(guarded: Any, sign: Any, fogline: Any) -> None:
    token = sign()
    assert guarded.get("/", Authorization=token).status_code == 200
    fogline.platform.advance(seconds=60)
    assert guarded.get("/", Authorization=token).status_code == 401


def test_an_api_of_ours_may_issue_tokens_for_another(
    make_api: Any, make_function: Any, sign: Any, issuer: str, fogline: Any
) -> None:
    """Functions are told the local form of its address, and put that into tokens."""
    auth = make_api()
    uri = f"{issuer.removesuffix('/pool')}/{{proxy}}"
    auth.route("ANY /{proxy+}", auth.integration("HTTP_PROXY", IntegrationUri=uri))
    auth.stage()
    name = f"auth{fogline.id}.example.com"
    arn = "arn:aws:acm:us-east-1:000000000000:certificate/c"
    auth.client.create_domain_name(
        DomainName=name, DomainNameConfigurations=[{"CertificateArn": arn}]
    )
    auth.client.create_api_mapping(ApiId=auth.id, DomainName=name, Stage="$default")
    shop = make_api()
    audience = f"https://shop{fogline.id}.example.com"
    authorizer = shop.create_authorizer(
        Name="a",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": [audience], "Issuer": f"https://{name}/pool"},
    )["AuthorizerId"]
    wanted = {"AuthorizationType": "JWT", "AuthorizerId": authorizer}
    shop.route("GET /", shop.integration(IntegrationUri=make_function()), **wanted)
    shop.stage()

    def status(iss: str, aud: str) -> int:
        answered: int = shop.get("/", Authorization=sign(iss=iss, aud=aud)).status_code
        return answered

    local, local_audience = (
        f"http://{name}.localhost:4566/pool",
        f"http://{audience[8:]}.localhost:1",
    )
    assert status(f"https://{name}/pool", audience) == 200
    assert status(local, local_audience) == 200
    assert status(f"http://x{name}.localhost:4566/pool", audience) == 401
    assert status(f"{local}s", audience) == 401
    assert status(local, "http://other.example.localhost:4566") == 401
    assert status("http://[", "http://[") == 401
