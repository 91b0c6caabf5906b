"""JSON Web Tokens: read, and held against the keys of who issued them (RFC 7515, 7517, 7519), without I/O."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

_TOKEN_CHARACTERS_MAX = 16_384
_HASHES = {"RS256": "SHA256", "RS384": "SHA384", "RS512": "SHA512", "ES256": "SHA256"}
_RSA_BITS_MAX = 8_192


class InvalidToken(ValueError):
    """The text is no token, or nobody whose keys are known has signed it."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it was sent: nothing of it is to be believed before `verify`."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes

    @property
    def key_id(self) -> str:
        found = self.header.get("kid")
        return found if isinstance(found, str) else ""

    @property
    def algorithm(self) -> str:
        found = self.header.get("alg")
        return found if isinstance(found, str) else ""

    def number(self, claim: str) -> float | None:
        """A claim that tells a time, in seconds."""
        value = self.claims.get(claim)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return value if is_number else None


def read_token(text: str) -> Token:
    """The token that the text spells. Raises InvalidToken."""
    if len(text) > _TOKEN_CHARACTERS_MAX:
        raise InvalidToken("the token is too long")
    parts = text.split(".")
    if len(parts) != 3:
        raise InvalidToken("the token has not three parts")
    try:
        header, claims = orjson.loads(_decoded(parts[0])), orjson.loads(_decoded(parts[1]))
    except orjson.JSONDecodeError:
        raise InvalidToken("the token is not JSON") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise InvalidToken("the token holds no claims")
    signed = f"{parts[0]}.{parts[1]}".encode("utf-8", "replace")
    return Token(header, claims, signed, _decoded(parts[2]))


def verify(token: Token, keys: Sequence[Mapping[str, Any]]) -> None:
    """Raises InvalidToken unless one of these keys (of a JWKS document) signed the token."""
    algorithm = token.algorithm
    if algorithm not in _HASHES:
        raise InvalidToken(f"tokens signed by {algorithm[:20] or 'nothing'} are not accepted")
    for key in keys:
        if token.key_id in ("", key.get("kid")) and _has_signed(key, algorithm, token):
            return
    raise InvalidToken("the token is signed by no key of its issuer")


def _has_signed(key: Mapping[str, Any], algorithm: str, token: Token) -> bool:
    # Imported on first use: few have tokens, and the library takes its time.
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    hashing = getattr(hashes, _HASHES[algorithm])()
    try:
        if algorithm.startswith("RS") and key.get("kty") == "RSA":
            modulus, exponent = _integer(key.get("n")), _integer(key.get("e"))
            if modulus.bit_length() > _RSA_BITS_MAX or exponent.bit_length() > 64:
                return False
            public = rsa.RSAPublicNumbers(exponent, modulus).public_key()
            public.verify(token.signature, token.signed, padding.PKCS1v15(), hashing)
            return True
        if algorithm == "ES256" and key.get("kty") == "EC" and len(token.signature) == 64:
            numbers = ec.EllipticCurvePublicNumbers(
                _integer(key.get("x")), _integer(key.get("y")), ec.SECP256R1()
            )
            r, s = token.signature[:32], token.signature[32:]
            encoded = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
            numbers.public_key().verify(encoded, token.signed, ec.ECDSA(hashing))
            return True
    except (InvalidSignature, InvalidToken, ValueError):
        return False
    return False


def _integer(value: Any) -> int:
    if not isinstance(value, str):
        raise InvalidToken("the key is incomplete")
    return int.from_bytes(_decoded(value), "big")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidToken("a part of the token is not base64url") from None
