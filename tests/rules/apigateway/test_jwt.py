"""Tokens, and the keys that sign them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from fogline.aws.jwt import InvalidToken, read_token, verify

RSA_KEY = rsa.generate_private_key(65_537, 2_048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int) -> str:
    return encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def signed(claims: dict[str, Any], algorithm: str = "RS256", kid: str = "k") -> str:
    header = {"alg": algorithm, "kid": kid}
    front = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
    if algorithm == "ES256":
        r, s = decode_dss_signature(EC_KEY.sign(front.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{front}.{encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
    return f"{front}.{encoded(RSA_KEY.sign(front.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def keys() -> list[dict[str, Any]]:
    public, curve = RSA_KEY.public_key().public_numbers(), EC_KEY.public_key().public_numbers()
    return [
        {"kty": "RSA", "kid": "k", "n": number(public.n), "e": number(public.e)},
        {"kty": "EC", "kid": "c", "crv": "P-256", "x": number(curve.x), "y": number(curve.y)},
    ]


@pytest.mark.parametrize(("algorithm", "kid"), [("RS256", "k"), ("ES256", "c")])
def test_a_token_is_believed_when_one_of_the_keys_signed_it(algorithm: str, kid: str) -> None:
    token = read_token(signed({"sub": "anna", "exp": 5}, algorithm, kid))
    verify(token, keys())
    assert token.claims["sub"] == "anna"
    assert token.number("exp") == 5
    assert token.number("sub") is None


def test_a_token_that_was_changed_is_not_believed() -> None:
    header, _, signature = signed({"sub": "anna"}).split(".")
    forged = f"{header}.{encoded(b'{}')}.{signature}"
    with pytest.raises(InvalidToken):
        verify(read_token(forged), keys())


@pytest.mark.parametrize("algorithm", ["none", "HS256", "", None, ["RS256"], {}])
def test_other_algorithms_are_not_accepted(algorithm: Any) -> None:
    front = encoded(json.dumps({"alg": algorithm, "kid": "k"}).encode())
    with pytest.raises(InvalidToken):
        verify(read_token(f"{front}.{encoded(b'{}')}."), keys())


def test_a_key_of_another_name_or_kind_signs_nothing() -> None:
    with pytest.raises(InvalidToken):
        verify(read_token(signed({}, kid="other")), keys())
    with pytest.raises(InvalidToken):
        verify(read_token(signed({})), [{"kty": "EC", "kid": "k"}, {"kty": "RSA", "kid": "k"}])


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b.c", "....", "e30.W10.", "é.é.é", "e30.e30.!", "x" * 20_000]
)
def test_what_is_no_token_is_said(text: str) -> None:
    with pytest.raises(InvalidToken):
        verify(read_token(text), keys())
