"""Tokens made up: by an issuer whose keys are in a bucket, mostly signed well, with claims of any kind."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from tests.fuzz.http_api_input import ODD

HEADERS: tuple[Any, ...] = (
    {"alg": "RS256", "kid": "1"}, {"alg": "none", "kid": "1"}, {"alg": "HS256",
    "kid": "1"}, {"alg": "RS256"}, {"alg": "RS512", "kid": "1"},
    {"alg": ["RS256"], "kid": "1"}, {"alg": "ES256", "kid": "2"}, {"alg": "RS256", "kid": 1}, {"alg": "RS256",
    "kid": "x" * 5_000}, [], None,
    {"alg": "RS256", "kid": "1", "crit": ["b64"], "b64": False}, {"alg": "RS256", "kid": "1",
    "jku": "http://127.0.0.1:9/"},
)  # fmt: skip
CLAIMS = ("iss", "aud", "exp", "nbf", "iat", "scope", "scp", "client_id", "sub", "x")


def encoded(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """Publishes its key in a bucket, and signs what it is given."""

    def __init__(self, s3: Any, address: str, chance: random.Random) -> None:
        self.address, self._random = address, chance
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        modulus = self._key.public_key().public_numbers().n.to_bytes(256, "big")
        key = {
            "kty": "RSA",
            "kid": "1",
            "alg": "RS256",
            "use": "sig",
            "n": encoded(modulus),
            "e": "AQAB",
        }
        strange = [
            {"kid": "2"},
            {"kid": "2", "kty": "EC", "x": 5},
            None,
            7,
            {"kid": "3", "kty": "RSA", "n": "AA", "e": "AA"},
        ]
        s3.create_bucket(Bucket="issuer")
        for name, text in (
            (
                ".well-known/openid-configuration",
                {"issuer": address, "jwks_uri": f"{address}/keys"},
            ),
            ("keys", {"keys": [*strange, key]}),
        ):
            s3.put_object(Bucket="issuer", Key=name, Body=json.dumps(text))

    def token(self, now: int) -> str:
        """A token that could be good at `now` (ms), or is not."""
        choose = self._random.choice
        seconds = now // 1000
        claims: Any = {
            "iss": self.address,
            "aud": "a",
            "exp": seconds + 60,
            "scope": "s",
            "sub": "ada",
        }
        for _ in range(choose((0, 0, 1, 1, 3))):
            claims[choose(CLAIMS)] = choose((*ODD, seconds, -seconds, 1e18, {"a": [1]}, ["a", 1]))
        if self._random.random() < 0.05:
            claims = choose(ODD)
        signed = f"{encoded(choose(HEADERS[:1] * 12 + HEADERS))}.{encoded(claims)}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        token = f"{signed}.{encoded(choose((signature, signature, signature, b'', signature[:-1], bytes(256))))}"
        return choose(
            (
                token,
                token,
                token,
                token[:-1],
                f"{token}.x",
                token.replace(".", ""),
                f"{token}\u00e4",
            )
        )
